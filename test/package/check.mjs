// The packed library as its users get it: installed from the tarball into a TypeScript app, synthesized by the real CDK CLI, and
// used in that app's own jest tests. Needs a compiled library (npm run compile) and the npm registry. Takes about two minutes.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const ROOT = path.join(import.meta.dirname, '..', '..');
const NEWEST_CDK = '2.276.0';
const FLOOR_CDK = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8')).peerDependencies['aws-cdk-lib'].replace('^', '');

const work = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'psa-package-'));
process.on('exit', () => fs.rmSync(work, { recursive: true, force: true }));
const env = {
  ...process.env,
  CDK_DISABLE_CLI_TELEMETRY: 'true',
  AWS_ACCESS_KEY_ID: 'none', // else the CLI looks for credentials for seconds
  AWS_SECRET_ACCESS_KEY: 'none',
  AWS_REGION: 'us-east-1',
  AWS_EC2_METADATA_DISABLED: 'true',
  PIP_SOURCE_ARTIFACT_CACHE_DIR: path.join(work, 'cache'),
};
function run(cwd, file, ...args) {
  try {
    return execFileSync(file, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  } catch (error) {
    process.stderr.write(error.stdout ?? '');
    throw error;
  }
}

const [{ filename, size, files }] = JSON.parse(run(ROOT, 'npm', 'pack', '--json', '--pack-destination', work));
console.log(`${filename}: ${(size / 1024).toFixed(0)} KiB, ${files.length} files`);
assert(size < 1_400_000, 'the tarball is under 1.4 MB'); // a third of it is the API in one file, as jest wants it
// all but the types of a source in lib, for which boundary.test.ts is, and index.js; esbuild's chunks have digests
const packed = files.map((file) => file.path)
  .filter((name) => name !== 'lib/index.js' && (!/^lib\/(?!core\/).*\.d\.ts$/.test(name) || !fs.existsSync(path.join(ROOT, name.replace(/\.d\.ts$/, '.ts')))))
  .map((name) => name.replace(/(?<=^lib\/bundled\/builder\/).*-[A-Z0-9]{8}(?=\.mjs$)/, '<chunk>'));
assert.deepEqual([...new Set(packed)].sort(), fs.readFileSync(path.join(import.meta.dirname, 'files.txt'), 'utf8').trim().split('\n'), 'the files of the tarball: test/package/files.txt');
run(ROOT, 'npx', 'publint', 'run', '--strict', path.join(work, filename));

// a Python that writes down each of its starts
const python = path.join(work, 'python');
const log = path.join(work, 'python.log');
fs.writeFileSync(python, `#!/bin/sh\necho started >> '${log}'\nexec python3 "$@"\n`, { mode: 0o755 });
const starts = () => fs.existsSync(log) ? fs.readFileSync(log, 'utf8').split('\n').length - 1 : 0;

for (const cdk of [FLOOR_CDK, NEWEST_CDK]) {
  const app = path.join(work, `app-${cdk}`);
  fs.cpSync(path.join(import.meta.dirname, 'app'), app, { recursive: true });
  fs.cpSync(path.join(ROOT, 'test', 'fixtures', 'setuptools-flat'), path.join(app, 'my-lambda-project'), { recursive: true });
  const manifest = JSON.parse(fs.readFileSync(path.join(app, 'package.json'), 'utf8'));
  manifest.dependencies = { ...manifest.dependencies, 'aws-cdk-lib': cdk, 'cdk-pip-source-artifact': `file:../${filename}` };
  fs.writeFileSync(path.join(app, 'package.json'), JSON.stringify(manifest));
  run(app, 'npm', 'install', '--no-audit', '--no-fund');

  for (const [module, moduleResolution] of [['commonjs', 'node10'], ['node20', 'node16'], ['esnext', 'bundler']]) {
    run(app, 'npx', 'tsc', '--ignoreConfig', '--noEmit', '--strict', '--skipLibCheck', '--ignoreDeprecations', '6.0', '--types', 'node,jest', '--module', module, '--moduleResolution', moduleResolution, 'app.ts', 'app.test.ts', 'pipeline.test.ts');
  }

  const cli = (...args) => run(app, path.join(ROOT, 'node_modules', '.bin', 'cdk'), '--no-notices', '--context', `python=${python}`, ...args);
  const before = starts();
  assert.equal(cli('ls').trim(), 'Demo');
  assert.equal(starts(), before, 'cdk ls starts no Python');
  cli('synth', '--quiet');
  const template = JSON.parse(fs.readFileSync(path.join(app, 'cdk.out', 'Demo.template.json'), 'utf8'));
  const code = Object.values(template.Resources).map((resource) => resource.Properties?.Code).find((value) => value?.S3Key === 'lambda/source/0.1.1/source.zip');
  assert(code, 'the function reads the published key');
  if (cdk === FLOOR_CDK) assert(starts() > before, 'cdk synth built the project');
  else assert.equal(starts(), before, 'the second app found it built');

  run(app, 'npx', 'jest', '--silent');
  run(app, process.execPath, '--input-type=module', '-e', "import { ContractCheck, Installer, PipDependencyLayer, PipSourceArtifact } from 'cdk-pip-source-artifact'; if (![PipDependencyLayer, PipSourceArtifact, ContractCheck.SIZE, Installer.UV].every(Boolean)) process.exit(1)");
  run(app, process.execPath, '--input-type=module', '-e', "import { SourceS3Layout } from 'cdk-pip-source-artifact/pipeline'; new SourceS3Layout({ s3DirLambda: 's3://bucket/lambda/' })");
  for (const name of ['pip-source-artifact', 'cdk-pip-source-artifact']) {
    const built = JSON.parse(run(app, 'npx', '--no-install', name, 'build', 'my-lambda-project', '--build-dir', path.join(work, name, cdk), '--json'));
    assert.equal(built.sourceSha256, Object.values(template.Resources).find(({ Type }) => Type === 'Custom::PipSourcePublication').Properties.SourceSha256, 'the command builds what the construct builds');
  }
  console.log(`aws-cdk-lib ${cdk}: types, cdk ls, cdk synth and jest hold`);
}

// at the floor: Yarn resolves what each version of the CDK depends on, all of which not every mirror has
console.log(run(ROOT, process.execPath, path.join(import.meta.dirname, 'managers.mjs'), path.join(work, filename), FLOOR_CDK));
