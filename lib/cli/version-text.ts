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
