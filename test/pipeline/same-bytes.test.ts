// One pipeline: what the construct stages for a deploy, what the API makes and what the command makes is the same to the byte.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { expect, test } from 'vitest';
import { newBucket, tinyProject } from './projects';
import { takeRecord } from '../../lib/core/plan/staged-archive';
import { PipSourceArtifact } from '../../lib/index';
import { buildPackageUploadSourceArtifacts, buildSourceArtifactsUsingPip, createSourceZip, downloadSourceArtifact, type S3ClientLike } from '../../lib/pipeline/api';
import { command } from '../cli/command';
import { temporaryFolder } from '../setup/projects';

/** The archive that `cdk deploy` would stage, and publish without the record of its build. */
function stagedByConstruct(entry: string): { readonly archive: Buffer; readonly sourceSha256: string; readonly key: string } {
  const app = new App({ outdir: path.join(temporaryFolder(), 'cdk.out') });
  const stack = new Stack(app, 'Stack');
  const { sourceSha256, s3Url } = new PipSourceArtifact(stack, 'Source', { entry, bucket: s3.Bucket.fromBucketName(stack, 'Bucket', 'same-bytes') });
  const { directory } = app.synth();
  const [zip] = fs.readdirSync(directory).filter((name) => name.endsWith('.zip')).map((name) => path.join(directory, name));
  expect(takeRecord(zip)).toMatchObject({ source_name: 'tiny' });
  return { archive: fs.readFileSync(zip), sourceSha256, key: s3Url };
}

test('a deploy, the API step by step and all in one, and the command, all of an executable file, data and names that are not ASCII', async () => {
  const { s3Client, s3DirLambda } = await newBucket('same-bytes');
  const copy = () => {
    const project = tinyProject({ files: { 'run.sh': '#!/bin/sh\n', 'données/größe_日本.txt': 'x'.repeat(10_000) } });
    fs.chmodSync(path.join(project, 'tiny', 'run.sh'), 0o755);
    return project;
  };
  const staged = stagedByConstruct(copy());
  const checked: Buffer[] = [];

  const stepByStep = copy();
  const quiet = { verbose: false, skipPrompt: true };
  const { dirLambdaSourceBuild } = await buildSourceArtifactsUsingPip({ ...quiet, pathSetupPyOrPyprojectToml: path.join(stepByStep, 'pyproject.toml') });
  const zip = await createSourceZip({ ...quiet, dirLambdaSourceBuild });
  checked.push(fs.readFileSync(zip.pathSourceZip));

  const released = await buildPackageUploadSourceArtifacts({ ...quiet, dirProjectRoot: copy(), s3Client, s3DirLambda });
  checked.push(fs.readFileSync(released.pathSourceZip), await download(s3Client, s3DirLambda, released.sourceVersion));

  const byCommand = copy();
  expect(await command(['build', byCommand, '--json'])).toMatchObject({ exitCode: 0, stderr: '' });
  const packaged = await command(['package', byCommand, '--json']);
  checked.push(fs.readFileSync(JSON.parse(packaged.stdout).pathSourceZip));
  const again = await command(['upload', byCommand, '--s3-dir', s3DirLambda, '--json']);
  expect(JSON.parse(again.stdout)).toMatchObject({ outcome: 'unchanged', sourceSha256: staged.sourceSha256, uri: staged.key });

  expect([zip, released, JSON.parse(packaged.stdout)].map(({ sourceSha256 }) => sourceSha256)).toEqual(Array(3).fill(staged.sourceSha256));
  expect(checked.map((archive) => archive.equals(staged.archive))).toEqual(Array(4).fill(true));
  expect(released.uri).toBe(staged.key);
});

async function download(s3Client: S3ClientLike, s3DirLambda: string, sourceVersion: string): Promise<Buffer> {
  const pathSourceZip = path.join(temporaryFolder(), 'source.zip');
  await downloadSourceArtifact({ verbose: false, s3Client, s3DirLambda, sourceVersion, pathSourceZip });
  return fs.readFileSync(pathSourceZip);
}
