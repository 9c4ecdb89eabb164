// Versions that nobody needs are deleted, and none that somebody uses: with functions, aliases and stacks of the local AWS.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { CloudFormationClient, CreateStackCommand, waitUntilStackCreateComplete } from '@aws-sdk/client-cloudformation';
import { CreateAliasCommand, CreateFunctionCommand, LambdaClient, PublishVersionCommand, UpdateFunctionCodeCommand } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { newBucket } from './projects';
import { listSourceVersions, pruneSourceVersions, uploadSourceArtifacts, type PruneSourceOptions } from '../../lib/pipeline/api';
import { run } from '../cli/run';
import { temporaryFolder } from '../setup/projects';
import { makeArchive } from '../setup/publication';
import { startS3Proxy } from '../setup/s3-proxy';

let lambdaClient: LambdaClient;
let cloudFormationClient: CloudFormationClient;

interface Folder { readonly s3Client: S3Client; readonly s3DirLambda: string; readonly bucket: string }

/** A folder in S3 with these versions, published in this order. */
async function publish(bucket: string, ...versions: string[]): Promise<Folder> {
  const { s3Client, s3DirLambda } = await newBucket(bucket);
  for (const sourceVersion of versions) {
    const { archive, sourceSha256 } = await makeArchive(10, `VERSION = "${bucket} ${sourceVersion}"\ndef lambda_handler(event, context): ...\n`);
    const pathSourceZip = path.join(temporaryFolder(), 'source.zip');
    fs.writeFileSync(pathSourceZip, archive);
    await uploadSourceArtifacts({ verbose: false, s3Client, s3DirLambda, sourceVersion, sourceSha256, pathSourceZip, tags: { stage: sourceVersion } });
  }
  return { s3Client, s3DirLambda, bucket };
}

const codeOf = ({ bucket }: Folder, version: string) => ({ S3Bucket: bucket, S3Key: `lambda/source/${version}/source.zip` });
const createFunction = async (FunctionName: string, folder: Folder, version: string) => lambdaClient.send(new CreateFunctionCommand({
  FunctionName, Code: codeOf(folder, version), Handler: 'app.lambda_function.lambda_handler', Role: 'arn:aws:iam::000000000000:role/r', Runtime: 'python3.13',
}));
const prune = async ({ s3Client, s3DirLambda }: Folder, options: Partial<PruneSourceOptions>) =>
  pruneSourceVersions({ verbose: false, s3Client, s3DirLambda, lambdaClient, cloudFormationClient, ...options });
const outcomes = (pruned: Awaited<ReturnType<typeof prune>>) => pruned.map(({ sourceVersion, outcome, reason, usedBy }) => [sourceVersion, outcome, ...reason ? [reason] : [], ...usedBy]);
const versionsIn = async ({ s3Client, s3DirLambda }: Folder) => (await listSourceVersions({ verbose: false, s3Client, s3DirLambda })).map(({ sourceVersion }) => sourceVersion);

beforeAll(() => {
  Object.assign(process.env, inject('ministack'));
  lambdaClient = new LambdaClient({});
  cloudFormationClient = new CloudFormationClient({});
});

describe('what stays', () => {
  test('the newest ones by their publication; a dry run is the default', async () => {
    await publish('pruned-newest', '1.0', '2.0');
    await new Promise((resolve) => setTimeout(resolve, 1_100)); // S3's dates are of whole seconds
    const folder = await publish('pruned-newest', '1.1');
    const expected = [['1.0', 'deleted'], ['1.1', 'kept', 'newest'], ['2.0', 'deleted']];
    expect(outcomes(await prune(folder, { keep: 1 }))).toEqual(expected);
    expect(await versionsIn(folder)).toEqual(['1.0', '1.1', '2.0']);
    expect(outcomes(await prune(folder, { keep: 1, olderThan: '1d', dryRun: false })).map(([, , reason]) => reason)).toEqual(['young', 'newest', 'young']);
    expect(outcomes(await prune(folder, { keep: 1, olderThan: '0h', dryRun: false }))).toEqual(expected);
    expect(await versionsIn(folder)).toEqual(['1.1']);
  });

  test('what a function runs, in its newest version or in one to which an alias points', async () => {
    const folder = await publish('pruned-used', '1.0', '1.1', '1.2', '1.3');
    const FunctionName = 'pruned-used';
    await createFunction(FunctionName, folder, '1.1');
    const { Version } = await lambdaClient.send(new PublishVersionCommand({ FunctionName }));
    await lambdaClient.send(new CreateAliasCommand({ FunctionName, Name: 'live', FunctionVersion: Version }));
    await lambdaClient.send(new UpdateFunctionCodeCommand({ FunctionName, ...codeOf(folder, '1.2') }));
    expect(outcomes(await prune(folder, { keep: 0, dryRun: false }))).toEqual([
      ['1.0', 'deleted'], ['1.1', 'kept', 'in-use', `${FunctionName}:${Version}`], ['1.2', 'kept', 'in-use', FunctionName], ['1.3', 'deleted'],
    ]);
    expect(await versionsIn(folder)).toEqual(['1.1', '1.2']);
    await expect(prune(folder, { sourceVersions: ['1.2'], dryRun: false })).rejects.toThrow(
      /^pruneSourceVersions: version 1\.2 is in use by pruned-used, got "s3:.*"; deploy another version to these first; nothing was deleted \[version-in-use\]$/);
    expect(await versionsIn(folder)).toEqual(['1.1', '1.2']);
  });

  test('what a stack has published', async () => {
    const folder = await publish('pruned-stack', '1.0', '1.1');
    await deployStack('pruned-stack', folder, '1.0');
    expect(outcomes(await prune(folder, { keep: 0 }))).toEqual([['1.0', 'deleted'], ['1.1', 'deleted']]);
    expect(outcomes(await prune(folder, { keep: 0, inUseBy: ['pruned-stack'] }))).toEqual([['1.0', 'kept', 'in-use', 'pruned-stack'], ['1.1', 'deleted']]);
  });

  test('what has no digest: it cannot be told who runs it', async () => {
    const folder = await publish('pruned-undigested', '1.0');
    await folder.s3Client.send(new PutObjectCommand({ Bucket: folder.bucket, Key: 'lambda/source/1.1/source.zip', Body: 'of somebody else' }));
    expect(outcomes(await prune(folder, { keep: 0 }))).toEqual([['1.0', 'deleted'], ['1.1', 'kept', 'digest-unknown']]);
  });

  test('what is not named, if some are', async () => {
    const folder = await publish('pruned-named', '1.0', '1.1', '1.2');
    expect(outcomes(await prune(folder, { sourceVersions: ['1.1'], dryRun: false }))).toEqual([['1.0', 'kept', 'not-named'], ['1.1', 'deleted'], ['1.2', 'kept', 'not-named']]);
    expect(await versionsIn(folder)).toEqual(['1.0', '1.2']);
  });
});

const PROVIDER = `exports.handler = async (event) => {
  const { StackId, RequestId, LogicalResourceId, ResourceProperties: { Id: PhysicalResourceId } } = event;
  await fetch(event.ResponseURL, { method: 'PUT', body: JSON.stringify({ Status: 'SUCCESS', StackId, RequestId, LogicalResourceId, PhysicalResourceId }) });
};`;

/** A stack as CloudFormation keeps a publication: a resource whose id is the object. */
async function deployStack(StackName: string, { bucket }: Folder, version: string): Promise<void> {
  const Resources = {
    Provider: { Type: 'AWS::Lambda::Function', Properties: { Runtime: 'nodejs22.x', Handler: 'index.handler', Role: 'arn:aws:iam::000000000000:role/r', Code: { ZipFile: PROVIDER } } },
    Publication: {
      Type: 'Custom::PipSourcePublication',
      Properties: { ServiceToken: { 'Fn::GetAtt': ['Provider', 'Arn'] }, Id: `s3://${bucket}/lambda/source/${version}/source.zip#0123456789ab` },
    },
  };
  await cloudFormationClient.send(new CreateStackCommand({ StackName, TemplateBody: JSON.stringify({ Resources }) }));
  await waitUntilStackCreateComplete({ client: cloudFormationClient, maxWaitTime: 30, minDelay: 1, maxDelay: 1 }, { StackName });
}

describe('fails, and deletes nothing', () => {
  let folder: Folder;
  beforeAll(async () => {
    folder = await publish('pruned-refused', '1.0');
  });

  test.each<[string, Partial<PruneSourceOptions>, RegExp]>([
    ['without a number', {}, /^pruneSourceVersions: it is not said how many versions stay; set keep, .* \[keep-missing\]$/],
    ['a number that is none', { keep: 1.5 }, /, got 1\.5; set keep to 0 or more \[keep-invalid\]$/],
    ['a negative number', { keep: -1 }, /\[keep-invalid\]$/],
    ['an age without a unit', { keep: 0, olderThan: '90' }, /, got "90"; write olderThan like 90d, 12w or 36h \[age-invalid\]$/],
    ['a user that is not there', { keep: 0, inUseBy: ['pruned-nobody'] }, /, got "pruned-nobody"; correct inUseBy: .* \[user-missing\]$/],
    ['a function elsewhere that is not there', { keep: 0, inUseBy: ['arn:aws:lambda:us-east-1:000000000000:function:pruned-nobody'] }, /\[user-missing\]$/],
    ['a version that is not there', { sourceVersions: ['3.0'] }, /version 3\.0 is not published in .*; choose one of 1\.0 \[version-not-published\]$/],
  ])('%s', async (_, options, message) => {
    await expect(prune(folder, { ...options, dryRun: false })).rejects.toThrow(message);
    expect(await versionsIn(folder)).toEqual(['1.0']);
  });

  test('where Lambda does not tell', async () => {
    const denied = { send: async () => Promise.reject(Object.assign(new Error('User: me is not authorized to perform: lambda:ListFunctions'), { name: 'AccessDeniedException' })) };
    await expect(prune(folder, { keep: 0, dryRun: false, lambdaClient: denied })).rejects.toThrow(
      /^pruneSourceVersions: it cannot be told which versions are in use, got "User: me is not authorized .*"; allow lambda:ListFunctions .* \[users-unknown\]$/);
    expect(await versionsIn(folder)).toEqual(['1.0']);
  });
});

test('a deletion that is denied tells of protection; what was deleted before it stays so', async () => {
  const { s3DirLambda } = await publish('pruned-denied', '1.0', '1.1');
  const deny = { status: 403, code: 'AccessDenied', message: 'User: me is not authorized to perform: s3:DeleteObject with an explicit deny in a resource-based policy' };
  const proxy = await startS3Proxy(inject('ministack').AWS_ENDPOINT_URL, ({ method, url }) => method === 'DELETE' && url!.includes('/1.1/') ? deny : undefined);
  const s3Client = new S3Client({ endpoint: proxy.endpoint });
  try {
    await expect(pruneSourceVersions({ verbose: false, s3Client, s3DirLambda, lambdaClient, keep: 0, dryRun: false })).rejects.toThrow(
      /^pruneSourceVersions s3:\/\/pruned-denied\/lambda\/source\/1\.1\/source\.zip: S3 denied access, .*\n\nhint: where versions are protected, .*\n\n\[access-denied\]$/);
  } finally {
    proxy.stop();
  }
  expect((await listSourceVersions({ verbose: false, s3Client: new S3Client({}), s3DirLambda })).map(({ sourceVersion }) => sourceVersion)).toEqual(['1.1']);
});

describe('the command', () => {
  test('says what would be done, and does it with --yes', async () => {
    const folder = await publish('pruned-by-command', '1.0', '1.1', '1.2');
    await createFunction('pruned-by-command', folder, '1.0');
    const args = ['prune', '--keep', '1', '--s3-dir', folder.s3DirLambda];
    const { stdout: told, ...ended } = await run(...args);
    expect(ended).toEqual({ exitCode: 0, stderr: '' });
    expect(told.split('\n')).toEqual([
      expect.stringMatching(/^version  age +size +outcome$/),
      expect.stringMatching(/^1\.0      0 min  \d+ B  kept: in use by pruned-by-command$/),
      expect.stringMatching(/^1\.1      0 min  \d+ B  would be deleted$/),
      expect.stringMatching(/^1\.2      0 min  \d+ B  kept: newest$/),
      expect.stringMatching(/^1 of 3 versions \(\d+ B\) would be deleted: --yes deletes them$/),
      'dry run: nothing was written', '',
    ]);
    expect(await versionsIn(folder)).toHaveLength(3);
    expect((await run(...args, '--yes', '--dry-run')).exitCode).toBe(2);
    expect((await run('prune', '--s3-dir', folder.s3DirLambda, '--yes')).stderr).toMatch(/; set --keep, or name .* \[keep-missing\]\n$/);
    const { stdout } = await run(...args, '--yes', '--json');
    expect(JSON.parse(stdout).map(({ sourceVersion, outcome }: any) => [sourceVersion, outcome])).toEqual([['1.0', 'kept'], ['1.1', 'deleted'], ['1.2', 'kept']]);
    expect(await versionsIn(folder)).toEqual(['1.0', '1.2']);
    expect((await run('prune', '1.0', '--s3-dir', folder.s3DirLambda, '--yes')).exitCode).toBe(4);
    expect(await versionsIn(folder)).toEqual(['1.0', '1.2']);
  });

  test('list shows age, size, commit, digest and tags', async () => {
    const { s3DirLambda } = await publish('listed', '1.0', '1.10');
    const { stdout } = await run('list', '--s3-dir', s3DirLambda);
    expect(stdout.split('\n')).toEqual([
      expect.stringMatching(/^version  age    size   git_commit  source_sha256 {53}tags$/),
      expect.stringMatching(/^1\.0      0 min  \d+ B  -           [0-9a-f]{64}  stage=1\.0$/),
      expect.stringMatching(/^1\.10     0 min  \d+ B  -           [0-9a-f]{64}  stage=1\.10$/),
      '',
    ]);
    expect(JSON.parse((await run('list', '--s3-dir', s3DirLambda, '--json')).stdout)[0]).not.toHaveProperty('tags');
  });
});
