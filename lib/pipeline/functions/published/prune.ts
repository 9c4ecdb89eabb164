import { ArtifactError, refusal } from '../../../core/base/error';
import { compareVersions } from '../../../core/pep/version';
import type { SourceVersion } from '../../model/catalog';
import type { PrunedSourceVersion, PruneSourceOptions } from '../../model/prune';
import { CodeUsers } from '../../remote/code-users';
import { PublishedVersions } from '../../remote/published';
import { run } from '../../run';

/**
 * Delete published versions that nobody needs: not the newest ones, and none that a function of the account runs, in any of its versions.
 * Nothing is deleted unless `dryRun` is false.
 *
 * Needs `s3:ListBucket` on the bucket, `s3:GetObject` and `s3:DeleteObject` on `<folder>source/*`, `lambda:ListFunctions` and
 * `lambda:ListVersionsByFunction`; for stacks `cloudformation:ListStackResources`.
 *
 * @returns all versions, oldest version first
 * @throws ArtifactError with the code `usage`, `aws` or `conflict` (a version that is named is in use)
 */
export async function pruneSourceVersions(options: PruneSourceOptions): Promise<PrunedSourceVersion[]> {
  const dryRun = options.dryRun ?? true;
  return run('pruneSourceVersions', { ...options, dryRun }, async ({ signal, print, printValues }) => {
    const { s3DirLambda, keep, olderThan, sourceVersions: named } = options;
    const choose = chooser(options);
    printValues('Pruning Lambda source artifacts', { s3DirLambda, keep, olderThan });
    const published = new PublishedVersions(options.s3Client, s3DirLambda, signal);
    const versions = await published.describeAll();
    for (const name of named ?? []) if (!versions.some(({ sourceVersion }) => sourceVersion === name)) await published.refuse(name);
    const users = await CodeUsers.find({ ...options, signal });
    const pruned = versions.map((version): PrunedSourceVersion => {
      const usedBy = users.of(version);
      const reason = usedBy.length > 0 ? 'in-use' : choose(version, versions);
      return { ...version, outcome: reason === undefined ? 'deleted' : 'kept', ...reason !== undefined && { reason }, usedBy };
    });
    refuseUsed(pruned, named ?? []);
    for (const { sourceVersion, uri } of pruned.filter(({ outcome }) => outcome === 'deleted')) {
      signal?.throwIfAborted();
      if (!dryRun) await deleteVersion(published, sourceVersion);
      print(`${uri} ${dryRun ? 'would be' : 'is'} deleted`);
    }
    return pruned;
  });
}

/** A bucket that is protected denies it to all but a few. */
async function deleteVersion(published: PublishedVersions, version: string): Promise<void> {
  try {
    await published.delete(version);
  } catch (error) {
    if (!(error instanceof ArtifactError && error.trouble.reference === 'access-denied')) throw error;
    const { code: _code, ...finding } = error.trouble;
    const hint = 'where versions are protected, those alone may delete them whom deletableBy of protect names';
    throw new ArtifactError({ ...finding, hint }, error.where, { cause: error.cause });
  }
}

type Choose = (version: SourceVersion, all: readonly SourceVersion[]) => PrunedSourceVersion['reason'];

/** Why a version stays that nobody uses. */
function chooser({ keep, olderThan, sourceVersions: named }: PruneSourceOptions): Choose {
  if (named === undefined && keep === undefined) {
    throw refusal('keep-missing', 'it is not said how many versions stay', undefined, 'set {keep}, or name the versions to delete');
  }
  if (keep !== undefined && !(Number.isInteger(keep) && keep >= 0)) {
    throw refusal('keep-invalid', 'the number of versions that stay is not a whole number', keep, 'set {keep} to 0 or more');
  }
  const youngest = olderThan === undefined ? undefined : Date.now() - parseAge(olderThan);
  return (version, all) => {
    if (named && !named.includes(version.sourceVersion)) return 'not-named';
    if (keep !== undefined && newestOf(all, keep).has(version)) return 'newest';
    if (youngest !== undefined && version.lastModified.getTime() > youngest) return 'young';
    return version.codeSha256 === undefined ? 'digest-unknown' : undefined;
  };
}

/** By the time of their publication, as an old line of versions may go on beside a new one. */
function newestOf(all: readonly SourceVersion[], count: number): Set<SourceVersion> {
  const newestFirst = all.toSorted((a, b) =>
    b.lastModified.getTime() - a.lastModified.getTime() || compareVersions(b.sourceVersion, a.sourceVersion));
  return new Set(newestFirst.slice(0, count));
}

const HOUR = 3_600_000; // milliseconds
const UNITS: Readonly<Record<string, number>> = { h: HOUR, d: 24 * HOUR, w: 7 * 24 * HOUR };

function parseAge(age: string): number {
  const [, count, unit] = /^(\d+)([hdw])$/.exec(age) ?? [];
  if (count === undefined) throw refusal('age-invalid', 'the age is not a number of days', age, 'write {olderThan} like 90d, 12w or 36h');
  return Number(count) * UNITS[unit];
}

function refuseUsed(pruned: readonly PrunedSourceVersion[], named: readonly string[]): void {
  const used = pruned.find(({ sourceVersion, usedBy }) => named.includes(sourceVersion) && usedBy.length > 0);
  if (!used) return;
  throw new ArtifactError({
    reference: 'version-in-use',
    problem: `version ${used.sourceVersion} is in use by ${used.usedBy.join(', ')}`,
    got: used.uri,
    advice: 'deploy another version to these first; nothing was deleted',
  });
}
