import { execFileSync, spawn } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { text } from 'node:stream/consumers';
import { inject } from 'vitest';
import { digestFile, digestTree, sha256 } from '../../lib/core/base/tree';
import { normaliseTree, readTarget } from '../../lib/core/build/installed-tree';
import { ArtifactCache } from '../../lib/core/cache/cache';
import { buildEnvironment } from '../../lib/core/installer/variables';
import { readArchive } from '../../lib/core/package/read-archive';
import type { ArtifactRequest } from '../../lib/core/plan/source-request';
import { readProject } from '../../lib/core/project/project';
import type { BuilderAnswer, BuilderQuestion } from '../../lib/core/synth/builder-protocol';
import { temporaryFolder } from '../setup/projects';

const BUILDER = path.join(__dirname, '..', '..', 'lib', 'bundled', 'builder', 'index.mjs');

/** How one developer's machine differs from another's. */
export interface Conditions {
  readonly python?: string;
  readonly env?: NodeJS.ProcessEnv;
  readonly umask?: string;
  readonly request?: Partial<ArtifactRequest>;
  /** Whether build environments are kept, the default, or all is left to pip or uv. */
  readonly isolated?: boolean;
  /** Where they are kept, if not with those of the other builds. */
  readonly environments?: string;
}

/** What a project became: its digests, and each file's, so that a failed comparison names the file. */
export interface Outcome {
  readonly sourceSha256: string;
  readonly codeSha256: string;
  readonly files: Readonly<Record<string, string>>;
  /** The lines of METADATA. */
  readonly metadata: readonly string[];
}

/**
 * Build projects in a builder process of their own, as an app does, under other conditions: a umask, a locale or a time zone is a
 * matter of the process.
 */
export async function buildElsewhere<Name extends string>(
  projects: Readonly<Record<Name, string>>, { python, env = {}, umask = '022', request, isolated = false, environments }: Conditions = {},
): Promise<Record<Name, Outcome>> {
  const names = Object.keys(projects) as Name[];
  const cacheFolder = freshCache(environments);
  const tasks = names.map((where) => {
    const entry = projects[where];
    const whole = { entry, python: python ?? inject('machine').python.file, ...request };
    return { kind: 'source' as const, where, project: readProject(entry), request: whole, fingerprint: '' };
  });
  const question: BuilderQuestion = { tasks, cacheFolder };
  const { answers, progress } = await ask(question, umask, { ...env, PIP_SOURCE_ARTIFACT_ISOLATED: isolated ? '1' : undefined });
  const outcomes: Partial<Record<Name, Outcome>> = {};
  for (const [i, answer] of answers.entries()) {
    if (!('fingerprint' in answer)) throw new Error(`${names[i]}: ${JSON.stringify(answer, null, 2)}`);
    const { file, sourceSha256, codeSha256 } = new ArtifactCache(cacheFolder).read(answer.fingerprint)!;
    outcomes[names[i]] = { sourceSha256, codeSha256, ...await contentOf(fs.readFileSync(file)) };
  }
  if (/by pip alone/.test(progress)) throw new Error(`not built in the kept environment:\n${progress}`);
  return outcomes as Record<Name, Outcome>;
}

/** An empty cache, as an entry that is there already would stay; but with the build environments that are there. */
function freshCache(environments = path.join(inject('temporary'), 'environments')): string {
  const folder = temporaryFolder();
  fs.mkdirSync(environments, { recursive: true });
  fs.symlinkSync(environments, path.join(folder, 'environments'));
  return folder;
}

async function ask(question: BuilderQuestion, umask: string, env: NodeJS.ProcessEnv) {
  const child = spawn('sh', ['-c', `umask ${umask}; exec "$0" "$@"`, process.execPath, BUILDER], { env: { ...process.env, ...env }, stdio: 'pipe' });
  child.stdin.end(JSON.stringify(question));
  const [output, progress] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (output === '') throw new Error(`the builder process failed:\n${progress}`);
  return { answers: JSON.parse(output) as BuilderAnswer[], progress };
}

async function contentOf(archive: Buffer): Promise<Pick<Outcome, 'files' | 'metadata'>> {
  const files: Record<string, string> = {};
  let metadata: string[] = [];
  for await (const { path: name, mode, content } of readArchive(archive)) {
    files[name] = `${mode.toString(8)} ${sha256(content)}`;
    if (name.endsWith('.dist-info/METADATA')) metadata = content.toString().split('\n');
  }
  return { files, metadata };
}

/** The digest of what pip itself installs, of an archive or in the user's tree. */
export function digestOfPip(project: string): string {
  const target = temporaryFolder();
  const args = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--no-compile', '--target', target, project];
  execFileSync(inject('machine').developer.file, args, { cwd: target, env: buildEnvironment(process.env, {}), stdio: 'pipe' });
  return digestTree(normaliseTree(readTarget(target)).files.map(digestFile));
}

/** The files that are not the same, by project; a project without differences is left out. */
export function differences(one: Readonly<Record<string, Outcome>>, other: Readonly<Record<string, Outcome>>): Record<string, string[]> {
  const differing = Object.keys(one).map((name): [string, string[]] => {
    const [a, b] = [one[name].files, other[name].files];
    return [name, [...new Set([...Object.keys(a), ...Object.keys(b)])].filter((file) => a[file] !== b[file]).sort()];
  });
  return Object.fromEntries(differing.filter(([, files]) => files.length > 0));
}
