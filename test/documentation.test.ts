// What people read: links lead somewhere, on GitHub and where the README is shown elsewhere; pictures are those of the script.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse } from 'smol-toml';
import { describe, expect, test } from 'vitest';
import { pictures } from '../.scripts/pictures.mjs';
import { headingsOf, linksOf, pagesOf, snippetsOf } from './setup/markdown';

const ROOT = path.join(__dirname, '..');
const PAGES = pagesOf(ROOT);
const OURS = /^https:\/\/(?:github\.com\/cdk-pip-source-artifact\/cdk-pip-source-artifact\/(?:blob|tree)|raw\.githubusercontent\.com\/cdk-pip-source-artifact\/cdk-pip-source-artifact)\/main\/([^#]*)(?:#(.*))?$/;

/** What is wrong with a link in a file of the repository. Addresses of others are not asked. */
function fault(file: string, link: string): string | undefined {
  const ours = OURS.exec(link);
  if (ours === null && /^(https?:|mailto:)/.test(link)) return undefined;
  const [name, anchor] = ours?.slice(1) ?? link.split('#');
  const target = ours ? path.join(ROOT, name) : name === '' ? path.join(ROOT, file) : path.join(ROOT, path.dirname(file), name);
  if (!fs.existsSync(target)) return `${file}: ${link} is not there`;
  if (anchor !== undefined && !headingsOf(fs.readFileSync(target, 'utf8')).includes(anchor)) return `${file}: ${link} has no such heading`;
  return undefined;
}

describe('the links', () => {
  test.each(PAGES)('of %s lead somewhere', (file) => {
    const links = linksOf(fs.readFileSync(path.join(ROOT, file), 'utf8'));
    expect(links.map((link) => fault(file, link)).filter(Boolean)).toEqual([]);
  });

  test('of docstrings lead somewhere', () => {
    const sources = fs.readdirSync(path.join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' }).filter((name) => /(?<!\.d)\.ts$/.test(name)).map((name) => path.join('lib', name));
    const links = sources.flatMap((file) => [...fs.readFileSync(path.join(ROOT, file), 'utf8').matchAll(/https:\/\/github\.com\/cdk-pip-source-artifact\/[^\s'"`)]+\/main\/[^\s'"`)]+/g)].map(([link]) => fault(file, link)));
    expect(links.filter(Boolean)).toEqual([]);
  });

  test('of README are absolute: the package indexes show it too', () => {
    const links = linksOf(fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8'));
    expect(links.length).toBeGreaterThan(30);
    expect(links.filter((link) => !/^(https:|#)/.test(link))).toEqual([]);
  });

  test('of README lead to each page of docs', () => {
    const named = linksOf(fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8')).map((link) => OURS.exec(link)?.[1]);
    expect(PAGES.filter((file) => file.startsWith('docs/') && !named.includes(file))).toEqual([]);
  });

  test('are found where they are dead', () => {
    const dead = ['nowhere.md', '#nothing', 'errors.md#nothing', 'https://github.com/cdk-pip-source-artifact/cdk-pip-source-artifact/blob/main/docs/nowhere.md'];
    expect(dead.filter((link) => fault('docs/faq.md', link) === undefined)).toEqual([]);
    expect(['errors.md#entry-missing', '../README.md#which-one', 'https://github.com/other/other/blob/main/x.md'].map((link) => fault('docs/faq.md', link)).filter(Boolean)).toEqual([]);
    expect(linksOf('[a](b) `[c](d)` [`l`](m) `n` ![e](f "g")\n```\n[h](i)\n```\n<img src="j"> <source srcset="k">')).toEqual(['b', 'm', 'f', 'j', 'k']);
    expect(headingsOf('# `--json`, and *more*: `a.b`\n## A\n## A\n```\n# no\n```')).toEqual(['--json-and-more-ab', 'a', 'a-1']);
  });
});

test('API.md leads to what is in it', () => {
  const page = fs.readFileSync(path.join(ROOT, 'API.md'), 'utf8');
  const anchors = [...page.matchAll(/ id="([^"]*)"/g)].map(([, id]) => id);
  const links = [...page.matchAll(/href="#([^"]*)"/g)].map(([, id]) => id);
  expect(links.length).toBeGreaterThan(50);
  expect(links.filter((id) => !anchors.includes(id))).toEqual([]);
});

test('README is short: reference has pages of its own', () => {
  expect(fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8').split('\n').length).toBeLessThanOrEqual(375);
});

test('the pictures are those of .scripts/pictures.mjs', () => {
  const drawn = pictures();
  expect(Object.keys(drawn).length).toBeGreaterThan(0);
  for (const [file, svg] of Object.entries(drawn)) expect(fs.readFileSync(path.join(ROOT, file), 'utf8'), file).toBe(svg);
});

test('JSON and TOML on the pages can be read', () => {
  const read: Readonly<Record<string, (code: string) => unknown>> = { json: JSON.parse, toml: parse };
  const snippets = PAGES.flatMap((file) => snippetsOf(fs.readFileSync(path.join(ROOT, file), 'utf8')).map((snippet) => ({ file, ...snippet })));
  const data = snippets.filter(({ language, code }) => language in read && !code.includes('…'));
  expect(data.length).toBeGreaterThanOrEqual(2);
  for (const { file, language, code } of data) expect(() => read[language](code), `${file}: ${code}`).not.toThrow();
});

test('the newest heading of CHANGELOG.md is the version of the package, and of what the pages and examples name', () => {
  const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8');
  const { version } = JSON.parse(read('package.json'));
  expect(/^## (\S+)/m.exec(read('CHANGELOG.md'))![1]).toBe(version);
  for (const file of ['docs/languages.md', 'examples/java/pom.xml', 'examples/go/go.mod', 'examples/csharp/src/Greetings.csproj', 'examples/typescript/package.json']) {
    expect(read(file), file).toContain(version);
  }
});
