import { ArtifactError, redact } from '../../base/error';
import { MAX_UNZIPPED_SIZE, mebibytes } from '../../lambda/limits';
import { OUT_OF_REACH, WITHOUT_CREDENTIALS } from '../../installer/install';
import type { Download, DownloadContext } from './command';
import type { LayerPackage } from '../../contract/contract';
import { explainMissing, findMissing } from '../../installer/missing';
import type { LayerRequest } from '../../plan/layer-request';
import { findWheels } from './ask-index';
import type { CommandFailure } from '../../process/command';

interface Reason { readonly problem?: string; readonly advice: string; readonly hint: string }

// each: what pip or uv prints, and what to do about it; the first that fits
const CAUSES: readonly (readonly [RegExp, Reason])[] = [
  [/DO NOT MATCH THE HASHES|Hash mismatch for/, {
    problem: 'a file is not the one that was locked',
    advice: 'find out who changed it before anything else; if it is right, lock the requirements again',
    hint: 'the hash tells a file that was locked from one that was tampered with, or is of another index',
  }],
  [/Hashes are required in --require-hashes mode|must have a hash|must have their versions? pinned/, {
    problem: 'some requirements have hashes and others have none',
    advice: 'lock them all with hashes, with what they require',
    hint: 'uv pip compile --generate-hashes, or pip-compile --generate-hashes',
  }],
  [/does not let its markers be evaluated for another machine|No module named 'pip\._vendor/, {
    problem: 'this pip cannot resolve requirements for another machine',
    advice: 'lock the requirements, or set installer to uv',
    hint: 'pip 21 to 26 can: this one is inside another than those',
  }],
  [/invalid value '[\w-]+' for '--python-platform|unexpected argument '--python-platform'/, {
    problem: 'this uv does not know the platforms of Lambda', advice: 'take a newer uv', hint: 'uv 0.6 does',
  }],
  [WITHOUT_CREDENTIALS, { advice: 'give it credentials for the index', hint: 'renew the token of the index: PIP_INDEX_URL, UV_INDEX_URL, pip.conf or netrc' }],
  [OUT_OF_REACH, { advice: 'make the package index reachable', hint: 'check the network, and which index is asked: PIP_INDEX_URL, UV_INDEX_URL, pip.conf' }],
  [/is not a supported wheel on this platform|dependency is incompatible with the current platform/, {
    problem: 'a wheel that is required by its URL does not run on the target',
    advice: 'name the wheel for the target',
    hint: 'the end of its name is the platform that it is for',
  }],
  [/Wheel '.*' .*is invalid\.$|has an invalid package format|BadZipFile|Failed to (unzip|extract)|[Bb]ad CRC/m, {
    problem: 'a wheel is damaged', advice: 'renew it where it comes from, or download it anew', hint: 'pip cache purge and uv cache clean remove what was downloaded before',
  }],
];

const CONFLICT: readonly [RegExp, Reason] = [/ResolutionImpossible|conflicting dependencies|No solution found|are incompatible/, {
  problem: 'no versions fit together that satisfy all requirements on the target',
  advice: 'loosen one of the requirements that the output names',
  hint: 'versions without a wheel for the target do not count',
}];

/** Why a download failed, and what to do about it. */
export async function explainDownload(context: DownloadContext, wanted: Download, failure: CommandFailure): Promise<ArtifactError> {
  const { output, command } = failure.process;
  let cause = causeOf(output);
  const missing = cause ? undefined : findMissing(output);
  if (missing) {
    const there = await findWheels(context, missing);
    const isKnown = there.tags.length > 0 || there.hasSource || there.fitting.length > 0;
    cause = isKnown ? undefined : causeOf(there.log);
    const missed = cause ? undefined : explainMissing(context, missing, there);
    if (missed) return new ArtifactError({ code: 'build', ...missed }, undefined, { cause: failure });
  }
  return new ArtifactError({
    code: 'build',
    problem: `${context.installer.kind} could not download the packages`,
    got: mismatched(output),
    ...cause ?? (CONFLICT[0].test(output) ? CONFLICT[1] : { advice: 'correct what its output names', hint: redact(`asked for: ${wanted.lines.slice(0, 5).join(', ')}`) }),
    process: { ...failure.process, command: command.replace(/( --platform \S+)( --platform \S+)+/, '$1 …') },
  }, undefined, { cause: failure });
}

function causeOf(output: string): Reason | undefined {
  return CAUSES.find(([pattern]) => pattern.test(output))?.[1];
}

/** The packages whose hashes are others. */
function mismatched(output: string): string[] | undefined {
  const found = [...output.matchAll(/^\s+(\S+)(?: from .*)?:\n\s+Expected sha|Hash mismatch for `(.+?)`/gm)].map(([, pip, uv]) => pip ?? uv);
  return found.length > 0 ? found : undefined;
}

/** Refuse a layer that Lambda would not take. */
export function refuseLayer(packages: readonly LayerPackage[], { exclude = [], requirements }: LayerRequest, maxSize = MAX_UNZIPPED_SIZE): void {
  if (packages.length === 0) {
    throw new ArtifactError({
      code: 'usage',
      problem: `nothing is left of ${requirements.format} for the layer`,
      got: exclude.length > 0 ? exclude : undefined,
      advice: exclude.length > 0 ? 'take packages out of exclude, or do without the layer' : 'add requirements, or do without the layer',
    });
  }
  const size = packages.reduce((sum, item) => sum + item.size, 0);
  if (size <= maxSize) return;
  const largest = [...packages].sort((a, b) => b.size - a.size).slice(0, 10);
  throw new ArtifactError({
    code: 'build',
    problem: `the layer is larger than Lambda's ${mebibytes(maxSize)} unzipped`,
    got: mebibytes(size),
    advice: 'exclude packages that the function does not import, or that the runtime brings',
    hint: `the largest packages: ${largest.map((item) => `${item.name} ${item.version} (${mebibytes(item.size)})`).join(', ')}`,
  });
}
