import * as fs from 'node:fs';
import * as path from 'node:path';
import type { FileDigest } from '../../base/tree';
import { mayWantGit } from '../../project/build-files';
import type { GitReader } from '../../project/git-state';
import type { Project } from '../../project/project';
import { copySourceTree, type SourceFile } from '../../project/source-tree';
import type { GitWitness } from '../git-witness';
import type { Checkout } from '../provenance';
import { linkRepository } from '../repository-link';

interface CopyOrder {
  readonly project: Project;
  readonly files: readonly SourceFile[];
  readonly checkout?: Checkout;
  readonly git: GitReader;
  readonly env: NodeJS.ProcessEnv;
  /** The folder that the copy is made in. */
  readonly root: string;
  /** Makes a folder on the disk: programs in memory cannot be started everywhere. */
  readonly programFolder: () => string;
}

export interface ProjectCopy {
  /** The copy's folder. */
  readonly copy: string;
  readonly source: readonly FileDigest[];
  /** The environment for a build of the copy. */
  readonly env: NodeJS.ProcessEnv;
  /** Sees what the build asks git, if the project is in a repository. */
  readonly witness?: GitWitness;
}

/** Copy a project to where it is in its repository, and link the copy to that. What lies beside the project lies beside the copy. */
export function copyProject({ project, files, checkout, git: reader, env, root, programFolder }: CopyOrder): ProjectCopy {
  const { entry } = project;
  const steps = files.map(({ path: name }) => /^(\.\.\/)*/.exec(name)![0].length);
  const around = path.resolve(entry, '../'.repeat(steps.reduce((most, length) => Math.max(most, length), 0) / '../'.length));
  const topLevel = checkout?.repository.topLevel;
  const isWithin = topLevel !== undefined && !path.relative(topLevel, around).startsWith('..');
  const copy = path.join(root, path.relative(isWithin ? topLevel : around, entry));
  fs.mkdirSync(copy, { recursive: true });
  const source = copySourceTree(files, copy);
  if (!checkout) return { copy, source, env };
  const isWanted = mayWantGit(project, source);
  return { copy, source, ...linkRepository({ ...checkout, reader, entry, root, workFolder: programFolder(), isWanted, env }) };
}
