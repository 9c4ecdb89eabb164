import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { sha256 } from './artifact-digest';
import type { ModuleNames } from './build-handler';

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
  readonly modules: ModuleNames;
}

/** An artifact in a file. */
export interface StoredArtifact extends Artifact {
  readonly file: string;
}

const ARCHIVE = 'source.zip';
const RECORD = 'artifact.json';
const MAX_ENTRIES = 200;
const MIN_AGE = 60 * 60 * 1000; // ms; a younger entry may be in use

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
        fs.mkdirSync(folder, { recursive: true });
        fs.accessSync(folder, fs.constants.W_OK);
        return new ArtifactCache(path.resolve(folder));
      } catch { /* a read-only home is no reason to fail: see below */ }
    }
    const temporary = fs.mkdtempSync(path.join(os.tmpdir(), 'pip-source-artifact-cache-'));
    process.once('exit', () => fs.rmSync(temporary, { recursive: true, force: true }));
    return new ArtifactCache(temporary);
  }

  constructor(readonly folder: string) {}

  /** The artifact, if it is there and undamaged. */
  read(fingerprint: string): StoredArtifact | undefined {
    const entry = this.entry(fingerprint);
    try {
      const artifact: Artifact = JSON.parse(fs.readFileSync(path.join(entry, RECORD), 'utf8'));
      const file = path.join(entry, ARCHIVE);
      if (sha256(fs.readFileSync(file), 'base64') !== artifact.codeSha256) return undefined;
      const now = new Date();
      fs.utimesSync(entry, now, now); // used: not the next to go
      return { ...artifact, file };
    } catch {
      return undefined; // not there or damaged: built anew
    }
  }

  write(fingerprint: string, artifact: Artifact, archive: Buffer): void {
    const entry = this.entry(fingerprint);
    fs.mkdirSync(path.dirname(entry), { recursive: true });
    const temporary = fs.mkdtempSync(path.join(this.folder, 'writing-'));
    try {
      fs.writeFileSync(path.join(temporary, ARCHIVE), archive);
      fs.writeFileSync(path.join(temporary, RECORD), JSON.stringify(artifact));
      replace(temporary, entry, () => this.read(fingerprint) !== undefined);
    } finally {
      fs.rmSync(temporary, { recursive: true, force: true });
    }
    this.prune();
  }

  private entry(fingerprint: string): string {
    return path.join(this.folder, 'artifacts', fingerprint);
  }

  /** Bounded: the entries that were not used for longest go, and what killed processes left. */
  private prune(): void {
    const old = Date.now() - MIN_AGE;
    const aged = (folder: string) => fs.readdirSync(folder)
      .map((name) => path.join(folder, name))
      .map((item) => ({ item, used: fs.statSync(item, { throwIfNoEntry: false })?.mtimeMs ?? 0 }));
    const remains = aged(this.folder).filter(({ item, used }) => path.basename(item).startsWith('writing-') && used < old);
    const unused = aged(path.join(this.folder, 'artifacts')).sort((a, b) => b.used - a.used).slice(MAX_ENTRIES).filter(({ used }) => used < old);
    for (const { item } of [...remains, ...unused]) fs.rmSync(item, { recursive: true, force: true });
  }
}

/** Put a folder in the place of another; one that another process put there meanwhile and that is good stays. */
function replace(source: string, destination: string, isGood: () => boolean): void {
  for (let attempt = 0; ; attempt++) {
    try {
      return fs.renameSync(source, destination);
    } catch (error) {
      if (isGood()) return;
      if (attempt === 3) throw error;
      fs.rmSync(destination, { recursive: true, force: true });
    }
  }
}

/** @see https://specifications.freedesktop.org/basedir-spec/latest/ */
function userCacheFolder(env: NodeJS.ProcessEnv): string {
  if (env.XDG_CACHE_HOME) return env.XDG_CACHE_HOME;
  if (process.platform === 'win32') return env.LOCALAPPDATA ?? path.join(os.homedir(), 'AppData', 'Local');
  return path.join(os.homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache');
}
