import { InvalidArgumentError, Option, type Command } from 'commander';
import { bytes } from '../../core/base/bytes';
import { pruneSourceVersions, type PrunedSourceVersion } from '../../pipeline/api';
import { openCloudFormation, openLambda, s3Options } from '../aws';
import { addCommonOptions, addS3Options, repeatable, type S3Flags } from '../options';
import type { Perform } from '../perform';
import { columns } from '../terminal';
import { ageOf } from '../version-text';

interface PruneFlags extends S3Flags {
  readonly keep?: number;
  readonly olderThan?: string;
  readonly inUseBy?: string[];
  readonly yes?: boolean;
}

/** The command that deletes versions that nobody needs. */
export function addPruneCommand(program: Command, perform: Perform): void {
  const prune = program.command('prune').summary('delete published versions that nobody needs')
    .description('Tells which versions would be deleted, and with --yes deletes them: none of the newest ones, and none that a Lambda '
      + 'function of the account and region runs, in any of its versions, to which its aliases point.')
    .argument('[version...]', 'the versions to delete (default: all that are neither kept nor in use)')
    .addOption(new Option('--keep <number>', 'how many versions stay in any case, those that were published last').argParser(wholeNumber))
    .option('--older-than <age>', 'keep what is younger than 90d, 12w or 36h')
    .addOption(repeatable('--in-use-by <name>', 'keep what these use, too: a function or alias elsewhere, by its ARN, or a stack'))
    .addOption(new Option('--yes', 'delete them; without it nothing is deleted').conflicts('dryRun'));
  addCommonOptions(addS3Options(prune), { writes: true });
  prune.action(async (versions: string[], flags: PruneFlags) => {
    const dryRun = flags.yes !== true;
    prune.setOptionValue('dryRun', dryRun);
    return perform(prune, {
      run: async (options) => pruneSourceVersions({
        ...options,
        ...await s3Options(flags),
        lambdaClient: await openLambda(flags),
        cloudFormationClient: flags.inUseBy && await openCloudFormation(flags),
        sourceVersions: versions.length > 0 ? versions : undefined,
        keep: flags.keep,
        olderThan: flags.olderThan,
        inUseBy: flags.inUseBy,
        dryRun,
      }),
      text: (pruned) => pruned.length === 0 ? 'nothing is published there' : prunedText(pruned, dryRun),
    });
  });
}

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('It is a whole number.');
  return Number(value);
}

function prunedText(pruned: readonly PrunedSourceVersion[], dryRun: boolean): string {
  const deleted = pruned.filter(({ outcome }) => outcome === 'deleted');
  const size = bytes(deleted.reduce((sum, version) => sum + version.size, 0));
  return [
    columns([['version', 'age', 'size', 'outcome'], ...pruned.map((version) => [
      version.sourceVersion, ageOf(version), bytes(version.size), outcomeOf(version, dryRun),
    ])]),
    `${deleted.length} of ${pruned.length} versions (${size}) ${dryRun ? 'would be deleted: --yes deletes them' : 'deleted'}`,
  ].join('\n');
}

function outcomeOf({ reason, usedBy }: PrunedSourceVersion, dryRun: boolean): string {
  switch (reason) {
    case undefined: return dryRun ? 'would be deleted' : 'deleted';
    case 'in-use': return `kept: in use by ${usedBy.join(', ')}`;
    case 'digest-unknown': return 'kept: its digest is not known, so it cannot be told who uses it';
    case 'not-named': return 'kept';
    default: return `kept: ${reason}`;
  }
}
