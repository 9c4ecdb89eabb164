import { readFile } from '../local/archive';
import { checkSha256 } from '../local/sha256';
import type { UploadSourceOptions, PublishedSource } from '../model/publish';
import { uploadSource } from '../remote/upload-source';
import { run } from '../run';

/**
 * Step 3: publish an archive under its version. One version is one content, for ever: the same content again changes nothing, other
 * content is refused, and of writers at the same time one wins.
 *
 * Needs `s3:GetObject` and `s3:PutObject` on `<folder>source/*` (with tags also `s3:GetObjectTagging` and `s3:PutObjectTagging`)
 * and `s3:ListBucket` on the bucket.
 *
 * @throws ArtifactError with the code `usage` (an option), `build` (the archive is not that of `sourceSha256`), `conflict` (other content
 * is published under this version; the message names the files that differ) or `aws` (no credentials, no bucket, denied, …)
 */
export async function uploadSourceArtifacts(options: UploadSourceOptions): Promise<PublishedSource> {
  return run('uploadSourceArtifacts', options, async (current) => {
    const { sourceVersion, sourceSha256, pathSourceZip, s3DirLambda } = options;
    checkSha256(sourceSha256);
    current.printValues('Uploading Lambda source artifacts to S3', { sourceVersion, sourceSha256, pathSourceZip, s3DirLambda });
    return uploadSource(options, { sourceVersion, sourceSha256, archive: readFile('pathSourceZip', pathSourceZip) }, current);
  });
}
