import { findWheels, type WheelsThereAre } from './ask-index';
import type { Download, DownloadContext } from './command';
import { explainMissing } from './explain-missing';
import { mebibytes } from '../../base/bytes';
import { ArtifactError, type Finding } from '../../base/error';
import { redact } from '../../base/redact';
import { findMissing, type Missing } from '../../installer/missing';
import { causeOf, conflictOf, mismatched } from '../../installer/output';
import { MAX_UNZIPPED_SIZE } from '../../lambda/limits';
import { parseRequirement } from '../../pep/requirement';
import type { CommandFailure } from '../../process/command';

/** Why a download failed. */
interface Explanation {
  readonly error: ArtifactError;
  /** The package that is missing, if it has a source distribution and no wheel at all. */
  readonly onlySource?: OnlySource;
}

interface OnlySource {
  /** Normalised. */
  readonly name: string;
  /** For messages. */
  readonly what: string;
  /** A line of a requirements file, with the hashes that are asked for. */
  readonly line: string;
}

/** Explain why a download failed. */
export async function explainDownload(context: DownloadContext, wanted: Download, failure: CommandFailure): Promise<Explanation> {
  const { output, command } = failure.process;
  const [, wheel, size] = /larger than a layer: (\S+) has (\d+) bytes/.exec(output) ?? [];
  if (wheel !== undefined) {
    const error = new ArtifactError({
      reference: 'wheels-too-large',
      problem: `a wheel is larger than Lambda's ${mebibytes(MAX_UNZIPPED_SIZE)} unzipped, before it is unpacked`,
      got: `${wheel}, ${mebibytes(Number(size))}`,
      advice: 'exclude packages that the function does not import, or that the runtime brings',
    }, undefined, { cause: failure });
    return { error };
  }
  let cause = causeOf(output);
  const missing = cause ? undefined : findMissing(output);
  if (missing) {
    const there = await findWheels(context, missing);
    const isKnown = there.tags.length > 0 || there.hasSource || there.fitting.length > 0;
    cause = isKnown ? undefined : causeOf(there.log);
    const missed = cause ? undefined : explainMissing(context, missing, there);
    const { name, version } = missing;
    const source = { name, what: [name, version].join(' ').trim(), line: lineOf(missing, wanted) };
    const onlySource = missed && isOnlySource(missed, there) ? source : undefined;
    if (missed) return { error: new ArtifactError(missed, undefined, { cause: failure }), onlySource };
  }
  const error = new ArtifactError({
    reference: 'download-failed',
    problem: `${context.installer.kind} could not download the packages`,
    got: mismatched(output),
    ...cause ?? conflictOf(output) ?? {
      advice: 'correct what its output names',
      hint: redact(`asked for: ${wanted.lines.slice(0, 5).join(', ')}`),
    },
    process: { ...failure.process, command: command.replace(/( --platform \S+)( --platform \S+)+/, '$1 …') },
  }, undefined, { cause: failure });
  return { error };
}

/** Whether there is a source distribution to build; what has wheels for other platforms is native. */
function isOnlySource({ reference }: Finding, { tags, hasSource }: WheelsThereAre): boolean {
  if (tags.length > 0) return false;
  // uv lists no file of such a package, and says only that there is no wheel
  return reference === 'package-without-wheel' || (hasSource && ['package-only-source', 'package-version-unfit'].includes(reference));
}

function lineOf({ name, specifier }: Missing, { lines }: Download): string {
  const isOfName = (line: string) => parseRequirement(line.replace(/ --hash.*$/, '')).name === name;
  return lines.find((line) => line.includes(' --hash') && isOfName(line)) ?? `${name}${specifier}`;
}
