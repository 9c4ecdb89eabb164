import type { TreeFile } from '../base/tree';
import { OUR_VERSION } from '../plan/source-request';
import { distInfoFile } from './installed-tree';
import type { Installer } from '../installer/find';
import { DIRTY, findRepository } from '../project/repository';
import { CommandFailure, runCommand } from '../process/command';

/**
 * What an artifact was built from and with, as metadata of the published object. No time, no path, nobody's name: the record of the
 * same build on another machine is the same, but for the versions in it.
 */
export interface Provenance {
  readonly source_name: string;
  /** The commit, followed by `-dirty` when files of the project differ from it; not there outside of git. */
  readonly git_commit?: string;
  /** `python 3.13.1, pip 25.0, hatchling 1.27.0, cdk-pip-source-artifact 1.0.0`. */
  readonly built_with: string;
}

export function describeBuild(name: string, installed: readonly TreeFile[], installer: Installer, commit: string | undefined): Provenance {
  const generator = /^Generator: *(\S+) *\(?([^)\s]*)/m.exec(distInfoFile(installed, 'WHEEL'));
  const backend = generator ? [`${generator[1]} ${generator[2]}`.trim()] : [];
  const tools = [`python ${installer.pythonVersion}`, ...installer.pipVersion ? [`pip ${installer.pipVersion}`] : [], ...backend, `cdk-pip-source-artifact ${OUR_VERSION}`];
  return { source_name: name, ...commit === undefined ? {} : { git_commit: commit }, built_with: printable(tools.join(', ')) };
}

/** Object metadata is ASCII. */
function printable(text: string): string {
  return text.replace(/[^ -~]/g, '?').slice(0, 300);
}

/** Nothing outside of a repository, without a commit, or without git. */
export async function findCommit(entry: string, env: NodeJS.ProcessEnv, signal?: AbortSignal): Promise<string | undefined> {
  if (!findRepository(entry)) return undefined;
  const git = (...args: string[]) => runCommand({ file: 'git', args: ['--no-optional-locks', ...args], cwd: entry, env, signal });
  try {
    const [commit, changes] = await Promise.all([git('rev-parse', 'HEAD'), git('status', '--porcelain', '--', '.')]);
    return commit + (changes === '' ? '' : DIRTY);
  } catch (failure) {
    if (failure instanceof CommandFailure) return undefined;
    throw failure;
  }
}
