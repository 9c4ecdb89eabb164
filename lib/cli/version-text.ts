import type { CommonOptions } from './options';
import { table } from './terminal';
import { bytes } from '../core/base/bytes';
import type { PublishedSource, S3Place, SourceVersion } from '../pipeline/api';

/** The result of a publication for people. */
export function publishedText(published: PublishedSource & { readonly from?: S3Place }, { dryRun }: CommonOptions): string {
  const outcomes = {
    created: dryRun ? 'would be created' : 'created',
    unchanged: 'unchanged: published already',
    overwritten: dryRun ? 'would be overwritten' : 'overwritten',
  };
  return table([
    ['version', published.sourceVersion],
    ['source_sha256', published.sourceSha256],
    ['code_sha256', published.codeSha256],
    ['from', published.from?.uri],
    ['target', published.uri],
    ['outcome', outcomes[published.outcome]],
    ['object version', published.versionId],
    ['console', published.consoleUrl],
  ]);
}

/** The rows of a published version, for a table. */
export function versionRows(version: SourceVersion): Array<readonly [string, string | undefined]> {
  return [
    ['version', version.sourceVersion],
    ['source_sha256', version.sourceSha256],
    ['code_sha256', version.codeSha256],
    ['target', version.uri],
    ['published', version.lastModified.toISOString()],
    ['size', bytes(version.size)],
    ['object version', version.versionId],
    ['console', version.consoleUrl],
  ];
}

const MINUTE = 60_000; // milliseconds
const UNITS: ReadonlyArray<readonly [name: string, size: number, until: number]> = [
  ['min', MINUTE, 120 * MINUTE],
  ['h', 60 * MINUTE, 48 * 60 * MINUTE],
  ['days', 24 * 60 * MINUTE, Infinity],
];

/** How long ago a version was published: `5 min`, `3 h`, `12 days`. */
export function ageOf({ lastModified }: SourceVersion): string {
  const age = Math.max(0, Date.now() - lastModified.getTime());
  const [name, size] = UNITS.find(([, , until]) => age < until)!;
  return `${Math.floor(age / size)} ${name}`;
}

/** The start of the commit, as git has it. */
export function commitOf({ metadata: { git_commit: commit = '-' } }: SourceVersion): string {
  return commit.replace(/^([0-9a-f]{12})[0-9a-f]+/, '$1');
}
