import * as path from 'node:path';
import { refusal } from '../../base/error';
import { isTable, readToml, tablesOf, tableOf, textOf, textsOf, type Table } from '../../base/toml';
import { normaliseName } from '../../pep/requirement';
import { fileNameOf, isUrl } from '../../pep/wheel-name';
import { LockContent, readSize } from '../lock-content';
import { damaged, lockAnew, readLock, refuseNewer, refuseOtherPython, refuseUnknown } from '../lock-errors';
import { type LockRequest } from '../lock-request';

/** @see https://docs.astral.sh/uv/concepts/projects/layout/#the-lockfile */
export function readUvLock(request: LockRequest): LockContent {
  const lock = readLock(request);
  refuseNewer(request, lock.version, 1);
  refuseOtherPython(request, [textOf(lock['requires-python']) ?? '']);
  const content = new LockContent(request);
  content.refuseOtherEnvironment(textsOf(lock['supported-markers']));
  new UvLock(lock, content).read();
  return content;
}

/** Whether a lock is that of a workspace with the project in it. */
export function isMember(file: string, folder: string): boolean {
  return findProject(readToml(file), file, folder) !== undefined;
}

function findProject(lock: Table, file: string, folder: string): Table | undefined {
  const place = path.relative(path.dirname(file), folder).replaceAll(path.sep, '/') || '.';
  return tablesOf(lock.package).find(({ source }) => isTable(source) && [source.virtual, source.editable, source.directory].includes(place));
}

class UvLock {
  readonly #byName = new Map<unknown, Table[]>();
  readonly #project: Table;
  /** The extras and groups that are asked for, as the markers of what excludes each other name them. */
  #active = new Set<string>();

  constructor(private readonly lock: Table, private readonly content: LockContent) {
    const { request } = content;
    const packages = tablesOf(lock.package);
    for (const item of packages) this.#byName.set(item.name, [...this.#byName.get(item.name) ?? [], item]);
    const project = findProject(lock, request.file, request.folder);
    if (!project) {
      const folders = packages.flatMap(({ source }) => textOf(tableOf(source).virtual ?? tableOf(source).editable) ?? []);
      throw refusal('lock-of-other-project', 'uv.lock has no package in the project\'s folder', request.folder, `set {entry} to the folder of one that it has (${folders.join(', ') || 'none'}), or ${lockAnew(request)}`);
    }
    this.#project = project;
  }

  read(): void {
    const { content: { request, exempt } } = this;
    const [name, metadata, manifest] = [String(this.#project.name), tableOf(this.#project.metadata), tableOf(this.lock.manifest)];
    refuseUnknown('extra', request, [...Object.keys(tableOf(this.#project['optional-dependencies'])), ...textsOf(metadata['provides-extras'])]);
    refuseUnknown('group', request, [...Object.keys(tableOf(this.#project['dev-dependencies'])), ...Object.keys(tableOf(metadata['requires-dev']))]);
    for (const other of [...tablesOf(manifest.overrides).map((override) => String(override.name)), ...textsOf(manifest.excludes)]) exempt.add(other);

    this.#active.add(encode('project', name));
    for (const extra of request.extras) this.#active.add(encode('extra', name, extra));
    for (const group of request.groups) this.#active.add(encode('group', name, group));
    let found = this.#findNeeded();
    if (this.lock.conflicts) {
      this.#refuseConflicts();
      found = this.#findNeeded(); // a marker may ask for an extra that something after it asked for
    }
    for (const [item, wantedBy] of found) this.#add(item, wantedBy);
  }

  /** Each package that the target needs, with the one that requires it. */
  #findNeeded(): Map<Table, string | undefined> {
    const { extras, groups } = this.content.request;
    const project = this.#project;
    const needed = new Map<Table, string | undefined>();
    // lists of dependencies, each once, and the package that has it
    const lists = new Map<unknown, Table>([
      [project.dependencies, project],
      ...extras.map((extra): [unknown, Table] => [named(project['optional-dependencies'], extra), project]),
      ...groups.map((group): [unknown, Table] => [named(project['dev-dependencies'], group), project]),
    ]);
    for (const [list, by] of lists) { // and those that are added meanwhile
      for (const dependency of tablesOf(list)) {
        const wanted = textsOf(dependency.extra);
        const active = wanted.length === 0 ? this.#active : new Set([...this.#active, ...wanted.map((extra) => encode('extra', String(dependency.name), extra))]);
        if (!this.content.holds(dependency.marker, active)) continue;
        this.#active = active;
        const item = this.#find(dependency);
        if (item !== project && !needed.has(item)) needed.set(item, by === project ? undefined : textOf(by.name));
        lists.set(item.dependencies, item);
        for (const extra of wanted) lists.set(named(item['optional-dependencies'], extra), item);
      }
    }
    return needed;
  }

  /** A dependency says the version where the lock has several. */
  #find({ name, version, source }: Table): Table {
    const items = (this.#byName.get(name) ?? []).filter((item) =>
      (version === undefined || item.version === version) && (source === undefined || JSON.stringify(item.source) === JSON.stringify(source)));
    if (items.length !== 1) throw damaged(this.content.request, items.length === 0 ? 'it lacks a package that another requires' : 'it does not tell which version of a package another requires', name);
    return items[0];
  }

  #add(item: Table, wantedBy?: string): void {
    const { content } = this;
    const [name, version, source] = [normaliseName(String(item.name)), textOf(item.version), tableOf(item.source)];
    const folder = source.directory ?? source.editable;
    const wheels = tablesOf(item.wheels).map(({ url, path: file, filename, hash, size }) =>
      ({ name: textOf(filename) ?? fileNameOf(String(url ?? file)), hash: textOf(hash), size: readSize(size) }));
    if (source.virtual !== undefined) { // has dependencies, but is none that could be installed
      content.exempt.add(name);
    } else if (typeof folder === 'string') {
      content.addLocal(name, folder);
    } else if (typeof source.registry === 'string' && version !== undefined) {
      content.addFiles({ name, version, wantedBy }, wheels);
      if (isUrl(source.registry)) content.addIndex(source.registry);
      else content.addFindLinks(source.registry);
    } else if (typeof (source.url ?? source.path) === 'string') {
      content.addArchive({ name, wantedBy }, String(source.url ?? source.path), wheels.flatMap(({ hash }) => hash ?? []));
    } else {
      throw content.refuseSource(name, source.git ?? source);
    }
  }

  #refuseConflicts(): void {
    for (const conflict of Array.isArray(this.lock.conflicts) ? this.lock.conflicts : []) {
      const asked = tablesOf(conflict).filter(({ package: name, extra, group }) =>
        typeof extra === 'string' ? this.#active.has(encode('extra', String(name), extra)) : this.#active.has(encode('group', String(name), String(group))));
      if (asked.length < 2) continue;
      throw refusal('uv-conflict', 'what is asked for excludes each other, by [tool.uv].conflicts of pyproject.toml', asked, 'ask for one of them');
    }
  }
}

/** uv's own encoding. */
function encode(kind: 'project' | 'extra' | 'group', name: string, item?: string): string {
  return [kind, name.length, name, item].filter((part) => part !== undefined).join('-');
}

function named(table: unknown, name: string): unknown {
  return Object.entries(tableOf(table)).find(([key]) => normaliseName(key) === name)?.[1];
}
