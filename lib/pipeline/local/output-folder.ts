import { once } from 'node:events';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createInterface } from 'node:readline/promises';
import { ArtifactError, refusal } from '../../core/base/error';
import { realPath, statIfThere } from '../../core/base/files';
import type { Reference } from '../../core/base/references';
import type { TreeFile } from '../../core/base/tree';
import { normaliseTree, readTarget } from '../../core/build/installed-tree';

/**
 * Make sure that a folder may be replaced. It is missing, empty or one of our builds, and the user agrees to lose its content.
 * It is never the home folder, the root, the current folder, the project, or a folder that holds one of these.
 *
 * @param folder absolute
 */
export async function allowReplacing(folder: string, project: string, skipPrompt: boolean, signal?: AbortSignal): Promise<void> {
  const real = realPath(folder);
  for (const [name, precious] of [['project', project], ['current folder', process.cwd()], ['home folder', os.homedir()]]) {
    if (!isInside(realPath(precious), real)) continue;
    throw refuseFolder('build-folder-precious', `{dirLambdaSourceBuild} is the ${name}, or holds it: it will not be cleaned`, folder);
  }
  const stat = statIfThere(real);
  if (!stat) return;
  if (!stat.isDirectory()) throw refuseFolder('build-folder-is-file', '{dirLambdaSourceBuild} is a file', folder);
  if (fs.readdirSync(real).length === 0) return;
  const stranger = findStranger(real);
  if (stranger !== undefined) {
    const problem = `{dirLambdaSourceBuild} holds what no build of ours put there (${stranger}): it will not be cleaned`;
    throw refuseFolder('build-folder-not-ours', problem, folder);
  }
  if (!skipPrompt) await askToClean(folder, signal);
}

/** Whether `inner` is `outer` or below it. */
export function isInside(inner: string, outer: string): boolean {
  const relative = path.relative(outer, inner);
  return relative === '' || !(relative === '..' || relative.startsWith(`..${path.sep}`) || path.isAbsolute(relative));
}

/**
 * The first file that shows that a folder is not one of our builds. Its content shows it and not a mark beside it, which would outlive
 * the build: all files of a build are in its RECORD, and normalisation takes nothing away.
 *
 * What was put into a package of the build since, such as `__pycache__` or a stale module, belongs to the build and goes with it. A file
 * beside the packages, or a folder, does not: then it is not known whose the folder is.
 */
function findStranger(folder: string): string | undefined {
  const items = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const odd = items.find((item) => !item.isFile() && !item.isDirectory());
  if (odd) return odd.name;
  const all = readTarget(folder);
  const recorded = new Set(pathsInRecord(all));
  const packages = new Set([...recorded].filter((name) => name.includes('/') && !/^[^/]+\.dist-info\//.test(name)).map(topOf));
  const isInPackage = (name: string) => packages.has(topOf(name));
  const files = all.filter(({ path: name }) => recorded.has(name) || !/^__pycache__\//.test(name) && !isInPackage(name));
  const normal = tryNormalise(files);
  if (!normal) return files[0]?.path ?? items[0].name;
  const listed = new Set(pathsInRecord(files));
  const unlisted = pathsInRecord(normal).find((name) => !listed.has(name));
  const kept = new Map(normal.map((file) => [file.path, file]));
  const isChanged = (file: TreeFile) => file.path.endsWith('.dist-info/WHEEL') && !kept.get(file.path)!.content.equals(file.content);
  return unlisted ?? files.find((file) => !kept.has(file.path) || isChanged(file))?.path;
}

function topOf(name: string): string {
  return name.slice(0, name.indexOf('/') + 1);
}

function tryNormalise(files: readonly TreeFile[]): readonly TreeFile[] | undefined {
  try {
    return normaliseTree(files).files;
  } catch (error) {
    if (error instanceof ArtifactError) return undefined;
    throw error;
  }
}

/** The paths in the RECORD of a tree, as they are written there. */
function pathsInRecord(files: readonly TreeFile[]): string[] {
  const record = files.find((file) => /^[^/]+\.dist-info\/RECORD$/.test(file.path))?.content.toString() ?? '';
  return record.split('\n').filter(Boolean).map((line) => line.replace(/,(sha256=[\w-]+)?,\d*$/, ''));
}

async function askToClean(folder: string, signal?: AbortSignal): Promise<void> {
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new ArtifactError({
      reference: 'build-folder-unconfirmed',
      problem: '{dirLambdaSourceBuild} holds an earlier build, and there is no terminal to ask whether it may be cleaned',
      got: folder,
      advice: 'clean it without asking with {skipPrompt}',
    });
  }
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const question = terminal.question(`Delete the folder ${folder} and all its contents? (y/N) `, { signal });
    // at Ctrl-C the question rejects; at the end of the input the terminal closes
    const answer = await Promise.race([question, once(terminal, 'close').then(() => 'no')]).catch(() => 'no');
    signal?.throwIfAborted();
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    terminal.close();
  }
  throw refusal('build-folder-declined', '{dirLambdaSourceBuild} was not to be cleaned', folder, 'choose another folder, or agree');
}

function refuseFolder(reference: Reference, problem: string, got: string): ArtifactError {
  const advice = 'choose a folder that is empty, not there yet, or an earlier build, such as build/lambda/source/build; '
    + 'or delete it yourself';
  return refusal(reference, problem, got, advice);
}
