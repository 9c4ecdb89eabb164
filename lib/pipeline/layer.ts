import * as path from 'node:path';
import type { BuildOptions } from './build';
import { allowOverwriting, readFile } from './archive';
import { run, type RunOptions } from './run';
import { writeFileWhole } from './write-whole';
import { ArtifactCache, type StoredLayer } from '../core/cache/cache';
import { makeLayer } from '../core/layer/make-layer';
import { layerFingerprint, readLayerRequest, type LayerRequest } from '../core/plan/layer-request';

/** How a layer is made: the same options as the construct's. */
export interface CreateLayerZipOptions extends RunOptions, Pick<BuildOptions, 'pathBinPip' | 'installer' | 'cache' | 'refresh' | 'pipArgs' | 'environment'> {
  /**
   * The project whose dependencies the layer holds, its folder. Their versions come from the first of these that is there: `uv.lock` (of
   * the project or its workspace), `pylock.toml`, `poetry.lock`, `Pipfile.lock`, `requirements.txt`, `[project].dependencies`.
   *
   * @default - none: `pathRequirements` is needed
   */
  readonly dirProjectRoot?: string;

  /**
   * The file to take the versions from: one of those above, by its name, or any `*.txt` in the format of a requirements file.
   *
   * @default - found in `dirProjectRoot`
   */
  readonly pathRequirements?: string;

  /** The runtime of the functions that use the layer, such as `python3.13`. */
  readonly runtime: string;

  /**
   * The architecture of the functions that use the layer, `x86_64` or `arm64`.
   *
   * @default "x86_64"
   */
  readonly architecture?: string;

  /**
   * Extras of the project whose dependencies are wanted too.
   *
   * @default - none
   */
  readonly extras?: readonly string[];

  /**
   * Dependency groups of the project whose dependencies are wanted too.
   *
   * @default - none
   */
  readonly groups?: readonly string[];

  /**
   * Packages that stay out, such as `boto3`, which Lambda's runtime brings; and what nothing else in the layer requires.
   *
   * @default - none
   */
  readonly exclude?: readonly string[];

  /**
   * The archive's file; an archive that is there is replaced.
   *
   * @default "build/lambda/layer/layer.zip" of the project, or of the folder of `pathRequirements`
   */
  readonly pathLayerZip?: string;
}

/** A layer's archive with its digests. */
export interface LayerZip {
  /** The archive's file, absolute. */
  readonly pathLayerZip: string;
  /** The file that the versions come from, absolute. */
  readonly pathRequirements: string;
  /** Whether that file names every version; else they are those of the day it was built. */
  readonly isLocked: boolean;
  readonly runtime: string;
  readonly architecture: string;
  /** The digest of the layer's files, hexadecimal. It depends on no compressor. */
  readonly layerSha256: string;
  /** The SHA-256 of the archive's bytes in base64, as Lambda reports it in `CodeSha256`. */
  readonly codeSha256: string;
  /** Of the archive, bytes. */
  readonly size: number;
  /** Of the files in it, bytes. */
  readonly unzippedSize: number;
  /** What is in it, as `name==version`. */
  readonly packages: readonly string[];
  /** Those of them that their index has withdrawn, and why, as far as it says. @see https://peps.python.org/pep-0592/ */
  readonly yankedPackages: Readonly<Record<string, string>>;
}

/**
 * The dependencies of a project as the archive of a layer, for the functions' own runtime and architecture, made on any host without
 * Docker. One that was made before of the same requirements is taken from the user's cache.
 *
 * The archive is written as a whole or not at all.
 *
 * @throws ArtifactError with the code `usage` (an option, the lock file) or `build` (pip failed, no wheel for the target)
 */
export async function createLayerZip(options: CreateLayerZipOptions): Promise<LayerZip> {
  return run('createLayerZip', options, async ({ dryRun, signal, print, printValues }) => {
    const { dirProjectRoot, pathRequirements, pathBinPip, architecture = 'x86_64' } = options;
    const [entry, requirements] = [dirProjectRoot, pathRequirements].map((name) => name === undefined ? undefined : path.resolve(name));
    const { runtime, extras, groups, exclude, installer, pipArgs, environment } = options;
    const fetching = { python: pathBinPip, installer, pipArgs, environment };
    const request = readLayerRequest({ entry, requirements, runtime, architecture, extras, groups, exclude, ...fetching });
    const { file, format, isOpen } = request.requirements;
    const folder = path.join(entry ?? path.dirname(file), 'build', 'lambda', 'layer');
    const pathLayerZip = path.resolve(options.pathLayerZip ?? path.join(folder, 'layer.zip'));
    allowOverwriting('pathLayerZip', pathLayerZip);

    printValues('Creating Lambda layer zip file', { pathRequirements: file, runtime, architecture, pathLayerZip });
    if (isOpen) print(`${format} leaves versions open: the layer has those of the day it was built`);
    const { file: stored, ...layer } = await obtainLayer(request, options);
    signal?.throwIfAborted();
    if (!dryRun) writeFileWhole(pathLayerZip, readFile('pathLayerZip', stored));
    print(`layerSha256 = ${layer.layerSha256}`);
    const packages = layer.packages.map(({ name, version }) => `${name}==${version}`);
    const yanked = layer.packages.filter((item) => item.yanked !== undefined);
    const yankedPackages = Object.fromEntries(yanked.map(({ name, version, yanked: reason = '' }) => [`${name}==${version}`, reason]));
    for (const [name, reason] of Object.entries(yankedPackages)) print(`${name} was withdrawn from the index${reason && ` (${reason})`}: require another version`);
    return { pathLayerZip, pathRequirements: file, isLocked: !isOpen, runtime, architecture, ...layer, packages, yankedPackages };
  });
}

async function obtainLayer(request: LayerRequest, { cache: kept = true, refresh = false, signal }: CreateLayerZipOptions): Promise<StoredLayer> {
  const cache = ArtifactCache.open(kept ? process.env : { ...process.env, PIP_SOURCE_ARTIFACT_NO_CACHE: '1' });
  const fingerprint = layerFingerprint(request);
  const known = refresh || process.env.PIP_SOURCE_ARTIFACT_REFRESH ? undefined : cache.readLayer(fingerprint);
  if (known) return known;
  await makeLayer(request, fingerprint, cache, signal);
  return cache.readLayer(fingerprint)!;
}
