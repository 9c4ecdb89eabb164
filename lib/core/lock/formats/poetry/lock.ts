import { walkOldLock } from './old-lock';
import { poetryGroups, specifiersOf } from './requirements';
import { unique } from '../../../base/collections';
import { isTable, tableOf, tablesOf, textOf, textsOf, type Table } from '../../../base/toml';
import { normaliseName } from '../../../pep/requirement';
import { parseWheelName } from '../../../pep/wheel-name';
import { findRequirers } from '../../fit';
import { LockContent } from '../../lock-content';
import { damaged, readLock, refuseNewer, refuseOtherPython, refuseUnknown } from '../../lock-errors';
import { type LockRequest } from '../../lock-request';

const MAIN = 'main';

/** @see https://python-poetry.org/docs/basic-usage/#installing-with-poetrylock */
export function readPoetryLock(request: LockRequest): LockContent {
  const lock = readLock(request);
  const metadata = tableOf(lock.metadata);
  const version = metadata['lock-version'];
  refuseNewer(request, version, 2);
  refuseOtherPython(request, specifiersOf(textOf(metadata['python-versions']) ?? '*'));

  const packages = tablesOf(lock.package);
  const malformed = packages.find((item) => typeof item.name !== 'string' || typeof item.version !== 'string');
  if (malformed) throw damaged(request, 'a package has no name or no version', malformed.name ?? malformed.version);
  refuseUnknown('extra', request, Object.keys(tableOf(lock.extras)));
  refuseUnknown('group', request, [...poetryGroups(request.manifest?.toml), ...packages.flatMap(({ groups }) => textsOf(groups))]);

  const content = new LockContent(request);
  const isOld = /^(1\.|2\.0$)/.test(String(version)); // before 2.1, packages had neither groups nor markers
  const needed = isOld ? walkOldLock(packages, content) : packages.filter((item) => isNeeded(item, content));
  const requirers = findRequirers(needed, ({ dependencies }) => Object.keys(tableOf(dependencies)), content);
  for (const item of needed) addPackage(item, lock, content, requirers.get(normaliseName(String(item.name))));
  return content;
}

function isNeeded({ groups, markers }: Table, content: LockContent): boolean {
  const extras = new Set(content.request.extras);
  return textsOf(groups).filter((group) => [MAIN, ...content.request.groups].includes(normaliseName(group)))
    .some((group) => content.holds(isTable(markers) ? markers[group] : markers, extras));
}

function addPackage(item: Table, lock: Table, content: LockContent, wantedBy?: string): void {
  const name = normaliseName(String(item.name));
  const version = String(item.version);
  const source = tableOf(item.source);
  const files = listFiles(item, lock).map(({ file, hash }) => ({ name: String(file), hash: textOf(hash) }));
  const url = textOf(source.url);
  const found = { name, version, wantedBy, requires: unique(Object.keys(tableOf(item.dependencies)).map(normaliseName)) };
  switch (source.type) {
    case undefined: return content.addFiles(found, files);
    case 'legacy':
      if (url !== undefined) content.addIndex(url);
      return content.addFiles(found, files);
    case 'directory': return content.addLocal(name, String(url));
    case 'file': case 'url':
      return content.addArchive(found, String(url), files.flatMap(({ hash }) => hash ?? []), textOf(source.subdirectory));
    default: throw content.refuseSource(name, url);
  }
}

/** The files of a package. Before 2.0 all packages' files were in one table, those of several versions together. */
function listFiles({ name, version, files }: Table, lock: Table): Table[] {
  if (files !== undefined) return tablesOf(files);
  const ofAllVersions = tablesOf(tableOf(tableOf(lock.metadata).files)[String(name)]);
  const sources = ['.tar.gz', '.zip', '.tar.bz2', '.tgz'].map((ending) => `-${String(version)}${ending}`);
  return ofAllVersions.map(({ file, hash }) => ({ file: String(file), hash })).filter(({ file }) =>
    parseWheelName(file)?.version === version || sources.some((ending) => file.endsWith(ending)));
}
