import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { beforeAll, expect, test } from 'vitest';
import { PipDependencyLayer, PipSourceArtifact, type PipSourceArtifactProps } from '../../lib/index';
import { tinyProject } from '../pipeline/projects';
import { temporaryFolder, writeFiles } from '../setup/projects';
import { writeWheel } from '../setup/wheels';

let wheels: string;

beforeAll(async () => {
  wheels = temporaryFolder();
  await Promise.all(['one', 'two', 'three'].map((name) => writeWheel(wheels, { name, version: '1.0' })));
});

const newStack = () => new Stack(new App({ outdir: path.join(temporaryFolder(), 'cdk.out') }), 'Stack');

function projectWith(table: string): string {
  const project = tinyProject({ files: { 'other.py': 'def handler(event, context): ...\n', 'data.txt': 'x' }, seen: 'os.environ.get("FLAVOUR", "none")' });
  fs.appendFileSync(path.join(project, 'pyproject.toml'), `\n${table}`);
  return project;
}

const artifact = (entry: string, props: Partial<PipSourceArtifactProps> = {}) => new PipSourceArtifact(newStack(), 'Source', { entry, ...props });

test('an artifact is built as [tool.pip-source-artifact] says; a prop goes before; and all of it is in the key', () => {
  const plain = artifact(projectWith('')).sourceSha256;
  const entry = projectWith('[tool.pip-source-artifact]\nexclude = ["data.txt"]\nenvironment = { FLAVOUR = "small" }\nhandler = "tiny.other.handler"\n');
  const told = artifact(entry);
  expect(told.handler).toBe('tiny.other.handler');
  expect(told.sourceSha256).not.toBe(plain);
  expect(artifact(entry, { exclude: [], environment: {} }).sourceSha256).toBe(plain);
  expect(artifact(entry, { exclude: ['data.txt'], environment: { FLAVOUR: 'small' } }).sourceSha256).toBe(told.sourceSha256);
  expect(artifact(entry, { handler: 'tiny.lambda_function.lambda_handler' }).handler).toBe('tiny.lambda_function.lambda_handler');

  const file = path.join(entry, 'pyproject.toml');
  fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('"small"', '"large"'));
  expect(artifact(entry).sourceSha256, 'a change builds anew').not.toBe(told.sourceSha256);
});

test('a handler that pyproject.toml names is checked', () => {
  expect(() => artifact(projectWith('[tool.pip-source-artifact]\nhandler = "tiny.gone.handler"\n'))).toThrow(/^Stack\/Source: the handler's module tiny\.gone is not in the installed project/);
});

test('a layer is made as [tool.pip-source-artifact.layer] says; a prop goes before', () => {
  const entry = writeFiles(temporaryFolder(), {
    'pyproject.toml': `[project]\nname = "x"\nversion = "1"\ndependencies = ["one"]\n[project.optional-dependencies]\nmore = ["two"]\n[dependency-groups]\ndeep = ["three"]\n
[tool.pip-source-artifact.layer]\nextras = ["more"]\ngroups = ["deep"]\nexclude = ["one"]\n`,
  });
  const packages = (props = {}) => new PipDependencyLayer(newStack(), 'Layer', {
    entry, runtime: lambda.Runtime.PYTHON_3_13, pipArgs: ['--no-index', `--find-links=${wheels}`], ...props,
  }).packages;
  expect(packages()).toEqual(['three==1.0', 'two==1.0']);
  expect(packages({ exclude: [], extras: [] })).toEqual(['one==1.0', 'three==1.0']);
  expect(packages({ onlyGroups: ['deep'] })).toEqual(['three==1.0']);
});
