import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Artifact, StoredArtifact, Layer, StoredLayer } from './records';
import { ArtifactStore } from './store';
import { sha256 } from '../base/tree';
import { isSet } from '../base/variables';
import { keyWithGit } from '../plan/source-key';
import type { Asked, GitReader } from '../project/git-state';

const SOURCE = 'source.zip';
const LAYER = 'layer.zip';

/** The user's artifacts and layers, by their keys: the fingerprints of the inputs of their builds. */
export class ArtifactCache {
  /**
   * Open the user's cache, or that in `PIP_SOURCE_ARTIFACT_CACHE_DIR`. With `PIP_SOURCE_ARTIFACT_NO_CACHE`, or if the folder is not
   * writable, the cache is a temporary one.
   */
  static open(env: NodeJS.ProcessEnv = process.env): ArtifactCache {
    if (!isSet('PIP_SOURCE_ARTIFACT_NO_CACHE', env)) {
      const folder = env.PIP_SOURCE_ARTIFACT_CACHE_DIR || path.join(userCacheFolder(env), 'pip-source-artifact');
      try {
        for (const needed of [folder, path.join(folder, 'artifacts')]) {
          fs.mkdirSync(needed, { recursive: true, mode: 0o700 });
          fs.accessSync(needed, fs.constants.W_OK);
        }
        return new ArtifactCache(path.resolve(folder));
      } catch { /* a read-only home is no reason to fail */ }
    }
    return ArtifactCache.temporary();
  }

  /** An empty cache, which is there until it is closed or the process ends. */
  static temporary(): ArtifactCache {
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pip-source-artifact-cache-'));
    const remove = () => fs.rmSync(folder, { recursive: true, force: true });
    process.once('exit', remove);
    return new ArtifactCache(folder, () => {
      process.off('exit', remove);
      remove();
    });
  }

  private readonly artifacts: ArtifactStore<Artifact>;
  private readonly layers: ArtifactStore<Layer>;
  /** What the builds of a key ask git. */
  private readonly asked: ArtifactStore<Asked>;
  /** By the key of content: the key under which it was written last, with its bytecode or without. */
  private readonly contents: ArtifactStore<string>;

  /** @param close removes a temporary cache, and does nothing to another */
  constructor(readonly folder: string, readonly close: () => void = () => {}) {
    this.artifacts = new ArtifactStore<Artifact>(path.join(folder, 'artifacts'), { [SOURCE]: isArchiveOf });
    this.layers = new ArtifactStore<Layer>(path.join(folder, 'layers'), { [LAYER]: isArchiveOf }, true);
    this.asked = new ArtifactStore<Asked>(path.join(folder, 'asked'), {});
    this.contents = new ArtifactStore<string>(path.join(folder, 'contents'), {});
  }

  /**
   * The key that leads to an outcome: with git's answers, if the build of it is known to ask.
   *
   * @param key of all other inputs
   * @param entries the folders that are built
   */
  keyOf(key: string, entries: readonly string[], git: GitReader): string {
    return keyWithGit(key, entries, this.asked.read(key), git);
  }

  /** Remember what a build asked, and give the key for its outcome. */
  noteAsked(key: string, entries: readonly string[], asked: Asked | undefined, git: GitReader): string {
    if (asked !== undefined && this.asked.read(key) !== asked) this.asked.write(key, asked, {});
    return keyWithGit(key, entries, asked, git);
  }

  /** The folder in which build environments are kept. */
  get environments(): string {
    return path.join(this.folder, 'environments');
  }

  /** The artifact; `undefined` if the cache does not have it, or has it damaged. */
  read(fingerprint: string): StoredArtifact | undefined {
    const artifact = this.artifacts.read(fingerprint);
    return artifact && { ...artifact, file: this.artifacts.file(fingerprint, SOURCE) };
  }

  /** The artifact of a content, with whatever bytecode. */
  readContent(content: string): StoredArtifact | undefined {
    const key = this.contents.read(content);
    return key === undefined ? undefined : this.read(key);
  }

  /** @param content the key of its content, if its own has the bytecode in it too */
  write(fingerprint: string, artifact: Artifact, archive: Buffer, content?: string): void {
    this.artifacts.write(fingerprint, artifact, { [SOURCE]: archive });
    this.noteContent(content, fingerprint);
  }

  /** The layer; `undefined` if the cache does not have it, or has it damaged. */
  readLayer(fingerprint: string): StoredLayer | undefined {
    const layer = this.layers.read(fingerprint);
    return layer && { ...layer, file: this.layers.file(fingerprint, LAYER) };
  }

  /** The layer of a content, with whatever bytecode. */
  readLayerContent(content: string): StoredLayer | undefined {
    const key = this.contents.read(content);
    return key === undefined ? undefined : this.readLayer(key);
  }

  /** @param content the key of its content, if its own has the bytecode in it too */
  writeLayer(fingerprint: string, layer: Layer, archive: Buffer, content?: string): void {
    this.layers.write(fingerprint, layer, { [LAYER]: archive });
    this.noteContent(content, fingerprint);
  }

  private noteContent(content: string | undefined, key: string): void {
    if (content !== undefined && this.contents.read(content) !== key) this.contents.write(content, key, {});
  }
}

function isArchiveOf(content: Buffer, { codeSha256 }: { readonly codeSha256: string }): boolean {
  return sha256(content, 'base64') === codeSha256;
}

/** @see https://specifications.freedesktop.org/basedir-spec/latest/ */
function userCacheFolder(env: NodeJS.ProcessEnv): string {
  if (env.XDG_CACHE_HOME) return env.XDG_CACHE_HOME;
  if (process.platform === 'win32') return env.LOCALAPPDATA ?? path.join(os.homedir(), 'AppData', 'Local');
  return path.join(os.homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache');
}
