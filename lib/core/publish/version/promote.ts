import * as fs from 'node:fs';
import type { S3Client } from '@aws-sdk/client-s3';
import { readVersion, type WantedVersion } from './read-version';
import { ArtifactError } from '../../base/error';
import { s3Url, type Place } from '../../plan/object-key';
import { inTemporaryFolder, sizeOf } from '../local-archive';
import { getTags, headObject } from '../object';
import { permissionsOf, publish, type Publication, type PublicationResult, type PublishSettings } from '../publish';
import { asking } from '../s3-errors';

/** A version, and the other place that is to have it. */
export interface Promotion {
  readonly from: WantedVersion;
  readonly to: Place;
  readonly encryption?: Publication['encryption'];
}

export interface PromotionResult extends PublicationResult {
  readonly sourceSha256: string;
}

/**
 * Copy a published version to another place: its bytes, metadata and tags. The rules are those of a publication, so that what is there
 * with the same content stays, and other content is an error. Nothing of S3's own copies: these take no condition, and no second account.
 *
 * @param source the client that reads
 * @param target the client that writes
 */
export async function promote(
  source: S3Client, target: S3Client, { from, to, encryption }: Promotion, settings: Omit<PublishSettings, 'overwrite'> = {},
): Promise<PromotionResult> {
  const { signal, dryRun, log = () => {} } = settings;
  return inTemporaryFolder(async (folder) => {
    const { head, file, sourceSha256, codeSha256 } = await readVersion(source, from, folder, signal);
    const permissions = 's3:GetObjectTagging on the object';
    const tags = await asking({ s3: source, place: from, permissions, signal }, async () => getTags(source, from, signal));
    const publication = { ...to, version: from.version, sourceSha256, metadata: head.Metadata, tags, encryption };
    const result = await publish(target, publication, async () => isSmall(file) ? fs.readFileSync(file) : file, settings);
    if (result.outcome === 'unchanged' && result.codeSha256 !== codeSha256) {
      log(`${s3Url(to.bucket, to.key)}: the same content in other bytes is there, code_sha256 ${result.codeSha256}, and stays`);
    }
    if (result.outcome === 'created' && !dryRun) await checkWritten(target, publication, codeSha256, signal);
    return { ...result, sourceSha256 };
  });
}

/** Whether there is room for it in memory: the SDK repeats a request by itself then. */
function isSmall(file: string): boolean {
  return sizeOf(file) <= 64 * 1024 ** 2;
}

/** S3 checks what it gets against the checksum. This is about what stands between: who reads now must find what was written. */
async function checkWritten(s3: S3Client, publication: Publication, codeSha256: string, signal?: AbortSignal): Promise<void> {
  const question = { s3, place: publication, permissions: permissionsOf(publication), signal };
  const written = await asking(question, async () => headObject(s3, publication, signal));
  const found = written?.ChecksumSHA256 ?? written?.Metadata?.code_sha256;
  if (found === codeSha256) return;
  throw new ArtifactError({
    reference: 'archive-damaged',
    problem: `what was written is not what is there now, code_sha256 ${found ?? 'unknown'}`,
    got: codeSha256,
    advice: 'see who else writes there',
  }, s3Url(publication.bucket, publication.key));
}
