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
 * Compile and read, while the backend runs, the modules that it will probably install: those of the last build, with what is in their
 * sources now. What comes of it is kept by content; so whatever the backend does in truth, no more than time is lost.
 */
export async function deriveAhead(
  { copy, source, installer }: FreshCopy, request: ArtifactRequest, cacheFolder: string, signal?: AbortSignal,
): Promise<void> {
  const last = new KeptModules(cacheFolder, request.entry, installer.identity).read();
  if (!last) return;
  const sources = last.paths.map((module) => ({ module, file: sourceOf(module, source) }));
  const isKnown = ({ file }: { readonly file?: FileDigest }) => file === undefined || Object.hasOwn(last.names, file.sha256);
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

/** The file that a module is probably a copy of: most are below `src`, or at the top. */
function sourceOf(module: string, source: readonly FileDigest[]): FileDigest | undefined {
  const candidates = source.filter((file) => file.path === module || file.path.endsWith(`/${module}`));
  return candidates.sort((a, b) => a.path.length - b.path.length)[0];
}
