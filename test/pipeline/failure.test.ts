// The guide's four troubles, and what else goes wrong: each in full, with what to do.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import { beforeAll, describe, expect, inject, test } from 'vitest';
import { newBucket, tinyProject } from './projects';
import {
  ArtifactError, buildPackageUploadSourceArtifacts, buildSourceArtifactsUsingPip, createSourceZip, describeSourceVersion, downloadSourceArtifact, listSourceVersions, readSourceZip,
  uploadSourceArtifacts, verifySourceArtifact, type S3ClientLike,
} from '../../lib/pipeline/api';
import { temporaryFolder, writeFiles } from '../setup/projects';

let s3Client: S3Client;
let s3DirLambda: string;
let project: string;
const quiet = { verbose: false, skipPrompt: true };

beforeAll(async () => {
  ({ s3Client, s3DirLambda } = await newBucket('failures'));
  project = tinyProject();
});

async function failure(action: Promise<unknown>, code: string): Promise<string> {
  const error = await action.then(() => new Error('did not fail'), (reason: Error) => reason);
  expect(error).toBeInstanceOf(ArtifactError);
  expect((error as ArtifactError).trouble.code).toBe(code);
  return error.message;
}

const build = async (folder: string, more = {}) => buildSourceArtifactsUsingPip({ ...quiet, pathSetupPyOrPyprojectToml: path.join(folder, 'pyproject.toml'), dirLambdaSourceBuild: path.join(temporaryFolder(), 'build'), ...more });

describe('no virtual environment, no pip', () => {
  test('pathBinPip is not there', async () => {
    expect(await failure(build(project, { pathBinPip: path.join(project, 'venv', 'bin', 'pip') }), 'usage')).toBe(
      `buildSourceArtifactsUsingPip: this Python cannot install the project, got ${JSON.stringify(path.join(project, 'venv', 'bin', 'pip'))}; set pathBinPip to an interpreter that has pip, or make a virtual environment in the project\n\n`
      + `hint: tried python ${JSON.stringify(path.join(project, 'venv', 'bin', 'pip'))}: not found. python3 -m venv .venv makes one; python -m ensurepip adds pip to one; where uv is on the PATH it serves for pip

[python-unfit]`,
    );
  });
});

describe('package not found or not installable', () => {
  test.each([
    ['no such file', () => path.join(temporaryFolder(), 'pyproject.toml')],
    ['a folder', () => project],
    ['another file', () => path.join(project, 'backend.py')],
  ])('%s', async (_, file) => {
    const pathSetupPyOrPyprojectToml = file();
    expect(await failure(buildSourceArtifactsUsingPip({ ...quiet, pathSetupPyOrPyprojectToml }), 'usage')).toBe(
      `buildSourceArtifactsUsingPip: there is no such pyproject.toml or setup.py, got ${JSON.stringify(pathSetupPyOrPyprojectToml)}; set pathSetupPyOrPyprojectToml to the file in the project's root; `
      + 'python -m pip install -e . works there for a project that can be installed [project-file-missing]',
    );
  });

  test('no such project', async () => {
    expect(await failure(buildPackageUploadSourceArtifacts({ ...quiet, s3Client, s3DirLambda, dirProjectRoot: '/nowhere' }), 'usage')).toBe(
      'buildPackageUploadSourceArtifacts: the project folder does not exist, got "/nowhere"; set dirProjectRoot to the folder that holds pyproject.toml or setup.py [entry-missing]',
    );
  });

  test('pip fails: its command, its output, what to do', async () => {
    const broken = writeFiles(tinyProject(), { 'backend.py': 'def build_wheel(*args): raise RuntimeError("out of luck")\n' });
    expect(await failure(build(broken), 'build')).toMatch(/^buildSourceArtifactsUsingPip: pip could not install the project, got "RuntimeError: out of luck"; .*\n\n\$ .* -m pip install .*\n\(exit code 1\)\n[^]*RuntimeError: out of luck[^]*\n\nhint: /);
  });
});

describe('entry point missing', () => {
  const ADVICE = 'put lambda_function.py with a lambda_handler into the package, or set handler to <module>.<function>';

  test('lambda_function.py was left outside of the package', async () => {
    const outside = writeFiles(tinyProject(), { 'lambda_function.py': 'def lambda_handler(event, context): ...\n', 'tiny/app.py': '' });
    fs.rmSync(path.join(outside, 'tiny', 'lambda_function.py'));
    expect(await failure(build(outside), 'build')).toBe(
      `buildSourceArtifactsUsingPip: the entry point is missing: the built package has no lambda_function.py; ${ADVICE}\n\n`
      + 'hint: lambda_function.py of the project is not in the package that is installed: move it there, beside the package\'s __init__.py\n\n[entry-point-missing]',
    );
  });

  test('lambda_function.py has no lambda_handler', async () => {
    expect(await failure(build(tinyProject({ code: 'def main(request): ...\n' })), 'build')).toBe(
      `buildSourceArtifactsUsingPip: the entry point is missing: lambda_function.py has no lambda_handler; ${ADVICE} [entry-point-missing]`,
    );
  });

  test('handler names one that is not there', async () => {
    expect(await failure(build(project, { handler: 'tiny.lambda_function.handle' }), 'build')).toBe(
      'buildSourceArtifactsUsingPip: the handler\'s module tiny.lambda_function has no handle, got "tiny.lambda_function.handle"; correct it\n\nhint: did you mean tiny.lambda_function.lambda_handler\n\n[handler-name]',
    );
  });

  test('another entry point may be named', async () => {
    const { handlers } = await build(tinyProject({ code: 'def main(event, context): ...\n' }), { handler: 'tiny.lambda_function.main', dryRun: true });
    expect(handlers).toEqual(['tiny.lambda_function.main']);
  });
});

describe('upload failed', () => {
  let pathSourceZip: string;
  let sourceSha256: string;
  const upload = async (client: S3ClientLike, more = {}) => uploadSourceArtifacts({ verbose: false, s3Client: client, s3DirLambda, sourceVersion: '1.0', sourceSha256, pathSourceZip, ...more });
  const TARGET = 'uploadSourceArtifacts s3://failures/lambda/source/1.0/source.zip';

  beforeAll(async () => {
    const { dirLambdaSourceBuild } = await build(project);
    ({ pathSourceZip, sourceSha256 } = await createSourceZip({ verbose: false, dirLambdaSourceBuild }));
  });

  test('no bucket', async () => {
    const missing = { s3DirLambda: 's3://not-there/lambda/' };
    const message = 'uploadSourceArtifacts s3://not-there/lambda/source/1.0/source.zip: the bucket does not exist, got "not-there"; create it, or correct its name [bucket-missing]';
    expect(await failure(upload(s3Client, missing), 'aws')).toBe(message);
    expect(await failure(upload(s3Client, { ...missing, dryRun: true }), 'aws')).toBe(message);
  });

  test('no credentials', async () => {
    const client = new S3Client({ credentials: () => Promise.reject(Object.assign(new Error('Could not load credentials from any providers'), { name: 'CredentialsProviderError' })) });
    expect(await failure(upload(client), 'aws')).toBe(
      `${TARGET}: there are no AWS credentials, got "Could not load credentials from any providers"; set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or sign in\n\n`
      + 'hint: aws sts get-caller-identity tells whose credentials are found; aws configure and aws sso login set them up\n\n[credentials-missing]',
    );
  });

  test('no region', async () => {
    const client = new S3Client({ region: (): Promise<string> => Promise.reject(new Error('Region is missing')) });
    expect(await failure(upload(client), 'aws')).toBe(`${TARGET}: there is no AWS region; set AWS_REGION, or the region of the profile [region-missing]`);
  });

  test('S3 is not reached', async () => {
    const client = new S3Client({ endpoint: 'http://127.0.0.1:1', maxAttempts: 1 });
    expect(await failure(upload(client), 'aws')).toBe(`${TARGET}: S3 cannot be reached, got "connect ECONNREFUSED 127.0.0.1:1"; check the network, the proxy and the region [s3-unreachable]`);
  });

  const answer = (name: string, httpStatusCode: number, message = 'S3\'s words', headers = {}) => {
    const client = new S3Client({ region: 'eu-west-1' });
    client.send = () => Promise.reject(Object.assign(new Error(message), { name, $metadata: { httpStatusCode }, $response: { headers } }));
    return client;
  };
  const DENIED = 'S3 denied access, got "S3\'s words"; allow s3:GetObject, s3:PutObject on lambda/source/* and s3:ListBucket on the bucket; a bucket policy, a key policy or an SCP may deny it too [access-denied]';

  test.each([
    ['denied', answer('AccessDenied', 403), DENIED],
    ['denied, to a HEAD, which has no body', answer('403', 403), DENIED],
    ['expired', answer('ExpiredToken', 400), 'the AWS credentials have expired, got "S3\'s words"; renew them, as with aws sso login [credentials-expired]'],
    ['a wrong key', answer('InvalidAccessKeyId', 403), 'AWS does not know the credentials, got "S3\'s words"; correct the access key, or choose another profile [credentials-unknown]'],
    ['another region', answer('PermanentRedirect', 301, 'S3\'s words', { 'x-amz-bucket-region': 'eu-north-1' }), 'the bucket is in another region, got "S3\'s words"; use region eu-north-1 [bucket-region]'],
    ['another region, not said which', answer('AuthorizationHeaderMalformed', 400), 'the bucket is in another region, got "S3\'s words"; use the region of the bucket [bucket-region]'],
    ['anything else', answer('InternalError', 500), 'S3 failed, got "InternalError: S3\'s words"; try again, and see the status of AWS [s3-failed]'],
  ])('%s', async (_, client, message) => { // ministack enforces no IAM: S3's answers are faked
    expect(await failure(upload(client), 'aws')).toBe(`${TARGET}: ${message}`);
  });

  test('a client of another copy of the SDK that does not fit', async () => {
    const foreign: S3ClientLike = { config: { region: 'eu-west-1' }, send: () => Promise.reject(new TypeError('config.requestChecksumCalculation is not a function')) };
    expect(await failure(upload(foreign), 'aws')).toBe(
      `${TARGET}: s3Client is of another copy of @aws-sdk/client-s3 than the one that is found beside this library, and the two do not fit, `
      + 'got "config.requestChecksumCalculation is not a function"; have one copy only, as with npm dedupe [sdk-copies]',
    );
  });

  test.each<[string, object, string]>([
    ['s3DirLambda', { s3DirLambda: 'lambda/' }, 's3DirLambda is not a folder in S3, got "lambda/"; write it like s3://bucket/lambda/ [s3-dir-invalid]'],
    ['prefix', { s3DirLambda: 's3://b-b//x/' }, 'the prefix cannot stand in an S3 key, got "/x/"; write it like "lambda/" or "team/app/", or "" for none [prefix-invalid]'],
    ['sourceVersion', { sourceVersion: '../1' }, 'the version cannot stand in an S3 key, got "../1"; use a PEP 440 or SemVer version such as 1.2.3, of letters, digits and .+-_!, at most 128 characters [version-invalid]'],
    ['sourceSha256', { sourceSha256: 'abc' }, 'sourceSha256 is not a SHA-256 digest, got "abc"; give the one of createSourceZip [sha256-invalid]'],
    ['pathSourceZip', { pathSourceZip: '/nowhere.zip' }, 'pathSourceZip cannot be read (ENOENT), got "/nowhere.zip"; make the archive first [archive-unreadable]'],
    ['metadata', { metadata: { source_sha256: 'x' } }, 'a metadata name is one that the library sets, got "source_sha256"; rename it [metadata-reserved]'],
    ['tags', { tags: { 'aws:x': '1' } }, 'a tag\'s key starts with aws:, which AWS keeps for itself, got "aws:x"; rename it [tag-key-reserved]'],
  ])('%s', async (_, more, message) => {
    expect(await failure(upload(s3Client, more), 'usage')).toBe(`uploadSourceArtifacts: ${message}`);
  });

  test('an archive of other content', async () => {
    const other = '0'.repeat(64);
    expect(await failure(upload(s3Client, { sourceSha256: other }), 'build')).toBe(`${TARGET}: the archive is not the one that was built, source_sha256 ${other}, got "${sourceSha256}"; build it again [archive-other]`);
  });
});

describe('packaging', () => {
  const pack = async (dirLambdaSourceBuild: string, pathSourceZip?: string) => failure(createSourceZip({ verbose: false, dirLambdaSourceBuild, pathSourceZip }), 'usage');

  test('of a folder without a build', async () => {
    for (const folder of ['/nowhere', temporaryFolder(), project]) {
      expect(await pack(folder, path.join(temporaryFolder(), 'source.zip'))).toBe(`createSourceZip: dirLambdaSourceBuild holds no installed project, got ${JSON.stringify(folder)}; build it first [build-folder-empty]`);
    }
  });

  test('into the folder itself', async () => {
    const { dirLambdaSourceBuild: folder } = await build(project);
    const link = path.join(temporaryFolder(), 'link');
    fs.symlinkSync(folder, link);
    for (const file of [path.join(folder, 'source.zip'), path.join(folder, 'tiny', '..', 'x', 'source.zip'), path.join(link, 'source.zip'), folder]) {
      expect(await pack(folder, file)).toBe(`createSourceZip: pathSourceZip is inside of dirLambdaSourceBuild: the archive would hold itself, got ${JSON.stringify(path.resolve(file))}; put it beside the folder [archive-in-build-folder]`);
    }
    expect(fs.readdirSync(folder).sort()).toEqual(['tiny', 'tiny-1.0.dist-info']);
    const notes = path.join(writeFiles(temporaryFolder(), { 'notes.txt': 'mine' }), 'notes.txt');
    expect(await pack(folder, notes)).toBe(`createSourceZip: pathSourceZip is a file that is not an archive: it will not be replaced, got ${JSON.stringify(notes)}; choose another file [archive-path-taken]`);
    expect(await pack(folder, path.dirname(notes))).toMatch(/: pathSourceZip is a folder, /);
    expect(fs.readFileSync(notes, 'utf8')).toBe('mine');
    expect(await pack(folder, path.join(notes, 'source.zip'))).toMatch(/^createSourceZip: it cannot be written \((ENOTDIR|EEXIST)\), got ".*"; make room, change the permissions, or write to another place \[not-writable\]$/);
  });

  test('of a tree that cannot run in Lambda, though pip made it by hand', async () => {
    const { dirLambdaSourceBuild: folder } = await build(project);
    fs.writeFileSync(path.join(folder, 'native.so'), '');
    expect(await failure(createSourceZip({ verbose: false, dirLambdaSourceBuild: folder }), 'build')).toMatch(/^createSourceZip: the project builds for one platform only/);
  });

  test('reading what is not a source archive', async () => {
    const file = path.join(writeFiles(temporaryFolder(), { 'source.zip': 'PK' }), 'source.zip');
    expect(await failure(readSourceZip({ verbose: false, pathSourceZip: file }), 'usage')).toBe(`readSourceZip: pathSourceZip is not a source archive, got ${JSON.stringify(file)}; make it with createSourceZip [archive-not-ours]`);
  });
});

describe('reading what is published', () => {
  test('there is no such version: those that there are', async () => {
    const nothing = { verbose: false, s3Client, s3DirLambda: 's3://failures/nothing/', sourceVersion: '9.9' };
    const start = 'version 9.9 is not published in s3://failures/nothing/source/; publish it first, or correct s3DirLambda [version-not-published]';
    expect(await failure(describeSourceVersion(nothing), 'usage')).toBe(`describeSourceVersion: ${start}`);
    expect(await failure(downloadSourceArtifact(nothing), 'usage')).toBe(`downloadSourceArtifact: ${start}`);
    expect(await failure(verifySourceArtifact(nothing), 'usage')).toBe(`verifySourceArtifact: ${start}`);
    expect(await listSourceVersions(nothing)).toEqual([]);
  });

  test('no bucket', async () => {
    const missing = { verbose: false, s3Client, s3DirLambda: 's3://not-there/lambda/', sourceVersion: '1.0' };
    for (const read of [describeSourceVersion, downloadSourceArtifact, verifySourceArtifact, listSourceVersions]) {
      expect(await failure(read(missing), 'aws')).toMatch(new RegExp(`^${read.name} s3://not-there/lambda/source/(1.0/source.zip)?: the bucket does not exist, got "not-there"; create it, or correct its name \\[bucket-missing\\]$`));
    }
  });
});

test('the environment of the tests leads to ministack', () => {
  expect(process.env.AWS_ENDPOINT_URL).toBe(inject('ministack').AWS_ENDPOINT_URL);
});
