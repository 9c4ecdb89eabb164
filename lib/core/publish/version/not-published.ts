import type { S3Client } from '@aws-sdk/client-s3';
import { ArtifactError } from '../../base/error';
import { compareVersions } from '../../pep/version';
import { parseSourceObjectKey, s3Url, sourceObjectKey, type Place } from '../../plan/object-key';
import { listKeys } from '../object';

const SHOWN = 10;

/** The published versions below a prefix, oldest first. */
export async function listVersions(s3: S3Client, bucket: string, prefix: string, signal?: AbortSignal): Promise<string[]> {
  const keys = await listKeys(s3, bucket, `${prefix}source/`, signal);
  return keys.map((key) => parseSourceObjectKey(prefix, key)).filter((version) => version !== undefined).sort(compareVersions);
}

/** Those next to a version, in their order. */
export function nearestVersions(version: string, versions: readonly string[]): string[] {
  const older = versions.filter((other) => compareVersions(other, version) < 0).length;
  const first = Math.max(0, Math.min(older - SHOWN / 2, versions.length - SHOWN));
  return versions.slice(first, first + SHOWN);
}

/**
 * The error for a version that is not published, with those that are.
 *
 * @param correction what to correct if there is none
 */
export async function notPublished(
  s3: S3Client, { bucket, key }: Place, version: string, correction: string, signal?: AbortSignal,
): Promise<ArtifactError> {
  const prefix = key.slice(0, -sourceObjectKey('', version).length);
  const near = nearestVersions(version, await listVersions(s3, bucket, prefix, signal)); // fails if there is no bucket
  return new ArtifactError({
    reference: 'version-not-published',
    problem: `version ${version} is not published in ${s3Url(bucket, prefix)}source/`,
    advice: near.length > 0 ? `choose one of ${near.join(', ')}` : `publish it first, or correct ${correction}`,
  });
}
