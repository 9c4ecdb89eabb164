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
  const paths = last?.paths ?? modulesOfPackages(source);
  const sources = paths.map((module) => ({ module, file: sourceOf(module, source) }));
  const isKnown = ({ file }: { readonly file?: FileDigest }) => file === undefined || Object.hasOwn(names, file.sha256);
  if (sources.every(isKnown)) return;
  const files = sources.flatMap(({ module, file }): TreeFile[] => file
    ? [{ path: module, executable: file.executable, content: fs.readFileSync(path.join(copy, file.path)) }] : []);
  const { entry } = request;
  await Promise.all([
    readModules(files, installer, { entry, cacheFolder, isAhead: true, signal }),
    makeBytecode({
      request: bytecodeOfArtifact(request), files, kind: 'project', isAhead: true, python: installer.python, cacheFolder, signal,
    }),
  ]);
}

/** As most backends find them: below `src`, or in packages at the top that are not for tests and the like. */
function modulesOfPackages(source: readonly FileDigest[]): string[] {
  const modules = source.map((file) => file.path).filter((file) => file.endsWith('.py'));
  const below = modules.filter((file) => file.startsWith('src/')).map((file) => file.slice('src/'.length));
  if (below.length > 0) return below;
  const packages = new Set(modules.flatMap((file) => /^([^/]+)\/__init__\.py$/.exec(file)?.[1] ?? []));
  for (const name of ['test', 'tests', 'docs', 'examples', 'scripts', 'tools', 'benchmarks']) packages.delete(name);
  return modules.filter((file) => packages.has(file.split('/')[0]));
}

/** The file that a module is probably a copy of: most are below `src`, or at the top. */
function sourceOf(module: string, source: readonly FileDigest[]): FileDigest | undefined {
  const candidates = source.filter((file) => file.path === module || file.path.endsWith(`/${module}`));
  return candidates.sort((a, b) => a.path.length - b.path.length)[0];
}
