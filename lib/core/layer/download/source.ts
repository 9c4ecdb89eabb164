import * as fs from 'node:fs';
import * as path from 'node:path';
import { pathToFileURL } from 'node:url';
import { installFromSource, type DownloadContext } from './command';
import { describeTags } from './explain-missing';
import { ArtifactError } from '../../base/error';
import { sha256 } from '../../base/tree';
import { normaliseTree, readTarget, type InstalledTree } from '../../build/installed-tree';
import { explainInstall, lastException } from '../../installer/output';
import { packageTree } from '../../package/write-archive';
import { distInfoFile, headersOf } from '../../pep/dist-info';
import { normaliseName } from '../../pep/requirement';
import { tagsFit } from '../../pep/wheel-tags';
import { CommandFailure, runCommand } from '../../process/command';

/** A wheel that was built from a source distribution. */
export interface BuiltWheel {
  /** Normalised. */
  readonly name: string;
  readonly url: string;
  /** `sha256:…` */
  readonly hash: string;
}

/**
 * Build a package that has only a source distribution, as local packages are built: its wheel must run everywhere. pip or uv fetches it,
 * holds it against its hashes, and keeps what it builds.
 *
 * @param what the package, for messages @param line of a requirements file, with the hashes of the source distribution
 */
export async function buildFromSource(context: DownloadContext, what: string, line: string): Promise<BuiltWheel> {
  const target = fs.mkdtempSync(path.join(context.temporary, 'source-'));
  await runCommand(installFromSource(context, line, target)).catch((failure) => {
    throw failure instanceof CommandFailure ? buildFailed(what, failure) : failure;
  });
  const tree = normaliseTree(readTarget(target));
  const tags = headersOf(distInfoFile(tree.files, 'WHEEL'), 'Tag');
  const fitting = tags.find((tag) => tag.endsWith('-none-any') && tagsFit(tag, context.platform));
  const binaries = tree.files.map((file) => file.path).filter((name) => /\.(so(\.[\d.]+)?|pyd|dylib|dll)$/.test(name));
  if (fitting === undefined || binaries.length > 0) throw isNative(context, what, [...tags, ...binaries.slice(0, 5)]);
  return pack(context, tree, fitting);
}

/** The folder of all wheels that were built for a layer. */
export function builtWheels({ temporary }: Pick<DownloadContext, 'temporary'>): string {
  return path.join(temporary, 'built');
}

async function pack(context: DownloadContext, { name, files }: InstalledTree, tag: string): Promise<BuiltWheel> {
  const [, stem] = files.map((file) => /^([^/]+)\.dist-info\//.exec(file.path)).find((match) => match !== null)!;
  const wheel = path.join(builtWheels(context), `${stem}-${tag}.whl`);
  const content = await packageTree(files, true);
  fs.mkdirSync(path.dirname(wheel), { recursive: true });
  fs.writeFileSync(wheel, content);
  return { name: normaliseName(name), url: pathToFileURL(wheel).href, hash: `sha256:${sha256(content)}` };
}

const ADVICE = 'require a version that has a wheel, or build one on Amazon Linux (pip wheel) '
  + 'and name its folder with --find-links in {pipArgs}';

function buildFailed(what: string, failure: CommandFailure): ArtifactError {
  return new ArtifactError({
    reference: 'source-build-failed',
    problem: `${what} has only a source distribution, and that could not be built`,
    got: lastException(failure.process.output),
    advice: ADVICE,
    process: failure.process,
    hint: explainInstall(failure.process.output).hint,
  }, undefined, { cause: failure });
}

function isNative({ platform }: DownloadContext, what: string, got: readonly string[]): ArtifactError {
  return new ArtifactError({
    reference: 'source-native',
    problem: `${what} has only a source distribution, and its build has native code: that of this machine and not of Lambda`,
    got,
    advice: ADVICE,
    hint: `it needs a wheel for ${describeTags(platform)}`,
  });
}
