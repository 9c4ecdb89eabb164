// The way of a Python user: install line, README's example, the example app, its tests and types, an error, the local AWS.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { startMinistack } from '../../.scripts/ministack.mjs';
import { CDK, CODE, env, lane, ROOT, say, synth, work } from './walk.mjs';

const run = lane('python');
const venv = path.join(work, 'venv');
const bin = (name) => path.join(venv, 'bin', name);
const app = path.join(work, 'examples', 'python');

export async function python() {
  await run('virtual environment', 'python3', ['-m', 'venv', venv]);
  await run('uv', bin('python'), ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', 'uv']);
  const dist = path.join(work, 'python-dist');
  await run('wheel and sdist', bin('uv'), ['build', '--quiet', '--out-dir', dist, path.join(CODE, 'python')]);
  const [wheel, sdist] = ['.whl', '.tar.gz'].map((end) => path.join(dist, fs.readdirSync(dist).find((name) => name.endsWith(end))));
  await run('pip install', bin('uv'), ['pip', 'install', '--quiet', '--python', bin('python'), wheel, 'pytest', 'mypy', 'pyright', 'twine', 'readme-renderer[md]']);
  await metadata(wheel, sdist);
  const types = [
    run('mypy', bin('mypy'), ['--strict', 'app.py', 'greetings', 'tests'], { cwd: app }),
    run('pyright', bin('pyright'), ['--pythonpath', bin('python')], { cwd: app }),
  ];
  try {
    await readmeExample();
    const content = await synth(run, app, ['--app', `${bin('python')} app.py`]);
    await run('pytest', bin('python'), ['-m', 'pytest', '-q'], { cwd: app });
    await errors();
    await commands();
    await local();
    return content;
  } finally {
    await Promise.allSettled(types);
    await Promise.all(types);
  }
}

/** What the Python index looks at; `twine check` looks at the README alone. */
async function metadata(wheel, sdist) {
  await run('twine check', bin('twine'), ['check', '--strict', wheel, sdist]);
  const script = `
import json, sys, zipfile
from email.parser import Parser
from readme_renderer.markdown import render
archive = zipfile.ZipFile(sys.argv[1])
name = next(n for n in archive.namelist() if n.endswith(".dist-info/METADATA"))
data = Parser().parsestr(archive.read(name).decode())
print(json.dumps({"fields": data.items(), "html": render(data.get_payload()), "names": archive.namelist()}))`;
  const { fields, html, names } = JSON.parse(await run('metadata', bin('python'), ['-c', script, wheel]));
  const of = (field) => fields.filter(([name]) => name === field).map(([, value]) => value);
  const { version, description, homepage } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'));
  assert.deepEqual([of('Name'), of('Version'), of('Summary'), of('Home-page'), of('License')], [['cdk-pip-source-artifact'], [version], [description], [homepage], ['Apache-2.0']]);
  const urls = [...of('Home-page'), ...of('Project-URL').map((value) => value.split(', ')[1])];
  assert.deepEqual(urls.filter((url) => !/^https?:\/\/[\w./-]+$/.test(url)), [], 'the index refuses other URLs');
  for (const classifier of ['Framework :: AWS CDK', 'Framework :: AWS CDK :: 2', 'Typing :: Typed']) assert(of('Classifier').includes(classifier), classifier);
  assert.deepEqual(of('Description-Content-Type'), ['text/markdown']);
  const links = [...html.matchAll(/(?:href|src|srcset)="([^"]*)"/g)].map(([, link]) => link);
  assert(links.length > 20, 'the README is in the wheel');
  assert.deepEqual(links.filter((link) => !/^(https:|#)/.test(link)), [], 'links of the README that are dead on the index');
  assert(/<img [^>]*src="https:[^"]*\.svg"/.test(html), 'the picture is shown there');
  assert(names.includes('cdk_pip_source_artifact/py.typed') && names.some((name) => /\.dist-info\/(licenses\/)?LICENSE$/.test(name)));
  for (const file of [wheel, sdist]) assert(fs.statSync(file).size < 1_700_000, `${file} is under 1.7 MB`);
  const init = await run('docstrings', bin('python'), ['-c', 'import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).read("cdk_pip_source_artifact/__init__.py").decode())', wheel]);
  assert(!/exampleMetadata|nofixture/i.test(init), 'docstrings are for people');
  say('python     the wheel: URLs, classifiers, licence, README, types, sizes are right');
}

/** The first example in Python, as it stands there, beside a project as it says. */
async function readmeExample() {
  const [, example] = /^```python\n([^]*?)^```$/m.exec(fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8'));
  const folder = path.join(work, 'examples', 'demo', 'readme'); // beside my-lambda-project
  fs.mkdirSync(folder);
  fs.writeFileSync(path.join(folder, 'app.py'), example);
  await run('README: cdk synth', CDK, ['synth', '--quiet', '--no-notices', '--no-validation', '--app', `${bin('python')} app.py`], { cwd: folder });
  assert(fs.existsSync(path.join(folder, 'cdk.out', 'Greetings.template.json')));
}

/** The end of a traceback is our message, whole, and what pip printed stands there once. */
async function errors() {
  const project = path.join(work, 'broken');
  fs.mkdirSync(project);
  fs.writeFileSync(path.join(project, 'setup.py'), 'import setuptools\nraise SystemExit("the build of this project says no")\n');
  const script = (entry) => `
import aws_cdk as cdk
from aws_cdk import aws_s3 as s3
from cdk_pip_source_artifact import PipSourceArtifact
stack = cdk.Stack(cdk.App(), "Stack")
PipSourceArtifact(stack, "Source", entry=${JSON.stringify(entry)}, bucket=s3.Bucket(stack, "Bucket"))`;
  const missing = await run('an error', bin('python'), ['-c', script('nowhere')], { exitCode: 1 });
  assert.match(missing.trim().split('\n').at(-1), /RuntimeError: .*Stack\/Source: .*, got ".*nowhere"; set entry .* \[entry-missing\]$/);
  const failed = await run('a failed build', bin('python'), ['-c', script(project)], { exitCode: 1 });
  const last = failed.slice(failed.lastIndexOf('\nRuntimeError: '));
  assert(last.includes('the build of this project says no'), 'the message has what pip printed');
  assert.match(last.trim(), /\[[a-z-]+\]$/);
  const times = failed.split('the build of this project says no').length - 1;
  assert.equal(times, 1, `what pip printed stands there once, not ${times} times`);
}

/** The commands that the wheel installs. */
async function commands() {
  const { sourceSha256 } = JSON.parse(await run('pip-source-artifact', bin('pip-source-artifact'), ['build', path.join(work, 'examples', 'demo', 'my-lambda-project'), '--build-dir', path.join(work, 'built'), '--json']));
  assert.match(sourceSha256, /^[0-9a-f]{64}$/);
}

/** The example app on the local AWS: it is deployed, and the function answers. */
async function local() {
  const aws = await startMinistack({ log: say });
  try {
    // ministack starts Python functions with its own Python
    const version = (await run('Python of the local AWS', path.join(ROOT, '.ministack', 'bin', 'python'), ['-c', 'import sys; print("python%d.%d" % sys.version_info[:2])'])).trim();
    const options = ['--app', `${bin('python')} app.py`, '--context', `runtime=${version}`, '--no-notices', '--output', path.join(work, 'cdk.deploy')];
    const at = { cwd: app, env: { ...env, ...aws.env, CI: '1' } };
    const outputs = path.join(work, 'outputs.json');
    await run('cdk bootstrap', CDK, ['bootstrap', 'aws://000000000000/us-east-1', ...options], at);
    await run('cdk deploy', CDK, ['deploy', '--require-approval', 'never', '--outputs-file', outputs, ...options], at);
    const { FunctionName, S3Url } = JSON.parse(fs.readFileSync(outputs, 'utf8')).Greetings;
    const response = await fetch(`${aws.endpoint}/2015-03-31/functions/${FunctionName}/invocations`, { method: 'POST', body: JSON.stringify({ name: 'Ada', numbers: [1, 2, 30] }) });
    assert.deepEqual(await response.json(), { message: 'Hello, Ada!', median: 2, version: '0.1.1' });
    say(`python     the function answers, from ${S3Url}`);
  } finally {
    await aws.stop();
  }
}
