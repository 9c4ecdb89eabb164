import { OUR_VERSION } from '../base/library-version';
import type { TreeFile } from '../base/tree';
import type { Provenance } from '../cache/records';
import type { FoundInstaller } from '../installer/find';
import { distInfoFile } from '../pep/dist-info';
import { CommandFailure, runCommand } from '../process/command';
import { DIRTY, findRepository } from '../project/repository';

/** Describe what an installed tree was built from and with. */
export function describeBuild(
  name: string, installed: readonly TreeFile[], { pythonVersion, pipVersion }: FoundInstaller, commit: string | undefined,
): Provenance {
  const [, backend, backendVersion] = /^Generator: *(\S+) *\(?([^)\s]*)/m.exec(distInfoFile(installed, 'WHEEL')) ?? [];
  const tools = [
    `python ${pythonVersion}`,
    pipVersion && `pip ${pipVersion}`,
    backend && `${backend} ${backendVersion}`.trim(),
    `cdk-pip-source-artifact ${OUR_VERSION}`,
  ];
  return {
    source_name: name,
    ...commit === undefined ? {} : { git_commit: commit },
    built_with: printable(tools.filter(Boolean).join(', ')),
  };
}

/** Object metadata must be ASCII. */
function printable(text: string): string {
  return text.replace(/[^ -~]/g, '?').slice(0, 300);
}

/** The commit of the project, marked if there are changes. `undefined` without a repository, a commit or git. */
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
