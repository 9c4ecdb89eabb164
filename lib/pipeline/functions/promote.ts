import { SourceS3Layout } from './layout';
import { ArtifactError } from '../../core/base/error';
import { partitionOf } from '../../core/plan/object-key';
import { checkEncryption } from '../../core/plan/object-labels';
import { asking } from '../../core/publish/s3-errors';
import { promote } from '../../core/publish/version/promote';
import { permissionsToRead } from '../../core/publish/version/read-version';
import { checkSha256 } from '../local/sha256';
import type { PromoteSourceOptions, PromotedSource } from '../model/promote';
import type { S3ClientLike, S3Place } from '../model/publish';
import { asS3Client, regionOf } from '../remote/client';
import { run } from '../run';

/**
 * Copy a published version to another place, of another account or region if need be: its bytes, its metadata and its tags. It is checked
 * against its metadata before, and S3 checks what it gets. A version that is there with the same content stays as it is.
 *
 * Needs `s3:GetObject` and `s3:GetObjectTagging` on `<fromS3DirLambda>source/*` and `s3:ListBucket` on its bucket; and `s3:GetObject` and
 * `s3:PutObject` (for a version with tags also `s3:GetObjectTagging` and `s3:PutObjectTagging`) on `<toS3DirLambda>source/*` and
 * `s3:ListBucket` on its bucket.
 *
 * @throws ArtifactError with the code `usage` (an option, or there is no such version), `conflict` (other content is published under this
 * version, or the version is not what its metadata or `sourceSha256` says) or `aws` (no credentials, no bucket, denied, …)
 */
export async function promoteSourceArtifact(options: PromoteSourceOptions): Promise<PromotedSource> {
  return run('promoteSourceArtifact', options, async ({ dryRun, signal, print, printValues }) => {
    const { sourceVersion, sourceSha256, fromS3Client, fromS3DirLambda, toS3Client = fromS3Client, toS3DirLambda } = options;
    const from = layoutOf('fromS3DirLambda', fromS3DirLambda).getSourceZip(sourceVersion);
    const layout = layoutOf('toS3DirLambda', toS3DirLambda);
    const to = layout.getSourceZip(sourceVersion);
    if (from.uri === to.uri) {
      throw new ArtifactError({
        reference: 'promote-itself', problem: 'the version is to be copied onto itself', got: to.uri, advice: 'name two places',
      });
    }
    if (sourceSha256 !== undefined) checkSha256(sourceSha256);
    const region = await askRegion(toS3Client, to);
    refuseOtherPartition(await askRegion(fromS3Client, from), region);
    printValues('Promoting Lambda source artifact', { sourceVersion, sourceSha256, from: from.uri, to: to.uri });
    const result = await promote(asS3Client(fromS3Client), asS3Client(toS3Client), {
      from: { ...from, version: sourceVersion, sourceSha256, named: '{fromS3DirLambda}' },
      to,
      encryption: { ServerSideEncryption: checkEncryption(options.serverSideEncryption), SSEKMSKeyId: options.sseKmsKeyId },
    }, { dryRun, signal, log: print });
    print(`outcome = ${result.outcome}`);
    return { ...result, sourceVersion, ...to, from, consoleUrl: layout.getConsoleUrl(sourceVersion, region) };
  });
}

/** A client without a region is told like any other refusal. */
async function askRegion(client: S3ClientLike, place: S3Place): Promise<string> {
  return asking({ s3: asS3Client(client), place, permissions: permissionsToRead(place) }, async () => regionOf(client));
}

/** The layout of one of the two folders, whose errors name its option. */
function layoutOf(option: 'fromS3DirLambda' | 'toS3DirLambda', s3DirLambda: string): SourceS3Layout {
  try {
    return new SourceS3Layout({ s3DirLambda });
  } catch (error) {
    throw error instanceof ArtifactError ? error.at(error.where, (name) => `{${name === 's3DirLambda' ? option : name}}`) : error;
  }
}

/** @see https://docs.aws.amazon.com/whitepapers/latest/aws-fault-isolation-boundaries/partitions.html */
function refuseOtherPartition(from: string, to: string): void {
  if (partitionOf(from) === partitionOf(to)) return;
  throw new ArtifactError({
    reference: 'promote-partition',
    problem: `the version is in ${from}, and the place that is to have it in another partition of AWS`,
    got: to,
    advice: 'build and release it in each partition: the content is the same, whoever builds it',
  });
}
