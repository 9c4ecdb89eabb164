import type { Command } from 'commander';
import { promoteSourceArtifact } from '../../pipeline/api';
import { openS3 } from '../aws';
import { addCommonOptions, encryptionOption, KMS_KEY, type CommonOptions } from '../options';
import type { Perform } from '../perform';
import { publishedText } from '../version-text';

interface PromoteFlags extends CommonOptions {
  readonly from: string;
  readonly fromProfile?: string;
  readonly fromRegion?: string;
  readonly to: string;
  readonly toProfile?: string;
  readonly toRegion?: string;
  readonly sourceSha256?: string;
  readonly sse?: string;
  readonly sseKmsKeyId?: string;
}

/** The command that copies a published version to another place. */
export function addPromoteCommand(program: Command, perform: Perform): void {
  const promote = program.command('promote').summary('copy a published version to another place')
    .description('Copies a published version to another folder in S3, of another account or region if need be: '
      + 'the same bytes, metadata and tags, by one conditional write.')
    .argument('<version>')
    .requiredOption('--from <url>', 'the folder in S3 where it is, such as s3://test-bucket/lambda/')
    .option('--from-profile <name>', 'the profile of the AWS configuration files that reads')
    .option('--from-region <name>', 'the AWS region of the bucket that it is in')
    .requiredOption('--to <url>', 'the folder in S3 that gets it, such as s3://prod-bucket/lambda/')
    .option('--to-profile <name>', 'the profile of the AWS configuration files that writes')
    .option('--to-region <name>', 'the AWS region of the bucket that gets it')
    .option('--source-sha256 <digest>', 'what its content must be (default: what its metadata says)')
    .addOption(encryptionOption())
    .option('--sse-kms-key-id <key>', KMS_KEY);
  addCommonOptions(promote, { writes: true });
  promote.action(async (sourceVersion: string, flags: PromoteFlags) => perform(promote, {
    run: async (options) => promoteSourceArtifact({
      ...options,
      sourceVersion,
      fromS3Client: await openS3({ profile: flags.fromProfile, region: flags.fromRegion }),
      fromS3DirLambda: flags.from,
      toS3Client: await openS3({ profile: flags.toProfile, region: flags.toRegion }),
      toS3DirLambda: flags.to,
      sourceSha256: flags.sourceSha256,
      serverSideEncryption: flags.sse,
      sseKmsKeyId: flags.sseKmsKeyId,
    }),
    text: (promoted) => publishedText(promoted, flags),
  }));
}
