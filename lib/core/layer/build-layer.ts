import * as fs from 'node:fs';
import * as path from 'node:path';
import { refuseGaps } from './closure';
import type { Distribution } from './distribution';
import { excludePackages } from './exclude';
import { excludeFiles } from './exclude-files';
import { refuseLayer, type SizedPackage } from './fitness';
import { mergeDistributions, readDistribution, type LayerTree } from './merge';
import { pickPackages } from './pick';
import { ArtifactError } from '../base/error';
import { packed } from '../base/tree';
import { build } from '../build/build';
import { findInstaller } from '../installer/find';
import { refuseForeign } from '../installer/foreign';
import { buildEnvironment } from '../installer/variables';
import { platformOf } from '../lambda/target';
import { localRequest, type LayerRequest } from '../plan/layer-request';
import type { ArtifactRequest, InstallerKind } from '../plan/source-request';
import { temporaryFolder } from '../process/temporary-folder';
import type { Asked } from '../project/git-state';
import { readProject } from '../project/project';
import { absoluteArguments, absoluteVariables } from '../project/user-paths';
import type { DownloadContext } from './download/command';
import { downloadPackages } from './download/download';
import { splitExclude } from '../plan/split-exclude';
import { surePackages } from '../plan/sure-packages';

export interface LayerBuildOptions {
  /** The folder of the kept build environments, for packages that are built from their folders. */
  readonly environments?: string;
  /** Is told what packages that are built from their folders ask git. */
  readonly onAsked?: (asked: Asked) => void;
  readonly signal?: AbortSignal;
  /** Told what installs, as soon as that is known. */
  readonly onInstaller?: (kind: InstallerKind) => void;
}

export interface BuiltLayer extends LayerTree {
  /** What files that are excluded by patterns would take, bytes. */
  readonly saved: number;
  /** The Python that fetched. */
  readonly python: string;
}

/**
 * Collect the files of a layer: the packages that its requirements lead to, for its target. They are the same on every machine, and
 * whether pip or uv brings them.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html
 */
export async function buildLayer(given: LayerRequest, options: LayerBuildOptions = {}): Promise<BuiltLayer> {
  const { environments, onAsked, onInstaller, signal } = options;
  refuseForeign(given.pipArgs);
  const { names, patterns } = splitExclude(given.exclude);
  const pipArgs = given.pipArgs && absoluteArguments(given.pipArgs, [process.cwd(), path.dirname(given.requirements.file)]);
  const request = { ...given, pipArgs, exclude: names };
  const temporary = temporaryFolder('pip-dependency-layer');
  try {
    // an interrupted installer leaves files behind, which are removed with our own
    const entry = request.entry ?? path.dirname(request.requirements.file);
    const variables = buildEnvironment(process.env, request.environment ?? {});
    const env = { ...absoluteVariables(variables, [process.cwd(), entry]), TMPDIR: temporary };
    const installer = await findInstaller({ entry, python: request.python, installer: request.installer }, env, signal);
    onInstaller?.(installer.kind);
    const sure = surePackages(given.requirements, given);
    const context = { request, sure, platform: platformOf(request.target), installer, env, temporary, signal };
    const packages = excludePackages(await collectPackages(context, { environments, onAsked, signal }), request);
    refuseGaps(packages, request);
    const { distributions, saved } = excludeFiles(pickPackages(packages, request), patterns);
    refuseLayer(sizesOf(distributions), request); // before anything is unpacked
    const tree = mergeDistributions(distributions);
    refuseLayer(tree.packages, request);
    return { ...tree, saved, python: installer.python };
  } finally {
    fs.rmSync(temporary, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** The sizes of packages in the layer. A file of several packages is in the layer once, and counts for the first. */
function sizesOf(distributions: readonly Distribution[]): SizedPackage[] {
  const counted = new Set<string>();
  return distributions.map(({ name, version, files }) => {
    const own = files.filter((file) => !counted.has(file.path));
    for (const file of own) counted.add(file.path);
    return { name, version, size: own.reduce((sum, { size }) => sum + size, 0) };
  });
}

/** Download the packages of the indexes and build those of folders, at the same time. */
async function collectPackages(context: DownloadContext, options: LayerBuildOptions): Promise<Distribution[]> {
  const { request, installer: { python } } = context;
  const building = Promise.all(request.requirements.local.map(({ folder }) => buildLocal(localRequest(folder, request, python), options)));
  const [downloaded, local] = await Promise.allSettled([downloadPackages(context), building]);
  if (local.status === 'rejected') throw local.reason;
  if (downloaded.status === 'rejected') throw downloaded.reason;
  return [...downloaded.value.filter(({ name }) => !local.value.some((item) => item.name === name)), ...local.value];
}

async function buildLocal(request: ArtifactRequest, options: LayerBuildOptions): Promise<Distribution> {
  try {
    const { tree, asked } = await build(readProject(request.entry), request, options);
    if (asked !== undefined) options.onAsked?.(asked);
    return readDistribution(tree.files.map(packed));
  } catch (error) {
    if (!(error instanceof ArtifactError)) throw error;
    const problem = `the package in ${request.entry}: ${error.trouble.problem}`;
    throw new ArtifactError({ ...error.trouble, problem }, undefined, { cause: error });
  }
}
