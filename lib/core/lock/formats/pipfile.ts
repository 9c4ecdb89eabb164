import * as fs from 'node:fs';
import * as path from 'node:path';
import { ArtifactError } from '../../base/error';
import { decodeText } from '../../base/files';
import { isTable, readToml, tableOf, tablesOf, textOf, textsOf, type Table } from '../../base/toml';
import { nameWithExtras, normaliseName } from '../../pep/requirement';
import { isUrl } from '../../pep/wheel-name';
import { LockContent } from '../lock-content';
import { damaged, lacking, lockAnew, refuseNewer, refuseUnknown } from '../lock-errors';
import { type LockRequest } from '../lock-request';
import { expand } from './variables';

/** @see https://pipenv.pypa.io/en/latest/pipfile.html */
export function readPipfileLock(request: LockRequest): LockContent {
  const { _meta: meta, ...categories } = readJson(request);
  refuseNewer(request, tableOf(meta)['pipfile-spec'], 6);
  refuseUnknown('extra', request, []);
  refuseUnknown('group', request, Object.keys(categories).filter((name) => name !== DEFAULT));

  const content = new LockContent(request);
  const isWanted = (category: string) => category === DEFAULT || request.groups.includes(normaliseName(category));
  const wanted = new Map(Object.entries(categories).filter(([category]) => isWanted(category)));
  refuseOutdated(content, wanted);
  for (const [name, item] of [...wanted.values()].flatMap((packages) => Object.entries(tableOf(packages)))) {
    if (isTable(item) && isNeeded(item, content)) addPackage(content, normaliseName(name), item);
  }
  // a package without an index may be on any of them
  if (content.locked.size > 0) for (const source of tablesOf(tableOf(meta).sources)) addSource(source, content);
  return content;
}

/** @see https://pipenv.pypa.io/en/latest/credentials.html */
function addSource({ url, verify_ssl: isVerified }: Table, content: LockContent): void {
  const { request: { env }, args } = content;
  const place = expand(String(url), /\$(?:\{(\w+)\}|(\w+))/g, env, 'a source of Pipfile.lock');
  if (isVerified === false && URL.canParse(place)) args.add(`--trusted-host=${new URL(place).host}`);
  if (place === url) content.addIndex(place);
  else args.add(`--extra-index-url=${place}`); // with its credentials, which the file does not have
}

const DEFAULT = 'default';
// the categories' names in the Pipfile, if they differ
const CATEGORIES: Readonly<Record<string, string>> = { default: 'packages', develop: 'dev-packages' };
const MARKER_KEYS = /^(os_name|sys_platform|platform_\w+|python_version|python_full_version|implementation_\w+)$/;

/** Whether a package's markers hold. Older versions of Pipenv wrote each comparison under the name of its variable. */
function isNeeded(item: Table, content: LockContent): boolean {
  const comparisons = Object.entries(item).filter(([key]) => MARKER_KEYS.test(key)).map(([key, value]) => `${key} ${String(value)}`);
  return [item.markers, ...comparisons].every((marker) => content.holds(marker));
}

function addPackage(content: LockContent, name: string, item: Table): void {
  const place = textOf(item.file ?? item.path);
  const repository = textOf(item.git ?? item.hg ?? item.svn ?? item.bzr);
  const hashes = textsOf(item.hashes);
  if (repository !== undefined) throw content.refuseSource(name, repository);
  if (place !== undefined && !isUrl(place) && !/\.(whl|zip|tar\.\w+|tgz)$/.test(place)) return content.addLocal(name, place);
  if (place !== undefined) return content.addArchive({ name }, place, hashes);
  const version = /^={2,3}\s*([^\s,*<>=!~]+)$/.exec(textOf(item.version) ?? '')?.[1];
  if (version === undefined) throw damaged(content.request, `it does not pin ${name}`, item.version ?? null);
  content.addHashes({ name, version }, hashes);
}

/** Refuse a lock without a package that the Pipfile beside it names. Whether the versions fit is Pipenv's own affair. */
function refuseOutdated({ request, direct }: LockContent, locked: ReadonlyMap<string, unknown>): void {
  const file = path.join(path.dirname(request.file), 'Pipfile');
  const pipfile = fs.existsSync(file) ? readToml(file) : {};
  for (const [category, packages] of locked) {
    const names = new Set(Object.keys(tableOf(packages)).map(normaliseName));
    const wantedHere = tableOf(pipfile[CATEGORIES[category] ?? category]);
    const missing = Object.keys(wantedHere).find((name) => !names.has(normaliseName(name)));
    if (missing !== undefined) throw lacking(request, 'Pipfile', missing);
    for (const [name, item] of Object.entries(wantedHere)) {
      direct.add(nameWithExtras({ name: normaliseName(name), extras: textsOf(tableOf(item).extras).map(normaliseName) }));
    }
  }
}

function readJson(request: LockRequest): Table {
  const text = decodeText(fs.readFileSync(request.file));
  try {
    return tableOf(JSON.parse(text));
  } catch (cause) {
    const lines = text.slice(0, brokenAt(text)).split('\n');
    throw new ArtifactError({
      reference: 'json-invalid',
      problem: `Pipfile.lock is not valid JSON at line ${lines.length}, column ${lines.at(-1)!.length}`,
      got: request.file,
      advice: `restore the file, or ${lockAnew(request)}`,
      hint: (cause as Error).message,
    }, undefined, { cause });
  }
}

/** The length of the shortest beginning that no end could make valid. It is searched, because V8 does not always tell the position. */
function brokenAt(text: string): number {
  let whole = 0;
  let broken = text.length;
  while (broken - whole > 1) {
    const middle = Math.floor((whole + broken) / 2);
    if (isBeginning(text.slice(0, middle))) whole = middle;
    else broken = middle;
  }
  return broken;
}

/** Whether a text is valid JSON, or would be with something behind it. */
function isBeginning(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch (error) {
    const { message } = error as Error;
    const position = /position (\d+)/.exec(message)?.[1];
    return /end of JSON|Unterminated/.test(message) || (position !== undefined && Number(position) === text.length);
  }
}
