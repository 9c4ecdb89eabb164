import * as fs from 'node:fs';
import * as path from 'node:path';
import { KeptModules, readModules } from './modules';
import type { FileDigest, TreeFile } from '../../base/tree';
import { makeBytecode } from '../../bytecode/make';
import type { FoundInstaller } from '../../installer/find';
import { bytecodeOfArtifact } from '../../plan/inputs/bytecode';
import type { ArtifactRequest } from '../../plan/source-request';

/** A copy of the project, in which its backend runs. */
export interface FreshCopy {
  /** Its folder. */
  readonly copy: string;
  readonly source: readonly FileDigest[];
  readonly installer: FoundInstaller;
}

/**
 * Compile and read, while the backend runs, the modules that it will probably install: those of the last build, or else of the packages
 * that are there, with what is in their sources now. What comes of it is kept by content: whatever the backend does in truth, no more
 * than time is lost.
 */
export async function deriveAhead(
  { copy, source, installer }: FreshCopy, request: ArtifactRequest, cacheFolder: string, signal?: AbortSignal,
): Promise<void> {
  const [last, ahead] = [false, true].map((isAhead) => new KeptModules(cacheFolder, request.entry, installer.identity, isAhead).read());
  const names = { ...last?.names, ...ahead?.names }; // a module that a backend rewrites is of no last build
  const likely = last ? sourcesOf(last.paths, source) : modulesOfPackages(source);
  if (likely.every(({ file }) => Object.hasOwn(names, file.sha256))) return;
  const files = likely.map(({ module, file }): TreeFile => {
    return { path: module, executable: file.executable, content: fs.readFileSync(path.join(copy, file.path)) };
  });
  const { entry } = request;
  await Promise.all([
    readModules(files, installer, { entry, cacheFolder, isAhead: true, signal }),
    makeBytecode({
      request: bytecodeOfArtifact(request), files, kind: 'project', isAhead: true, python: installer.python, cacheFolder, signal,
    }),
  ]);
}

/** A module, as it would be installed, and the file that it is probably a copy of. */
interface LikelyModule {
  readonly module: string;
  readonly file: FileDigest;
}

/** As most backends find them: below `src`, or in packages at the top that are not for tests and the like. */
function modulesOfPackages(source: readonly FileDigest[]): LikelyModule[] {
  const modules = source.filter((file) => file.path.endsWith('.py'));
  const below = modules.filter((file) => file.path.startsWith('src/'));
  if (below.length > 0) return below.map((file) => ({ module: file.path.slice('src/'.length), file }));
  const packages = new Set(modules.flatMap((file) => /^([^/]+)\/__init__\.py$/.exec(file.path)?.[1] ?? []));
  for (const name of ['test', 'tests', 'docs', 'examples', 'scripts', 'tools', 'benchmarks']) packages.delete(name);
  return modules.filter((file) => packages.has(file.path.split('/')[0])).map((file) => ({ module: file.path, file }));
}

/** Those whose paths end as the modules': most are below `src`, or at the top. What a backend makes has none. */
function sourcesOf(modules: readonly string[], source: readonly FileDigest[]): LikelyModule[] {
  const { basename } = path.posix;
  const byName = new Map(modules.map((module): [string, FileDigest[]] => [basename(module), []]));
  for (const file of [...source].sort((a, b) => a.path.length - b.path.length)) byName.get(basename(file.path))?.push(file);
  return modules.flatMap((module) => {
    const file = byName.get(basename(module))!.find((other) => other.path === module || other.path.endsWith(`/${module}`));
    return file ? [{ module, file }] : [];
  });
}
