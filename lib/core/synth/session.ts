import { askBuilder } from './builder-client';
import type { BuilderAnswer, BuilderTask, LayerTask, NamedLayer, NamedRequest, NamedSource, SourceTask } from './builder-protocol';
import { recallRequests, rememberRequest } from './last-synth';
import { memo } from '../base/collections';
import { ArtifactError } from '../base/error';
import type { Reference } from '../base/references';
import type { FileDigest } from '../base/tree';
import { isSet } from '../base/variables';
import { ArtifactCache } from '../cache/cache';
import type { StoredArtifact, StoredLayer } from '../cache/records';
import { openProject } from '../init/open-project';
import type { LayerRequirements } from '../lock/locked';
import type * as Pinned from '../lock/pinned';
import { bytecodeOfArtifact, bytecodeOfLayer, keyWithBytecode } from '../plan/inputs/bytecode';
import { identifyCompilers, type CompilerRequest } from '../plan/inputs/compilers';
import type * as LayerKeys from '../plan/layer-key';
import type * as LayerRequests from '../plan/layer-request';
import { checkVersion } from '../plan/object-key';
import { fingerprint } from '../plan/source-key';
import { withSettings } from '../plan/source-request';
import { artifactVersion } from '../plan/source-version';
import { splitExclude } from '../plan/split-exclude';
import { GitReader } from '../project/git-state';
import type { Project } from '../project/project';
import { DIRTY, findRepository, headCommit } from '../project/repository';
import { digestSourceTree, listSourceTree } from '../project/source-tree';

/** A layer, and the requirements that it was made of. */
export interface ObtainedLayer extends StoredLayer {
  readonly requirements: LayerRequirements;
  /** Names of packages that it was told to leave out, normalised. */
  readonly excluded: readonly string[];
  /** Names of packages in it whose version nothing pins. */
  readonly unpinned: readonly string[];
}

/**
 * The artifacts and layers of one app. The same request gets the same answer until the app ends: a project that is used a hundred times is
 * read and built once. The methods are synchronous, because constructors are.
 */
export class ArtifactSession {
  private readonly artifacts = new Map<string, StoredArtifact>();
  private readonly layers = new Map<string, ObtainedLayer>();
  /** The digests of source files, by folder and `exclude`. */
  private readonly sources = new Map<string, FileDigest[]>();
  /** The builder's answers, by the fingerprint of the task. */
  private readonly answers = new Map<string, BuilderAnswer>();
  private readonly git = new GitReader();
  private readonly identify = identifyOnce();
  private openCache?: ArtifactCache;

  /** The artifact. If no input of its build has changed, it comes from the cache, and no process is started. */
  obtain({ request, where }: Omit<NamedSource, 'kind'>): StoredArtifact {
    const named: NamedSource = { kind: 'source', request, where };
    return this.once(this.artifacts, named, () => {
      const task = this.sourceTask(named);
      const { project } = task;
      if (project.version !== undefined) checkVersion(project.version);
      const stored = this.keptArtifact(task) ?? this.build(task, (key) => this.cache.read(key));
      return { ...stored, version: artifactVersion(project, request, stored.version), handler: project.settings.handler };
    });
  }

  /** The layer. If neither its requirements nor its target have changed, it comes from the cache, and no process is started. */
  obtainLayer({ request, where }: Omit<NamedLayer, 'kind'>): ObtainedLayer {
    const named: NamedLayer = { kind: 'layer', request, where };
    return this.once(this.layers, named, () => {
      const task = this.layerTask(named);
      const stored = this.keptLayer(task) ?? this.build(task, (key) => this.cache.readLayer(key));
      const { unpinnedPackages } = require('../lock/pinned') as typeof Pinned; // eslint-disable-line @typescript-eslint/no-require-imports
      const { requirements, exclude } = task.request;
      return { ...stored, requirements, excluded: splitExclude(exclude).names, unpinned: unpinnedPackages(requirements, stored.packages) };
    });
  }

  /**
   * Whether a layer has anything to hold, as far as files tell it: `undefined` if only a build can.
   *
   * What is wrong with the files is for the layer to tell.
   */
  requires(options: LayerRequests.LayerOptions): boolean | undefined {
    // eslint-disable-next-line @typescript-eslint/no-require-imports
    const { readLayerRequest } = require('../plan/layer-request') as typeof LayerRequests;
    try {
      readLayerRequest(options);
      return true;
    } catch (error) {
      const reference = error instanceof ArtifactError ? error.trouble.reference : undefined;
      if (reference === 'nothing-required' || reference === 'lock-empty') return false;
      return TOLD_BY_BUILD.some((name) => name === reference) ? undefined : true;
    }
  }

  /** The answer to a request, made when it is asked for the first time. */
  private once<T>(answers: Map<string, T>, named: NamedRequest, make: () => T): T {
    const key = JSON.stringify(named.request);
    const known = answers.get(key);
    if (known) return known;
    rememberRequest(this.cache.folder, named);
    const made = make();
    answers.set(key, made);
    return made;
  }

  private get cache(): ArtifactCache {
    return this.openCache ??= ArtifactCache.open();
  }

  private sourceTask(named: NamedSource): SourceTask {
    const project = openProject(named.request.entry);
    const request = withSettings(named.request, project.settings);
    const tree = JSON.stringify([request.entry, request.exclude]);
    const source = this.sources.get(tree) ?? digestSourceTree(listSourceTree(project.entry, request.exclude));
    this.sources.set(tree, source);
    const key = fingerprint(project, request, source, this.git);
    const content = this.cache.keyOf(key, [project.entry], this.git);
    return { ...named, request, project, content, fingerprint: keyWithBytecode(content, bytecodeOfArtifact(request), this.identify) };
  }

  private layerTask(named: NamedLayer): LayerTask {
    // loaded here, because an app without layers starts faster without the readers of lock files
    /* eslint-disable @typescript-eslint/no-require-imports */
    const { readLayerRequest } = require('../plan/layer-request') as typeof LayerRequests;
    const { layerFingerprint } = require('../plan/layer-key') as typeof LayerKeys;
    /* eslint-enable @typescript-eslint/no-require-imports */
    const request = readLayerRequest(named.request);
    const key = layerFingerprint(request, this.git);
    const content = this.cache.keyOf(key, request.requirements.local.map(({ folder }) => folder), this.git);
    return { ...named, request, content, fingerprint: keyWithBytecode(content, bytecodeOfLayer(request), this.identify) };
  }

  /** The artifact in the cache; `undefined` if it has to be built. */
  private keptArtifact({ fingerprint: key, project }: SourceTask): StoredArtifact | undefined {
    const artifact = isSet('PIP_SOURCE_ARTIFACT_REFRESH') ? undefined : this.cache.read(key);
    return artifact && isCommittedSince(artifact, project) ? undefined : artifact;
  }

  /** The layer in the cache; `undefined` if it has to be built. */
  private keptLayer({ fingerprint: key }: LayerTask): StoredLayer | undefined {
    return isSet('PIP_SOURCE_ARTIFACT_REFRESH') ? undefined : this.cache.readLayer(key);
  }

  /** Whether nothing but bytecode is missing. Where the building Python compiles, it is asked as for a build. */
  private isBuilt(task: BuilderTask): boolean {
    if (isSet('PIP_SOURCE_ARTIFACT_REFRESH')) return false;
    if (task.kind === 'layer') return this.cache.readLayerContent(task.content!) !== undefined;
    const artifact = task.request.runtime === undefined ? undefined : this.cache.readContent(task.content!);
    return artifact !== undefined && !isCommittedSince(artifact, task.project);
  }

  /** Build a task, together with those that are foreseen, unless it was one of these. @param read the cache's entry */
  private build<T>(task: BuilderTask, read: (fingerprint: string) => T | undefined): T {
    if (!this.answers.has(task.fingerprint)) {
      const tasks = [task, ...this.foreseenTasks(task)].map((item) => this.isBuilt(item) ? item : { ...item, content: undefined });
      const answers = askBuilder({ tasks, cacheFolder: this.cache.folder });
      for (const [index, answer] of answers.entries()) this.answers.set(tasks[index].fingerprint, answer);
    }
    const answer = this.answers.get(task.fingerprint)!;
    if ('trouble' in answer) throw new ArtifactError(answer.trouble);
    if ('crash' in answer) {
      throw new Error(`the builder process crashed; this is a bug of cdk-pip-source-artifact, please report it:\n${answer.crash}`);
    }
    const made = read(answer.fingerprint);
    if (!made) throw new Error(`what was built vanished from the cache ${this.cache.folder}`);
    return made;
  }

  /**
   * The tasks that the app will probably ask for next, because it did so in its last synth, and that have to be built too. Constructors run
   * one after the other; this way their builds run at the same time.
   */
  private foreseenTasks(first: BuilderTask): BuilderTask[] {
    const tasks = new Map<string, BuilderTask>();
    for (const named of recallRequests(this.cache.folder)) {
      const answers = named.kind === 'layer' ? this.layers : this.artifacts;
      if (answers.has(JSON.stringify(named.request))) continue;
      try {
        const task = named.kind === 'layer' ? this.layerTask(named) : this.sourceTask(named);
        if (task.fingerprint === first.fingerprint) continue;
        const kept = task.kind === 'layer' ? this.keptLayer(task) : this.keptArtifact(task);
        if (!kept) tasks.set(task.fingerprint, task);
      } catch { /* the error is thrown when a construct asks for it; perhaps none does any more */ }
    }
    return [...tasks.values()];
  }
}

const TOLD_BY_BUILD: readonly Reference[] = ['nothing-locked', 'requirements-missing', 'setup-py-unlocked', 'requirements-dynamic'];

/** Pythons are looked for once: many layers are for the same runtime. */
function identifyOnce(): typeof identifyCompilers {
  const known = memo((_key: string, request: CompilerRequest, minor: number) => identifyCompilers(request, minor), 100);
  return (request, minor) => known(JSON.stringify([request, minor]), request, minor);
}

/** Whether changes that an artifact was built from have been committed since. It is built again then, to name the new commit. */
function isCommittedSince({ provenance: { git_commit: commit } }: StoredArtifact, { entry }: Project): boolean {
  if (!commit?.endsWith(DIRTY)) return false;
  const repository = findRepository(entry);
  const head = repository && headCommit(repository);
  return head !== undefined && commit !== head + DIRTY;
}
