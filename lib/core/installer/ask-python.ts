import { randomBytes } from 'node:crypto';
import { CommandFailure, runCommand, type Command } from '../process/command';

/**
 * Run Python code, and give what it passes to `answer()`, as JSON. It stands between two marks: a Python may print at its start and at
 * its end (sitecustomize, a wrapper).
 */
export async function askPython<T>(
  file: string, code: string, options: Omit<Command, 'file' | 'args'>, flags: readonly string[] = [],
): Promise<T> {
  const mark = `answer-${randomBytes(12).toString('hex')}`;
  const script = `
def answer(value):
    import json, sys
    sys.stdout.write("\\n${mark}" + json.dumps(value) + "${mark}\\n")
    sys.stdout.flush()
${code}`;
  const printed = await runCommand({ ...options, file, args: [...flags, '-c', script] });
  const answer = printed.split(mark)[1];
  if (answer !== undefined) return JSON.parse(answer);
  throw new CommandFailure({ command: `${file} -c …`, exitCode: 0, output: printed.trim() || 'it printed nothing' });
}
