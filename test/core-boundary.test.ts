import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, test } from 'vitest';

const LIB = path.join(__dirname, '..', 'lib');

/** What a source file imports for its values; types vanish. */
function importsOf(file: string): string[] {
  const source = fs.readFileSync(file, 'utf8');
  const statements = [...source.matchAll(/^(?:import|export)\s(?!type\b)[^;]*?from\s+'([^']+)'/gm)].map(([, name]) => name);
  return [...statements, ...[...source.matchAll(/\b(?:import|require)\('([^']+)'\)/g)].map(([, name]) => name)];
}

function reach(file: string, seen = new Map<string, string[]>()): Map<string, string[]> {
  if (seen.has(file)) return seen;
  const imports = importsOf(file);
  seen.set(file, imports.filter((name) => !name.startsWith('.')));
  for (const name of imports.filter((other) => other.startsWith('.'))) reach(path.join(path.dirname(file), `${name}.ts`), seen);
  return seen;
}

test('the pipeline does not know the CDK, nor the constructs', () => {
  const core = fs.readdirSync(path.join(LIB, 'core')).filter((name) => name.endsWith('.ts') && !name.endsWith('.d.ts'));
  expect(core.length).toBeGreaterThan(20);
  for (const name of core) {
    const foreign = importsOf(path.join(LIB, 'core', name)).filter((other) => /^(aws-cdk-lib|constructs)(\/|$)|^\.\.\//.test(other));
    expect(foreign, name).toEqual([]);
  }
});

test('what an app loads is packed', () => {
  const packed = fs.readFileSync(path.join(LIB, '..', '.npmignore'), 'utf8').match(/(?<=^!\/lib\/core\/).*(?=\.js$)/gm);
  const loaded = [...reach(path.join(LIB, 'index.ts')).keys()].filter((file) => path.basename(path.dirname(file)) === 'core');
  expect(packed!.sort()).toEqual(loaded.map((file) => path.basename(file, '.ts')).sort());
});

test('what an app loads needs no more than the CDK, Node and the three bundled libraries: an ESM-only one breaks users\' jest', () => {
  const packages = new Set([...reach(path.join(LIB, 'index.ts')).values()].flat().filter((name) => !name.startsWith('node:')).map((name) => name.split('/')[0]));
  expect([...packages].sort()).toEqual(['@renovatebot', 'aws-cdk-lib', 'constructs', 'ignore', 'smol-toml']);
});

test('the Lambda function needs no more than the SDK of its runtime, and yauzl in its bundle', () => {
  const packages = new Set([...reach(path.join(LIB, 'core', 'publish-handler.ts')).values()].flat().filter((name) => !name.startsWith('node:')));
  expect([...packages].sort()).toEqual(['@aws-sdk/client-s3', 'yauzl']);
  const bundle = fs.readFileSync(path.join(LIB, 'bundled', 'handler', 'index.js'), 'utf8');
  const required = new Set([...bundle.matchAll(/require\("([^"]+)"\)/g)].map(([, name]) => name).filter((name) => !/^node:/.test(name)));
  expect([...required].sort()).toEqual(['@aws-sdk/client-s3', 'events', 'fs', 'stream', 'util', 'zlib']);
});
