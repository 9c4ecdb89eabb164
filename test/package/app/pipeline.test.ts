import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ArtifactError, buildSourceArtifactsUsingPip, createSourceZip, uploadSourceArtifacts, type S3ClientLike } from 'cdk-pip-source-artifact/pipeline';

test('the pipeline builds and packages', async () => {
  const built = await buildSourceArtifactsUsingPip({
    pathSetupPyOrPyprojectToml: 'my-lambda-project/pyproject.toml', dirLambdaSourceBuild: join(mkdtempSync(join(tmpdir(), 'pipeline-')), 'build'), verbose: false,
  });
  const zip = await createSourceZip({ dirLambdaSourceBuild: built.dirLambdaSourceBuild, verbose: false });
  expect(zip.sourceSha256).toBe(built.sourceSha256);
  expect(readFileSync(zip.pathSourceZip).length).toBe(zip.size);
}, 60_000);

test('without the AWS SDK, an upload says what to install', async () => {
  const s3Client: S3ClientLike = { config: { region: 'eu-west-1' }, send: () => Promise.reject(new Error('not called')) };
  const upload = uploadSourceArtifacts({ s3Client, s3DirLambda: 's3://bucket/lambda/', sourceVersion: '1', sourceSha256: '0'.repeat(64), pathSourceZip: 'package.json', verbose: false });
  await expect(upload).rejects.toThrow('the AWS SDK is not installed; add it to your project: npm install @aws-sdk/client-s3');
  await expect(upload).rejects.toBeInstanceOf(ArtifactError);
});
