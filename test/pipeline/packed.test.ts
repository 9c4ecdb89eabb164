// What users of the subpath get: declarations that hold in each way of resolving modules, and a file that every loader loads.
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import { isBuiltin } from 'node:module';
import * as path from 'node:path';
import ts from 'typescript';
import { beforeAll, describe, expect, test } from 'vitest';
import { temporaryFolder, writeFiles } from '../setup/projects';

const ROOT = path.join(__dirname, '..', '..');
/** The declarations that are packed, by the patterns of .npmignore. */
const PACKED = fs.readFileSync(path.join(ROOT, '.npmignore'), 'utf8').match(/(?<=^!\/)lib\/(pipeline|core)\/.*(?=\.d\.ts$)/gm)!
  .flatMap((pattern) => {
    const folder = path.dirname(pattern).replace(/\/\*\*$/, '');
    const isDeep = path.dirname(pattern) !== folder;
    return pattern.endsWith('*') ? fs.readdirSync(path.join(ROOT, folder), { recursive: isDeep, encoding: 'utf8' }).map((name) => `${folder}/${name}`) : [`${pattern}.ts`];
  })
  .filter((name) => /(?<!\.d)\.ts$/.test(name)).map((name) => name.replace(/\.ts$/, ''));

const APP = `
import { ArtifactError, buildPackageUploadSourceArtifacts, SourceS3Layout, verifyReproducibleBuild, type BuildSourceArtifactsResult, type S3ClientLike } from 'cdk-pip-source-artifact/pipeline';

export async function release(s3Client: S3ClientLike): Promise<string> {
  try {
    const result: BuildSourceArtifactsResult = await buildPackageUploadSourceArtifacts({ s3Client, dirProjectRoot: '.', s3DirLambda: 's3://bucket/lambda/', signal: new AbortController().signal });
    const { differences: [difference] } = await verifyReproducibleBuild({ dirProjectRoot: '.', installer: 'uv', cache: false });
    const line: number | undefined = difference?.line?.number;
    const outcome: 'created' | 'unchanged' | 'overwritten' = result.outcome;
    return outcome + line + result.uri + new SourceS3Layout({ s3DirLambda: 's3://bucket' }).getSourceZip('1').key + result.handlers[0].length;
  } catch (error) {
    if (error instanceof ArtifactError && error.trouble.code === 'conflict') return error.message;
    throw error;
  }
}
// @ts-expect-error: an option that is misspelt
void buildPackageUploadSourceArtifacts({ s3Client: undefined!, dirProjectRoot: '.', s3DirLamda: 's3://bucket/lambda/' });
`;

describe('the declarations', () => {
  let app: string;

  beforeAll(() => {
    app = temporaryFolder();
    const shipped = Object.fromEntries(PACKED.map((name) => {
      const { outputText } = ts.transpileDeclaration(fs.readFileSync(path.join(ROOT, `${name}.ts`), 'utf8'), { fileName: `${name}.ts` });
      return [`node_modules/cdk-pip-source-artifact/${name}.d.ts`, outputText];
    }));
    writeFiles(app, {
      ...shipped,
      'node_modules/cdk-pip-source-artifact/package.json': fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
      'node_modules/cdk-pip-source-artifact/lib/bundled/pipeline/index.js': '',
      'globals.d.ts': 'interface AbortSignal {}\ndeclare class AbortController { readonly signal: AbortSignal; }\n', // of @types/node, which takes long to read
      'package.json': '{ "type": "module" }',
      'app.ts': APP,
      'app.cts': APP,
    });
  });

  test.each([
    ['node10', 'app.ts', { module: ts.ModuleKind.CommonJS, moduleResolution: ts.ModuleResolutionKind.Node10, ignoreDeprecations: '6.0' }],
    ['node16, an ES module', 'app.ts', { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 }],
    ['node16, CommonJS', 'app.cts', { module: ts.ModuleKind.Node16, moduleResolution: ts.ModuleResolutionKind.Node16 }],
    ['bundler', 'app.ts', { module: ts.ModuleKind.ESNext, moduleResolution: ts.ModuleResolutionKind.Bundler }],
  ] satisfies Array<[string, string, ts.CompilerOptions]>)('%s', (_, file, options) => {
    const program = ts.createProgram([path.join(app, file), path.join(app, 'globals.d.ts')], {
      ...options, strict: true, noEmit: true, types: [], target: ts.ScriptTarget.ES2022, lib: ['lib.es2022.d.ts'], skipLibCheck: false, skipDefaultLibCheck: true,
    });
    expect(ts.getPreEmitDiagnostics(program).map((problem) => `${problem.file?.fileName} ${ts.flattenDiagnosticMessageText(problem.messageText, '\n')}`)).toEqual([]);
  });
});

describe('the bundle', () => {
  const BUNDLE = path.join(ROOT, 'lib', 'bundled', 'pipeline', 'index.js');
  const run = (...args: string[]) => execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '' } }).trim();
  const NAMES = [
    'ArtifactError', 'SourceS3Layout', 'buildPackageUploadSourceArtifacts', 'buildSourceArtifactsUsingPip', 'createLayerZip', 'createSbom', 'createSourceZip', 'describeSourceVersion', 'diffSourceVersions', 'downloadSourceArtifact', 'initializeProject',
    'listSourceVersions', 'promoteSourceArtifact', 'pruneSourceVersions', 'readSourceZip', 'uploadSourceArtifacts', 'verifyReproducibleBuild', 'verifySourceArtifact',
  ];

  test('is loaded by import, with its names, and by require; the SDK is not loaded with it', () => {
    const names = run('--input-type=module', '-e', 'import * as p from "cdk-pip-source-artifact/pipeline"; console.log(JSON.stringify(Object.keys(p).sort()))');
    expect(JSON.parse(names).filter((name: string) => !['default', 'module.exports'].includes(name))).toEqual(NAMES);
    const loaded = run('-e', 'const p = require("cdk-pip-source-artifact/pipeline"); console.log(JSON.stringify([Object.keys(p).sort(), p.SourceS3Layout.name, Object.keys(require.cache).length]))');
    expect(JSON.parse(loaded)).toEqual([NAMES, 'SourceS3Layout', 1]);
  });

  test('holds all but the SDK, and no import() that jest on Node 20 cannot do', () => {
    const bundle = fs.readFileSync(BUNDLE, 'utf8');
    const required = new Set([...bundle.matchAll(/\brequire\("([^"]+)"\)/g)].map(([, name]) => name).filter((name) => !isBuiltin(name)));
    expect([...required].sort()).toEqual(['@aws-sdk/client-cloudformation', '@aws-sdk/client-lambda', '@aws-sdk/client-s3']);
    expect(bundle.match(/\bimport\(/g)).toBeNull();
  });
});

test('the command is told apart from the pipeline: it is not part of the API, and the API not of the construct', () => {
  const { exports: subpaths, bin } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  expect(Object.keys(subpaths)).toEqual(['.', './pipeline', './package.json', './.jsii']);
  expect(Object.keys(bin)).toEqual(['pip-source-artifact', 'cdk-pip-source-artifact']);
  expect(fs.readFileSync(path.join(ROOT, 'lib', 'index.ts'), 'utf8')).not.toMatch(/pipeline|cli/);
});
