import * as path from 'node:path';
import { unique } from '../../base/collections';
import { isTable, tableOf, tablesOf, textOf, textsOf, type Table } from '../../base/toml';
import { normaliseName } from '../../pep/requirement';
import { fileNameOf, isUrl, wheelTags } from '../../pep/wheel-name';
import { rankOf } from '../../pep/wheel-tags';
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
  const packages = tablesOf(lock.packages);
  const tellsDependencies = packages.some(({ dependencies }) => dependencies !== undefined); // most tools leave them out
  const requirers = findRequirers(packages, ({ dependencies }) => tablesOf(dependencies).map(({ name }) => name), content);
  for (const item of packages) {
    const name = textOf(item.name);
    if (name === undefined) throw damaged(request, 'a package has no name', item.version);
    if (!content.holds(item.marker, extras, groups)) continue;
    const requires = tellsDependencies ? unique(tablesOf(item.dependencies).map((other) => normaliseName(String(other.name)))) : undefined;
    addPackage(content, item, { name: normaliseName(name), wantedBy: requirers.get(normaliseName(name)), requires });
  }
  return content;
}

interface Named {
  /** Normalised. */
  readonly name: string;
  readonly wantedBy?: string;
  readonly requires?: readonly string[];
}

function addPackage(content: LockContent, item: Table, named: Named): void {
  const { name } = named;
  const { directory, archive, version, index } = item;
  const place = isTable(directory) ? textOf(directory.path) : undefined;
  if (content.isProject(name)) return;
  if (place !== undefined) return content.addLocal(name, place);
  refuseOtherPython(content.request, [textOf(item['requires-python']) ?? ''], `${name} in ${path.basename(content.request.file)}`);
  if (isTable(archive)) {
    const found = { ...named, version: textOf(version) };
    return content.addArchive(found, String(archive.url ?? archive.path), hashesOf(archive), textOf(archive.subdirectory));
  }
  if (isTable(item.vcs)) throw content.refuseSource(name, item.vcs.url ?? item.vcs.path);
  if (typeof version !== 'string') throw damaged(content.request, `package ${name} has no version`);
  const wheels = tablesOf(item.wheels);
  const nameOf = (wheel: Table) => textOf(wheel.name) ?? fileNameOf(String(wheel.url ?? wheel.path));
  const fileOf = (file: Table) => ({ name: nameOf(file), hash: hashesOf(file)[0], size: readSize(file.size) });
  const own = typeof index === 'string' ? undefined : bestWheel(wheels.filter(isElsewhere), nameOf, content);
  if (own) return content.addFiles({ ...named, version }, [fileOf(own)], String(own.url));
  const files = [...wheels, ...isTable(item.sdist) ? [item.sdist] : []];
  content.addFiles({ ...named, version }, files.map(fileOf));
  for (const { url, path: file } of wheels) {
    if (url === undefined && typeof file === 'string') content.addFindLinks(path.dirname(file));
  }
  if (typeof index === 'string') content.addIndex(index);
}

/** Whether a wheel has a URL that no index of the lock leads to. */
function isElsewhere({ url, path: file }: Table): boolean {
  return file === undefined && typeof url === 'string' && isUrl(url) && !url.startsWith('https://files.pythonhosted.org/');
}

/** The wheel that pip would choose; `undefined` if none runs on the target. */
function bestWheel(wheels: readonly Table[], nameOf: (wheel: Table) => string, { request: { platform } }: LockContent): Table | undefined {
  const rank = (wheel: Table) => rankOf(wheelTags(nameOf(wheel)) ?? '--', platform);
  return [...wheels].filter((wheel) => rank(wheel) !== undefined).sort((a, b) => rank(a)! - rank(b)!)[0];
}

/** The sha256 of a file; all its other hashes if it has none. */
function hashesOf({ hashes }: Table): string[] {
  const all = Object.entries(tableOf(hashes)).map(([algorithm, digest]) => `${algorithm}:${String(digest)}`);
  const sha256 = all.filter((hash) => hash.startsWith('sha256:'));
  return sha256.length > 0 ? sha256 : all;
}
