import { text } from 'node:stream/consumers';
import { TaskProgress } from './progress';
import { bytes } from '../base/bytes';
import { ArtifactError } from '../base/error';
import type { BuildSettings } from '../build/build';
import { compileArtifact, makeArtifact, type MadeArtifact } from '../build/make-artifact';
import { ArtifactCache } from '../cache/cache';
import type { Layer } from '../cache/records';
import { splitExclude } from '../plan/split-exclude';
import { buildsAtOnce } from '../process/parallelism';
import { describeUnpackaged } from '../project/tree/unpackaged';
import type { BuilderAnswer, BuilderQuestion, BuilderTask, LayerTask } from '../synth/builder-protocol';

/**
 * The builder process reads a question from standard input and writes an answer to standard output; standard error is for the user.
 * It is a process of its own because constructors are synchronous, but pip, execa and archiver are not.
 */
async function main(): Promise<void> {
  const { tasks, cacheFolder }: BuilderQuestion = JSON.parse(await text(process.stdin));
  const interruption = new AbortController();
  // `on` and not `once`: at a signal that nobody else listens to, execa ends the process before the temporary folder is removed
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interruption.abort());
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interruption.abort()); // the app has ended

  const cache = new ArtifactCache(cacheFolder);
  const progress = new TaskProgress();
  const answers: BuilderAnswer[] = [];
  const waiting = tasks.keys(); // shared by the workers: each takes the next
  const work = async () => {
    for (const i of waiting) answers[i] = await buildTask(tasks[i], cache, progress, interruption.signal);
  };
  await Promise.all(Array.from({ length: buildsAtOnce() }, work));
  if (interruption.signal.aborted) process.exit(130);
  process.stdout.write(JSON.stringify(answers));
}

async function buildTask(task: BuilderTask, cache: ArtifactCache, progress: TaskProgress, signal: AbortSignal): Promise<BuilderAnswer> {
  const product = task.kind === 'layer' ? describeLayer(task) : task.project.displayName;
  const started = performance.now();
  let line = '';
  let installer = '';
  try {
    const { fingerprint, detour, note, savedSize, unpackaged } = await make(task, cache, {
      signal,
      onInstaller: (kind) => {
        installer = kind;
        line = `${task.where}: building ${product} with ${kind}`;
        progress.start(line);
      },
    });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const remarks = [
      detour !== undefined && `, by ${installer} alone (${detour})`,
      savedSize !== undefined && `, ${bytes(savedSize)} smaller by excluded files`,
      unpackaged && unpackaged.length > 0 && `, without ${describeUnpackaged(unpackaged)}`,
    ];
    progress.end(line, `${task.where}: built ${product} in ${seconds} s${remarks.filter(Boolean).join('')}`);
    if (note !== undefined) progress.say(`${task.where}: ${note}`);
    return { fingerprint };
  } catch (error) {
    progress.end(line);
    return error instanceof ArtifactError ? { trouble: error.trouble } : { crash: (error as Error).stack ?? String(error) };
  }
}

async function make(
  task: BuilderTask, cache: ArtifactCache, options: Omit<BuildSettings, 'environments'>,
): Promise<Omit<MadeArtifact, 'unpackaged'> & Partial<MadeArtifact> & Pick<Layer, 'savedSize'>> {
  const { content, request } = task;
  if (task.kind === 'source') {
    const compiled = content === undefined ? undefined : await compileArtifact(content, task.request, cache, options.signal);
    return compiled ?? makeArtifact(task.project, task.request, cache, options);
  }
  // most builders make no layer, and start sooner without its code
  const { compileLayer, makeLayer } = await import('../layer/make-layer.js');
  const compiled = content === undefined ? undefined : await compileLayer(content, task.request, cache, options.signal);
  const { fingerprint, savedSize } = compiled ?? await makeLayer(task.request, cache, options);
  const hasPatterns = splitExclude(request.exclude).patterns.length > 0;
  return { fingerprint, savedSize: savedSize ?? (hasPatterns ? 0 : undefined) };
}

function describeLayer({ request: { requirements, target } }: LayerTask): string {
  return `a layer for ${target.runtime} on ${target.architecture} from ${requirements.format}`;
}

void main();

export {}; // else esbuild takes it for CommonJS, and leaves nothing out of what it imports
