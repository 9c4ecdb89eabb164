import * as fs from 'node:fs';
import * as path from 'node:path';
import { buildTree } from './build-tree';
import { readModules } from '../../core/build/derive/modules';
import type { Proposal } from '../../core/init/propose';
import { findHandlers } from '../../core/lambda/choose-handler';
import { temporaryFolder } from '../../core/process/temporary-folder';
import { findRepository } from '../../core/project/repository';
import { copySourceTree, listSourceTree } from '../../core/project/source-tree';
import { namedHandlers } from '../../core/templates/named-handlers';
import type { InitializeProjectOptions } from '../model/init';
import type { Run } from '../run';

interface Trial extends InitializeProjectOptions {
  readonly entry: string;
  readonly proposal: Proposal;
}

interface TrialOutcome {
  readonly handlers: readonly string[];
  /** The only handler, where a build does not find it by itself: it has to be in the file. */
  readonly unsaid?: string;
  /** Files that were to be in the tree. */
  readonly missingFiles: readonly string[];
}

/** Build a new project, or a copy of it where nothing is written, and look at what came out. */
export async function tryBuild({ entry, proposal, ...options }: Trial, current: Run): Promise<TrialOutcome> {
  const copy = current.dryRun ? copyWith(proposal.text, entry) : undefined;
  try {
    const { tree, source, installer } = await buildTree({ ...options, entry: copy ?? entry, sourceVersion: undefined }, current);
    const modules = await readModules(tree.files, installer, { entry, signal: current.signal });
    const limit = findRepository(entry)?.topLevel ?? entry;
    const handlers = findHandlers(modules, await namedHandlers(entry, limit));
    const found = findHandlers(modules, await namedHandlers(entry));
    const isFound = found.length === 1 && found[0] === handlers[0];
    const built = new Set(tree.files.map((file) => file.path));
    const start = proposal.root === undefined ? '' : `${proposal.root}/`;
    const wanted = source.map((file) => file.path).filter((file) => !file.endsWith('/')
      && proposal.files.some((item) => file === item || file.startsWith(`${item}/`)));
    return {
      handlers,
      ...handlers.length === 1 && !isFound && { unsaid: handlers[0] },
      missingFiles: wanted.filter((file) => !built.has(file.slice(start.length))),
    };
  } finally {
    if (copy !== undefined) fs.rmSync(path.dirname(copy), { recursive: true, force: true });
  }
}

/** A copy of the folder, under its name, with the file that is not written there. */
function copyWith(text: string, entry: string): string {
  const copy = path.join(temporaryFolder('pip-source-artifact-init'), path.basename(entry));
  const files = listSourceTree(entry);
  copySourceTree(files.filter((file) => !file.path.startsWith('../')), copy);
  fs.appendFileSync(path.join(copy, 'pyproject.toml'), `\n${text}`);
  return copy;
}
