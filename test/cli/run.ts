import { Writable } from 'node:stream';
import type { Ended } from './command';
import { runCommandLine } from '../../lib/cli/command-line';

/** The command without its process. */
export async function run(...args: string[]): Promise<Ended> {
  const collect = () => {
    const chunks: string[] = [];
    return { chunks, stream: new Writable({ write: (chunk, _, done) => void (chunks.push(String(chunk)), done()) }) };
  };
  const [stdout, stderr] = [collect(), collect()];
  const exitCode = await runCommandLine(args, { stdout: stdout.stream, stderr: stderr.stream });
  return { exitCode, stdout: stdout.chunks.join(''), stderr: stderr.chunks.join('') };
}
