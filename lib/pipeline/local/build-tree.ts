import * as path from 'node:path';
import { sayLacking, withCompiling } from './compiling';
import { checkEntryPoint } from './entry-point';
import { allowReplacing, isInside } from './output-folder';
import { REMAINS_PATTERN, writeFolderWhole } from './write-whole';
import { digestFile, digestTree, type TreeFile } from '../../core/base/tree';
import { build, type Build } from '../../core/build/build';
import { readModules } from '../../core/build/derive/modules';
import type { InstalledTree } from '../../core/build/installed-tree';
import { buildAgain, type BuildDifference } from '../../core/build/twice';
import { makeBytecode } from '../../core/bytecode/make';
import { ArtifactCache } from '../../core/cache/cache';
import { openProject } from '../../core/init/open-project';
import { checkVersion } from '../../core/plan/object-key';
import { withSettings, type ArtifactRequest } from '../../core/plan/source-request';
import { artifactVersion } from '../../core/plan/source-version';
import type { Project } from '../../core/project/project';
import { describeUnpackaged, unpackagedData } from '../../core/project/tree/unpackaged';
import { namedHandlers } from '../../core/templates/named-handlers';
import type { BuildOptions, BuildSourceOptions, BuiltSource } from '../model/build';
import { NOTE, type Run } from '../run';

/** The folder for the working files of `buildPackageUploadSourceArtifacts`. */
export function workFolder(project: string): string {
  return path.join(project, 'build', 'lambda', 'source');
}

export type BuildRequest = Omit<BuildSourceOptions, 'pathSetupPyOrPyprojectToml'> & { readonly entry: string };

export interface BuildOutcome {
  readonly tree: InstalledTree;
  /** The Python that built. */
  readonly python: string;
  readonly built: BuiltSource;
}

/** Build a project, and write the installed tree to its folder. */
export async function buildSource(options: BuildRequest, current: Run): Promise<BuildOutcome> {
  const { entry, skipPrompt = false } = options;
  const { file, settings } = openProject(entry);
  const folder = path.resolve(options.dirLambdaSourceBuild ?? path.join(workFolder(entry), 'build'));
  await allowReplacing(folder, entry, skipPrompt || current.dryRun, current.signal);

  current.printValues('Building Lambda source artifacts using pip', {
    pathBinPip: options.pathBinPip,
    pathSetupPyOrPyprojectToml: path.join(entry, file),
    dirLambdaSourceBuild: folder,
  });
  const written = options.dirLambdaSourceBuild === undefined ? workFolder(entry) : folder;
  const exclude = [...options.exclude ?? settings.exclude ?? [], ...leaveOut(written, entry)];
  const { tree, source, installer, ...outcome } = await buildTree({ ...options, exclude }, current);
  const [modules, named] = await Promise.all([readModules(tree.files, installer, { entry, signal: current.signal }), namedHandlers(entry)]);
  const handlers = checkEntryPoint(tree.files, modules, options.handler ?? settings.handler, source, named);
  current.signal?.throwIfAborted();
  const compiled = options.bytecode === undefined ? [] : await compile(options, tree, installer.python, current);
  if (!current.dryRun) writeFolderWhole(folder, [...tree.files, ...compiled]);
  current.print(`sourceVersion = ${outcome.sourceVersion}`);
  current.print(`sourceSha256 = ${outcome.sourceSha256}`);
  if (outcome.unpackagedFiles.length > 0) current.print(`built without ${describeUnpackaged(outcome.unpackagedFiles)}`);
  return { tree, python: installer.python, built: { dirLambdaSourceBuild: folder, ...outcome, handlers } };
}

async function compile(options: BuildRequest, tree: InstalledTree, python: string, current: Run): Promise<readonly TreeFile[]> {
  const { files, record } = await withCompiling(
    options, options.entry, python, current, async (compiling) => makeBytecode({ ...compiling, files: tree.files, kind: 'project' }),
  );
  sayLacking(record, current);
  return files;
}

type BuiltTree = Omit<BuiltSource, 'dirLambdaSourceBuild' | 'handlers'> & Pick<Build, 'tree' | 'source' | 'installer'>;

type TreeOptions = Omit<BuildOptions, 'handler'> & { readonly entry: string };

/** Build a project in memory. */
export async function buildTree(options: TreeOptions, { signal, print }: Run): Promise<BuiltTree> {
  const { project, request } = readOptions(options);
  const built = await withEnvironments(options, (environments) => build(project, request, { environments, signal }));
  if (built.note !== undefined) print(`${NOTE}${built.note}`);
  return describe(project, request, built);
}

type TreeBuiltTwice = BuiltTree & { readonly buildDifferences: BuildDifference[] };

/** Build a project in memory, build it again, and compare the two. */
export async function buildTreeTwice(options: TreeOptions, { signal, print }: Run): Promise<TreeBuiltTwice> {
  const { project, request } = readOptions(options);
  return withEnvironments(options, async (environments) => {
    const first = await build(project, request, { environments, signal });
    if (first.note !== undefined) print(`${NOTE}${first.note}`);
    return { ...describe(project, request, first), buildDifferences: await buildAgain(project, request, first, { environments, signal }) };
  });
}

/** Use the folder of the kept build environments. If the cache is a temporary one, it goes with the call. */
async function withEnvironments<T>({ cache = true }: TreeOptions, use: (folder: string | undefined) => Promise<T>): Promise<T> {
  if (!cache) return use(undefined);
  const open = ArtifactCache.open();
  try {
    return await use(open.environments);
  } finally {
    open.close();
  }
}

function readOptions({ entry, pathBinPip: python, sourceVersion: version, refresh = false, ...options }: TreeOptions) {
  if (version !== undefined) checkVersion(version);
  const project = openProject(entry);
  if (project.version !== undefined) checkVersion(project.version);
  const { installer, pipArgs, exclude } = options;
  const given = options.environment ?? project.settings.environment;
  const environment = refresh ? { ...given, PIP_SOURCE_ARTIFACT_REFRESH: '1' } : given;
  const request: ArtifactRequest = { entry, version, python, installer, pipArgs, environment, exclude };
  return { project, request: withSettings(request, project.settings) };
}

function describe(project: Project, request: ArtifactRequest, { tree, source, installer, provenance }: Build): BuiltTree {
  const digests = tree.files.map(digestFile);
  return {
    tree,
    source,
    installer,
    name: tree.name,
    sourceVersion: artifactVersion(project, request, tree.version),
    sourceSha256: digestTree(digests),
    unzippedSize: tree.size,
    unpackagedFiles: unpackagedData(source, digests),
    provenance: { ...provenance },
  };
}

/** Exclude our own output from the project. `build/` at its top is excluded in any case, unless it is a package. */
function leaveOut(folder: string, entry: string): string[] {
  const escape = (name: string) => name.replace(/[\\!#*?[\] ]/g, '\\$&');
  return isInside(folder, entry) ? [`/${escape(path.relative(entry, folder).split(path.sep).join('/'))}/`, REMAINS_PATTERN] : [];
}
