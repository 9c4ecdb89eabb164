import { readFileSync } from 'node:fs';
import type { Project } from 'projen';
import type { GitHub } from 'projen/lib/github';
import { JobPermission, type JobStep } from 'projen/lib/github/workflows-model';

/** The version of the newest heading of CHANGELOG.md, which is what is released next. */
export const VERSION = /^## (\d+\.\d+\.\d+)/m.exec(readFileSync('CHANGELOG.md', 'utf8'))![1];

const CHECKOUT: JobStep = {
  name: 'Checkout',
  uses: 'actions/checkout@v7',
  with: { 'fetch-depth': 0, 'persist-credentials': false }, // with tags, for jsii-diff
};
const READ = { contents: JobPermission.READ };

/** What is checked of each pull request, and of main. Windows is tried there, and not promised. */
export function addChecks(github: GitHub): void {
  const workflow = github.addWorkflow('check');
  workflow.on({ pullRequest: {}, push: { branches: ['main'] }, workflowDispatch: {} });
  workflow.addJobs({
    linux: {
      name: 'all checks, on Linux',
      runsOn: ['ubuntu-latest'],
      permissions: READ,
      timeoutMinutes: 60,
      tools: {
        node: { version: '20' },
        python: { version: '3.13' },
        java: { version: '17' },
        go: { version: 'stable' },
        dotnet: { version: '8.x' },
      },
      steps: [CHECKOUT, { name: 'Checks', run: '.ci/run' }],
    },
    windows: {
      name: 'unit tests, on Windows (not known to pass)',
      runsOn: ['windows-latest'],
      permissions: READ,
      timeoutMinutes: 30,
      continueOnError: true,
      tools: { node: { version: '22' }, python: { version: '3.13' } },
      steps: [CHECKOUT, { name: 'Unit tests', run: 'npm cit' }],
    },
  });
}

/** Version and notes of a release are those of CHANGELOG.md; the API is compared with that of the last tag. */
export function releaseByChangelog(project: Project): void {
  project.tasks.tryFind('bump')!.reset('node .scripts/release-files.mjs');
  project.tasks.tryFind('unbump')!.reset();
  project.tasks.tryFind('compat')!.reset('node .scripts/compare-api.mjs');
  project.deps.removeDependency('commit-and-tag-version'); // projen's own way
}

// by the digest of a commit: a tag may be moved
const PINNED: Readonly<Record<string, string>> = {
  'actions/setup-dotnet': 'd4c94342e560b34958eacfc5d055d21461ed1c5d', // 5.0.0
  'actions/setup-go': 'b7ad1dad31e06c5925ef5d2fc7ad053ef454303e', // 7.0.0
  'actions/setup-java': 'dd06d9cba3e5552c54d9f8ea23572deb30010f7c', // 6.0.0
  'actions/setup-node': '820762786026740c76f36085b0efc47a31fe5020', // 7.0.0
  'actions/setup-python': '5fda3b95a4ea91299a34e894583c3862153e4b97', // 7.0.0
  'actions/checkout': '3d3c42e5aac5ba805825da76410c181273ba90b1', // 7.0.1
  'peter-evans/create-pull-request': '5f6978faf089d4d20b00c7766989d076bb2fc7f1', // 8.1.1
};

/** Each action of all workflows by the commit that it is known by. */
export function pinActions(github: GitHub): void {
  for (const [action, commit] of Object.entries(PINNED)) github.actions.set(action, `${action}@${commit}`);
}

// the steps that check out, by their place in a job
const CHECKOUTS: Readonly<Record<string, readonly string[]>> = {
  'release': [
    'release.steps.0', 'release_npm.steps.3', ...['maven', 'pypi', 'nuget', 'golang'].map((target) => `release_${target}.steps.4`),
  ],
  'upgrade-main': ['upgrade.steps.0', 'pr.steps.0'],
};

/** The token of a checkout is not kept for what comes after it. `npm run lint` sees a checkout that is not listed. */
export function forgetCredentials(project: Project): void {
  for (const [workflow, steps] of Object.entries(CHECKOUTS)) {
    const file = project.tryFindObjectFile(`.github/workflows/${workflow}.yml`)!;
    for (const step of steps) file.addOverride(`jobs.${step}.with.persist-credentials`, false);
  }
}
