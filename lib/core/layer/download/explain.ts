import { findWheels } from './ask-index';
import type { Download, DownloadContext } from './command';
import { explainMissing } from './explain-missing';
import { mebibytes } from '../../base/bytes';
import { ArtifactError } from '../../base/error';
import { redact } from '../../base/redact';
import { findMissing } from '../../installer/missing';
import { causeOf, conflictOf, mismatched } from '../../installer/output';
import { MAX_UNZIPPED_SIZE } from '../../lambda/limits';
import type { CommandFailure } from '../../process/command';

/** Explain why a download failed. */
export async function explainDownload(context: DownloadContext, wanted: Download, failure: CommandFailure): Promise<ArtifactError> {
  const { output, command } = failure.process;
  const [, wheel, size] = /larger than a layer: (\S+) has (\d+) bytes/.exec(output) ?? [];
  if (wheel !== undefined) {
    return new ArtifactError({
      reference: 'wheels-too-large',
      problem: `a wheel is larger than Lambda's ${mebibytes(MAX_UNZIPPED_SIZE)} unzipped, before it is unpacked`,
      got: `${wheel}, ${mebibytes(Number(size))}`,
      advice: 'exclude packages that the function does not import, or that the runtime brings',
    }, undefined, { cause: failure });
  }
  let cause = causeOf(output);
  const missing = cause ? undefined : findMissing(output);
  if (missing) {
    const there = await findWheels(context, missing);
    const isKnown = there.tags.length > 0 || there.hasSource || there.fitting.length > 0;
    cause = isKnown ? undefined : causeOf(there.log);
    const missed = cause ? undefined : explainMissing(context, missing, there);
    if (missed) return new ArtifactError(missed, undefined, { cause: failure });
  }
  return new ArtifactError({
    reference: 'download-failed',
    problem: `${context.installer.kind} could not download the packages`,
    got: mismatched(output),
    ...cause ?? conflictOf(output) ?? {
      advice: 'correct what its output names',
      hint: redact(`asked for: ${wanted.lines.slice(0, 5).join(', ')}`),
    },
    process: { ...failure.process, command: command.replace(/( --platform \S+)( --platform \S+)+/, '$1 …') },
  }, undefined, { cause: failure });
}
