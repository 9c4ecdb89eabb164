import * as fs from 'node:fs';
import * as path from 'node:path';
import { refuseMisfit } from './fit';
import type { LockContent } from './lock-content';
import { readTextIfThere, statIfThere } from '../base/files';
import { isOfPoetryAlone, readManifest } from '../project/manifest';
import { readPipfileLock } from './formats/pipfile';
import { readPoetryLock } from './formats/poetry/lock';
import { readPylock } from './formats/pylock';
import { readProjectFile } from './formats/pyproject';
import { damaged, refuseOtherPython } from './lock-errors';
import { refusal } from '../base/error';
import { readRequirementsTxt } from './formats/requirements-txt/requirements';
import { isMember, readUvLock } from './formats/uv';
import { type LockRequest } from './lock-request';
import type { LayerRequirements, LockFormat } from './locked';
import { tellRelations } from './relations';
import { tableOf, textOf } from '../base/toml';
import type { TargetPlatform } from '../lambda/target';
import { normaliseName } from '../pep/requirement';

export { refuseWithoutWheel } from './without-wheel';

/** The place of a layer's requirements. */
export interface LayerSource {
  /** The project's folder. */
  readonly entry?: string;
  /** The file that has them, instead of the one that is found in `entry`. */
  readonly requirements?: string;
  readonly extras?: readonly string[];
  readonly groups?: readonly string[];
  /** Names of packages that are left out of the layer. */
  readonly exclude?: readonly string[];
  /** Variables besides those of this process. */
  readonly environment?: Readonly<Record<string, string>>;
}

// sorted: the first file that the project's folder has is read
const READERS: Readonly<Record<LockFormat, (request: LockRequest) => LockContent>> = {
  'uv.lock': readUvLock,
  'pylock.toml': readPylock,
  'poetry.lock': readPoetryLock,
  'Pipfile.lock': readPipfileLock,
  'requirements.txt': readRequirementsTxt,
  'pyproject.toml': readProjectFile,
};
const FORMATS = Object.keys(READERS) as LockFormat[];

/** Read the packages that the target needs, with their versions if the file has them. Starts no process. */
export function readRequirements(source: LayerSource, platform: TargetPlatform): LayerRequirements {
  const { entry, requirements, extras = [], groups = [], exclude = [], environment } = source;
  const { file, format } = requirements === undefined ? findFile(entry) : checkFile(path.resolve(requirements));
  const folder = entry === undefined || format === 'pyproject.toml' ? path.dirname(file) : path.resolve(entry);
  const manifest = readManifest(folder);
  const request: LockRequest = {
    file,
    format,
    folder,
    manifest,
    extras: extras.map(normaliseName),
    groups: groups.map(normaliseName),
    exclude: exclude.map(normaliseName),
    env: { ...process.env, ...environment },
    platform,
  };
  if (manifest) reading({ ...request, file: manifest.file, format: 'pyproject.toml' }, refuseOtherRuntime);
  const content = reading(request, READERS[format]);
  tellRelations(content);
  if (isWholeLock(content, entry !== undefined)) reading(request, () => refuseMisfit(content));
  refuseEmpty(content);
  return content.result();
}

/** Tell of a malformed version, specifier or marker as damage of the file. */
function reading<T>(request: LockRequest, read: (request: LockRequest) => T): T {
  try {
    return read(request);
  } catch (error) {
    throw error instanceof SyntaxError ? damaged(request, error.message) : error;
  }
}

function refuseOtherRuntime(request: LockRequest): void {
  refuseOtherPython(request, [textOf(tableOf(request.manifest?.toml.project)['requires-python']) ?? '']);
}

/** Whether the file must hold all requirements of pyproject.toml. Another tool's file, given without the project, may hold a part. */
function isWholeLock({ locked, unlocked, request: { format } }: LockContent, isProjectGiven: boolean): boolean {
  switch (format) {
    case 'pyproject.toml': return false;
    case 'pylock.toml': return isProjectGiven;
    case 'requirements.txt': return isProjectGiven && locked.size > 0 && unlocked.size === 0;
    default: return true;
  }
}

interface Found {
  readonly file: string;
  readonly format: LockFormat;
}

function findFile(entry: string | undefined): Found {
  if (entry === undefined) {
    const problem = 'neither a project nor a file of requirements is given';
    throw refusal('layer-without-source', problem, undefined, 'set {entry} or {requirements}');
  }
  const folder = path.resolve(entry);
  const stat = statIfThere(folder);
  if (!stat) {
    throw refusal('entry-missing', 'the project folder does not exist', entry, 'set {entry} to the folder that holds pyproject.toml');
  }
  if (!stat.isDirectory()) {
    const advice = `set {requirements} to it, or {entry} to its folder, ${JSON.stringify(path.dirname(entry))}`;
    throw refusal('entry-is-file', '{entry} is a file', entry, advice);
  }
  const manifest = readManifest(folder);
  for (const format of FORMATS) {
    const file = path.join(folder, format);
    if (format === 'uv.lock' && isOfPoetryAlone(manifest)) continue; // uv writes an empty one for it
    if (format === 'pyproject.toml' && !('project' in (manifest?.toml ?? {}))) refuseUnlocked(folder, entry);
    if (fs.existsSync(file)) return { file, format };
    const workspace = format === 'uv.lock' ? findWorkspaceLock(folder) : undefined;
    if (workspace !== undefined) return { file: workspace, format };
  }
  if (fs.existsSync(path.join(folder, 'setup.py'))) {
    const problem = 'the folder has no lock file, and what setup.py requires is known only when it is run';
    throw refusal('nothing-locked', problem, entry, 'add a requirements.txt, or a pyproject.toml and lock it: uv lock');
  }
  throw refusal('requirements-missing', 'the folder has nothing to take requirements from', entry, `add one of ${FORMATS.join(', ')}`);
}

/** Refuse a project whose own tool has not locked yet. */
function refuseUnlocked(folder: string, entry: string): void {
  if (!fs.existsSync(path.join(folder, 'Pipfile'))) return;
  throw refusal('nothing-locked', 'the folder has a Pipfile, and no Pipfile.lock', entry, 'lock it: pipenv lock');
}

/** The lock of the workspace that a folder is a member of, at the workspace's root. @see https://docs.astral.sh/uv/concepts/projects/workspaces/ */
function findWorkspaceLock(folder: string, parent = path.dirname(folder)): string | undefined {
  const file = path.join(parent, 'uv.lock');
  const isRoot = fs.existsSync(file) && 'workspace' in tableOf(tableOf(readManifest(parent)?.toml.tool).uv);
  if (isRoot && isMember(file, folder)) return file;
  return parent === path.dirname(parent) ? undefined : findWorkspaceLock(folder, path.dirname(parent));
}

function checkFile(file: string): Found {
  const format = formatOf(file);
  if (format === undefined) {
    const advice = `name it ${FORMATS.join(', ')}, pylock.<name>.toml, or any other file in the format of requirements.txt`;
    throw refusal('requirements-name', 'the file is none that a layer can be made of', file, advice);
  }
  const stat = statIfThere(file);
  const advice = 'set {requirements} to a lock file or a requirements file';
  if (!stat) throw refusal('requirements-file-missing', 'the requirements file does not exist', file, advice);
  if (!stat.isFile()) throw refusal('requirements-is-folder', '{requirements} is a folder', file, advice);
  return { file, format };
}

/** The format, by the name; another name may be that of any requirements file, unless it or the content tells otherwise. */
function formatOf(file: string): LockFormat | undefined {
  const name = path.basename(file);
  if (/^pylock\.[^.]+\.toml$/.test(name)) return 'pylock.toml';
  const known = FORMATS.find((format) => format === name);
  if (known !== undefined || /\.(txt|in)$/.test(name)) return known ?? 'requirements.txt';
  if (name === 'Pipfile' || /\.(toml|json|ya?ml|py|cfg|whl|zip|gz)$/i.test(name)) return undefined;
  const isOther = /^\s*([{<]|\[{1,2}[^\]]*\]{1,2}\s*$)/m.test(readTextIfThere(file) ?? ''); // JSON, XML, or a table of TOML
  return isOther ? undefined : 'requirements.txt';
}

function refuseEmpty({ locked, unlocked, local, request: { file, format } }: LockContent): void {
  if (locked.size + unlocked.size + local.size > 0) return;
  if (format === 'pyproject.toml') {
    const problem = 'there is no lock file, and pyproject.toml requires nothing on the target';
    throw refusal('nothing-required', problem, file, 'leave the layer out, or add what is needed to [project].dependencies');
  }
  const problem = `${path.basename(file)} has nothing that the target needs`;
  throw refusal('lock-empty', problem, file, 'leave the layer out, or add what is needed and lock anew');
}
