import * as path from 'node:path';
import type { S3Client } from '@aws-sdk/client-s3';
import { notPublished } from './not-published';
import { ArtifactError, type Finding } from '../../base/error';
import { digestTree } from '../../base/tree';
import { s3Url, type Place } from '../../plan/object-key';
import { codeSha256Of, downloadTo, tryDigest } from '../local-archive';
import type { ObjectHead } from '../object';
import { asking } from '../s3-errors';

/** A published version that is asked for. */
export interface WantedVersion extends Place {
  readonly version: string;
  /** What its content must be, if that is known. */
  readonly sourceSha256?: string;
  /** The option that names the place, for messages. */
  readonly named: '{prefix}' | '{fromS3DirLambda}';
}

/** A published version that is what its metadata says. */
export interface ReadVersion {
  readonly head: ObjectHead;
  /** The archive. */
  readonly file: string;
  readonly sourceSha256: string;
  /** Of the bytes, base64. */
  readonly codeSha256: string;
}

/**
 * Read a published version, and hold it against its metadata and what is known of it.
 *
 * @param folder where its archive is put
 */
export async function readVersion(s3: S3Client, wanted: WantedVersion, folder: string, signal?: AbortSignal): Promise<ReadVersion> {
  const { version, sourceSha256: expected, named } = wanted;
  const file = path.join(folder, 'version.zip');
  const permissions = permissionsToRead(wanted);
  return asking({ s3, place: wanted, permissions, signal }, async () => {
    const found = await downloadTo(file, s3, wanted, signal);
    if (!found) throw await notPublished(s3, wanted, version, named, signal);
    const files = found.isRead ? await tryDigest(file) : undefined;
    if (files instanceof ArtifactError) throw files.at(s3Url(wanted.bucket, wanted.key));
    const sourceSha256 = files && digestTree(files);
    const codeSha256 = found.isRead ? await codeSha256Of(file) : undefined;
    const finding = damageOf(found.head, version, sourceSha256, codeSha256) ?? differenceOf(version, sourceSha256, expected);
    if (finding) throw new ArtifactError(finding, s3Url(wanted.bucket, wanted.key));
    return { head: found.head, file, sourceSha256: sourceSha256!, codeSha256: codeSha256! };
  });
}

export function permissionsToRead({ key }: Place): string {
  return `s3:GetObject on ${key.replace(/source\/[^/]+\/source\.zip$/, 'source/*')} and s3:ListBucket on the bucket`;
}

function damageOf({ Metadata = {}, ContentLength }: ObjectHead, version: string, source?: string, code?: string): Finding | undefined {
  const told: ReadonlyArray<readonly [string, string | undefined]> = [
    ['source_version', version], ['source_sha256', source], ['code_sha256', code],
  ];
  const wrong = told.filter(([name, is]) => Metadata[name] !== undefined && Metadata[name] !== is)
    .map(([name, is]) => `${name} is ${Metadata[name]}, the archive's ${is ?? 'cannot be told'}`);
  if (source !== undefined && wrong.length === 0) return undefined;
  return {
    reference: 'archive-damaged',
    problem: source === undefined
      ? 'what is published is not a zip archive'
      : `the archive is not what its metadata says: ${wrong.join('; ')}`,
    got: ContentLength,
    advice: 'see who wrote it, and take another version',
  };
}

function differenceOf(version: string, found: string | undefined, expected: string | undefined): Finding | undefined {
  if (expected === undefined || found === expected) return undefined;
  return {
    reference: 'version-other',
    problem: `version ${version} is published with other content than is asked for, source_sha256 ${found}`,
    got: expected,
    advice: 'correct {sourceSha256}, or take the version that has it',
  };
}
