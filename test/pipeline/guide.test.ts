// The "Build Lambda Source Guide" of aws_lambda_artifact_builder 0.1.8, from top to bottom: each of its statements that can be checked.
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { GetObjectCommand, GetObjectTaggingCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, test } from 'vitest';
import { guideProject, listFolder, newBucket } from './projects';
import {
  buildPackageUploadSourceArtifacts, buildSourceArtifactsUsingPip, createSourceZip, downloadSourceArtifact, listSourceVersions, SourceS3Layout, uploadSourceArtifacts,
  type BuiltSource, type PublishedSource, type SourceZip,
} from '../../lib/pipeline/api';
import { digestFolder, runPython, temporaryFolder } from '../setup/projects';

let aws: Awaited<ReturnType<typeof newBucket>>;
const quiet = { verbose: false };
const paths = (project: string) => ({
  build: path.join(project, 'build', 'lambda', 'source', 'build'),
  zip: path.join(project, 'build', 'lambda', 'source', 'source.zip'),
});

beforeAll(async () => {
  aws = await newBucket('guide');
});

/** What the guide says of the project is looked at in the project without what the guide says is made in it. */
function digestWithoutBuild(project: string): string {
  const copy = path.join(temporaryFolder(), 'copy');
  fs.cpSync(project, copy, { recursive: true, filter: (source) => !['build', '.venv'].includes(path.relative(project, source)) });
  return digestFolder(copy);
}

describe.each(['pyproject.toml', 'setup.py'] as const)('step by step, with %s', (file) => {
  let project: string;
  let before: string;
  let built: BuiltSource;
  let zip: SourceZip;
  let published: PublishedSource;
  let s3: S3Client;
  const prefix = `s3://guide/${file}/lambda/`;
  const output: string[] = [];
  const actions = new Set<string>();

  beforeAll(async () => {
    project = guideProject(file);
    before = digestWithoutBuild(project);
    s3 = new S3Client({});
    s3.middlewareStack.add((next, context) => (args) => {
      actions.add(context.commandName as string);
      return next(args);
    }, { step: 'initialize' });
    const printer = (line: string) => output.push(line);
    built = await buildSourceArtifactsUsingPip({
      pathBinPip: path.join(project, '.venv', 'bin', 'pip'),
      pathSetupPyOrPyprojectToml: path.join(project, file),
      dirLambdaSourceBuild: paths(project).build,
      verbose: true,
      skipPrompt: true,
      printer,
    });
    zip = await createSourceZip({ dirLambdaSourceBuild: paths(project).build, pathSourceZip: paths(project).zip, verbose: true, printer });
    published = await uploadSourceArtifacts({
      s3Client: s3,
      sourceVersion: '0.1.1',
      sourceSha256: zip.sourceSha256,
      pathSourceZip: paths(project).zip,
      s3DirLambda: prefix,
      metadata: { build_type: 'manual', author: 'developer' },
      tags: { environment: 'production', team: 'backend' },
      verbose: true,
      printer,
    });
  });

  test('1: pip installs the package, with metadata and its entry point', () => {
    expect(listFolder(paths(project).build)).toEqual([
      'METADATA', 'RECORD', 'WHEEL', 'top_level.txt',
    ].map((name) => `my_lambda_app-0.1.1.dist-info/${name}`).concat(Object.keys({ __init__: 0, business_logic: 0, lambda_function: 0 }).map((name) => `my_lambda_app/${name}.py`)));
    expect(built).toEqual({
      dirLambdaSourceBuild: paths(project).build,
      name: 'my-lambda-app',
      unpackagedFiles: [],
      sourceVersion: '0.1.1',
      sourceSha256: zip.sourceSha256,
      unzippedSize: zip.unzippedSize - zip.bytecode!.size,
      provenance: expect.objectContaining({ source_name: 'my-lambda-app' }),
      handlers: ['my_lambda_app.lambda_function.lambda_handler'],
    });
  });

  test('1: no dependencies are installed', () => {
    expect(fs.readFileSync(path.join(paths(project).build, 'my_lambda_app-0.1.1.dist-info', 'METADATA'), 'utf8')).toContain('Requires-Dist: requests');
    expect(fs.readdirSync(paths(project).build)).toEqual(['my_lambda_app', 'my_lambda_app-0.1.1.dist-info']);
  });

  test('1: the project is not touched but for build/', () => {
    expect(digestWithoutBuild(project)).toBe(before);
    expect(fs.readdirSync(project).sort()).toEqual(['.venv', 'build', 'my_lambda_app', file].sort());
  });

  test.runIf(file === 'pyproject.toml')('1: an earlier build is cleaned', async () => {
    const folder = paths(project).build;
    fs.rmSync(path.join(folder, 'my_lambda_app', '__init__.py'));
    await buildSourceArtifactsUsingPip({ ...quiet, pathSetupPyOrPyprojectToml: path.join(project, file), skipPrompt: true });
    expect(fs.existsSync(path.join(folder, 'my_lambda_app', '__init__.py'))).toBe(true);
    const again = await createSourceZip({ ...quiet, dirLambdaSourceBuild: folder, pathSourceZip: path.join(temporaryFolder(), 'again.zip') });
    expect({ ...again, pathSourceZip: zip.pathSourceZip }, 'deterministic digests, and bytes').toEqual(zip);
  });

  test('2: an archive with all files at its root, compressed, whose modules are discoverable and whose imports resolve', () => {
    const code = `
import importlib.metadata, zipfile
archive = zipfile.ZipFile(${JSON.stringify(zip.pathSourceZip)})
damaged, names, methods = archive.testzip(), sorted(archive.namelist()), sorted({i.compress_type for i in archive.infolist() if i.file_size})
archive.extractall(".")
from my_lambda_app.lambda_function import lambda_handler
print(json.dumps([damaged, names, methods, lambda_handler({}, None), importlib.metadata.version("my-lambda-app")]))`;
    const compiled = ['__init__', 'business_logic', 'lambda_function'].map((name) => `my_lambda_app/__pycache__/${name}.${zip.bytecode!.runtime!.replace('python3.', 'cpython-3')}.pyc`);
    expect(runPython(temporaryFolder(), code)).toEqual([null, [...listFolder(paths(project).build), ...compiled].sort(), [8], { statusCode: 200, body: 'Hello from Lambda!' }, '0.1.1']);
    expect(zip.pathSourceZip).toBe(paths(project).zip);
    expect(zip.size).toBe(fs.statSync(zip.pathSourceZip).size);
  });

  test('3: the version has a folder of its own, with digests, metadata and tags', async () => {
    const key = `${file}/lambda/source/0.1.1/source.zip`;
    expect(published).toEqual({
      outcome: 'created',
      sourceVersion: '0.1.1',
      sourceSha256: zip.sourceSha256,
      codeSha256: zip.codeSha256,
      bucket: 'guide',
      key,
      uri: `s3://guide/${key}`,
      consoleUrl: `https://console.aws.amazon.com/s3/object/guide?region=us-east-1&prefix=${encodeURIComponent(key)}`,
      versionId: undefined,
    });
    const object = await aws.s3Client.send(new GetObjectCommand({ Bucket: 'guide', Key: key }));
    expect(object.ContentType).toBe('application/zip');
    expect(object.Metadata).toEqual({ source_version: '0.1.1', source_sha256: zip.sourceSha256, code_sha256: zip.codeSha256, build_type: 'manual', author: 'developer' });
    expect(createHash('sha256').update(await object.Body!.transformToByteArray()).digest('base64')).toBe(zip.codeSha256);
    const { TagSet } = await aws.s3Client.send(new GetObjectTaggingCommand({ Bucket: 'guide', Key: key }));
    expect(TagSet).toEqual(expect.arrayContaining([{ Key: 'environment', Value: 'production' }, { Key: 'team', Value: 'backend' }]));
  });

  test('3: the upload needs s3:GetObject and s3:PutObject, and no s3:PutObjectAcl', () => {
    expect([...actions].sort()).toEqual(['GetObjectCommand', 'PutObjectCommand']);
  });

  test('the output', () => {
    expect(output).toEqual([
      '--- Building Lambda source artifacts using pip ...',
      `pathBinPip = ${path.join(project, '.venv', 'bin', 'pip')}`,
      `pathSetupPyOrPyprojectToml = ${path.join(project, file)}`,
      `dirLambdaSourceBuild = ${paths(project).build}`,
      'sourceVersion = 0.1.1',
      `sourceSha256 = ${zip.sourceSha256}`,
      '--- Creating Lambda source zip file ...',
      `dirLambdaSourceBuild = ${paths(project).build}`,
      `pathSourceZip = ${paths(project).zip}`,
      `sourceSha256 = ${zip.sourceSha256}`,
      '--- Uploading Lambda source artifacts to S3 ...',
      'sourceVersion = 0.1.1',
      `sourceSha256 = ${zip.sourceSha256}`,
      `pathSourceZip = ${paths(project).zip}`,
      `s3DirLambda = ${prefix}`,
      `Uploading Lambda source artifact to s3://guide/${file}/lambda/source/0.1.1/source.zip`,
      `preview at ${published.consoleUrl}`,
      'outcome = created',
    ]);
  });
});

describe('all in one', () => {
  const edit = (project: string, version: string) => {
    const file = path.join(project, 'pyproject.toml');
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace(/version = ".*"/, `version = "${version}"`));
  };

  test('version from pyproject.toml, the conventional folders, immutable versions, listing and download', async () => {
    const project = guideProject('pyproject.toml');
    const { s3Client, s3DirLambda } = aws;
    const release = async () => buildPackageUploadSourceArtifacts({ ...quiet, s3Client, dirProjectRoot: project, s3DirLambda, skipPrompt: true });
    const first = await release();
    const layout = new SourceS3Layout({ s3DirLambda });
    expect(first).toMatchObject({
      outcome: 'created',
      sourceVersion: '0.1.1',
      uri: 's3://guide/lambda/source/0.1.1/source.zip',
      pathSourceZip: paths(project).zip,
      dirLambdaSourceBuild: paths(project).build,
      handlers: ['my_lambda_app.lambda_function.lambda_handler'],
      consoleUrl: layout.getConsoleUrl('0.1.1', 'us-east-1'),
    });
    expect(fs.readdirSync(path.dirname(first.pathSourceZip)).sort()).toEqual(['build', 'source.zip']);
    const same = { sourceVersion: '0.1.1', sourceSha256: first.sourceSha256, pathSourceZip: first.pathSourceZip };
    expect(await uploadSourceArtifacts({ ...quiet, s3Client, s3DirLambda, ...same }), 'again: a no-op').toMatchObject({ outcome: 'unchanged', uri: first.uri });

    fs.appendFileSync(path.join(project, 'my_lambda_app', 'business_logic.py'), '# changed\n');
    await expect(release(), 'never overwritten').rejects.toThrow(/^buildPackageUploadSourceArtifacts s3:\/\/guide\/lambda\/source\/0\.1\.1\/source\.zip: version 0\.1\.1 is already published with other content, .*Different: changed my_lambda_app\/business_logic\.py \[version-published\]$/);
    edit(project, '0.1.2');
    const second = await release();
    expect(second).toMatchObject({ outcome: 'created', sourceVersion: '0.1.2', uri: 's3://guide/lambda/source/0.1.2/source.zip' });
    expect(second.sourceSha256).not.toBe(first.sourceSha256);

    const { Contents } = await s3Client.send(new ListObjectsV2Command({ Bucket: 'guide', Prefix: 'lambda/' }));
    expect(Contents!.map(({ Key }) => Key)).toEqual(['lambda/source/0.1.1/source.zip', 'lambda/source/0.1.2/source.zip']);
    expect((await listSourceVersions({ s3Client, s3DirLambda })).map(({ sourceVersion, sourceSha256 }) => [sourceVersion, sourceSha256])).toEqual([
      ['0.1.1', first.sourceSha256], ['0.1.2', second.sourceSha256],
    ]);
    const copy = path.join(temporaryFolder(), 'source-0.1.1.zip');
    await downloadSourceArtifact({ ...quiet, s3Client, s3DirLambda, sourceVersion: '0.1.1', pathSourceZip: copy });
    expect(createHash('sha256').update(fs.readFileSync(copy)).digest('base64')).toBe(first.codeSha256);
    await runsInLambda(first);
  });

  /** The guide's "Deploy to Lambda". */
  async function runsInLambda({ bucket, key, handlers: [Handler] }: { readonly bucket: string; readonly key: string; readonly handlers: readonly string[] }): Promise<void> {
    const functions = `${process.env.AWS_ENDPOINT_URL}/2015-03-31/functions`;
    const body = { FunctionName: 'my-lambda', Runtime: 'python3.11', Role: 'arn:aws:iam::000000000000:role/r', Handler, Code: { S3Bucket: bucket, S3Key: key } };
    expect((await fetch(functions, { method: 'POST', body: JSON.stringify(body) })).status).toBe(201);
    const answer = await fetch(`${functions}/my-lambda/invocations`, { method: 'POST', body: '{}' });
    expect(await answer.json()).toEqual({ statusCode: 200, body: 'Hello from Lambda!' });
  }
});
