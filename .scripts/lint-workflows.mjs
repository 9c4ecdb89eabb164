// The workflows by actionlint (a Go program) and zizmor (PyPI): mistakes, and what would let others in. Needs Go and Python; what is missing is said.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';

const ACTIONLINT = 'github.com/rhysd/actionlint/cmd/actionlint@v1.7.12';
const ZIZMOR = 'zizmor==1.32.0';
const root = path.join(import.meta.dirname, '..');
const tools = path.join(root, 'node_modules', '.cache', 'lint-workflows', ZIZMOR);
const workflows = path.join(root, '.github', 'workflows');

/** Whether the command succeeded; undefined where there is no such program. */
function succeeds(command, ...args) {
  const { error, status } = spawnSync(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, GOFLAGS: '-mod=mod' } });
  return error?.code === 'ENOENT' ? undefined : status === 0;
}

const files = (await readdir(workflows)).filter((name) => name.endsWith('.yml')).map((name) => path.join(workflows, name));
const actionlint = succeeds('go', 'run', ACTIONLINT, ...files);
if (actionlint === undefined) console.log('actionlint: left out, there is no Go');

const zizmor = path.join(tools, 'bin', 'zizmor');
if (!existsSync(zizmor)) {
  await mkdir(path.dirname(tools), { recursive: true });
  succeeds('python3', '-m', 'venv', tools);
  succeeds(path.join(tools, 'bin', 'python'), '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', ZIZMOR);
}
const audited = succeeds(zizmor, '--offline', '--no-progress', '--quiet', workflows);
if (audited === undefined) console.log('zizmor: left out, it could not be installed');
process.exitCode = actionlint === false || audited === false ? 1 : 0;
