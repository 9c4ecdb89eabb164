import { setTimeout as sleep } from 'node:timers/promises';
import { build, type Build, type BuildSettings } from './build';
import { ArtifactError } from '../base/error';
import { digestFile, type TreeFile } from '../base/tree';
import { compareTrees, describeDifferences, type FileDifference } from '../base/tree-difference';
import type { ArtifactRequest } from '../plan/source-request';
import type { Project } from '../project/project';

const A_SECOND_LATER = 1100; // ms; most timestamps are in seconds

/** A file in which two builds of the same project differ. */
export interface BuildDifference extends FileDifference {
  /** The first line that differs, if the file is text. */
  readonly line?: DifferentLine;
}

export interface DifferentLine {
  /** From 1. */
  readonly number: number;
  readonly before: string;
  readonly after: string;
}

/** Build a project a second time, in another folder, second and time zone, and compare it with the first build. */
export async function buildAgain(
  project: Project, request: ArtifactRequest, first: Build, options: BuildSettings,
): Promise<BuildDifference[]> {
  await sleep(A_SECOND_LATER, undefined, { signal: options.signal }).catch(() => options.signal!.throwIfAborted());
  const environment = { TZ: 'Pacific/Kiritimati', ...request.environment };
  const second = await build(project, { ...request, environment }, options);
  const [before, after] = [first, second].map(({ tree }) => new Map(tree.files.map((file) => [file.path, file])));
  return compareTrees(first.tree.files.map(digestFile), second.tree.files.map(digestFile)).map((difference) => {
    if (difference.change !== 'changed') return difference;
    const line = firstDifferentLine(before.get(difference.path)!, after.get(difference.path)!);
    return line ? { ...difference, line } : difference;
  });
}

/** As `buildAgain`, but a difference is an error. */
export async function verifyReproducible(project: Project, request: ArtifactRequest, first: Build, options: BuildSettings): Promise<void> {
  const differences = await buildAgain(project, request, first, options);
  if (differences.length === 0) return;
  const told = differences.find(({ line }) => line);
  throw new ArtifactError({
    reference: 'not-reproducible',
    problem: 'two builds of the project differ',
    got: describeDifferences(differences),
    advice: 'take time, folder, host and randomness out of its build',
    hint: told && `${told.path}, ${describeLine(told.line!)}`,
  });
}

const MAX_LENGTH = 100;

/** `line 3: "AT = 1", then "AT = 2"`. */
export function describeLine({ number, before, after }: DifferentLine): string {
  const [one, other] = [before, after].map((text) => JSON.stringify(text.length > MAX_LENGTH ? `${text.slice(0, MAX_LENGTH)}…` : text));
  return `line ${number}: ${one}, then ${other}`;
}

/** `undefined` for a file that is not text, and for a RECORD: it only differs because other files do. */
function firstDifferentLine(before: TreeFile, after: TreeFile): DifferentLine | undefined {
  if (before.path.endsWith('.dist-info/RECORD') || [before, after].some(({ content }) => content.includes(0))) return undefined;
  const [one, other] = [before, after].map(({ content }) => content.toString().split('\n'));
  const index = (other.length > one.length ? other : one).findIndex((_, i) => one[i] !== other[i]);
  return index < 0 ? undefined : { number: index + 1, before: one[index] ?? '', after: other[index] ?? '' };
}
