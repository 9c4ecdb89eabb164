import { spawnSync } from 'node:child_process';
import * as path from 'node:path';
import { ArtifactCache, type StoredArtifact } from './artifact-cache';
import { ArtifactError, type Trouble } from './artifact-error';
import { artifactVersion, fingerprint, type ArtifactRequest } from './artifact-request';
import { readProject, type Project } from './build-project';
import { digestSourceTree, listSourceTree } from './build-source-tree';
import { checkVersion } from './publish-object-key';

/** What the builder process is asked. */
export interface BuilderQuestion {
  readonly project: Project;
  readonly request: ArtifactRequest;
  readonly cacheFolder: string;
  /** Whose artifact it is, for progress. */
  readonly where: string;
}

/** What it answers: the artifact is in the cache, or why it is not. */
export type BuilderAnswer = { readonly fingerprint: string } | { readonly trouble: Trouble } | { readonly crash: string };

/** Made by esbuild from artifact-process.ts, with the asynchronous libraries inside. */
const BUILDER = path.join(__dirname, '..', 'builder', 'index.mjs');

/**
 * The artifacts of one app: a request that was answered once is answered the same until the app ends, so that a project that is
 * used a hundred times is read and built once. Synchronous, as constructors are.
 */
export class ArtifactSession {
  private readonly answers = new Map<string, StoredArtifact>();
  private cache?: ArtifactCache;

  /** The artifact, from the cache when nothing that the build reads has changed: no process is started then. */
  obtain(request: ArtifactRequest, where: string): StoredArtifact {
    const question = JSON.stringify(request);
    const known = this.answers.get(question);
    if (known) return known;

    const project = readProject(request.entry);
    if (project.version !== undefined) checkVersion(project.version);
    const cache = this.cache ??= ArtifactCache.open();
    const key = fingerprint(project, request, digestSourceTree(listSourceTree(project.entry, request.exclude)));
    const stored = cache.read(key) ?? buildInto(cache, { project, request, cacheFolder: cache.folder, where });
    const artifact = { ...stored, version: artifactVersion(project, request, stored.version) };
    this.answers.set(question, artifact);
    return artifact;
  }
}

function buildInto(cache: ArtifactCache, question: BuilderQuestion): StoredArtifact {
  const { NODE_OPTIONS: _, ...env } = process.env; // a loader or an inspector of the app is not for the builder
  const { stdout, status, signal, error } = spawnSync(process.execPath, [BUILDER], {
    env, input: JSON.stringify(question), stdio: ['pipe', 'pipe', 'inherit'], encoding: 'utf8', maxBuffer: 64 * 1024 * 1024,
  });
  if (error) throw error;
  if (!stdout) throw new Error(`the builder process ended early (${signal ?? `exit code ${status}`})`);
  const answer: BuilderAnswer = JSON.parse(stdout);
  if ('trouble' in answer) throw new ArtifactError(answer.trouble);
  if ('crash' in answer) throw new Error(`the builder process crashed; this is a bug of cdk-pip-source-artifact, please report it:\n${answer.crash}`);
  const artifact = cache.read(answer.fingerprint);
  if (!artifact) throw new Error(`the artifact vanished from the cache ${cache.folder} after it was built`);
  return artifact;
}
