import * as fs from 'node:fs';
import * as path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { refusal } from '../../base/error';
import { statIfThere } from '../../base/files';
import { tableOf, textsOf } from '../../base/toml';
import { nameWithExtras, normaliseName, type Requirement } from '../../pep/requirement';
import { isUrl, parseWheelName } from '../../pep/wheel-name';
import { isOfPoetryAlone, projectRequirements, readManifest, type Manifest, requiresItself } from '../../project/manifest';
import { LockContent } from '../lock-content';
import { refuseUnknown } from '../lock-errors';
import { type LockRequest } from '../lock-request';

const LOCK_POETRY = 'lock it: poetry lock';

/** Read `[project].dependencies`, with the extras and groups that are asked for. */
export function readProjectFile(request: LockRequest): LockContent {
  const { project, ['dependency-groups']: groups } = request.manifest!.toml;
  const content = new LockContent(request);
  content.isOpen = true;
  refusePoetry(request);
  refuseUnknown('extra', request, Object.keys(tableOf(tableOf(project)['optional-dependencies'])));
  refuseUnknown('group', request, Object.keys(tableOf(groups)));
  new OpenRequirements(content).addProject(request.folder, request.extras, request.groups);
  return content;
}

/** Refuse what only Poetry knows how to read: it has to be locked by it. */
function refusePoetry({ manifest, groups, extras }: LockRequest): void {
  const own = tableOf(tableOf(manifest!.toml.tool).poetry);
  const inOwnTables = [...Object.keys(tableOf(own.group)), ...'dev-dependencies' in own ? ['dev'] : []].map(normaliseName);
  const isExtraAsked = Object.keys(tableOf(own.extras)).some((extra) => extras.includes(normaliseName(extra)));
  if (!isOfPoetryAlone(manifest) && !isExtraAsked && !groups.some((group) => inOwnTables.includes(group))) return;
  const problem = 'the project has no poetry.lock, and its requirements are in [tool.poetry] of pyproject.toml';
  throw refusal('nothing-locked', problem, manifest!.file, LOCK_POETRY);
}

/** Collects requirements that pip or uv has to resolve. */
export class OpenRequirements {
  readonly #followed = new Set<string>();

  constructor(private readonly content: LockContent) {}

  /** Add a requirement. @param base the folder of relative paths */
  add({ name, extras, specifier, url }: Requirement, base: string): void {
    const { request, unlocked } = this.content;
    if (this.content.isProject(name)) {
      if (extras.length === 0) throw requiresItself(path.basename(request.file), name);
      this.addProject(request.folder, extras);
    } else if (url !== undefined) {
      this.addPlace(url, extras, base, name);
    } else {
      unlocked.add(`${nameWithExtras({ name, extras })}${specifier}`);
    }
  }

  /** Add a wheel, or the folder of a project. @param name the place itself, unless the requirement has a name */
  addPlace(place: string, extras: readonly string[], base: string, name = place): void {
    const file = localFile(place, base);
    if (file !== undefined && isFolder(file)) return this.addProject(file, extras);
    const wheel = parseWheelName(place);
    if (!wheel) throw this.content.refuseSource(name, place);
    this.content.unlocked.add(`${nameWithExtras({ name: wheel.name, extras })} @ ${file === undefined ? place : pathToFileURL(file).href}`);
  }

  /** Add the requirements of a project; and the project itself, unless it is that of the layer. */
  addProject(folder: string, extras: readonly string[], groups: readonly string[] = []): void {
    const key = [folder, ...extras].join('\n');
    if (this.#followed.has(key)) return;
    this.#followed.add(key);
    const manifest = readManifest(folder);
    refuseUnreadable(manifest, folder, extras);
    this.content.addLocal(manifest.name, folder);
    const sources = new Set(Object.keys(tableOf(tableOf(tableOf(manifest.toml.tool).uv).sources)).map(normaliseName));
    for (const requirement of projectRequirements(manifest, { ...this.content.request, extras, groups })) {
      if (sources.has(requirement.name)) {
        const problem = 'only uv knows where a requirement comes from, by [tool.uv.sources] of pyproject.toml';
        throw refusal('uv-sources-unlocked', problem, requirement.text, 'lock it: uv lock');
      }
      this.add(requirement, folder);
    }
  }
}

function refuseUnreadable(manifest: Manifest | undefined, folder: string, extras: readonly string[]): asserts manifest {
  const advice = 'poetry' in tableOf(manifest?.toml.tool) ? LOCK_POETRY : 'lock it: uv lock, poetry lock or pip lock';
  if (isOfPoetryAlone(manifest)) {
    const problem = 'a folder that is required has its requirements in [tool.poetry] of pyproject.toml';
    throw refusal('nothing-locked', problem, folder, 'lock the project that requires it: poetry lock');
  }
  if (!manifest) throw refusal('setup-py-unlocked', 'what the project requires is in setup.py, which would have to be run', folder, advice);
  if (!('project' in manifest.toml)) {
    const problem = 'pyproject.toml has no table [project] to tell what the project requires';
    const how = 'add [project] with name, version and dependencies, or a requirements.txt';
    throw refusal('project-table-missing', problem, manifest.file, how);
  }
  const dynamic = textsOf(tableOf(manifest.toml.project).dynamic);
  const unknown = ['dependencies', ...extras.length > 0 ? ['optional-dependencies'] : []].find((field) => dynamic.includes(field));
  if (unknown === undefined) return;
  throw refusal('requirements-dynamic', `${unknown} of the project are dynamic: its build would have to be run`, manifest.file, advice);
}

/** The absolute path of a path or a file URL; `undefined` for another URL. */
export function localFile(place: string, base: string): string | undefined {
  if (isUrl(place) && !place.startsWith('file:')) return undefined;
  const file = isUrl(place) ? fileURLToPath(new URL(place, pathToFileURL(`${base}/`))) : path.resolve(base, place);
  if (fs.existsSync(file)) return file;
  const advice = 'correct it: it is relative to the project\'s folder';
  throw refusal('path-missing', `a path that is required is not there: ${file}`, place, advice);
}

export function isFolder(file: string): boolean {
  return statIfThere(file)?.isDirectory() ?? false;
}
