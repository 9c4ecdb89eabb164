import { text } from 'node:stream/consumers';
import spinner from 'yocto-spinner';
import { makeArtifact } from './artifact';
import { ArtifactCache } from './artifact-cache';
import { ArtifactError } from './artifact-error';
import type { BuilderAnswer, BuilderQuestion } from './artifact-session';

/**
 * The builder process: a question on standard input, an answer on standard output; standard error is the user's. It is a process
 * of its own because constructors are synchronous and pip, execa and archiver are not.
 */
async function main(): Promise<void> {
  const { project, request, cacheFolder, where }: BuilderQuestion = JSON.parse(await text(process.stdin));
  const interruption = new AbortController();
  // `on` and not `once`: execa ends the process at a signal that nobody else listens to, before the temporary folder is gone
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interruption.abort());
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => interruption.abort()); // the app has ended

  const title = `${where}: building ${project.displayName} with pip`;
  const progress = process.stderr.isTTY ? spinner({ text: title }).start() : undefined;
  if (!progress) process.stderr.write(`${title} ...\n`);
  const started = performance.now();
  let answer: BuilderAnswer;
  try {
    const fingerprint = await makeArtifact(project, request, new ArtifactCache(cacheFolder), interruption.signal);
    answer = { fingerprint };
    const done = `${where}: built ${project.displayName} in ${((performance.now() - started) / 1000).toFixed(1)} s`;
    if (progress) progress.success(done);
    else process.stderr.write(`${done}\n`);
  } catch (error) {
    progress?.stop();
    if (interruption.signal.aborted) process.exit(130);
    answer = error instanceof ArtifactError ? { trouble: error.trouble } : { crash: (error as Error).stack ?? String(error) };
  }
  process.stdout.write(JSON.stringify(answer));
}

void main();
