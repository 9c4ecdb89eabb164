import * as path from 'node:path';
import type { Compiler } from './compiler';
import { readIfThere } from '../base/files';
import { sha256, type TreeFile } from '../base/tree';
import { ArtifactStore } from '../cache/store';

const PACK = 'pack';

/** The modules that were compiled together. */
interface Pack {
  /** In their order in the file; the size of what does not compile is 0. */
  readonly modules: ReadonlyArray<readonly [path: string, sourceSha256: string, size: number]>;
  readonly sha256: string;
}

/** Modules whose bytecode is kept together: those of a project, or of a package in a layer. */
export interface Unit {
  readonly name: string;
  readonly sources: readonly TreeFile[];
}

/** The bytecode of earlier builds, by unit and compiler. */
export class KeptBytecode {
  private readonly packs: ArtifactStore<Pack>;

  constructor(cacheFolder: string, private readonly compiler: Compiler, private readonly root: string) {
    const isWhole = (content: Buffer, pack: Pack) => sha256(content) === pack.sha256;
    this.packs = new ArtifactStore<Pack>(path.join(cacheFolder, 'bytecode'), { [PACK]: isWhole }, true);
  }

  /** The bytecode of those sources that are as they were, by path. */
  read({ name, sources }: Unit): Map<string, Buffer> {
    const found = new Map<string, Buffer>();
    const key = this.keyOf(name);
    const pack = this.packs.read(key);
    const content = pack && readIfThere(this.packs.file(key, PACK));
    if (!content) return found;
    const wanted = new Map(sources.map((source) => [source.path, source.content]));
    let at = 0;
    for (const [file, sourceSha256, size] of pack.modules) {
      const source = wanted.get(file);
      if (source && sha256(source) === sourceSha256) found.set(file, content.subarray(at, at + size));
      at += size;
    }
    return found;
  }

  write({ name, sources }: Unit, compiled: ReadonlyMap<string, Buffer>): void {
    const codes = sources.map((source) => compiled.get(source.path)!);
    const content = Buffer.concat(codes);
    const modules = sources.map((source, i) => [source.path, sha256(source.content), codes[i].length] as const);
    this.packs.write(this.keyOf(name), { modules, sha256: sha256(content) }, { [PACK]: content });
  }

  private keyOf(name: string): string {
    return sha256(JSON.stringify([name, this.root, this.compiler.build]));
  }
}
