import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { sha256 } from './artifact-digest';
import { markUsed, removeUnused, replaceFolder, WRITING } from './artifact-folders';
import type { ModuleNames } from './build-handler';
import type { Provenance } from './build-provenance';

/** An archive with name, version and digests. */
export interface Artifact {
  /** The project's name. */
  readonly name: string;
  /** Of the built metadata; what is published may have another, see `artifactVersion`. */
  readonly version: string;
  /** Of the installed tree, hexadecimal. */
  readonly sourceSha256: string;
  /** Of the archive's bytes, base64: what Lambda reports as `CodeSha256`. */
  readonly codeSha256: string;
  /** Of the archive, bytes. */
  readonly size: number;
  /** Of the files in it, bytes. */
  readonly unzippedSize: number;
  readonly provenance: Provenance;
  readonly modules: ModuleNames;
}

/** An artifact in files. */
export interface StoredArtifact extends Artifact {
  /** The archive. */
  readonly file: string;
  /** The provenance, as JSON. */
  readonly provenanceFile: string;
}

interface CacheRecord {
  readonly artifact: Artifact;
  /** Tells a damaged record, and one in the wrong place. */
  readonly check: string;
}

function checkOf(fingerprint: string, artifact: Artifact): string {
  return sha256(fingerprint + JSON.stringify(artifact));
}

const ARCHIVE = 'source.zip';
const RECORD = 'artifact.json';
const PROVENANCE = 'provenance.json';
const MAX_ENTRIES = 200;

/**
 * Artifacts by the fingerprint of what they were built from, in a folder of the user's. An entry is a folder that appears by one
 * rename, so that concurrent processes see it whole or not at all, and is checked whenever it is read.
 */
export class ArtifactCache {
  /** The user's cache, moved by `PIP_SOURCE_ARTIFACT_CACHE_DIR`; a folder for this process alone with `PIP_SOURCE_ARTIFACT_NO_CACHE`. */
  static open(env: NodeJS.ProcessEnv = process.env): ArtifactCache {
    if (!env.PIP_SOURCE_ARTIFACT_NO_CACHE) {
      const folder = env.PIP_SOURCE_ARTIFACT_CACHE_DIR || path.join(userCacheFolder(env), 'pip-source-artifact');
      try {
        for (const needed of [folder, path.join(folder, 'artifacts')]) {
          fs.mkdirSync(needed, { recursive: true });
          fs.accessSync(needed, fs.constants.W_OK);
        }
        return new ArtifactCache(path.resolve(folder));
      } catch { /* a read-only home is no reason to fail: see below */ }
    }
    const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'pip-source-artifact-cache-'));
    process.once('exit', () => fs.rmSync(temporary, { recursive: true, force: true }));
    return new ArtifactCache(temporary);
  }

  constructor(readonly folder: string) {}

  /** Where build environments are kept. */
  get environments(): string {
    return path.join(this.folder, 'environments');
  }

  /** The artifact, if it is there and undamaged. */
  read(fingerprint: string): StoredArtifact | undefined {
    const entry = this.entry(fingerprint);
    try {
      const { artifact, check }: CacheRecord = JSON.parse(fs.readFileSync(path.join(entry, RECORD), 'utf8'));
      if (check !== checkOf(fingerprint, artifact)) return undefined;
      const file = path.join(entry, ARCHIVE);
      if (sha256(fs.readFileSync(file), 'base64') !== artifact.codeSha256) return undefined;
      if (fs.readFileSync(path.join(entry, PROVENANCE), 'utf8') !== JSON.stringify(artifact.provenance)) return undefined;
      markUsed(entry);
      return { ...artifact, file, provenanceFile: path.join(entry, PROVENANCE) };
    } catch {
      return undefined; // not there or damaged: built anew
    }
  }

  write(fingerprint: string, artifact: Artifact, archive: Buffer): void {
    const entry = this.entry(fingerprint);
    const folder = path.dirname(entry);
    fs.mkdirSync(folder, { recursive: true });
    const temporary = fs.mkdtempSync(path.join(folder, WRITING));
    try {
      fs.writeFileSync(path.join(temporary, ARCHIVE), archive);
      fs.writeFileSync(path.join(temporary, PROVENANCE), JSON.stringify(artifact.provenance));
      const record: CacheRecord = { artifact, check: checkOf(fingerprint, artifact) };
      fs.writeFileSync(path.join(temporary, RECORD), JSON.stringify(record));
      replaceFolder(temporary, entry, () => this.read(fingerprint) !== undefined);
    } finally {
      fs.rmSync(temporary, { recursive: true, force: true });
    }
    removeUnused(folder, MAX_ENTRIES);
  }

  private entry(fingerprint: string): string {
    return path.join(this.folder, 'artifacts', fingerprint);
  }
}

/** @see https://specifications.freedesktop.org/basedir-spec/latest/ */
function userCacheFolder(env: NodeJS.ProcessEnv): string {
  if (env.XDG_CACHE_HOME) return env.XDG_CACHE_HOME;
  if (process.platform === 'win32') return env.LOCALAPPDATA ?? path.join(os.homedir(), 'AppData', 'Local');
  return path.join(os.homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache');
}
