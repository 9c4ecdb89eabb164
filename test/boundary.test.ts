import * as fs from 'node:fs';
import * as path from 'node:path';
import { ESLint } from 'eslint';
import { describe, expect, inject, test } from 'vitest';

const ROOT = path.join(__dirname, '..');
const LIB = path.join(ROOT, 'lib');
const SOURCES = fs.readdirSync(LIB, { recursive: true, encoding: 'utf8' })
  .filter((name) => /(?<!\.d)\.ts$/.test(name)).map((name) => path.join(LIB, name));
const { rules: RULES } = JSON.parse(fs.readFileSync(path.join(ROOT, '.eslintrc.json'), 'utf8').replace(/^\/\/.*/, ''));
const ZONES: ReadonlyArray<{ readonly from: string | readonly string[]; readonly message: string }> = RULES['import/no-restricted-paths'][1].zones;
const NOT_OF_APP = ZONES.find(({ message }) => message.startsWith('Constructs import'))!.from;
/** The folders of lib/core that an app loads. */
const APP_RINGS = fs.readdirSync(path.join(LIB, 'core')).filter((ring) => !NOT_OF_APP.includes(`./lib/core/${ring}`));

interface Imports {
  /** Files of ours, types included. */
  readonly files: readonly string[];
  /** Files of ours whose values are imported; types vanish. */
  readonly values: readonly string[];
  /** Packages and Node's modules whose values are imported. */
  readonly packages: readonly string[];
}

function importsOf(file: string): Imports {
  const source = fs.readFileSync(file, 'utf8');
  const statements = [...source.matchAll(/^(?:import|export)\s(type\b)?[^;]*?from\s+'([^']+)'/gm)].map(([, type, name]) => ({ name, isType: type !== undefined }));
  const calls = [...source.matchAll(/\b(?:import|require)\('([^']+)'\)/g)].map(([, name]) => ({ name, isType: false }));
  const all = [...statements, ...calls];
  const isOurs = ({ name }: { readonly name: string }) => name.startsWith('.');
  const toFile = ({ name }: { readonly name: string }) => path.join(path.dirname(file), `${name.replace(/\.js$/, '')}.ts`); // import() wants the extension
  const values = all.filter(({ isType }) => !isType);
  return {
    files: all.filter(isOurs).map(toFile),
    values: values.filter(isOurs).map(toFile),
    packages: values.filter((item) => !isOurs(item)).map(({ name }) => name),
  };
}

const IMPORTS = new Map(SOURCES.map((file) => [file, importsOf(file)]));

/** All files that a file loads. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const other of IMPORTS.get(file)!.values) loadedBy(other, seen);
  return seen;
}

const ringOf = (file: string) => path.relative(path.join(LIB, 'core'), file).split(path.sep)[0];
const packagesOf = (file: string) => new Set([...loadedBy(file)].flatMap((loaded) => IMPORTS.get(loaded)!.packages).filter((name) => !name.startsWith('node:')));

test('every import of ours leads to a file', () => {
  expect(SOURCES.length).toBeGreaterThan(100);
  for (const [file, { files }] of IMPORTS) for (const other of files) expect(IMPORTS.has(other), `${file} → ${other}`).toBe(true);
});

test('no file imports itself by a circle, types included', () => {
  const done = new Set<string>();
  const visit = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) throw new Error(`a circle: ${[...way.slice(way.indexOf(file)), file].map((item) => path.relative(LIB, item)).join(' → ')}`);
    if (done.has(file)) return;
    for (const other of IMPORTS.get(file)!.files) visit(other, [...way, file]);
    done.add(file);
  };
  for (const file of SOURCES) visit(file, []);
  expect(done.size).toBe(SOURCES.length);
});

test('no name is exported twice', () => {
  const owners = new Map<string, string[]>();
  for (const file of SOURCES) {
    const source = fs.readFileSync(file, 'utf8');
    for (const [, name] of source.matchAll(/^export (?:async )?(?:abstract )?(?:function\*?|class|const|interface|type|enum) (\w+)/gm)) {
      owners.set(name, [...owners.get(name) ?? [], path.relative(LIB, file)]);
    }
  }
  expect(Object.fromEntries([...owners].filter(([, files]) => files.length > 1))).toEqual({});
});

test('a folder has at most 12 files, and a file at most 250 lines', () => {
  const folders = new Map<string, number>();
  for (const file of SOURCES) folders.set(path.dirname(file), (folders.get(path.dirname(file)) ?? 0) + 1);
  expect([...folders].filter(([, files]) => files > 12)).toEqual([]);
  const docs = /^\s*(\/\*\*|\*|\*\/)/;
  const long = SOURCES.filter((file) => fs.readFileSync(file, 'utf8').split('\n').filter((line) => line.trim() !== '' && !docs.test(line)).length > 250);
  expect(long).toEqual([]);
});

describe('what an app loads', () => {
  test('is in the rings that constructs may import', () => {
    expect(APP_RINGS).toContain('synth');
    const core = [...loadedBy(path.join(LIB, 'index.ts'))].filter((file) => file.startsWith(path.join(LIB, 'core') + path.sep));
    expect([...new Set(core.map(ringOf))].sort()).toEqual([...APP_RINGS].sort());
  });

  test('reaches no other ring from any of their files, types included', () => {
    for (const file of SOURCES.filter((item) => APP_RINGS.includes(ringOf(item)))) {
      for (const other of IMPORTS.get(file)!.files) expect(APP_RINGS, `${file} → ${other}`).toContain(ringOf(other));
    }
  });

  test('needs no more than the CDK, Node and the bundled libraries: one that is an ES module only breaks users\' jest', () => {
    const packages = [...packagesOf(path.join(LIB, 'index.ts'))].map((name) => name.split('/')[0]);
    expect([...new Set(packages)].sort()).toEqual(['@renovatebot', 'aws-cdk-lib', 'constructs', 'ignore', 'smol-toml']);
  });
});

test('the Lambda function needs no more than the SDK of its runtime, and in its bundle yauzl and the order of versions', () => {
  expect([...packagesOf(path.join(LIB, 'core', 'publish', 'handler.ts'))].sort()).toEqual(['@aws-sdk/client-s3', '@renovatebot/pep440', 'yauzl']);
  const bundle = fs.readFileSync(path.join(LIB, 'bundled', 'handler', 'index.js'), 'utf8');
  const required = new Set([...bundle.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name).filter((name) => !/^node:/.test(name)));
  expect([...required].sort()).toEqual(['@aws-sdk/client-s3', 'events', 'fs', 'stream', 'util', 'zlib']);
});

/** The package that a file belongs to: of the nearest package.json that has a name and a version. */
function packageOf(file: string): { readonly name: string; readonly version: string; readonly license: string } {
  const manifest = path.join(path.dirname(file), 'package.json');
  const found = fs.existsSync(manifest) ? JSON.parse(fs.readFileSync(manifest, 'utf8')) : {};
  return found.name && found.version ? found : packageOf(path.dirname(file));
}

test('the licences of what is bundled are in one file: each package that the bundles have, no other, each with a text', () => {
  const strangers = inject('bundledFiles').filter((file) => !/^lib\/|:/.test(file)); // lib is ours; a colon has what a plugin of esbuild makes
  const titles = new Set(strangers.map((file) => packageOf(path.join(ROOT, file))).map(({ name, version, license }) => `${name} ${version}: ${license}`));
  expect(titles.size).toBeGreaterThan(30);
  expect([...titles].filter((title) => /undefined|object/.test(title))).toEqual([]);

  const licenses = fs.readFileSync(path.join(LIB, 'bundled', 'THIRD-PARTY-LICENSES'), 'utf8');
  const sections = licenses.split(`\n\n${'-'.repeat(78)}\n\n`).slice(1).map((section) => {
    const [heads, ...text] = section.split('\n\n');
    return { titles: heads.split('\n').map((line) => line.replace(/^(\S+ [^:]+: [^,]+).*/, '$1')), text: text.join('\n\n') };
  });
  expect(sections.flatMap((section) => section.titles).sort()).toEqual([...titles].sort());
  // a few packages of the SDK have no text of their own: that of Apache-2.0 is there once
  const isText = (text: string) => /copyright|permission is hereby granted|apache license/i.test(text);
  const bare = sections.filter(({ text }) => !isText(text)).flatMap((section) => section.titles);
  expect(bare.filter((title) => !title.endsWith(': Apache-2.0'))).toEqual([]);
  expect(licenses).toContain('Apache License');
});

describe('lint fails on', () => {
  const config = JSON.parse(fs.readFileSync(path.join(ROOT, '.eslintrc.json'), 'utf8').replace(/^\/\/.*/gm, ''));
  const OURS = ['import/no-restricted-paths', 'no-restricted-imports', 'no-restricted-properties'];
  const ours = (rules: Record<string, unknown>) => Object.fromEntries(Object.entries(rules).filter(([name]) => OURS.includes(name)));

  // the repository's own rules, of these three alone: those that need types take seconds
  const lint = async (file: string, line: string) => {
    const { LegacyESLint } = await import('eslint/use-at-your-own-risk') as unknown as { readonly LegacyESLint: typeof ESLint };
    const eslint = new LegacyESLint({
      cwd: ROOT,
      useEslintrc: false,
      overrideConfig: {
        root: true,
        parser: '@typescript-eslint/parser',
        parserOptions: { ecmaVersion: 2022, sourceType: 'module' },
        plugins: ['import'],
        settings: config.settings,
        rules: ours(config.rules),
        overrides: config.overrides.map(({ files, rules }: { readonly files: unknown; readonly rules: Record<string, unknown> }) => ({ files, rules: ours(rules) })),
      },
    } as unknown as ESLint.Options);
    const [{ messages }] = await eslint.lintText(`${line}\n`, { filePath: path.join(LIB, file) });
    return messages.map(({ message }) => message);
  };

  test.each([
    ['core/base/sample.ts', 'import { parseRequirement } from \'../pep/requirement\';', /base imports no other ring/],
    ['core/lock/sample.ts', 'import { install } from \'../installer/install\';', /lock may import base, pep, lambda, project/],
    ['core/publish/sample.ts', 'import { build } from \'../build/build\';', /publish may import base, pep, lambda, plan, package/],
    ['core/plan/sample.ts', 'import type { BuildSettings } from \'../build/build\';', /plan may import/],
    ['core/plan/sample.ts', 'import { Stack } from \'aws-cdk-lib\';', /without the CDK/],
    ['sample.ts', 'import { build } from \'./core/build/build\';', /Constructs import the rings that run in the app/],
    ['pipeline/sample.ts', 'import { PipSourceArtifact } from \'../pip-source-artifact\';', /does not know the constructs/],
    ['core/lock/sample.ts', 'import * as fs from \'node:fs\';\nfs.statSync(\'.\');', /statIfThere/],
  ])('%s: %s', async (file, line, message) => {
    expect(await lint(file, line)).toEqual([expect.stringMatching(message)]);
  });

  test('and on none that the table allows', async () => {
    expect(await lint('core/layer/sample.ts', 'import { build } from \'../build/build\';')).toEqual([]);
    expect(await lint('core/layer/download/sample.ts', 'import { mergeDistributions } from \'../merge\';')).toEqual([]);
    expect(await lint('pipeline/sample.ts', 'import { build } from \'../core/build/build\';')).toEqual([]);
  });
});
