// What the benchmark needs of the machine: a Python environment with the other tools, and projects. Kept for the next run.
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

/** Everything is below it; remove it to begin anew. */
export const FOLDER = path.join(fs.realpathSync(os.tmpdir()), 'pip-source-artifact-bench');
export const GUIDE = 'aws-lambda-artifact-builder==0.1.8';
const SDISTS = { requests: 'requests==2.32.3', httpx: 'httpx==0.28.1', flask: 'flask==3.1.0', django: 'django==5.1.4' };
const ENVIRONMENT = path.join(FOLDER, 'environment');
export const PYTHON = path.join(ENVIRONMENT, 'bin', 'python');
export const UV = path.join(ENVIRONMENT, 'bin', 'uv');
export const PIP = path.join(ENVIRONMENT, 'bin', 'pip');
// of an environment of its own: it pins what it requires
const SAM_ENVIRONMENT = path.join(FOLDER, 'sam');
export const SAM = path.join(SAM_ENVIRONMENT, 'bin', 'sam');

export const NAMES = ['three files', ...Object.keys(SDISTS)];

export function run(file, args, options = {}) {
  return execFileSync(file, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], maxBuffer: 64 * 1024 * 1024, ...options });
}

/** What Lambda calls a Python: `python3.13`. */
export function runtimeOf(python) {
  return `python${run(python, ['-c', 'import sys; print("%d.%d" % sys.version_info[:2])']).trim()}`;
}

/** Python, pip, uv and the guide's tool in one environment; the versions are printed. */
export function prepareTools() {
  if (!fs.existsSync(path.join(ENVIRONMENT, 'ready'))) {
    fs.rmSync(ENVIRONMENT, { recursive: true, force: true });
    run('python3', ['-m', 'venv', ENVIRONMENT]);
    run(PYTHON, ['-m', 'pip', 'install', '--quiet', '--upgrade', 'pip', 'uv', GUIDE]);
    fs.writeFileSync(path.join(ENVIRONMENT, 'ready'), '');
  }
  if (!fs.existsSync(path.join(SAM_ENVIRONMENT, 'ready'))) {
    fs.rmSync(SAM_ENVIRONMENT, { recursive: true, force: true });
    run('python3', ['-m', 'venv', SAM_ENVIRONMENT]);
    run(path.join(SAM_ENVIRONMENT, 'bin', 'python'), ['-m', 'pip', 'install', '--quiet', 'aws-sam-cli']);
    fs.writeFileSync(path.join(SAM_ENVIRONMENT, 'ready'), '');
  }
  const version = (file) => run(file, ['--version']).split(' ').slice(0, 2).join(' ').trim();
  return [`${os.cpus().length} cores`, `${process.platform} ${process.arch}`, `Node ${process.versions.node}`, version(PYTHON), version(PIP), version(UV), `SAM CLI ${run(SAM, ['--version']).trim().split(' ').at(-1)}`, GUIDE.replace('==', ' '), zipTool()].join(', ');
}

/** The newest releases that the package index has; users' apps are on them sooner or later. */
const CDK = { 'aws-cdk-lib': '2.276.0', 'constructs': '10.8.1' };
export const NEWEST_CDK = `aws-cdk-lib ${CDK['aws-cdk-lib']}`;

/** An app's folder with the newest CDK and, beside it, the compiled library as a package would bring it. */
export function prepareCdk(library) {
  const folder = path.join(FOLDER, `cdk-${CDK['aws-cdk-lib']}`);
  if (!fs.existsSync(path.join(folder, 'ready'))) {
    fs.rmSync(folder, { recursive: true, force: true });
    fs.mkdirSync(folder, { recursive: true });
    fs.writeFileSync(path.join(folder, 'package.json'), '{ "name": "bench", "private": true }');
    run('npm', ['install', '--no-audit', '--no-fund', '--silent', ...Object.entries(CDK).map(([name, version]) => `${name}@${version}`)], { cwd: folder });
    fs.writeFileSync(path.join(folder, 'ready'), '');
  }
  const ours = path.join(folder, 'node_modules', 'cdk-pip-source-artifact');
  fs.rmSync(ours, { recursive: true, force: true });
  const isNeeded = (file) => !/(?<!\.d)\.ts$/.test(file);
  fs.cpSync(path.join(library, 'lib'), path.join(ours, 'lib'), { recursive: true, filter: isNeeded });
  fs.cpSync(path.join(library, 'package.json'), path.join(ours, 'package.json'));
  return folder;
}

const REQUIRED_BY_HOOK = `
import importlib, os, tomllib
system = tomllib.load(open("pyproject.toml", "rb")).get("build-system", {}) if os.path.exists("pyproject.toml") else {}
module, _, attribute = system.get("build-backend", "setuptools.build_meta:__legacy__").partition(":")
backend = importlib.import_module(module)
ask = getattr(getattr(backend, attribute) if attribute else backend, "get_requires_for_build_wheel", lambda: [])
for requirement in ask(): print("requires", requirement)
`;

/** A Python with all that the backend of a project requires. */
export function prepareBackend(project, name) {
  const folder = path.join(FOLDER, 'backends', name.replace(' ', '-'));
  const python = path.join(folder, 'bin', 'python');
  if (!fs.existsSync(path.join(folder, 'ready'))) {
    fs.rmSync(folder, { recursive: true, force: true });
    run(PYTHON, ['-m', 'venv', '--without-pip', folder]);
    const read = 'import sys, tomllib; print("\\n".join(tomllib.load(open(sys.argv[1], "rb")).get("build-system", {}).get("requires", ["setuptools"])))';
    const requires = run(PYTHON, ['-c', read, path.join(project, 'pyproject.toml')]).trim().split('\n');
    const install = (requirements) => run(UV, ['pip', 'install', '--quiet', '--compile-bytecode', '--python', python, ...requirements]);
    install(requires);
    const asked = run(python, ['-c', REQUIRED_BY_HOOK], { cwd: project }).split('\n').filter((line) => line.startsWith('requires ')).map((line) => line.slice(9));
    if (asked.length > 0) install(asked); // an older setuptools asks for wheel
    fs.writeFileSync(path.join(folder, 'ready'), '');
  }
  return python;
}

/** The guide's tool calls `zip`; without it, a stand-in of Python's zipfile, and the output says so. */
function zipTool() {
  try {
    run('zip', ['-v']);
    return 'zip';
  } catch {
    fs.writeFileSync(path.join(ENVIRONMENT, 'bin', 'zip'), `#!${PYTHON}
import os, sys, zipfile
target, *rest = sys.argv[1:]
with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as z:
    for item in rest:
        if item.startswith("-"): continue
        if os.path.isfile(item): z.write(item)
        for folder, _, names in os.walk(item):
            for name in names: z.write(os.path.join(folder, name))
`, { mode: 0o755 });
    process.env.PATH = [path.join(ENVIRONMENT, 'bin'), process.env.PATH].join(path.delimiter);
    return 'Python\'s zipfile in place of zip';
  }
}

/** A fresh copy of a project for each of its users: what pip builds in it stays in it. */
export function prepareProject(name, work) {
  const source = name in SDISTS ? unpackSdist(SDISTS[name]) : writeThreeFiles(path.join(work, 'three-files', 'three'));
  const copies = {};
  for (const user of ['ours', 'pip', 'uv', 'guide', 'backend']) {
    copies[user] = path.join(work, name.replace(' ', '-'), user, 'project');
    fs.cpSync(source, copies[user], { recursive: true });
  }
  const modules = fs.readdirSync(copies.ours, { recursive: true, encoding: 'utf8' }).filter((file) => /(^|\/)__init__\.py$/.test(file) && !/(^|\/)(tests?|docs?)\//.test(file));
  return { name, copies, module: path.join(copies.ours, modules.sort((a, b) => a.length - b.length)[0]) };
}

export function writeThreeFiles(folder, name = 'three') {
  fs.mkdirSync(path.join(folder, name), { recursive: true });
  fs.writeFileSync(path.join(folder, 'pyproject.toml'), `[build-system]\nrequires = ["setuptools>=77"]\nbuild-backend = "setuptools.build_meta"\n[project]\nname = "${name}"\nversion = "1.0.0"\n`);
  fs.writeFileSync(path.join(folder, name, '__init__.py'), '');
  fs.writeFileSync(path.join(folder, name, 'lambda_function.py'), `import ${name}\n\n\ndef lambda_handler(event, context):\n    return event\n`);
  return folder;
}

/** From PyPI, once. */
function unpackSdist(requirement) {
  const folder = path.join(FOLDER, 'sdists', requirement.replace('==', '-'));
  if (!fs.existsSync(folder)) {
    const temporary = fs.mkdtempSync(`${FOLDER}/download-`);
    const args = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--no-binary', ':all:', '--dest', temporary, requirement];
    run(PYTHON, args); // pip asks the backend for the metadata
    const [archive] = fs.readdirSync(temporary);
    run('tar', ['-xzf', archive], { cwd: temporary });
    fs.rmSync(path.join(temporary, archive));
    fs.mkdirSync(path.dirname(folder), { recursive: true });
    fs.renameSync(temporary, folder);
  }
  return path.join(folder, fs.readdirSync(folder)[0]);
}
