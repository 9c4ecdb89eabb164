import * as fs from 'node:fs';
import { build, type BuildSettings } from './build';
import { deriveAhead, type FreshCopy } from './derive/ahead';
import { readModules } from './derive/modules';
import { verifyReproducible } from './twice';
import { digestFile, digestTree, sha256 } from '../base/tree';
import { filesOfContent, makeArchive, withCompiler, type Archive } from '../bytecode/archive';
import type { ArtifactCache } from '../cache/cache';
import type { Artifact } from '../cache/records';
import { loadArchiver } from '../package/write-archive';
import { shortDigests } from '../pep/bytecode';
import { distInfoFile, headerOf, headersOf } from '../pep/dist-info';
import { bytecodeOfArtifact, keyWithBytecode } from '../plan/inputs/bytecode';
import { fingerprint } from '../plan/source-key';
import { type ArtifactRequest } from '../plan/source-request';
import type { Project } from '../project/project';
import { unpackagedData } from '../project/tree/unpackaged';
import { namedHandlers } from '../templates/named-handlers';

export interface MadeArtifact {
  /** The key of the files as they were copied. An edit made meanwhile belongs to the next build. */
  readonly fingerprint: string;
  /** Why pip built it, although a kept environment was to be used. */
  readonly detour?: string;
  /** Why its commit is not known, where there is one. */
  readonly note?: string;
  /** Data beside the modules that the backend leaves out. */
  readonly unpackaged: readonly string[];
}

/** The pipeline up to publication: build → compile → package, the outcome into the cache. */
export async function makeArtifact(
  project: Project, request: ArtifactRequest, cache: ArtifactCache, { signal, onInstaller }: Omit<BuildSettings, 'environments'> = {},
): Promise<MadeArtifact> {
  const options = { environments: cache.environments, signal };
  const ahead: Promise<void>[] = [];
  const onCopy = (copy: FreshCopy) => {
    ahead.push(deriveAhead(copy, request, cache.folder, signal));
    void loadArchiver();
  };
  const built = await build(project, request, { ...options, onInstaller, onCopy }).finally(async () => Promise.allSettled(ahead));
  if (request.verifyReproducible) await verifyReproducible(project, request, built, options);
  const { tree, source, asked, git, provenance, installer, detour, note } = built;
  const wanted = bytecodeOfArtifact(request);
  const place = { kind: 'project', cacheFolder: cache.folder } as const;
  const order = { ...place, request: wanted, files: tree.files, python: installer.python, signal };
  const [archive, modules, named] = await Promise.all([
    makeArchive(order),
    readModules(tree.files, installer, { entry: project.entry, cacheFolder: cache.folder, signal }),
    namedHandlers(project.entry),
  ]);
  const digests = tree.files.map(digestFile);
  const metadata = distInfoFile(tree.files, 'METADATA');
  const artifact: Artifact = {
    name: tree.name,
    version: tree.version,
    sourceSha256: digestTree(digests),
    ...recordedOf(archive),
    unzippedSize: tree.size,
    provenance: { ...provenance, built_with: withCompiler(provenance.built_with, archive.record.bytecode) },
    modules,
    ...named.length > 0 && { namedHandlers: named },
    requires: headersOf(metadata, 'Requires-Dist'),
    requiresPython: headerOf(metadata, 'Requires-Python') || undefined,
  };
  const content = cache.noteAsked(fingerprint(project, request, source, git), [project.entry], asked, git);
  const key = keyWithBytecode(content, wanted);
  cache.write(key, artifact, archive.content, content);
  return { fingerprint: key, detour, note, unpackaged: unpackagedData(source, digests) };
}

/** Compile what another Python compiled, or none: the content is in the cache. `undefined` if it is not there any more. */
export async function compileArtifact(
  content: string, request: ArtifactRequest, cache: ArtifactCache, signal?: AbortSignal,
): Promise<Pick<MadeArtifact, 'fingerprint'> | undefined> {
  const kept = cache.readContent(content);
  if (!kept) return undefined;
  const { file, ...artifact } = kept;
  const wanted = bytecodeOfArtifact(request);
  const archive = await makeArchive({
    request: wanted, files: await filesOfContent(fs.readFileSync(file)), kind: 'project', cacheFolder: cache.folder, signal,
  });
  const { bytecode: _, provenance, ...rest } = artifact;
  const built = { ...provenance, built_with: withCompiler(provenance.built_with, archive.record.bytecode) };
  const key = keyWithBytecode(content, wanted);
  cache.write(key, { ...rest, ...recordedOf(archive), provenance: built }, archive.content, content);
  return { fingerprint: key };
}

/** What an artifact's record has of its archive. */
function recordedOf({ record, compiled }: Archive): Archive['record'] & Pick<Artifact, 'bytecodeDigests'> {
  const bytecodeDigests = compiled.length === 0 ? undefined : shortDigests(compiled.map(({ content }) => sha256(content)));
  return { ...record, bytecodeDigests };
}
