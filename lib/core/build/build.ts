import { buildWheel, NotPlain } from './backend';
import type { FreshCopy } from './derive/ahead';
import { BuildMemory, buildStamp } from './environment/memory';
import { refuseUnfit } from './fitness';
import { normaliseTree, readTarget, type InstalledTree } from './installed-tree';
import { forgetEnvironment } from './kept-environment';
import { Workplace, type PlaceToBuild } from './place/workplace';
import { commitTime, describeBuild, describeCommit, findCheckout, refuseUntold, untold, type Checkout } from './provenance';
import { ArtifactError, refusal } from '../base/error';
import type { Reference } from '../base/references';
import type { FileDigest, TreeFile } from '../base/tree';
import { isSet } from '../base/variables';
import type { Provenance } from '../cache/records';
import { findInstaller, type FoundInstaller } from '../installer/find';
import { refuseForeign } from '../installer/foreign';
import { install } from '../installer/install';
import { asksForMore, ignoresRequiresPython } from '../installer/plain';
import { buildEnvironment } from '../installer/variables';
import { splitArguments } from '../plan/inputs/arguments';
import type { ArtifactRequest, InstallerKind } from '../plan/source-request';
import { type Asked, GitReader } from '../project/git-state';
import type { BuildSystem, Project } from '../project/project';
import { absoluteArguments, absoluteVariables } from '../project/user-paths';
import { readUvSources } from '../project/uv-sources';

export interface BuildSettings {
  /** The folder of the kept build environments. Without it, pip makes one for each build. */
  readonly environments?: string;
  readonly signal?: AbortSignal;
  /** Is told what installs, as soon as that is known. */
  readonly onInstaller?: (kind: InstallerKind) => void;
  /** Is told of a copy when its backend has begun to run. */
  readonly onCopy?: (copy: FreshCopy) => void;
}

export interface Build {
  readonly tree: InstalledTree;
  readonly installer: FoundInstaller;
  /** The project's files as they were copied and built. */
  readonly source: readonly FileDigest[];
  readonly provenance: Provenance;
  /** What the build asked git; `undefined` if nothing. */
  readonly asked?: Asked;
  /** What git knew then. */
  readonly git: GitReader;
  /** Why the commit is not known, although there is a repository. */
  readonly note?: string;
  /** Why pip built it, although a kept environment was to be used. */
  readonly detour?: string;
}

/**
 * Stage 1: a project as pip installs it, without its dependencies. Built from a copy: an in-tree build leaves `build/` and
 * `*.egg-info` in the user's folder, and ships modules that an older `build/lib` still has.
 *
 * @see https://pip.pypa.io/en/stable/cli/pip_install/#cmdoption-t
 */
export async function build(project: Project, given: ArtifactRequest, settings: BuildSettings = {}): Promise<Build> {
  const { environments, signal, onInstaller, onCopy } = settings;
  refuseForeign(given.pipArgs);
  const places = [process.cwd(), project.entry];
  const request = { ...given, pipArgs: absoluteArguments(given.pipArgs ?? [], places) };
  const version = project.versionFromGit ? request.version : undefined;
  const env = absoluteVariables(buildEnvironment(process.env, request.environment ?? {}, version), places);
  const required = ignoresRequiresPython(request, env) ? undefined : project.requiresPython;
  const finding = findInstaller(request, env, signal, required);
  finding.catch(() => {}); // it is waited for when the files are copied
  const checkout = await findCheckout(project.entry, env, signal);
  const commit = checkout && describeCommit(checkout, project.entry, env, signal); // meanwhile
  commit?.catch(() => {}); // nobody waits for it if the build fails first
  if (checkout && project.versionFromGit && request.version === undefined) {
    const time = process.env.SOURCE_DATE_EPOCH ?? await commitTime(checkout, project.entry, env, signal);
    env.SOURCE_DATE_EPOCH = time ?? env.SOURCE_DATE_EPOCH;
  }
  const git = new GitReader();
  if (checkout) git.identify(checkout.repository, project.entry, 'revision'); // a later commit belongs to the next build
  const copies = { project, request, checkout, git, env };
  const workplace = new Workplace(copies);
  try {
    if (environments !== undefined) workplace.prepare();
    const installer = await finding;
    onInstaller?.(installer.kind);
    const { files, ...built } = await buildFiles({ ...copies, installer, signal, onCopy }, workplace, environments);
    const tree = normaliseTree(files);
    refuseUnfit(tree);
    const provenance = describeBuild(tree.name, files, installer, await commit);
    return { tree, installer, ...built, git, provenance, note: checkout && untold(checkout) };
  } catch (error) {
    throw sayWhatWasLeftOut(error, workplace.leftOut);
  } finally {
    workplace.clear();
  }
}

interface Order {
  readonly project: Project;
  readonly request: ArtifactRequest;
  readonly installer: FoundInstaller;
  readonly checkout?: Checkout;
  readonly git: GitReader;
  readonly env: NodeJS.ProcessEnv;
  readonly signal?: AbortSignal;
  readonly onCopy?: BuildSettings['onCopy'];
}

type BuiltFiles = Pick<Build, 'source' | 'asked' | 'detour'> & { readonly files: readonly TreeFile[] };

/** Build plainly if possible. If that fails for any reason, pip builds it all anew, or says why it cannot. */
async function buildFiles(order: Order, workplace: Workplace, environments: string | undefined): Promise<BuiltFiles> {
  const { project, request, installer, env, signal } = order;
  const { buildSystem } = project;
  const sources = readUvSources(project.entry);
  if (installer.kind === 'uv' && sources.ofWorkspace.length > 0) throw refuseWorkspace(sources.ofWorkspace);
  const isPlain = !asksForMore(request, env, installer) && !(installer.kind === 'uv' && sources.ofBuild.length > 0); // uv alone finds them
  if (environments === undefined || !buildSystem || !isPlain) return buildByPip(order, workplace);
  const memory = new BuildMemory(environments, project);
  const stamp = buildStamp(project, installer);
  const known = isSet('PIP_SOURCE_ARTIFACT_REFRESH', env) ? undefined : memory.reasonForPip(stamp);
  if (known !== undefined) return { ...await buildByPip(order, workplace), detour: known };

  const plainly = (folder: string) => buildPlainly({ ...order, buildSystem, memory }, workplace, folder);
  try {
    return await plainly(environments);
  } catch (reason) {
    signal?.throwIfAborted();
    if (reason instanceof ArtifactError && reason.trouble.reference !== 'disk-full') throw reason;
    const built = await buildByPip(order, workplace);
    // pip can build it: was the environment at fault, or will it be so with any?
    const again = reason instanceof NotPlain && reason.environment ? await plainly(workplace.newFolder()).catch((error) => error) : reason;
    signal?.throwIfAborted();
    if (reason instanceof NotPlain && again instanceof NotPlain) memory.remember({ alone: { reason: again.message, stamp } });
    else if (reason instanceof NotPlain && reason.environment && 'files' in again) forgetEnvironment(reason.environment);
    return { ...built, detour: (reason as Error).message };
  }
}

function refuseWorkspace(names: readonly string[]): ArtifactError {
  const problem = 'the build requires members of a uv workspace, and the project is built from a copy, outside of it';
  const advice = 'name their folders in [tool.uv.sources], as in { path = "../name" }, or publish them to an index';
  return refusal('build-requirement-workspace', problem, names, advice);
}

/** A build that asks git in vain may make something up, such as a version. */
function refuseGuess({ checkout, request }: Order, { witness }: PlaceToBuild): void {
  if (checkout && request.version === undefined && witness?.asked === 'revision' && untold(checkout)) throw refuseUntold(checkout);
}

type PlainOrder = Order & { readonly buildSystem: BuildSystem; readonly memory: BuildMemory };

/** Call the build backend in a kept environment. */
async function buildPlainly(order: PlainOrder, workplace: Workplace, environments: string): Promise<BuiltFiles> {
  const { buildSystem, memory, installer, signal } = order;
  const given = Object.keys(order.request.environment ?? {});
  const { places: args } = splitArguments(order.request.pipArgs ?? []);
  return workplace.inMemory(async (place) => {
    const { copy: project, source, target, env, witness } = place;
    const onStart = () => order.onCopy?.({ copy: project, source, installer });
    const files = await buildWheel({
      project, target, buildSystem, installer, environments, memory, env, args, given, gitLog: witness?.log, onStart, signal,
    });
    refuseGuess(order, place);
    return { source, files, asked: witness?.asked };
  });
}

/** Have pip or uv install the project. */
async function buildByPip(order: Order, workplace: Workplace): Promise<BuiltFiles> {
  const { request: { pipArgs: args = [], environment = {} }, installer, signal } = order;
  const given = Object.keys(environment);
  return workplace.onDisk(async (place) => {
    const { copy: project, source, target, env, witness } = place;
    await install(installer, { project, target, args, env, given, signal }).catch((failure) => {
      refuseGuess(order, place);
      throw sayWhereUvLooks(failure, order);
    });
    refuseGuess(order, place);
    return { source, files: readTarget(target), asked: witness?.asked };
  });
}

/** pip does not know the table by which uv finds a requirement of the build. */
function sayWhereUvLooks(error: unknown, { project, installer }: Order): unknown {
  if (!(error instanceof ArtifactError) || error.trouble.reference !== 'build-requirement-missing' || installer.kind === 'uv') return error;
  const { ofBuild } = readUvSources(project.entry);
  if (ofBuild.length === 0) return error;
  const hint = `[tool.uv.sources] says where ${ofBuild.join(', ')} is, which uv alone reads: set {installer} to uv`;
  return new ArtifactError({ ...error.trouble, hint }, undefined, { cause: error.cause });
}

const OF_THE_PROJECT = new Set<Reference>(['install-failed', 'backend-import', 'packages-ambiguous', 'nothing-installed', 'source-empty']);
const SHOWN = 8;

/** A build may fail because it misses a file. */
function sayWhatWasLeftOut(error: unknown, places: readonly string[]): unknown {
  if (!(error instanceof ArtifactError) || !OF_THE_PROJECT.has(error.trouble.reference)) return error;
  const told = places.filter((place) => !/(^|\/)(\.git|\.DS_Store|__pycache__|[^/]*\.py[co])\/?$/.test(place));
  if (told.length === 0) return error;
  const more = told.length > SHOWN ? `, and ${told.length - SHOWN} more` : '';
  const list = told.slice(0, SHOWN).join(', ') + more;
  const hint = `these were left out of the copy that was built: ${list}; an {exclude} of "!<name>" takes one back in`;
  const both = [error.trouble.hint, hint].filter(Boolean).join('\nhint: ');
  return new ArtifactError({ ...error.trouble, hint: both }, undefined, { cause: error.cause });
}
