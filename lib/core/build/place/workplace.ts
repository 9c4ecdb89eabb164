import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { ArtifactError } from '../../base/error';
import { statIfThere } from '../../base/files';
import { DISK_FULL } from '../../installer/output';
import type { ArtifactRequest } from '../../plan/source-request';
import { CommandFailure } from '../../process/command';
import { memoryFolder, temporaryFolder } from '../../process/temporary-folder';
import type { GitReader } from '../../project/git-state';
import type { Project } from '../../project/project';
import { listSourceTree, type SourceFile } from '../../project/source-tree';
import type { Checkout } from '../provenance';
import { copyProject, type ProjectCopy } from './copy-project';

interface WorkOrder {
  readonly project: Project;
  readonly request: ArtifactRequest;
  readonly checkout?: Checkout;
  readonly git: GitReader;
  readonly env: NodeJS.ProcessEnv;
}

/** A copy of the project, and where its build goes. */
export interface PlaceToBuild extends ProjectCopy {
  /** An empty folder. */
  readonly target: string;
}

/** A copy, with the folder that both it and the target are in. */
interface Copy {
  readonly parent: string;
  readonly folder: string;
  readonly place: PlaceToBuild;
}

/** Where a project is built: in copies of it. Whoever makes one clears it. */
export class Workplace {
  /** What is not copied. */
  readonly leftOut: string[] = [];
  private readonly files: readonly SourceFile[];
  private readonly folders: string[] = [];
  private prepared?: Copy;

  constructor(private readonly order: WorkOrder) {
    const { project, request } = order;
    this.files = listSourceTree(project.entry, request.exclude, (place) => this.leftOut.push(place));
  }

  /** A folder on the disk, or elsewhere. */
  newFolder(parent?: string): string {
    const folder = temporaryFolder(NAME, parent);
    this.folders.push(folder);
    return folder;
  }

  /** Make the copy that is built in memory, while something else is waited for. */
  prepare(): void {
    try {
      this.prepared = this.newCopy(this.findMemory());
    } catch { /* it is made again when it is built, which tells what is wrong */ }
  }

  /** Build in a copy on the disk. */
  async onDisk<T>(build: (place: PlaceToBuild) => Promise<T>): Promise<T> {
    return this.inCopy(os.tmpdir(), build);
  }

  /** Build in a copy in memory if there is room, and on the disk if there is none after all. */
  async inMemory<T>(build: (place: PlaceToBuild) => Promise<T>): Promise<T> {
    const memory = this.prepared?.parent ?? this.findMemory();
    if (memory === os.tmpdir()) return this.onDisk(build);
    try {
      return await this.inCopy(memory, build);
    } catch (error) {
      if (!isFull(error)) throw error;
      return this.onDisk(build);
    }
  }

  /** Where a copy fits. */
  private findMemory(): string {
    return memoryFolder(this.files.reduce((sum, { absolutePath }) => sum + (statIfThere(absolutePath)?.size ?? 0), 0));
  }

  private async inCopy<T>(parent: string, build: (place: PlaceToBuild) => Promise<T>): Promise<T> {
    const { prepared } = this;
    this.prepared = undefined;
    if (prepared && prepared.parent !== parent) remove(prepared.folder);
    const { folder, place } = prepared?.parent === parent ? prepared : this.newCopy(parent);
    try {
      return await build(place);
    } catch (error) {
      throw explained(error, parent);
    } finally {
      remove(folder); // what comes next may need the room
    }
  }

  private newCopy(parent: string): Copy {
    const folder = this.newFolder(parent);
    try {
      const root = path.join(folder, 'project');
      const target = path.join(folder, 'target');
      fs.mkdirSync(target);
      const copy = copyProject({ ...this.order, files: this.files, root, programFolder: () => this.newFolder() });
      return { parent, folder, place: { ...copy, target } };
    } catch (error) {
      remove(folder);
      throw explained(error, parent);
    }
  }

  clear(): void {
    this.folders.forEach(remove);
  }
}

const NAME = 'pip-source-artifact';

function remove(folder: string): void {
  fs.rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

function isFull(error: unknown): boolean {
  const { message, cause } = error as Error;
  const output = cause instanceof CommandFailure ? cause.process.output : '';
  return (error instanceof ArtifactError && error.trouble.reference === 'disk-full') || DISK_FULL.test(message) || DISK_FULL.test(output);
}

function explained(error: unknown, parent: string): unknown {
  return 'code' in (error as Error) && isFull(error) ? diskFull(error, parent) : error;
}

function diskFull(cause: unknown, parent: string): ArtifactError {
  return new ArtifactError({
    reference: 'disk-full',
    problem: 'there is no room for the copy of the project',
    got: parent,
    advice: 'make room, set TMPDIR to a folder that has some, or leave large files out of the copy with {exclude}',
  }, undefined, { cause });
}
