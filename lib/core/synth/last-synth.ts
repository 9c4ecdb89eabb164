import * as fs from 'node:fs';
import * as path from 'node:path';
import type { NamedRequest } from './builder-protocol';
import { sha256 } from '../base/tree';
import { removeUnused, WRITING } from '../cache/folders';

const MAX_APPS = 100;

/** The requests of this process, in the order of asking. */
const asked = new Map<string, NamedRequest>();

/**
 * Keep a request until the app's next synth. Values of environment variables and of pip's options may be secrets, such as the URL of an
 * index with a password: a request that has any is not kept.
 */
export function rememberRequest(cacheFolder: string, named: NamedRequest): void {
  const { kind, request } = named;
  if (!isWithoutValues(request) || process.env.JEST_WORKER_ID !== undefined) return; // a test runner is not an app
  if (asked.size === 0) process.once('exit', () => writeRequests(cacheFolder));
  asked.set(JSON.stringify([kind, request]), named);
}

function isWithoutValues({ environment = {}, pipArgs = [] }: NamedRequest['request']): boolean {
  return Object.keys(environment).length === 0 && pipArgs.every((argument) => /^--?[a-z][a-z-]*$/.test(argument));
}

/** The requests of the app's last synth; empty if they are not known. */
export function recallRequests(cacheFolder: string): NamedRequest[] {
  try {
    const requests: unknown = JSON.parse(fs.readFileSync(fileOfApp(cacheFolder), 'utf8'));
    return Array.isArray(requests) ? requests : [];
  } catch {
    return []; // the first synth, or a damaged file: builds take longer then, and nothing else
  }
}

function writeRequests(cacheFolder: string): void {
  const file = fileOfApp(cacheFolder);
  const text = JSON.stringify([...asked.values()]);
  try {
    if (!fs.existsSync(cacheFolder)) return; // it was a temporary one
    if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) return;
    fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
    const temporary = path.join(path.dirname(file), WRITING + process.pid);
    fs.writeFileSync(temporary, text, { mode: 0o600 });
    fs.renameSync(temporary, file);
    removeUnused(path.dirname(file), MAX_APPS);
  } catch { /* the next synth builds one after the other, and nothing else */ }
}

/** The file of an app. Two apps differ in their program, or in the folder that it runs in. */
function fileOfApp(cacheFolder: string): string {
  return path.join(cacheFolder, 'apps', `${sha256(JSON.stringify([process.cwd(), process.argv[1]]))}.json`);
}
