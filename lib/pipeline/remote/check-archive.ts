import { digestTree, sha256, type FileDigest } from '../../core/base/tree';
import { digestArchive } from '../../core/package/read-archive';
import type { SourceVersion } from '../model/catalog';

/** The digests of an archive, and its contradictions to the metadata. */
export interface CheckedArchive {
  readonly codeSha256: string;
  /** `undefined` if the bytes are no archive. */
  readonly sourceSha256?: string;
  readonly files: readonly FileDigest[];
  readonly problems: readonly string[];
}

/** Compare a downloaded archive with its metadata. (The SDK has checked S3's checksum of the bytes.) */
export async function checkArchive({ sourceVersion, metadata }: SourceVersion, archive: Buffer): Promise<CheckedArchive> {
  const codeSha256 = sha256(archive, 'base64');
  const files = await digestArchive(archive).catch(() => undefined);
  const sourceSha256 = files && digestTree(files);
  const actual = { source_version: sourceVersion, source_sha256: sourceSha256, code_sha256: codeSha256 };
  const problems = Object.entries(actual).filter(([name, value]) => metadata[name] !== value)
    .map(([name, value]) => `${name} is ${metadata[name] ?? 'not there'}, the archive's ${value ?? 'cannot be told'}`);
  return { codeSha256, sourceSha256, files: files ?? [], problems: files ? problems : ['it is not a zip archive'] };
}
