// Draws the pictures of the pages, light and dark: docs/images/*.svg. Run it after a change; the unit tests compare.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const FONT = "-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, 'DejaVu Sans', sans-serif";
const MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', monospace";
// GitHub's own colours; the background is the page's
const THEMES = {
  light: { text: '#1f2328', soft: '#59636e', line: '#818b98', box: '#ffffff', edge: '#d1d9e0', synth: '#ddf4ff', deploy: '#dafbe1', accent: '#0969da', done: '#1a7f37' },
  dark: { text: '#f0f6fc', soft: '#9198a1', line: '#7d8590', box: '#0d1117', edge: '#3d444d', synth: '#0c2d6b66', deploy: '#03341966', accent: '#4493f8', done: '#3fb950' },
};
const WIDTH = 1000;
const HEIGHT = 316;

const text = (x, y, words, attributes) => `<text x="${x}" y="${y}" ${attributes}>${words}</text>`;

function box({ x, y, width, title, lines, colour, theme }) {
  const middle = x + width / 2;
  return [
    `<rect x="${x}" y="${y}" width="${width}" height="92" rx="8" fill="${theme.box}" stroke="${colour}" stroke-width="1.5"/>`,
    text(middle, y + 28, title, `text-anchor="middle" font-size="16" font-weight="600" fill="${theme.text}"`),
    ...lines.map(([words, isCode], n) =>
      text(middle, y + 53 + n * 20, words, `text-anchor="middle" font-size="${isCode ? 11.5 : 12.5}" fill="${theme.soft}"${isCode ? ` font-family="${MONO}"` : ''}`)),
  ];
}

function band({ x, width, words, fill, colour }) {
  return [
    `<rect x="${x}" y="8" width="${width}" height="${HEIGHT - 16}" rx="12" fill="${fill}"/>`,
    text(x + 16, 34, words, `font-size="14" font-family="${MONO}" font-weight="600" fill="${colour}"`),
  ];
}

const arrow = (points, theme) => `<polyline points="${points}" fill="none" stroke="${theme.line}" stroke-width="1.75" marker-end="url(#head)"/>`;

/** A picture, and how its arrows end. */
const picture = (title, height, theme, lines) => `${[
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="${FONT}" role="img">`,
  `<title>${title}</title>`,
  `<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 8 4 0 8z" fill="${theme.line}"/></marker></defs>`,
  ...lines,
  '</svg>',
].join('\n')}\n`;

/** From a project to a function, in the colours of `light` or `dark`. */
function flow(name) {
  const theme = THEMES[name];
  const [top, bottom] = [56, 196];
  return picture('From a Python project to a Lambda function', HEIGHT, theme, [
    ...band({ x: 188, width: 392, words: 'cdk synth', fill: theme.synth, colour: theme.accent }),
    ...band({ x: 592, width: 400, words: 'cdk deploy', fill: theme.deploy, colour: theme.done }),
    ...box({ x: 8, y: top, width: 156, title: 'your project', lines: [['pyproject.toml', true], ['src/my_lambda_app', true]], colour: theme.edge, theme }),
    ...box({ x: 8, y: bottom, width: 156, title: 'its lock file', lines: [['uv.lock, poetry.lock,', true], ['requirements.txt, …', true]], colour: theme.edge, theme }),
    ...box({ x: 204, y: top, width: 168, title: 'build', lines: [['pip installs the project,'], ['from a copy']], colour: theme.accent, theme }),
    ...box({ x: 396, y: top, width: 168, title: 'package', lines: [['a zip: the same bytes'], ['on every machine']], colour: theme.accent, theme }),
    ...box({ x: 204, y: bottom, width: 168, title: 'wheels', lines: [['for Lambda’s Python,'], ['glibc and architecture']], colour: theme.accent, theme }),
    ...box({ x: 396, y: bottom, width: 168, title: 'layer', lines: [['held against project'], ['and function']], colour: theme.accent, theme }),
    ...box({ x: 608, y: top, width: 206, title: 'publish, once', lines: [['…/source/0.1.1/source.zip', true], ['other content is refused']], colour: theme.done, theme }),
    ...box({ x: 846, y: 126, width: 130, title: 'function', lines: [['runs version 0.1.1,'], ['and goes back to it']], colour: theme.done, theme }),
    arrow(`164,${top + 46} 202,${top + 46}`, theme),
    arrow(`372,${top + 46} 394,${top + 46}`, theme),
    arrow(`564,${top + 46} 606,${top + 46}`, theme),
    arrow(`814,${top + 46} 911,${top + 46} 911,124`, theme),
    arrow(`164,${bottom + 46} 202,${bottom + 46}`, theme),
    arrow(`372,${bottom + 46} 394,${bottom + 46}`, theme),
    arrow(`564,${bottom + 46} 911,${bottom + 46} 911,220`, theme),
  ]);
}

/** The life of a version, in the colours of `light` or `dark`. */
function life(name) {
  const theme = THEMES[name];
  const [top, bottom, width] = [12, 172, 208];
  const column = (n) => 8 + n * 259;
  const stage = (n, y, title, lines, colour) => box({ x: column(n), y, width, title, lines, colour, theme });
  const next = (n) => arrow(`${column(n) + width},${top + 46} ${column(n + 1) - 2},${top + 46}`, theme);
  const down = (n) => arrow(`${column(n) + width / 2},${top + 92} ${column(n) + width / 2},${bottom - 2}`, theme);
  const beside = (n, words) => text(column(n) + width / 2 + 10, top + 130, words, `font-size="11.5" font-family="${MONO}" fill="${theme.soft}"`);
  return picture('The life of a version', 276, theme, [
    ...stage(0, top, 'develop', [['cdk watch', true], ['nothing is published']], theme.accent),
    ...stage(1, top, 'publish, once', [['…/source/0.1.1/source.zip', true], ['other content is refused']], theme.done),
    ...stage(2, top, 'promote', [['the same bytes'], ['in another bucket']], theme.done),
    ...stage(3, top, 'keep order', [['list, diff, prune', true], ['what no function uses goes']], theme.edge),
    ...stage(0, bottom, 'your function', [['runs what is staged,'], ['0.1.1+dev.0a1b2c3d', true]], theme.edge),
    ...stage(1, bottom, 'test', [['runs 0.1.1']], theme.edge),
    ...stage(2, bottom, 'production', [['runs 0.1.1,'], ['and goes back to 0.1.0']], theme.edge),
    ...stage(3, bottom, 'protect', [['nobody replaces'], ['or deletes a version']], theme.edge),
    ...[0, 1, 2].map(next), ...[0, 1, 2].map(down),
    beside(0, 'development'), beside(1, 'source.code'), beside(2, 'fromPublishedVersion'),
  ]);
}

/** Each picture by its path in the repository. */
export const pictures = () => Object.fromEntries(Object.entries({ flow, life }).flatMap(([title, draw]) =>
  Object.keys(THEMES).map((name) => [`docs/images/${title}-${name}.svg`, draw(name)])));

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const [file, svg] of Object.entries(pictures())) {
    const target = path.join(import.meta.dirname, '..', file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, svg);
  }
}
