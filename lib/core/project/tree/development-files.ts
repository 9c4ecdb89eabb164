// what a function's folder has besides its code and data: for those who develop, build and deploy it
const FILES = new RegExp(`^(${[
  'pyproject\\.toml', 'setup\\.(py|cfg)', 'MANIFEST\\.in', '(dev-|test-)?(requirements|constraints).*\\.(txt|in)', 'Pipfile', '.*\\.lock',
  'pylock(\\..+)?\\.toml', 'pdm\\.toml', 'hatch\\.toml',
  '(README|CHANGE(LOG|S)|HISTORY|CONTRIBUTING|CODE_OF_CONDUCT|SECURITY|AUTHORS|LICEN[CS]E|COPYING|NOTICE|AGENTS)(\\..*)?',
  '(Docker|Container)file.*', '(docker-)?compose.*\\.ya?ml', '(GNU)?Makefile', 'makefile', '[Jj]ustfile', 'Taskfile\\.ya?ml', 'Jenkinsfile',
  'tox\\.ini', 'noxfile\\.py', 'pytest\\.ini', 'mypy\\.ini', 'ruff\\.toml', 'pyrightconfig\\.json',
  'conftest\\.py', 'test_.*\\.py', '.*_test\\.py',
  'package(-lock)?\\.json', 'yarn\\.lock', 'pnpm-.*', 'tsconfig.*\\.json', 'jest\\.config\\..*',
  'serverless.*\\.(ya?ml|json|js|ts)', 'template\\.(ya?ml|json)', 'samconfig\\.(toml|ya?ml)', 'buildspec.*\\.ya?ml',
  'cdk\\..*json', 'sst\\.config\\..*',
  '.*\\.(tf|tfvars|zip|whl|ipynb|iml|log)', '.*\\.tf\\.json', 'Thumbs\\.db', '\\..*',
].join('|')})$`);
const FOLDERS = /^(tests?|testing|docs?|docker|events?|terraform|node_modules|dist|build|cdk\.out|__pycache__|\..*|.*\.egg-info|.*\.dist-info)$/;

/**
 * Whether an item at the top of a function's folder serves its development alone, as far as its name tells.
 *
 * @param name with `/` at its end for a folder
 */
export function isOfDevelopment(name: string): boolean {
  return name.endsWith('/') ? FOLDERS.test(name.slice(0, -1)) : FILES.test(name);
}
