import { ArtifactError } from '../../core/base/error';

/** Refuse what cannot be the digest of a content. */
export function checkSha256(sourceSha256: string): void {
  if (/^[0-9a-f]{64}$/.test(sourceSha256)) return;
  throw new ArtifactError({
    reference: 'sha256-invalid',
    problem: '{sourceSha256} is not a SHA-256 digest',
    got: sourceSha256,
    advice: 'give the one of {createSourceZip}',
  });
}
