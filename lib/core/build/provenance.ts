import { OUR_VERSION } from '../base/library-version';
import type { TreeFile } from '../base/tree';
import type { Provenance } from '../cache/records';
import type { FoundInstaller } from '../installer/find';
import { distInfoFile } from '../pep/dist-info';
import { CommandFailure, runCommand } from '../process/command';
import { DIRTY, findRepository } from '../project/repository';

export function describeBuild(name: string, installed: readonly TreeFile[], installer: FoundInstaller, commit: string | undefined): Provenance {
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
