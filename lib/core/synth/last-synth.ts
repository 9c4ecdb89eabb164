import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { NamedRequest } from './builder-protocol';
import { sha256 } from '../base/tree';
import { removeUnused, WRITING } from '../cache/folders';
import { identifySecrets } from '../plan/inputs/inputs';

const MAX_APPS = 100;

/** A request as it is kept: without `pipArgs` and `environment`, which may hold passwords. */
interface KeptRequest {
  readonly named: NamedRequest;
  /** Tells whether another request has the same `pipArgs` and `environment`; `undefined` if there are none. */
  readonly secrets?: string;
}

/** The requests of this process, in the order of asking. */
const asked = new Map<string, NamedRequest>();

/** Keep a request until the app's next synth. */
export function rememberRequest(cacheFolder: string, named: NamedRequest): void {
  if (process.env.JEST_WORKER_ID !== undefined) return; // a test runner is not an app
  if (asked.size === 0) process.once('exit', () => writeRequests(cacheFolder));
  asked.set(JSON.stringify([named.kind, named.request]), named);
}

/**
 * The requests of the app's last synth; empty if they are not known. Those that had `pipArgs` or an `environment` get them from a
 * request of this synth that has the same, and are left out as long as there is none.
 */
export function recallRequests(cacheFolder: string): NamedRequest[] {
  try {
    const kept: unknown = JSON.parse(fs.readFileSync(fileOfApp(cacheFolder), 'utf8'));
    return Array.isArray(kept) ? kept.filter(isRequest).flatMap(complete) : [];
  } catch {
    return []; // the first synth, or a damaged file: builds take longer then, and nothing else
  }
}

/** Another version of this library may have written something else. */
function isRequest(item: any): item is KeptRequest {
  const { kind, request, where } = item?.named ?? {};
  return ['source', 'layer'].includes(kind) && typeof request === 'object' && request !== null && typeof where === 'string';
}

function complete({ named, secrets }: KeptRequest): NamedRequest[] {
  if (secrets === undefined) return [named];
  const same = [...asked.values()].find(({ request }) => identify(request) === secrets);
  if (!same) return [];
  const { pipArgs, environment } = same.request;
  return [{ ...named, request: { ...named.request, pipArgs, environment } } as NamedRequest];
}

/** Short, so that a password cannot be found by trying: a wrong guess leads to a build that nobody asks for. */
function identify({ pipArgs, environment }: NamedRequest['request']): string | undefined {
  return pipArgs === undefined && environment === undefined ? undefined : identifySecrets(pipArgs, environment).slice(0, 8);
}

function keep(named: NamedRequest): KeptRequest {
  const { pipArgs: _, environment: __, ...request } = named.request;
  return { named: { ...named, request } as NamedRequest, secrets: identify(named.request) };
}

function writeRequests(cacheFolder: string): void {
  const file = fileOfApp(cacheFolder);
  const folder = path.dirname(file);
  const text = JSON.stringify([...asked.values()].map(keep));
  try {
    if (!fs.existsSync(cacheFolder)) return; // it was a temporary one
    if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) return;
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    const temporary = fs.mkdtempSync(path.join(folder, WRITING)); // a process id is not unique on a volume of several containers
    fs.writeFileSync(path.join(temporary, 'requests'), text, { mode: 0o600 });
    fs.renameSync(path.join(temporary, 'requests'), file);
    fs.rmdirSync(temporary);
    removeUnused(folder, MAX_APPS);
  } catch { /* the next synth builds one after the other, and nothing else */ }
}

/** The file of an app. Two apps differ in their program, or in the folder that it runs in. */
function fileOfApp(cacheFolder: string): string {
  return path.join(cacheFolder, 'apps', `${sha256(JSON.stringify([process.cwd(), program()]))}.json`);
}

/**
 * In another language than TypeScript, the program of this process is jsii's, in a new temporary folder at each start: the output folder,
 * which the CDK's command line sets, tells two apps of one folder apart.
 */
function program(): string | undefined {
  if (process.env.JSII_AGENT === undefined) return process.argv[1];
  const output = process.env.CDK_OUTDIR;
  return output === undefined || path.resolve(output).startsWith(path.resolve(os.tmpdir()) + path.sep) ? undefined : path.resolve(output);
}
