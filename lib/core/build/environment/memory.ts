import * as fs from 'node:fs';
import * as path from 'node:path';
import { readTextIfThere } from '../../base/files';
import { OUR_VERSION } from '../../base/library-version';
import { sha256 } from '../../base/tree';
import { removeUnused } from '../../cache/folders';
import type { FoundInstaller } from '../../installer/find';
import type { Project } from '../../project/project';

const MAX_PROJECTS = 200;

/** What is known of a project's builds from earlier ones. */
export interface Known {
  /** What its backend requires besides. */
  readonly more: readonly string[];
  /** Why pip alone can build it, and for which of its files that was found. */
  readonly alone?: { readonly reason: string; readonly stamp: string };
}

/** A project's own, in a file beside the build environments. */
export class BuildMemory {
  private readonly file: string;

  constructor(environments: string, { entry, buildSystem }: Project) {
    this.file = path.join(path.dirname(environments), 'requirements', `${sha256(JSON.stringify([entry, buildSystem]))}.json`);
  }

  get more(): readonly string[] {
    return this.read().more;
  }

  /** @param stamp see `buildStamp` */
  reasonForPip(stamp: string): string | undefined {
    const { alone } = this.read();
    return alone?.stamp === stamp ? alone.reason : undefined;
  }

  remember(known: Partial<Known>): void {
    const folder = path.dirname(this.file);
    fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
    fs.writeFileSync(this.file, JSON.stringify({ ...this.read(), ...known }), { mode: 0o600 });
    removeUnused(folder, MAX_PROJECTS);
  }

  private read(): Known {
    try {
      const { more, alone }: Known = JSON.parse(fs.readFileSync(this.file, 'utf8'));
      return { more: Array.isArray(more) ? more : [], alone };
    } catch {
      return { more: [] };
    }
  }
}

/** While this is the same, pip alone can build the project: neither how it is built, nor with what, nor this library has changed. */
export function buildStamp({ entry }: Project, { identity }: FoundInstaller): string {
  const files = ['pyproject.toml', 'setup.py', 'setup.cfg'].map((name) => readTextIfThere(path.join(entry, name)));
  return sha256(JSON.stringify([OUR_VERSION, identity, files]));
}
