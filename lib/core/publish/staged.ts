import type { S3Client } from '@aws-sdk/client-s3';
import { downloadTo } from './local-archive';
import { asking } from './s3-errors';
import { ArtifactError } from '../base/error';
import { s3Url, type Place } from '../plan/object-key';
import type { Labels } from '../plan/object-labels';
import { BYTECODE, takeRecord, uncommittedKey } from '../plan/staged-archive';

/** What becomes metadata of the published object, which has room for little. */
const PROVENANCE: readonly string[] = ['source_name', 'git_commit', 'built_with'];

/** The archive that `cdk deploy` staged. It is read when it is needed. */
export class StagedArchive {
  private taken: Labels = {};
  private found: Place;

  /** @param file where it is put */
  constructor(private readonly s3: S3Client, place: Place, private readonly file: string, private readonly signal: AbortSignal) {
    this.found = place;
  }

  /** What it was built from and with; known when it was read. */
  get record(): Labels {
    return Object.fromEntries(Object.entries(this.taken).filter(([name]) => PROVENANCE.includes(name)));
  }

  /** Short digests of the bytecode in it; known when it was read, if it has any. */
  get bytecodeDigests(): string | undefined {
    return this.taken[BYTECODE];
  }

  /** @returns the file */
  async read(): Promise<string> {
    const { bucket, key } = this.found;
    for (const place of [this.found, { bucket, key: uncommittedKey(key) }]) {
      const permissions = 's3:GetObject and s3:ListBucket on the staging bucket';
      const isThere = await asking({
        s3: this.s3,
        place,
        permissions,
        signal: this.signal,
      }, async () => downloadTo(this.file, this.s3, place, this.signal));
      if (!isThere) continue;
      this.found = place;
      if (isThere.isRead) this.taken = takeRecord(this.file);
      return this.file;
    }
    throw new ArtifactError({
      reference: 'staged-archive-gone', problem: 'the staged archive is gone', got: key, advice: 'deploy again: cdk deploy stages it anew',
    }, s3Url(bucket, key));
  }

  /** For an archive that is not the one that was built. */
  damaged(cause: ArtifactError): ArtifactError {
    const { problem, got } = cause.trouble; // of a file in it, or of all of it
    return new ArtifactError({
      reference: 'staged-archive-damaged',
      problem: `what is staged cannot be published: ${problem}`,
      got,
      advice: 'delete this object, and asset.*.zip in cdk.out, and deploy again: the CDK replaces neither',
    }, s3Url(this.found.bucket, this.found.key), { cause });
  }
}
