import * as path from 'node:path';
import { reach, unique } from '../../base/collections';
import { refusal } from '../../base/error';
import { isTable, readToml, tablesOf, tableOf, textOf, textsOf, type Table } from '../../base/toml';
import { nameWithExtras, normaliseName } from '../../pep/requirement';
import { fileNameOf, isUrl } from '../../pep/wheel-name';
import { readManifest } from '../../project/manifest';
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

/** Whether a lock is that of a workspace that a project is a member of. */
export function isMember(file: string, folder: string): boolean {
  return findProject(readToml(file), file, folder) !== undefined;
}

function findProject(lock: Table, file: string, folder: string): Table | undefined {
  const place = path.relative(path.dirname(file), folder).replaceAll(path.sep, '/') || '.';
  return tablesOf(lock.package).find(({ source }) => {
    const { virtual, editable, directory } = tableOf(source);
    return [virtual, editable, directory].includes(place);
  });
}

/** The root of a workspace, if it is no project but has dependency groups; it is no package of the lock. */
function rootOfWorkspace(lock: Table, { file, folder, manifest }: LockRequest): Table | undefined {
  if (path.dirname(file) !== folder || manifest === undefined || 'project' in manifest.toml) return undefined;
  const groups = tableOf(lock.manifest)['dependency-groups'];
  return groups === undefined ? undefined : { 'name': '', 'dev-dependencies': groups };
}

/** A list of dependencies in the lock. */
interface DependencyList {
  /** The package that has the list. */
  readonly owner: Table;
  readonly dependencies: unknown;
}

class UvLock {
  readonly #byName = new Map<unknown, Table[]>();
  readonly #project: Table;
  /** The extras and groups that are active, in the encoding that uv uses in the markers of conflicting ones. */
  #active = new Set<string>();

  constructor(private readonly lock: Table, private readonly content: LockContent) {
    const { request } = content;
    const packages = tablesOf(lock.package);
    for (const item of packages) this.#byName.set(item.name, [...this.#byName.get(item.name) ?? [], item]);
    const project = findProject(lock, request.file, request.folder) ?? rootOfWorkspace(lock, request);
    if (!project) {
      const folders = packages.flatMap(({ source }) => textOf(tableOf(source).virtual ?? tableOf(source).editable) ?? []);
      const advice = `set {entry} to the folder of one that it has (${folders.join(', ') || 'none'}), or ${lockAnew(request)}`;
      throw refusal('lock-of-other-project', 'uv.lock has no package in the project\'s folder', request.folder, advice);
    }
    this.#project = project;
  }

  read(): void {
    const { request, exempt, redefined } = this.content;
    const project = this.#project;
    const metadata = tableOf(project.metadata);
    const manifest = tableOf(this.lock.manifest);
    refuseUnknown('extra', request, [...namesIn(project['optional-dependencies']), ...textsOf(metadata['provides-extras'])]);
    refuseUnknown('group', request, [...namesIn(project['dev-dependencies']), ...namesIn(metadata['requires-dev'])]);
    for (const override of tablesOf(manifest.overrides)) exempt.add(String(override.name));
    for (const excluded of textsOf(manifest.excludes)) exempt.add(excluded);
    for (const { name: other } of tablesOf(manifest['dependency-metadata'])) redefined.add(normaliseName(String(other)));

    const name = String(project.name);
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

  /** The packages that the target needs, each with the name of the package that requires it; `undefined` if that is the project. */
  #findNeeded(): Map<Table, string | undefined> {
    const { extras: asked, groups } = this.content.request;
    const project = this.#project;
    const needed = new Map<Table, string | undefined>();
    const starts = [
      ...listsOf(project, asked),
      ...groups.map((group) => ({ owner: project, dependencies: named(project['dev-dependencies'], group) })),
    ];
    reach<DependencyList>(starts, ({ owner, dependencies }) => tablesOf(dependencies).flatMap((dependency) => {
      if (!this.#activate(dependency)) return [];
      const item = this.#find(dependency);
      const extras = textsOf(dependency.extra);
      const requirement = { name: normaliseName(String(item.name)), extras: extras.map(normaliseName) };
      if (owner === project && item !== project) this.content.direct.add(nameWithExtras(requirement));
      if (item !== project && !needed.has(item)) needed.set(item, owner === project ? undefined : textOf(owner.name));
      return listsOf(item, extras);
    }), ({ dependencies }) => dependencies);
    return needed;
  }

  /** Whether a dependency holds on the target. If it does, the extras that it asks for are active from now on. */
  #activate({ name, extra, marker }: Table): boolean {
    const extras = textsOf(extra).map((wanted) => encode('extra', String(name), wanted));
    const active = new Set([...this.#active, ...extras]);
    if (!this.content.holds(marker, active)) return false;
    this.#active = active;
    return true;
  }

  /** The package of a dependency. A dependency names version and source if the lock has several packages of the name. */
  #find({ name, version, source }: Table): Table {
    const [item, ...others] = (this.#byName.get(name) ?? []).filter((other) => {
      const isVersion = version === undefined || other.version === version;
      return isVersion && (source === undefined || JSON.stringify(other.source) === JSON.stringify(source));
    });
    if (item === undefined) throw damaged(this.content.request, 'it lacks a package that another requires', name);
    if (others.length > 0) throw damaged(this.content.request, 'it does not tell which version of a package another requires', name);
    return item;
  }

  #add(item: Table, wantedBy?: string): void {
    const { content } = this;
    const name = normaliseName(String(item.name));
    const version = textOf(item.version);
    const source = tableOf(item.source);
    const folder = source.directory ?? source.editable;
    const fileOf = ({ url, path: file, filename, hash, size }: Table) =>
      ({ name: textOf(filename) ?? fileNameOf(String(url ?? file ?? '')), hash: textOf(hash), size: readSize(size) });
    const wheels = tablesOf(item.wheels).map(fileOf);
    const files = [...wheels, ...isTable(item.sdist) ? [fileOf(item.sdist)] : []];
    const found = { name, wantedBy, requires: dependenciesOf(item) };
    if (source.virtual !== undefined) { // it has dependencies, but cannot be installed
      content.exempt.add(name);
    } else if (typeof folder === 'string') {
      content.addLocal(name, folder);
    } else if (typeof source.registry === 'string' && version !== undefined) {
      content.addFiles({ ...found, version }, files);
      if (!isUrl(source.registry)) content.addFindLinks(source.registry);
      else if (this.#isFlat(source.registry)) content.args.add(`--find-links=${source.registry}`);
      else content.addIndex(source.registry);
    } else if (typeof (source.url ?? source.path) === 'string') {
      const hashes = files.flatMap(({ hash }) => hash ?? []);
      content.addArchive({ ...found, version }, String(source.url ?? source.path), hashes, textOf(source.subdirectory));
    } else {
      throw content.refuseSource(name, source.git ?? source);
    }
  }

  /** Whether a registry is a page of links: by the settings of uv, or by its name, which that of an index never ends in. */
  #isFlat(registry: string): boolean {
    const { manifest, file } = this.content.request;
    const settings = [manifest, readManifest(path.dirname(file))].map((item) => tableOf(tableOf(item?.toml.tool).uv));
    const flat = settings.flatMap(({ index, 'find-links': links }) =>
      [...textsOf(links), ...tablesOf(index).filter(({ format }) => format === 'flat').map(({ url }) => String(url))]);
    return /\.html?([?#]|$)/.test(registry) || flat.map(withoutCredentials).includes(withoutCredentials(registry));
  }

  #refuseConflicts(): void {
    for (const conflict of Array.isArray(this.lock.conflicts) ? this.lock.conflicts : []) {
      const asked = tablesOf(conflict).filter(({ package: name, extra, group }) => {
        const key = typeof extra === 'string' ? encode('extra', String(name), extra) : encode('group', String(name), String(group));
        return this.#active.has(key);
      });
      if (asked.length < 2) continue;
      const problem = 'what is asked for excludes each other, by [tool.uv].conflicts of pyproject.toml';
      throw refusal('uv-conflict', problem, asked, 'ask for one of them');
    }
  }
}

/** Names of all that a package may require. */
function dependenciesOf(item: Table): string[] {
  const lists = listsOf(item, namesIn(item['optional-dependencies']).map(normaliseName));
  return unique(lists.flatMap(({ dependencies }) => tablesOf(dependencies)).map(({ name }) => normaliseName(String(name))));
}

/** The lists of dependencies of a package, with those of some of its extras. */
function listsOf(owner: Table, extras: readonly string[]): DependencyList[] {
  const ofExtras = extras.map((extra) => ({ owner, dependencies: named(owner['optional-dependencies'], extra) }));
  return [{ owner, dependencies: owner.dependencies }, ...ofExtras];
}

/** uv's own encoding of a project, an extra or a group in markers. */
function encode(kind: 'project' | 'extra' | 'group', name: string, item?: string): string {
  return [kind, name.length, name, item].filter((part) => part !== undefined).join('-');
}

function withoutCredentials(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/]*@/i, '$1').replace(/\/+$/, '');
}

function namesIn(table: unknown): string[] {
  return Object.keys(tableOf(table));
}

/** The value of a name, however it is spelled. */
function named(table: unknown, name: string): unknown {
  return Object.entries(tableOf(table)).find(([key]) => normaliseName(key) === name)?.[1];
}
