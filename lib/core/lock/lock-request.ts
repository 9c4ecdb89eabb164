import * as path from 'node:path';
import { ArtifactError, redact } from '../base/error';
import type { Manifest } from '../project/manifest';
import { normaliseName, satisfiesSpecifier } from '../pep/requirement';
import type { LockFormat } from './locked';
import type { TargetPlatform } from '../lambda/target';
import { readToml, type Table } from '../base/toml';

/** What the readers of lock files go by. */
export interface LockRequest {
  /** Absolute. */
  readonly file: string;
  readonly format: LockFormat;
  /** The project's, absolute. */
  readonly folder: string;
  /** The project's pyproject.toml, if it has one. */
  readonly manifest?: Manifest;
  /** Normalised. */
  readonly extras: readonly string[];
  /** Normalised. */
  readonly groups: readonly string[];
  readonly platform: TargetPlatform;
}

const LOCK_COMMANDS: Readonly<Record<LockFormat, string>> = {
  'uv.lock': 'uv lock',
  'pylock.toml': 'uv export --format pylock.toml, or pip lock with the Python of the target',
  'poetry.lock': 'poetry lock',
  'Pipfile.lock': 'pipenv lock',
  'requirements.txt': 'uv export --format requirements.txt, or pip-compile --generate-hashes',
  'pyproject.toml': 'uv lock',
};

/** An advice. */
export function lockAnew({ format }: Pick<LockRequest, 'format'>): string {
  return `lock anew (${LOCK_COMMANDS[format]})`;
}

export function readLock(request: LockRequest): Table {
  return readToml(request.file, `restore the file, or ${lockAnew(request)}`);
}

/** @param newest the first number of the newest version of the format that is known */
export function refuseNewer(request: LockRequest, version: unknown, newest: number): void {
  const major = /^\d+/.exec(String(version))?.[0];
  if (major === undefined) throw damaged(request, 'it does not say the version of its format', version);
  if (Number(major) <= newest) return;
  throw wrong(`the format of ${path.basename(request.file)} is newer than this library`, version, `update cdk-pip-source-artifact, or lock with a version of the tool that writes ${newest}`);
}

/** @param known the names that the file has */
export function refuseUnknown(kind: 'extra' | 'group', { file, ...asked }: LockRequest, known: Iterable<string>): void {
  const names = new Set([...known].map(normaliseName));
  const unknown = asked[`${kind}s`].filter((name) => !names.has(name));
  if (unknown.length === 0) return;
  const advice = names.size === 0 ? `it has none: leave ${kind}s out` : `set ${kind}s to some of ${unique(names).join(', ')}`;
  throw wrong(`${path.basename(file)} has no such ${kind}`, unknown.length === 1 ? unknown[0] : unknown, advice);
}

/** @param alternatives specifiers, of which one has to be satisfied */
export function refuseOtherPython(request: LockRequest, alternatives: readonly string[], what = path.basename(request.file)): void {
  if (fitsPython(request.platform, alternatives)) return;
  const advice = `set another runtime, or change requires-python${request.format === 'pyproject.toml' ? '' : ` and ${lockAnew(request)}`}`;
  throw wrong(`${what} is not for ${request.platform.runtime}`, alternatives.join(' || '), advice);
}

/** Which patch release a runtime has is not known: any will do. */
export function fitsPython({ minor }: TargetPlatform, alternatives: readonly string[]): boolean {
  const releases = Array.from({ length: 100 }, (_, patch) => `3.${minor}.${patch}`);
  return alternatives.some((specifier) => releases.some((release) => satisfiesSpecifier(release, specifier)));
}

export function lacking(request: LockRequest, manifest: string, text: string): ArtifactError {
  return wrong(`${path.basename(request.file)} lacks what ${manifest} requires`, text, lockAnew(request));
}

/** @param where it is written */
export function requiresItself(where: string, text: string): ArtifactError {
  return wrong(`${where} requires the project itself`, text, 'remove it, or name the extras that it is for: a layer holds what the project requires');
}

export function damaged(request: LockRequest, problem: string, got?: unknown): ArtifactError {
  const isWritten = ['requirements.txt', 'pyproject.toml'].includes(request.format); // by hand
  return wrong(`${path.basename(request.file)} is damaged: ${problem}`, got, isWritten ? 'correct it' : `restore the file, or ${lockAnew(request)}`);
}

export function wrong(problem: string, got: unknown, advice: string): ArtifactError {
  return new ArtifactError({ code: 'usage', problem: redact(problem), got: typeof got === 'string' ? redact(got) : got, advice });
}

/** Sorted. */
export function unique(texts: Iterable<string>): string[] {
  return [...new Set(texts)].sort(); // by UTF-16 code units: the same everywhere
}
