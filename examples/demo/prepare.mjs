/** What a fresh clone lacks: the npm packages, and the compiled library. Only Node.js itself is imported here. */
import * as fs from 'node:fs';
import { join } from 'node:path';

const REPO = join(import.meta.dirname, '..', '..');

/**
 * @param run runs a command in a folder, and fails when the command does
 * @param log is told of what takes long
 */
export async function prepareRepository(run, log) {
  if (isOlder(join(REPO, 'node_modules', '.package-lock.json'), join(REPO, 'package-lock.json'))) {
    log('installing the npm packages (npm ci, about 30 s)');
    await run('npm', ['ci', '--no-audit', '--no-fund'], { cwd: REPO });
  }
  const lib = join(REPO, 'lib');
  const sources = fs.readdirSync(lib, { recursive: true }).filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'));
  const outputs = ['index.js', 'bundled/builder/index.mjs', 'bundled/handler/index.js'];
  if (outputs.some((output) => sources.some((source) => isOlder(join(lib, output), join(lib, source))))) {
    log('compiling the library (about 20 s)');
    for (const task of ['pre-compile', 'compile']) await run(join(REPO, 'node_modules', '.bin', 'projen'), [task], { cwd: REPO });
  }
}

/** ... or missing. */
function isOlder(output, source) {
  return !fs.existsSync(output) || fs.statSync(output).mtimeMs < fs.statSync(source).mtimeMs;
}
