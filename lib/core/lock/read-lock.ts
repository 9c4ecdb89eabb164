import * as fs from 'node:fs';
import * as path from 'node:path';
import { refuseMisfit } from './fit';
import type { LockContent } from './lock-content';
import { statIfThere } from '../base/files';
import { readManifest } from '../project/manifest';
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
import { tableOf, textOf } from '../base/toml';
import type { TargetPlatform } from '../lambda/target';
import { normaliseName } from '../pep/requirement';

export { refuseWithoutWheel } from './without-wheel';

/** Where the requirements of a layer are. */
export interface LayerSource {
  /** The project's folder. */
  readonly entry?: string;
  /** A file, instead of the one that is found in `entry`. */
  readonly requirements?: string;
  readonly extras?: readonly string[];
  readonly groups?: readonly string[];
}

// in the order in which they are looked for
const READERS: Readonly<Record<LockFormat, (request: LockRequest) => LockContent>> = {
  'uv.lock': readUvLock,
  'pylock.toml': readPylock,
  'poetry.lock': readPoetryLock,
  'Pipfile.lock': readPipfileLock,
  'requirements.txt': readRequirementsTxt,
  'pyproject.toml': readProjectFile,
};
const FORMATS = Object.keys(READERS) as LockFormat[];

/** What a layer is made of: which packages the target needs, in which versions, as far as a file tells. Starts no process. */
export function readRequirements({ entry, requirements, extras = [], groups = [] }: LayerSource, platform: TargetPlatform): LayerRequirements {
  const { file, format } = requirements === undefined ? findFile(entry) : checkFile(path.resolve(requirements));
  const folder = entry === undefined || format === 'pyproject.toml' ? path.dirname(file) : path.resolve(entry);
  const manifest = readManifest(folder);
  const request = { file, format, folder, manifest, extras: extras.map(normaliseName), groups: groups.map(normaliseName), platform };
  if (manifest) reading({ ...request, file: manifest.file, format: 'pyproject.toml' }, refuseOtherRuntime);
  const content = reading(request, READERS[format]);
  if (isWholeLock(content, entry !== undefined)) reading(request, () => refuseMisfit(content));
  refuseEmpty(content);
  return content.result();
}

function reading<T>(request: LockRequest, read: (request: LockRequest) => T): T {
  try {
    return read(request);
  } catch (error) {
    throw error instanceof SyntaxError ? damaged(request, error.message) : error; // of a version, a specifier or a marker
  }
}

function refuseOtherRuntime(request: LockRequest): void {
  refuseOtherPython(request, [textOf(tableOf(request.manifest?.toml.project)['requires-python']) ?? '']);
}

/** Whether it has to have all that pyproject.toml requires: a file of another tool, given without the project, may be for a part of it. */
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
  if (entry === undefined) throw refusal('layer-without-source', 'neither a project nor a file of requirements is given', undefined, 'set {entry} or {requirements}');
  const folder = path.resolve(entry);
  const stat = statIfThere(folder);
  if (!stat) throw refusal('entry-missing', 'the project folder does not exist', entry, 'set {entry} to the folder that holds pyproject.toml');
  if (!stat.isDirectory()) throw refusal('entry-is-file', '{entry} is a file', entry, `set {requirements} to it, or {entry} to its folder, ${JSON.stringify(path.dirname(entry))}`);
  for (const format of FORMATS) {
    const file = path.join(folder, format);
    if (fs.existsSync(file)) return { file, format };
    const workspace = format === 'uv.lock' ? findWorkspaceLock(folder) : undefined;
    if (workspace !== undefined) return { file: workspace, format };
  }
  if (fs.existsSync(path.join(folder, 'setup.py'))) throw refusal('nothing-locked', 'the folder has no lock file, and what setup.py requires is known only when it is run', entry, 'add a requirements.txt, or a pyproject.toml and lock it: uv lock');
  throw refusal('requirements-missing', 'the folder has nothing to take requirements from', entry, `add one of ${FORMATS.join(', ')}`);
}

/** A workspace has one lock, at its root. @see https://docs.astral.sh/uv/concepts/projects/workspaces/ */
function findWorkspaceLock(folder: string, parent = path.dirname(folder)): string | undefined {
  const file = path.join(parent, 'uv.lock');
  const isRoot = fs.existsSync(file) && 'workspace' in tableOf(tableOf(readManifest(parent)?.toml.tool).uv);
  if (isRoot && isMember(file, folder)) return file;
  return parent === path.dirname(parent) ? undefined : findWorkspaceLock(folder, path.dirname(parent));
}

function checkFile(file: string): Found {
  const name = path.basename(file);
  const format = FORMATS.find((known) => known === name) ?? (/^pylock\.[^.]+\.toml$/.test(name) ? 'pylock.toml' : /\.(txt|in)$/.test(name) ? 'requirements.txt' : undefined);
  if (format === undefined) throw refusal('requirements-name', 'the name of the requirements file does not tell its format', file, `name it ${FORMATS.join(', ')}, pylock.<name>.toml or <name>.txt`);
  const stat = statIfThere(file);
  if (!stat?.isFile()) throw refusal(stat ? 'requirements-is-folder' : 'requirements-file-missing', stat ? '{requirements} is a folder' : 'the requirements file does not exist', file, 'set {requirements} to a lock file or a requirements file');
  return { file, format };
}

function refuseEmpty({ locked, unlocked, local, request: { file, format } }: LockContent): void {
  if (locked.size + unlocked.size + local.size > 0) return;
  if (format === 'pyproject.toml') throw refusal('nothing-required', 'there is no lock file, and pyproject.toml requires nothing on the target', file, 'leave the layer out, or add what is needed to [project].dependencies');
  throw refusal('lock-empty', `${path.basename(file)} has nothing that the target needs`, file, 'leave the layer out, or add what is needed and lock anew');
}
