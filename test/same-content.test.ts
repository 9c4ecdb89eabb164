import * as fs from 'node:fs';
import * as path from 'node:path';
import { ZipArchive } from 'archiver';
import { App, Stack } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as lambda from 'aws-cdk-lib/aws-lambda';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { afterAll, expect, test } from 'vitest';
import { PipSourceArtifact } from '../lib/index';
import { copyFixture, newCache, temporaryFolder } from './setup/projects';
import { sha256 } from '../lib/core/base/tree';
import { ArtifactCache } from '../lib/core/cache/cache';
import { readArchive } from '../lib/core/package/read-archive';

const CACHE = process.env.PIP_SOURCE_ARTIFACT_CACHE_DIR;
afterAll(() => void (process.env.PIP_SOURCE_ARTIFACT_CACHE_DIR = CACHE));

function synthesize(entry: string) {
  const stack = new Stack(new App({ outdir: path.join(temporaryFolder(), 'cdk.out') }), 'Stack', { env: { region: 'eu-west-1' } });
  const source = new PipSourceArtifact(stack, 'Source', { entry, bucket: new s3.Bucket(stack, 'Bucket') });
  const handler = new lambda.Function(stack, 'Function', { runtime: lambda.Runtime.PYTHON_3_13, handler: source.handler, code: source.code });
  new lambda.Alias(stack, 'Live', { aliasName: 'live', version: handler.currentVersion });
  return { source, template: Template.fromStack(stack).toJSON() };
}

/** The same files by another compressor. */
async function recompress(archive: Buffer): Promise<Buffer> {
  const zip = new ZipArchive({ zlib: { level: 1 } });
  for await (const { path: name, mode, content } of readArchive(archive)) zip.append(content, { name, mode, date: new Date('1980-01-01T00:00:00Z') });
  const [chunks] = await Promise.all([zip.toArray() as Promise<Buffer[]>, zip.finalize()]);
  return Buffer.concat(chunks);
}

test('the same content gives the same template, whichever zlib compressed it, and whatever it was built with', async () => {
  const entry = copyFixture('setuptools-flat');
  const folder = process.env.PIP_SOURCE_ARTIFACT_CACHE_DIR = newCache();
  const here = synthesize(entry);

  const cache = new ArtifactCache(folder);
  const [fingerprint] = fs.readdirSync(path.join(folder, 'artifacts'));
  const { file, ...artifact } = cache.read(fingerprint)!;
  const archive = await recompress(fs.readFileSync(file));
  fs.rmSync(path.dirname(file), { recursive: true });
  cache.write(fingerprint, {
    ...artifact, codeSha256: sha256(archive, 'base64'), size: archive.length, provenance: { ...artifact.provenance, git_commit: '0'.repeat(40), built_with: 'python 3.14.0, pip 99' },
  }, archive);

  const elsewhere = synthesize(entry);
  expect(elsewhere.source.codeSha256).not.toBe(here.source.codeSha256);
  expect(elsewhere.source.sourceSha256).toBe(here.source.sourceSha256);
  expect(elsewhere.template).toEqual(here.template);
});
