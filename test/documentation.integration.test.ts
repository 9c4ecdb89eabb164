// The code on the pages: TypeScript is checked against the library's types, Python is parsed.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import ts from 'typescript';
import { expect, test } from 'vitest';
import { pagesOf, snippetsOf } from './setup/markdown';

const ROOT = path.join(__dirname, '..');
const SNIPPETS = pagesOf(ROOT).flatMap((file) => snippetsOf(fs.readFileSync(path.join(ROOT, file), 'utf8')).map((snippet, n) => ({ file, n, ...snippet })));
const of = (...languages: readonly string[]) => SNIPPETS.filter(({ language }) => languages.includes(language));

test('TypeScript on the pages has no error of types', () => {
  const examples = of('ts').filter(({ code }) => code.includes('import '));
  expect(examples.length).toBeGreaterThanOrEqual(5);
  // beside each other in a folder that is not there: their imports are resolved as those of a file of the repository
  const sources = new Map(examples.map(({ file, n, code }) => [path.join(ROOT, 'test', `${file.replaceAll('/', '_')}.${n}.mts`), code]));
  const wrong = path.join(ROOT, 'test', 'wrong.mts'); // so that it is known to look
  sources.set(wrong, "import { PipSourceArtifactProps } from 'cdk-pip-source-artifact';\nexport const entry: keyof PipSourceArtifactProps = 'entrance';");
  const globals = path.join(ROOT, 'test', 'jest-globals.d.ts');
  sources.set(globals, 'declare const test: (name: string, fn: () => void) => void; declare const expect: (value: unknown) => { toBe(other: unknown): void };');
  const { config } = ts.readConfigFile(path.join(ROOT, 'tsconfig.json'), (file) => fs.readFileSync(file, 'utf8'));
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, ROOT);
  const settings: ts.CompilerOptions = {
    ...options,
    noEmit: true,
    rootDir: ROOT,
    types: ['node'],
    noUnusedLocals: false,
    paths: { 'cdk-pip-source-artifact': [path.join(ROOT, 'lib', 'index.ts')], 'cdk-pip-source-artifact/pipeline': [path.join(ROOT, 'lib', 'pipeline', 'api.ts')] },
  };
  const host = ts.createCompilerHost(settings);
  const { getSourceFile, fileExists, readFile } = host;
  host.fileExists = (file) => sources.has(file) || fileExists.call(host, file);
  host.readFile = (file) => sources.get(file) ?? readFile.call(host, file);
  host.getSourceFile = (file, ...rest) => sources.has(file) ? ts.createSourceFile(file, sources.get(file)!, rest[0], true) : getSourceFile.call(host, file, ...rest);
  const program = ts.createProgram([...sources.keys()], settings, host);
  const faults = [...sources.keys()].flatMap((file) => {
    const source = program.getSourceFile(file)!;
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  expect(faults.filter(({ file }) => file?.fileName === wrong).map(({ code }) => code)).toEqual([2322]);
  expect(ts.formatDiagnostics(faults.filter(({ file }) => file?.fileName !== wrong), { getCanonicalFileName: (name) => name, getCurrentDirectory: () => ROOT, getNewLine: () => '\n' })).toBe('');
});

test('Python on the pages is Python', () => {
  const examples = of('python', 'py');
  expect(examples.length).toBeGreaterThanOrEqual(3);
  const check = 'import ast, json, sys\nfor name, code in json.load(sys.stdin): ast.parse(code, name)';
  execFileSync('python3', ['-c', check], { input: JSON.stringify(examples.map(({ file, n, code }) => [`${file} ${n}`, code])) });
});
