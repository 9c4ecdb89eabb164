import * as path from 'node:path';
import type { LockRequest } from './lock-request';
import type { LockFormat } from './locked';
import { unique } from '../base/collections';
import { refusal, type ArtifactError } from '../base/error';
import { readToml, type Table } from '../base/toml';
import { fitsPython } from '../lambda/target';
import { normaliseName } from '../pep/requirement';

const LOCK_COMMANDS: Readonly<Record<LockFormat, string>> = {
  'uv.lock': 'uv lock',
  'pylock.toml': 'uv export --format pylock.toml, or pip lock with the Python of the target',
  'poetry.lock': 'poetry lock',
  'Pipfile.lock': 'pipenv lock',
  'requirements.txt': 'uv export --format requirements.txt, or pip-compile --generate-hashes',
  'pyproject.toml': 'uv lock',
};

/** The advice to lock anew, with the command of the format's tool. */
export function lockAnew({ format }: Pick<LockRequest, 'format'>): string {
  return `lock anew (${LOCK_COMMANDS[format]})`;
}

export function readLock(request: LockRequest): Table {
  return readToml(request.file, `restore the file, or ${lockAnew(request)}`);
}

/** Refuse a lock whose format is newer than this library. @param newest the major version of the format that is known */
export function refuseNewer(request: LockRequest, version: unknown, newest: number): void {
  const major = /^\d+/.exec(String(version))?.[0];
  if (major === undefined) throw damaged(request, 'it does not say the version of its format', version);
  if (Number(major) <= newest) return;
  const advice = `update cdk-pip-source-artifact, or lock with a version of the tool that writes ${newest}`;
  throw refusal('lock-format-newer', `the format of ${path.basename(request.file)} is newer than this library`, version, advice);
}

/** Refuse extras or groups that the file does not have. @param known the names that it has */
export function refuseUnknown(kind: 'extra' | 'group', { file, ...asked }: LockRequest, known: Iterable<string>): void {
  const names = new Set([...known].map(normaliseName));
  const unknown = asked[`${kind}s`].filter((name) => !names.has(name));
  if (unknown.length === 0) return;
  const advice = names.size === 0 ? `it has none: leave {${kind}s} out` : `set {${kind}s} to some of ${unique(names).join(', ')}`;
  const got = unknown.length === 1 ? unknown[0] : unknown;
  throw refusal(kind === 'extra' ? 'extra-unknown' : 'group-unknown', `${path.basename(file)} has no such ${kind}`, got, advice);
}

/** @param alternatives specifiers, of which one has to be satisfied @param subject the file or package that has them, for the message */
export function refuseOtherPython(request: LockRequest, alternatives: readonly string[], subject = path.basename(request.file)): void {
  if (fitsPython(request.platform, alternatives)) return;
  const andLock = request.format === 'pyproject.toml' ? '' : ` and ${lockAnew(request)}`;
  const advice = `set another {runtime}, or change requires-python${andLock}`;
  throw refusal('python-excluded', `${subject} is not for ${request.platform.runtime}`, alternatives.join(' || '), advice);
}

export function lacking(request: LockRequest, manifest: string, text: string): ArtifactError {
  return refusal('lock-incomplete', `${path.basename(request.file)} lacks what ${manifest} requires`, text, lockAnew(request));
}

export function damaged(request: LockRequest, problem: string, got?: unknown): ArtifactError {
  const isByHand = ['requirements.txt', 'pyproject.toml'].includes(request.format);
  const advice = isByHand ? 'correct it' : `restore the file, or ${lockAnew(request)}`;
  return refusal('lock-damaged', `${path.basename(request.file)} is damaged: ${problem}`, got, advice);
}
