import { ArtifactError } from '../../core/base/error';
import { digestTree, sha256, type FileDigest } from '../../core/base/tree';
import { digestArchive } from '../../core/package/read-archive';
import type { SourceVersion } from '../model/catalog';

/** What an archive is, and how it differs from what is said of it. */
export interface CheckedArchive {
  /** Of the bytes; of those that did not arrive as they were written, as S3 tells. */
  readonly codeSha256?: string;
  /** Not there for what is not an archive. */
  readonly sourceSha256?: string;
  readonly files: readonly FileDigest[];
  readonly problems: readonly string[];
}

/** Hold a downloaded archive against its metadata. (S3's checksum of the bytes is the SDK's matter.) */
export async function checkArchive({ sourceVersion, metadata }: SourceVersion, archive: Buffer): Promise<CheckedArchive> {
  const codeSha256 = sha256(archive, 'base64');
  let damage = 'it is not a zip archive';
  const files = await digestArchive(archive).catch((error) => {
    if (error instanceof ArtifactError) damage = `${error.trouble.problem}: ${String(error.trouble.got)}`;
    return undefined;
  });
  const sourceSha256 = files && digestTree(files);
  const told: ReadonlyArray<readonly [string, string | undefined, string | undefined]> = [
    ['source_version', metadata.source_version, sourceVersion],
    ['source_sha256', metadata.source_sha256, sourceSha256],
    ['code_sha256', metadata.code_sha256, codeSha256],
  ];
  const problems = told
    .filter(([, said, is]) => said !== is)
    .map(([name, said, is]) => `${name} is ${said ?? 'not there'}, the archive's ${is ?? 'cannot be told'}`);
  return { codeSha256, sourceSha256, files: files ?? [], problems: files ? problems : [damage] };
}
