// The packed library as other package managers install it: Yarn 4 with Plug'n'Play, which keeps packages zipped; pnpm; Bun, with its own
// runtime too. In each, an app builds a project. Their programs come from npm. `node managers.mjs <tarball> <aws-cdk-lib>`
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const [tarball, cdk] = process.argv.slice(2);
const work = fs.mkdtempSync(path.join(fs.realpathSync(os.tmpdir()), 'psa-managers-'));
process.on('exit', () => fs.rmSync(work, { recursive: true, force: true }));
const registry = execFileSync('npm', ['config', 'get', 'registry'], { encoding: 'utf8' }).trim();
const { NODE_PATH: _, NODE_OPTIONS: __, CI: ___, ...outer } = process.env;
const env = { ...outer, PIP_SOURCE_ARTIFACT_CACHE_DIR: path.join(work, 'cache'), PIP_SOURCE_ARTIFACT_NO_CACHE: '1', NPM_CONFIG_REGISTRY: registry };

const tools = path.join(work, 'tools');
fs.mkdirSync(tools);
fs.writeFileSync(path.join(tools, 'package.json'), '{"private":true}');
run(tools, 'npm', 'install', '--no-audit', '--no-fund', '@yarnpkg/cli-dist@4', 'pnpm@10', 'bun@1');
const tool = (...parts) => path.join(tools, 'node_modules', ...parts);
run(tools, process.execPath, tool('bun', 'install.js')); // npm may not run it

function run(cwd, file, ...args) {
  try {
    return execFileSync(file, args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  } catch (error) {
    process.stderr.write(`${error.stdout ?? ''}${error.stderr ?? ''}`);
    throw error;
  }
}

const APP = `
const { App, Stack } = require('aws-cdk-lib');
const s3 = require('aws-cdk-lib/aws-s3');
const { PipSourceArtifact } = require('cdk-pip-source-artifact');
const stack = new Stack(new App(), 'Stack');
console.log(new PipSourceArtifact(stack, 'Source', { entry: 'project', bucket: new s3.Bucket(stack, 'Bucket') }).sourceSha256);
`;

function newApp(name, files = {}) {
  const app = path.join(work, name);
  fs.cpSync(path.join(import.meta.dirname, '..', 'fixtures', 'setuptools-flat'), path.join(app, 'project'), { recursive: true });
  const dependencies = { 'aws-cdk-lib': cdk, 'constructs': '^10.6.0', 'cdk-pip-source-artifact': `file:${path.resolve(tarball)}` };
  const all = { 'package.json': JSON.stringify({ name, private: true, dependencies }), 'app.cjs': APP, ...files };
  for (const [file, content] of Object.entries(all)) fs.writeFileSync(path.join(app, file), content);
  return app;
}

const digests = new Map();
const note = (name, output) => {
  digests.set(name, output.trim().split('\n').at(-1));
  console.log(`${name}: an app builds`);
};

const yarn = tool('@yarnpkg', 'cli-dist', 'bin', 'yarn.js');
const pnp = newApp('yarn', {
  '.yarnrc.yml': `npmMinimalAgeGate: 0\nenableTelemetry: false\nenableImmutableInstalls: false\nnpmRegistryServer: "${registry}"\nunsafeHttpWhitelist: ["*"]\n`,
  'yarn.lock': '', // the root of a project
});
run(pnp, process.execPath, yarn, 'install');
assert(fs.existsSync(path.join(pnp, '.pnp.cjs')) && !fs.existsSync(path.join(pnp, 'node_modules', 'aws-cdk-lib')), 'it is Plug\'n\'Play');
note('Yarn 4, Plug\'n\'Play', run(pnp, process.execPath, yarn, 'node', 'app.cjs'));

const linked = newApp('pnpm');
run(linked, process.execPath, tool('pnpm', 'bin', 'pnpm.cjs'), 'install', '--no-frozen-lockfile');
note('pnpm', run(linked, process.execPath, 'app.cjs'));

const bun = tool('bun', 'bin', 'bun.exe');
const bunApp = newApp('bun');
run(bunApp, bun, 'install');
note('Bun as installer', run(bunApp, process.execPath, 'app.cjs'));
note('Bun as runtime', run(bunApp, bun, 'app.cjs'));

assert.equal(new Set(digests.values()).size, 1, JSON.stringify([...digests]));
assert.match([...digests.values()][0], /^[0-9a-f]{64}$/);
