// The library as its users get it, in each language: the packages of this commit, the apps of examples/, their unit tests and `cdk synth`.
// All must name the same content. A Python user's whole way is walked, to a function that answers on the local AWS. After `npx projen compile`.
// `node test/languages/check.mjs python go` walks these alone. Needs the registries of the languages. A language without its tools is left out, which is said.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { checkPackages } from './packages.mjs';
import { python } from './python.mjs';
import { CODE, lane, ROOT, say, synth, work } from './walk.mjs';

fs.cpSync(path.join(ROOT, 'examples'), path.join(work, 'examples'), { recursive: true, filter: (file) => !/[\\/](target|cdk\.out|node_modules|\.venv|bin\/Debug|obj)$/.test(file) });
fs.symlinkSync(path.join(ROOT, 'dist'), path.join(work, 'dist')); // go.mod names it
const has = (command) => spawnSync(command, ['--version']).error === undefined || spawnSync(command, ['version']).error === undefined;

const generating = lane('all');
fs.rmSync(CODE, { recursive: true, force: true });
await generating('sources of four languages', path.join(ROOT, 'node_modules', '.bin', 'jsii-pacmak'), ['-t', 'python', '-t', 'java', '-t', 'go', '-t', 'dotnet', '--code-only', '-o', CODE], { cwd: ROOT });
const library = path.join(CODE, 'dotnet', 'CdkPipSourceArtifact');
const tarball = path.join(library, fs.readdirSync(library).find((name) => name.endsWith('.tgz'))); // as npm has it
checkPackages();

async function typescript() {
  const run = lane('typescript');
  const app = path.join(work, 'examples', 'typescript');
  await run('npm install', 'npm', ['install', '--no-audit', '--no-fund', '--prefer-offline', tarball], { cwd: app });
  await run('tsc', 'npx', ['tsc', '--skipLibCheck'], { cwd: app });
  await run('jest', 'npm', ['test', '--', '--silent'], { cwd: app });
  return synth(run, app);
}

async function java() {
  const run = lane('java');
  const app = path.join(work, 'examples', 'java');
  const installed = path.join(os.homedir(), '.m2', 'repository', 'io', 'github', 'cdk-pip-source-artifact');
  try {
    await run('library', 'mvn', ['-q', '-B', '-f', path.join(CODE, 'java'), 'install', '-Dmaven.javadoc.skip=true', '-Dmaven.source.skip=true']);
    await run('JUnit', 'mvn', ['-q', '-B', 'test'], { cwd: app });
    return await synth(run, app);
  } finally {
    fs.rmSync(installed, { recursive: true, force: true }); // it has the version that will be released
  }
}

async function go() {
  const run = lane('go');
  const app = path.join(work, 'examples', 'go');
  await run('go test', 'go', ['test', '-count=1', './...'], { cwd: app });
  return synth(run, app);
}

async function csharp() {
  const run = lane('csharp');
  const app = path.join(work, 'examples', 'csharp');
  const packages = path.join(work, 'nuget');
  await run('library', 'dotnet', ['pack', path.join(CODE, 'dotnet', 'CdkPipSourceArtifact'), '-o', packages]);
  await run('xunit', 'dotnet', ['test', 'tests', `-p:RestoreAdditionalProjectSources=${packages}`], { cwd: app });
  return synth(run, app);
}

const LANES = { typescript: ['npm', typescript], python: ['python3', python], java: ['mvn', java], go: ['go', go], csharp: ['dotnet', csharp] };
let left = 0;
const leaveOut = (language, tool) => {
  left++;
  say(`${language}: LEFT OUT, there is no ${tool}`);
  return false;
};
const asked = process.argv.slice(2); // none: all
const there = Object.entries(LANES).filter(([language]) => asked.length === 0 || asked.includes(language)).filter(([language, [tool]]) => has(tool) || leaveOut(language, tool));
const outcomes = await Promise.allSettled(there.map(([, [, walk]]) => walk()));
const failures = outcomes.flatMap(({ reason }) => reason === undefined ? [] : [reason]);
for (const failure of failures) console.error(failure.message);
if (failures.length === 0) {
  for (const [n, { value }] of outcomes.entries()) say(`${there[n][0].padEnd(10)} ${value}`);
  assert.equal(new Set(outcomes.map(({ value }) => value)).size, 1, 'the same content in every language');
}
say(`languages: ${there.length - failures.length} passed, ${failures.length} failed, ${left} skipped`);
process.exitCode = failures.length === 0 ? 0 : 1;
