// The time that a function's imports take at a cold start, by the bytecode in its layer: ours, what pip leaves behind under a zip's fixed
// dates (which is what others ship), and none. From a folder that is not written to, as Lambda's is. Draws the plot of README.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from './machine.mjs';

const LAYERS = {
  'pandas': { requirements: ['pandas'], code: 'import pandas' },
  'boto3': { requirements: ['boto3'], code: 'import boto3; boto3.client("s3", region_name="eu-west-1")' },
  'sqlalchemy': { requirements: ['sqlalchemy'], code: 'import sqlalchemy.orm' },
  'fastapi, mangum': { requirements: ['fastapi', 'mangum'], code: 'import fastapi, mangum' },
  'pydantic': { requirements: ['pydantic'], code: 'import pydantic; pydantic.create_model("Model", name=(str, ...))' },
};
const KINDS = ['ours', 'pip install --target, fixed dates', 'none'];
const ZIP_DATE = new Date('1980-01-01T00:00:00Z');
/** Without site-packages and variables; nothing is written, as root could. */
const IMPORT = 'import sys, time; sys.path.insert(0, sys.argv[1]); started = time.perf_counter(); exec(sys.argv[2]); print(time.perf_counter() - started)';

/** The newest Python that Lambda has and this machine too. */
function newestPython() {
  const pyenv = path.join(process.env.PYENV_ROOT ?? path.join(os.homedir(), '.pyenv'), 'versions');
  const installed = fs.existsSync(pyenv) ? fs.readdirSync(pyenv) : [];
  for (const minor of [14, 13, 12, 11, 10]) {
    const files = installed.filter((name) => name.startsWith(`3.${minor}.`)).map((name) => path.join(pyenv, name, 'bin', 'python3'));
    for (const file of [`python3.${minor}`, ...files]) {
      try {
        return { python: run(file, ['-c', 'import sys; print(sys.executable)']).trim(), minor };
      } catch { /* the next */ }
    }
  }
  throw new Error('there is no Python that Lambda has');
}

/** Folders of each layer by kind. */
function prepare(work, lib, python, minor) {
  return Object.entries(LAYERS).map(([name, { requirements, code }]) => {
    const folder = path.join(work, 'cold-start', name.replace(/\W+/g, '-'));
    fs.mkdirSync(folder, { recursive: true });
    const file = path.join(folder, 'requirements.txt');
    fs.writeFileSync(file, requirements.map((line) => `${line}\n`).join(''));
    const zip = path.join(folder, 'layer.zip');
    const options = ['--runtime', `python3.${minor}`, '--architecture', process.arch === 'arm64' ? 'arm64' : 'x86_64', '--python', python, '--bytecode', 'required'];
    run(process.execPath, [path.join(lib, 'bundled', 'cli', 'index.mjs'), 'layer', '--requirements', file, '--zip', zip, ...options]);
    const of = (kind) => path.join(folder, `kind-${KINDS.indexOf(kind)}`, 'python');
    run(python, ['-m', 'zipfile', '-e', zip, path.dirname(of('ours'))]);
    fs.cpSync(of('ours'), of('none'), { recursive: true, filter: (source) => path.basename(source) !== '__pycache__' });
    run(python, ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', '--only-binary', ':all:', '--target', of(KINDS[1]), '-r', file]);
    for (const kind of KINDS) for (const item of fs.readdirSync(of(kind), { recursive: true, withFileTypes: true })) {
      if (item.isFile()) fs.utimesSync(path.join(item.parentPath, item.name), ZIP_DATE, ZIP_DATE);
    }
    const sizeOf = (kind) => fs.readdirSync(of(kind), { recursive: true, withFileTypes: true }).filter((item) => item.isFile())
      .reduce((size, item) => size + fs.statSync(path.join(item.parentPath, item.name)).size, 0);
    const times = Object.fromEntries(KINDS.map((kind) => [kind, []]));
    return { name, code, of, times, growth: sizeOf('ours') / sizeOf('none') };
  });
}

const median = (numbers) => [...numbers].sort((a, b) => a - b)[Math.floor((numbers.length - 1) / 2)];

/** Medians, in turn. */
export function measureColdStart({ work, lib, rounds, log }) {
  const { python, minor } = newestPython();
  const layers = prepare(work, lib, python, minor);
  const measure = ({ code, of }, kind) => Number(run(python, ['-I', '-S', '-B', '-c', IMPORT, of(kind), code]));
  for (const layer of layers) for (const kind of KINDS) measure(layer, kind); // the files are in the system's memory then
  for (let round = 0; round < rounds; round++) {
    for (const layer of layers) for (const kind of [...KINDS.slice(round % 3), ...KINDS.slice(0, round % 3)]) layer.times[kind].push(measure(layer, kind));
    log?.(`cold start, round ${round + 1} of ${rounds}`);
  }
  const rows = layers.map(({ name, times, growth }) => {
    const [ours, pip, none] = KINDS.map((kind) => median(times[kind]));
    return { name, ours, pip, none, toPip: ours / pip, toNone: ours / none, growth };
  });
  const load = os.loadavg().map((number) => number.toFixed(1)).join(', ');
  return { python: run(python, ['--version']).trim(), load, rows };
}

/** At most, of the time without bytecode. */
export const COLD_START_BARS = { pandas: 0.3, sqlalchemy: 0.35 };

export function describeColdStart({ python, load, rows }) {
  const cells = [
    ['imports at a cold start', 'ours', 'pip\'s bytecode, fixed dates', 'none', 'ours : pip\'s', 'ours : none', 'size unzipped : without'],
    Array.from({ length: 7 }, () => '---'),
    ...rows.map((row) => [row.name, ...[row.ours, row.pip, row.none].map((time) => `${time.toFixed(2)} s`), row.toPip.toFixed(2), row.toNone.toFixed(2), row.growth.toFixed(2)]),
  ];
  return `${cells.map((line) => `| ${line.join(' | ')} |`).join('\n')}\n\n${python}, load ${load}\n`;
}

const THEMES = {
  light: { text: '#1f2328', muted: '#59636e', ours: '#1a7f37', other: '#8c959f', none: '#d1d9e0' },
  dark: { text: '#f0f6fc', muted: '#9198a1', ours: '#3fb950', other: '#6e7681', none: '#3d444d' },
};
const [LEFT, WIDTH, BAR, GROUP] = [150, 560, 14, 66];

/** Bars as parts of the time without bytecode, which is 1. */
function plot({ python, rows }, { text, muted, ours, other, none }) {
  const bar = (y, part, color, label) => `<rect x="${LEFT}" y="${y}" width="${Math.max(2, part / MAX * WIDTH).toFixed(1)}" height="${BAR}" rx="2" fill="${color}"/>`
    + `<text x="${(LEFT + part / MAX * WIDTH + 8).toFixed(1)}" y="${y + 11}" font-size="12" fill="${muted}">${label}</text>`;
  const MAX = Math.max(1, ...rows.map((row) => row.pip / row.none));
  const groups = rows.map((row, i) => {
    const y = 54 + i * GROUP;
    return [
      `<text x="${LEFT - 12}" y="${y + 31}" text-anchor="end" font-size="14" font-weight="600" fill="${text}">${row.name}</text>`,
      bar(y, row.toNone, ours, row.toNone.toFixed(2)),
      bar(y + 18, row.pip / row.none, other, (row.pip / row.none).toFixed(2)),
      bar(y + 36, 1, none, '1'),
    ].join('\n');
  });
  const legend = [[ours, 'ours'], [other, 'pip install --target, fixed dates'], [none, 'no bytecode']].map(([color, label], i) =>
    `<rect x="${LEFT + [0, 80, 330][i]}" y="16" width="12" height="12" rx="2" fill="${color}"/><text x="${LEFT + [0, 80, 330][i] + 18}" y="27" font-size="13" fill="${text}">${label}</text>`);
  const height = 54 + rows.length * GROUP + 24;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 860 ${height}" width="860" height="${height}" font-family="-apple-system, 'Segoe UI', 'Noto Sans', Helvetica, Arial, 'DejaVu Sans', sans-serif" role="img">`,
    '<title>Time of a function\'s imports, from a read-only folder</title>',
    ...legend, ...groups,
    `<text x="${LEFT}" y="${height - 12}" font-size="12" fill="${muted}">time to import, as a part of that without bytecode; from a folder that is not written to, ${python}</text>`,
    '</svg>', '',
  ].join('\n');
}

export function writePlots(measured, folder) {
  for (const [theme, colors] of Object.entries(THEMES)) fs.writeFileSync(path.join(folder, `cold-start-${theme}.svg`), plot(measured, colors));
}
