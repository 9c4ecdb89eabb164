import type { Command } from 'commander';
import { initializeProject, type InitializedProject } from '../../../pipeline/api';
import { addCommonOptions, addInstallerOptions, buildOptions, type CommonOptions, type InstallerFlags } from '../../options';
import type { Perform } from '../../perform';
import { projectFolder } from '../../project-argument';
import { table } from '../../terminal';

interface InitFlags extends InstallerFlags, CommonOptions {
  readonly name?: string;
  readonly sourceVersion?: string;
  readonly runtime?: string;
}

/** The command that makes a project of a folder with a function. */
export function addInitCommand(program: Command, perform: Perform): void {
  const init = program.command('init').summary('write a pyproject.toml for a folder that has none')
    .description('Writes the smallest pyproject.toml with which a folder of modules and data builds, never over one that is there, '
      + 'and builds it once. What it requires is taken from requirements.txt or Pipfile.')
    .argument('[project]', 'the folder with the function\'s modules', '.')
    .option('--name <name>', 'the name of the project (default: the folder\'s)')
    .option('--source-version <version>', 'the version that is written (default: 0.1.0)')
    .option('--runtime <name>', 'the runtime of the function, such as python3.13: its Python is required at least');
  addCommonOptions(addInstallerOptions(init), { writes: true });
  init.action(async (project: string, flags: InitFlags) => perform(init, {
    run: async (options) => initializeProject({
      ...options, ...buildOptions(flags), dirProjectRoot: projectFolder(project), name: flags.name, runtime: flags.runtime,
    }),
    text: (made) => `${flags.dryRun ? `${made.text}\n` : ''}${describe(made)}\n\n${nextSteps(made, project, flags.runtime)}`,
  }));
}

function describe({ pathPyprojectToml, name, sourceVersion, handlers, ...made }: InitializedProject): string {
  const lines = (items: readonly string[]) => items.length === 0 ? undefined : items.join('\n               ');
  return table([
    ['file', pathPyprojectToml],
    ['project', `${name} ${sourceVersion}`],
    ['files', lines(made.files)],
    ['left out', lines(made.leftOut)],
    ['not built', lines(made.missingFiles)],
    ['dependencies', lines(made.dependencies)],
    ['not taken', lines(made.skippedRequirements)],
    ['handler', handlers.length === 0 ? 'none was found: give --handler, or handler of the construct' : lines(handlers)],
  ]);
}

function nextSteps({ handlers, dependencies }: InitializedProject, project: string, runtime = 'python3.13'): string {
  const handler = handlers.length === 1 ? '' : '\n    handler: \'<module>.<function>\',';
  return [
    `Next, in a CDK app:

  new PipFunction(this, 'Function', {
    entry: ${JSON.stringify(project)},
    runtime: lambda.Runtime.${runtime.toUpperCase().replace('PYTHON', 'PYTHON_').replace('.', '_')},${handler}
  });

or without the CDK:

  npx cdk-pip-source-artifact build ${project}${handlers.length === 1 ? '' : ' --handler <module>.<function>'}`,
    ...dependencies.length === 0 ? [] : [`  npx cdk-pip-source-artifact layer ${project} --runtime ${runtime}`],
  ].join('\n');
}
