import * as path from 'node:path';
import { isTable, tableOf, tablesOf, textOf, textsOf, type Table } from '../../base/toml';
import { normaliseName } from '../../pep/requirement';
import { fileNameOf } from '../../pep/wheel-name';
import { findRequirers } from '../fit';
import { LockContent, readSize } from '../lock-content';
import { damaged, readLock, refuseNewer, refuseOtherPython, refuseUnknown } from '../lock-errors';
import { type LockRequest } from '../lock-request';

/** @see https://packaging.python.org/en/latest/specifications/pylock-toml/ */
export function readPylock(request: LockRequest): LockContent {
  const lock = readLock(request);
  refuseNewer(request, lock['lock-version'], 1);
  refuseOtherPython(request, [textOf(lock['requires-python']) ?? '']);
  refuseUnknown('extra', request, textsOf(lock.extras));
  refuseUnknown('group', request, textsOf(lock['dependency-groups']));

  const content = new LockContent(request);
  content.refuseOtherEnvironment(textsOf(lock.environments));
  const extras = new Set(request.extras);
  const groups = new Set([...textsOf(lock['default-groups']).map(normaliseName), ...request.groups]);
  const requirers = findRequirers(tablesOf(lock.packages), ({ dependencies }) => tablesOf(dependencies).map(({ name }) => name), content);
  for (const item of tablesOf(lock.packages)) {
    const name = textOf(item.name);
    if (name === undefined) throw damaged(request, 'a package has no name', item.version);
    if (!content.holds(item.marker, extras, groups)) continue;
    addPackage(content, item, normaliseName(name), requirers.get(normaliseName(name)));
  }
  return content;
}

function addPackage(content: LockContent, item: Table, name: string, wantedBy?: string): void {
  const { directory, archive, version, index } = item;
  const place = isTable(directory) ? textOf(directory.path) : undefined;
  if (content.isProject(name)) return;
  if (place !== undefined) return content.addLocal(name, place);
  refuseOtherPython(content.request, [textOf(item['requires-python']) ?? ''], `${name} in ${path.basename(content.request.file)}`);
  if (isTable(archive)) return content.addArchive({ name, wantedBy }, String(archive.url ?? archive.path), hashesOf(archive));
  if (isTable(item.vcs)) throw content.refuseSource(name, item.vcs.url ?? item.vcs.path);
  if (typeof version !== 'string') throw damaged(content.request, `package ${name} has no version`);
  const wheels = tablesOf(item.wheels);
  const nameOf = (wheel: Table) => textOf(wheel.name) ?? fileNameOf(String(wheel.url ?? wheel.path));
  const files = wheels.map((wheel) => ({ name: nameOf(wheel), hash: hashesOf(wheel)[0], size: readSize(wheel.size) }));
  content.addFiles({ name, version, wantedBy }, files);
  for (const { url, path: file } of wheels) {
    if (url === undefined && typeof file === 'string') content.addFindLinks(path.dirname(file));
  }
  if (typeof index === 'string') content.addIndex(index);
}

/** The sha256 of a file; all its other hashes if it has none. */
function hashesOf({ hashes }: Table): string[] {
  const all = Object.entries(tableOf(hashes)).map(([algorithm, digest]) => `${algorithm}:${String(digest)}`);
  const sha256 = all.filter((hash) => hash.startsWith('sha256:'));
  return sha256.length > 0 ? sha256 : all;
}
