import * as path from 'node:path';
import { ArtifactCache, type StoredArtifact } from './artifact-cache';
import type { FileDigest } from './artifact-digest';
import { ArtifactError, type Trouble } from './artifact-error';
import { recallRequests, rememberRequest, type NamedRequest } from './artifact-memory';
import { artifactVersion, fingerprint } from './artifact-request';
import { readProject, type Project } from './build-project';
import { digestSourceTree, listSourceTree } from './build-source-tree';
import { checkVersion } from './publish-object-key';

/** An artifact that has to be built. */
export interface BuilderTask extends NamedRequest {
  readonly project: Project;
  /** Of the files as the app read them. */
  readonly fingerprint: string;
}

/** What the builder process is asked. */
export interface BuilderQuestion {
  readonly tasks: readonly BuilderTask[];
  readonly cacheFolder: string;
}

/** What it answers to each task: the artifact is in the cache, or why it is not. */
export type BuilderAnswer = { readonly fingerprint: string } | { readonly trouble: Trouble } | { readonly crash: string };

/** Made by esbuild from artifact-process.ts, with the asynchronous libraries inside. */
const BUILDER = path.join(__dirname, '..', 'builder', 'index.mjs');

/**
 * The artifacts of one app. A request that was answered once is answered the same until the app ends, so that a project that is used
 * a hundred times is read and built once. Synchronous, as constructors are.
 */
export class ArtifactSession {
  private readonly artifacts = new Map<string, StoredArtifact>();
  private readonly sources = new Map<string, FileDigest[]>();
  /** By the fingerprint of the task. */
  private readonly answers = new Map<string, BuilderAnswer>();
  private openCache?: ArtifactCache;

  /** The artifact, from the cache when nothing that the build reads has changed: no process is started then. */
  obtain(named: NamedRequest): StoredArtifact {
    const question = JSON.stringify(named.request);
    const known = this.artifacts.get(question);
    if (known) return known;

    rememberRequest(this.cache.folder, named);
    const task = this.taskOf(named);
    const { project, request } = task;
    if (project.version !== undefined) checkVersion(project.version);
    const stored = this.cache.read(task.fingerprint) ?? this.build(task);
    const artifact = { ...stored, version: artifactVersion(project, request, stored.version) };
    this.artifacts.set(question, artifact);
    return artifact;
  }

  private get cache(): ArtifactCache {
    return this.openCache ??= ArtifactCache.open();
  }

  private taskOf({ request, where }: NamedRequest): BuilderTask {
    const project = readProject(request.entry);
    const tree = JSON.stringify([request.entry, request.exclude]);
    const source = this.sources.get(tree) ?? digestSourceTree(listSourceTree(project.entry, request.exclude));
    this.sources.set(tree, source);
    return { request, where, project, fingerprint: fingerprint(project, request, source) };
  }

  private build(task: BuilderTask): StoredArtifact {
    if (!this.answers.has(task.fingerprint)) {
      const tasks = [task, ...this.foreseenTasks(task)];
      askBuilder({ tasks, cacheFolder: this.cache.folder }).forEach((answer, i) => this.answers.set(tasks[i].fingerprint, answer));
    }
    const answer = this.answers.get(task.fingerprint)!;
    if ('trouble' in answer) throw new ArtifactError(answer.trouble);
    if ('crash' in answer) throw new Error(`the builder process crashed; this is a bug of cdk-pip-source-artifact, please report it:\n${answer.crash}`);
    const artifact = this.cache.read(answer.fingerprint);
    if (!artifact) throw new Error(`the artifact vanished from the cache ${this.cache.folder} after it was built`);
    return artifact;
  }

  /**
   * What the app is going to ask for, as it did in its last synth, and has to be built too: constructors come one after the other,
   * and this way their builds do not.
   */
  private foreseenTasks(first: BuilderTask): BuilderTask[] {
    const tasks = new Map<string, BuilderTask>();
    for (const named of recallRequests(this.cache.folder)) {
      if (this.artifacts.has(JSON.stringify(named.request))) continue;
      try {
        const task = this.taskOf(named);
        if (task.fingerprint !== first.fingerprint && !this.cache.read(task.fingerprint)) tasks.set(task.fingerprint, task);
      } catch { /* whoever asks for it gets the error; perhaps nobody does any more */ }
    }
    return [...tasks.values()];
  }
}

function askBuilder(question: BuilderQuestion): BuilderAnswer[] {
  const { spawnSync } = process.getBuiltinModule('node:child_process'); // an app in which nothing is built starts without it
  const { NODE_OPTIONS: _, ...env } = process.env; // a loader or an inspector of the app is not for the builder
  const { stdout, status, signal, error } = spawnSync(process.execPath, [BUILDER], {
    env, input: JSON.stringify(question), stdio: ['pipe', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw error;
  if (!stdout) throw new Error(`the builder process ended early (${signal ?? `exit code ${status}`})`);
  return JSON.parse(stdout);
}
