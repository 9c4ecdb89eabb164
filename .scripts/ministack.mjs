/**
 * A local AWS without Docker, for the tests and the demo: PyPI's `ministack`, in a virtual environment of its own.
 * Use `startMinistack()`, or `node .scripts/ministack.mjs` for a shell. Linux and macOS.
 */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import * as fs from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

export const MINISTACK_VERSION = '1.5.33';
const REPO = fileURLToPath(new URL('..', import.meta.url));
const VENV = join(REPO, '.ministack'); // made where it stays: a virtual environment cannot be moved
const PYTHON = join(VENV, 'bin', 'python');
const MARKER = join(VENV, 'installed');
const LOCK = join(VENV, 'lock');

// Python runs ministack's own `main`, and a thread that watches standard input, a pipe that only we hold. The pipe ends when we end,
// even by `kill -9`, which no exit handler sees. Then the whole process group is killed, functions included.
const FOLLOWER = `
import os, shutil, signal, threading
def follow():
    os.read(0, 1)
    shutil.rmtree(os.environ['TMPDIR'], ignore_errors=True)
    os.killpg(0, signal.SIGKILL)
threading.Thread(target=follow, daemon=True).start()
from ministack.app import main
main()`;

export async function installMinistack({ log = () => {} } = {}) {
  // The interpreter is a link: it dangles when the Python that made it is gone.
  const isInstalled = () => fs.existsSync(PYTHON) && fs.existsSync(MARKER) && fs.readFileSync(MARKER, 'utf8') === MINISTACK_VERSION;
  fs.mkdirSync(VENV, { recursive: true });
  while (!isInstalled()) {
    if (!takeLock()) {
      await sleep(250); // another process is installing
      continue;
    }
    try {
      if (isInstalled()) return;
      log(`installing ministack ${MINISTACK_VERSION} (once, about 20 s)`);
      for (const entry of fs.readdirSync(VENV)) if (join(VENV, entry) !== LOCK) fs.rmSync(join(VENV, entry), { recursive: true });
      await run('python3', '-m', 'venv', VENV).catch((first) => run('python', '-m', 'venv', VENV).catch((second) => {
        throw new Error(`ministack needs Python 3.10 or newer, with venv\n${first.message}\n${second.message}`);
      }));
      await run(PYTHON, '-I', '-m', 'pip', 'install', '--quiet', '--disable-pip-version-check', `ministack==${MINISTACK_VERSION}`);
      fs.writeFileSync(MARKER, MINISTACK_VERSION); // last: without the marker, an installation is incomplete
    } finally {
      fs.rmSync(LOCK, { recursive: true, force: true });
    }
  }
}

/** `mkdir` succeeds for one process only. A lock that is older than any installation takes is that of a killed process. */
function takeLock() {
  const madeAt = fs.statSync(LOCK, { throwIfNoEntry: false })?.mtimeMs;
  if (madeAt && Date.now() - madeAt > 5 * 60_000) fs.rmSync(LOCK, { recursive: true, force: true });
  try {
    fs.mkdirSync(LOCK);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Both outputs in the error: pip explains itself on one, venv on the other. */
const run = (command, ...args) => new Promise((resolve, reject) => execFile(command, args, (error, stdout) =>
  error ? reject(new Error(`${error.message.trim()}\n${stdout}`.trim())) : resolve()));

export async function startMinistack({ log = () => {} } = {}) {
  await installMinistack({ log });
  const port = await freePort();
  const endpoint = `http://127.0.0.1:${port}`; // an IP, not `localhost`: SDK clients use path style by themselves then
  const env = {
    AWS_ENDPOINT_URL: endpoint,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_REGION: 'us-east-1',
    AWS_DEFAULT_REGION: 'us-east-1',
    AWS_EC2_METADATA_DISABLED: 'true',
    AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true',
    CDK_DISABLE_CLI_TELEMETRY: 'true',
  };
  // Functions inherit the server's variables. The user's own AWS profile or session is not for them.
  const inherited = Object.entries(process.env).filter(([key]) => !key.startsWith('AWS_') && key !== 'NODE_OPTIONS');
  const work = fs.mkdtempSync(join(tmpdir(), 'ministack-'));
  const logFile = join(work, 'ministack.log');
  const output = fs.openSync(logFile, 'a');
  const server = spawn(PYTHON, ['-I', '-c', FOLLOWER], {
    cwd: work,
    detached: true, // the leader of a process group of its own
    stdio: ['pipe', output, output],
    env: {
      ...Object.fromEntries(inherited),
      ...env,
      GATEWAY_PORT: String(port),
      BIND_HOST: '127.0.0.1', // the default is every interface
      MINISTACK_HOST: '127.0.0.1', // for the answer URLs of custom resources: `localhost` may mean ::1
      TMPDIR: work, // where it unpacks functions
      NODE_PATH: join(REPO, 'node_modules'), // the AWS SDK, which the real Node.js runtime brings along
    },
  });
  fs.closeSync(output);
  const ended = once(server, 'exit').catch(() => {});
  server.unref(); // whoever forgets stop() still ends, and the server with them
  server.stdin.unref();

  let stopping;
  const stop = () => stopping ??= (async () => {
    server.ref();
    try {
      process.kill(-server.pid, 'SIGKILL');
    } catch {} // it has ended already
    await ended;
    fs.rmSync(work, { recursive: true, force: true });
  })();

  for (const deadline = Date.now() + 60_000; !await isUp(endpoint); await sleep(100)) {
    const running = server.exitCode === null && server.signalCode === null;
    if (running && Date.now() < deadline) continue;
    const tail = fs.readFileSync(logFile, 'utf8').trim().split('\n').slice(-20).join('\n');
    await stop();
    throw new Error(`ministack ${running ? 'is not up after 60 s' : 'ended at once'}; if it is damaged, delete .ministack\n${tail}`);
  }
  log(`ministack ${MINISTACK_VERSION} is at ${endpoint}`);
  return { endpoint, env, stop };
}

const isUp = (endpoint) => fetch(`${endpoint}/_ministack/health`, { signal: AbortSignal.timeout(5_000) }).then(({ ok }) => ok, () => false);

async function freePort() {
  const listener = createServer().listen(0, '127.0.0.1');
  await once(listener, 'listening');
  const { port } = listener.address();
  listener.close();
  await once(listener, 'close');
  return port;
}

if (process.argv[1] && fs.realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { env } = await startMinistack({ log: console.error });
  for (const [key, value] of Object.entries(env)) console.log(`export ${key}=${value}`);
  setInterval(() => {}, 2 ** 30); // until Ctrl-C: the server follows
}
