import { askBuilder } from './builder-client';
import type { SourceTask, LayerTask, BuilderTask, BuilderAnswer, NamedLayer, NamedRequest, NamedSource } from './builder-protocol';
import { recallRequests, rememberRequest } from './last-synth';
import { ArtifactError } from '../base/error';
import type { FileDigest } from '../base/tree';
import { ArtifactCache } from '../cache/cache';
import type { StoredArtifact, StoredLayer } from '../cache/records';
import type { LayerRequirements } from '../lock/locked';
import type * as LayerKeys from '../plan/layer-key';
import type * as LayerRequests from '../plan/layer-request';
import { checkVersion } from '../plan/object-key';
import { fingerprint } from '../plan/source-key';
import { splitExclude } from '../plan/split-exclude';
import { artifactVersion } from '../plan/source-version';
import { readProject, type Project } from '../project/project';
import { DIRTY, findRepository, headCommit } from '../project/repository';
import { digestSourceTree, listSourceTree } from '../project/source-tree';

export interface ObtainedLayer extends StoredLayer {
  /** What it was made of. */
  readonly requirements: LayerRequirements;
  /** Names of packages that it was told to leave out, normalised. */
  readonly excluded: readonly string[];
}

/**
 * The artifacts and layers of one app. A request that was answered once is answered the same until the app ends, so that a project that
 * is used a hundred times is read and built once. Synchronous, as constructors are.
 */
export class ArtifactSession {
  private readonly artifacts = new Map<string, StoredArtifact>();
  private readonly layers = new Map<string, ObtainedLayer>();
  private readonly sources = new Map<string, FileDigest[]>();
  /** By the fingerprint of the task. */
  private readonly answers = new Map<string, BuilderAnswer>();
  private openCache?: ArtifactCache;

  /** The artifact, from the cache when nothing that the build reads has changed: no process is started then. */
  obtain(named: Omit<NamedSource, 'kind'>): StoredArtifact {
    return this.once(this.artifacts, { ...named, kind: 'source' }, (task) => {
      const { project, request } = task as SourceTask;
      if (project.version !== undefined) checkVersion(project.version);
      const stored = this.keptArtifact(task as SourceTask) ?? this.make(task, (key) => this.cache.read(key));
      return { ...stored, version: artifactVersion(project, request, stored.version) };
    });
  }

  /** The layer, from the cache when neither the requirements nor the target have changed. */
  obtainLayer(named: Omit<NamedLayer, 'kind'>): ObtainedLayer {
    return this.once(this.layers, { ...named, kind: 'layer' }, (task) => {
      const { requirements, exclude } = (task as LayerTask).request;
      const stored = this.keptLayer(task as LayerTask) ?? this.make(task, (key) => this.cache.readLayer(key));
      return { ...stored, requirements, excluded: splitExclude(exclude).names };
    });
  }

  private once<T>(known: Map<string, T>, named: NamedRequest, make: (task: BuilderTask) => T): T {
    const question = JSON.stringify(named.request);
    const found = known.get(question);
    if (found) return found;
    rememberRequest(this.cache.folder, named);
    const made = make(this.taskOf(named));
    known.set(question, made);
    return made;
  }

  private get cache(): ArtifactCache {
    return this.openCache ??= ArtifactCache.open();
  }

  private taskOf(named: NamedRequest): BuilderTask {
    if (named.kind === 'layer') {
      // an app without layers starts without what reads lock files
      const { readLayerRequest } = require('../plan/layer-request') as typeof LayerRequests; // eslint-disable-line @typescript-eslint/no-require-imports
      const { layerFingerprint } = require('../plan/layer-key') as typeof LayerKeys; // eslint-disable-line @typescript-eslint/no-require-imports
      const request = readLayerRequest(named.request);
      return { ...named, request, fingerprint: layerFingerprint(request) };
    }
    const { request } = named;
    const project = readProject(request.entry);
    const tree = JSON.stringify([request.entry, request.exclude]);
    const source = this.sources.get(tree) ?? digestSourceTree(listSourceTree(project.entry, request.exclude));
    this.sources.set(tree, source);
    return { ...named, project, fingerprint: fingerprint(project, request, source) };
  }

  /** Nothing if it has to be built. */
  private keptArtifact({ fingerprint: key, project }: SourceTask): StoredArtifact | undefined {
    const artifact = process.env.PIP_SOURCE_ARTIFACT_REFRESH ? undefined : this.cache.read(key);
    return artifact && isCommittedSince(artifact, project) ? undefined : artifact;
  }

  /** Nothing if it has to be built. */
  private keptLayer({ fingerprint: key }: LayerTask): StoredLayer | undefined {
    return process.env.PIP_SOURCE_ARTIFACT_REFRESH ? undefined : this.cache.readLayer(key);
  }

  private make<T>(task: BuilderTask, read: (fingerprint: string) => T | undefined): T {
    if (!this.answers.has(task.fingerprint)) {
      const tasks = [task, ...this.foreseenTasks(task)];
      askBuilder({ tasks, cacheFolder: this.cache.folder }).forEach((answer, i) => this.answers.set(tasks[i].fingerprint, answer));
    }
    const answer = this.answers.get(task.fingerprint)!;
    if ('trouble' in answer) throw new ArtifactError(answer.trouble);
    if ('crash' in answer) throw new Error(`the builder process crashed; this is a bug of cdk-pip-source-artifact, please report it:\n${answer.crash}`);
    const made = read(answer.fingerprint);
    if (!made) throw new Error(`what was built vanished from the cache ${this.cache.folder}`);
    return made;
  }

  /**
   * What the app is going to ask for, as it did in its last synth, and has to be built too: constructors come one after the other,
   * and this way their builds do not.
   */
  private foreseenTasks(first: BuilderTask): BuilderTask[] {
    const tasks = new Map<string, BuilderTask>();
    for (const named of recallRequests(this.cache.folder)) {
      if ((named.kind === 'layer' ? this.layers : this.artifacts).has(JSON.stringify(named.request))) continue;
      try {
        const task = this.taskOf(named);
        if (task.fingerprint === first.fingerprint) continue;
        const kept = task.kind === 'layer' ? this.keptLayer(task) : this.keptArtifact(task);
        if (!kept) tasks.set(task.fingerprint, task);
      } catch { /* whoever asks for it gets the error; perhaps nobody does any more */ }
    }
    return [...tasks.values()];
  }
}

/** Whether it was built from changes on top of a commit, and another commit has been made of them: it is built again, to say so. */
function isCommittedSince({ provenance: { git_commit: commit } }: StoredArtifact, { entry }: Project): boolean {
  if (!commit?.endsWith(DIRTY)) return false;
  const repository = findRepository(entry);
  const head = repository && headCommit(repository);
  return head !== undefined && commit !== head + DIRTY;
}
