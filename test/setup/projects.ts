import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { inject } from 'vitest';
import { digestFile, digestTree, isExecutable, type TreeFile } from '../../lib/core/base/tree';

const FIXTURES = path.join(__dirname, '..', 'fixtures');

/** A folder that is gone after the run. */
export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(inject('temporary'), 'test-'));
}

/** A cache without artifacts, with the build environments of all tests: to make one takes seconds. */
export function newCache(): string {
  const folder = temporaryFolder();
  fs.symlinkSync(environments(), path.join(folder, 'environments'));
  return folder;
}

/** Where all tests keep build environments. */
export function environments(): string {
  const folder = path.join(inject('temporary'), 'cache', 'environments');
  fs.mkdirSync(folder, { recursive: true });
  return folder;
}

/** A copy of a fixture that a test may change. */
export function copyFixture(name: string, into = path.join(temporaryFolder(), name)): string {
  fs.cpSync(path.join(FIXTURES, name), into, { recursive: true });
  return into;
}

export function writeFiles(folder: string, files: Readonly<Record<string, string>>): string {
  for (const [name, content] of Object.entries(files)) {
    fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    fs.writeFileSync(path.join(folder, name), content);
  }
  return folder;
}

/** Everything in a folder, junk too, as one digest. */
export function digestFolder(folder: string): string {
  const items = fs.readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = items.map((item): TreeFile => {
    const file = path.join(item.parentPath, item.name);
    const content = item.isFile() ? fs.readFileSync(file) : Buffer.from(item.isSymbolicLink() ? fs.readlinkSync(file) : 'folder');
    return { path: path.relative(folder, file), executable: isExecutable(fs.lstatSync(file).mode), content };
  });
  return digestTree(files.map(digestFile));
}

/** Put an installed tree where Python can import it. */
export function unpack(files: readonly TreeFile[]): string {
  const folder = temporaryFolder();
  for (const file of files) {
    fs.mkdirSync(path.join(folder, path.dirname(file.path)), { recursive: true });
    fs.writeFileSync(path.join(folder, file.path), file.content, { mode: file.executable ? 0o755 : 0o644 });
  }
  return folder;
}

/** Run Python code in a clean interpreter that sees nothing but its library and `folder`; what it prints is JSON. */
export function runPython(folder: string, code: string): unknown {
  const script = `import sys, json; sys.dont_write_bytecode = True; sys.path.insert(0, ${JSON.stringify(folder)})\n${code}`;
  return JSON.parse(execFileSync('python3', ['-I', '-c', script], { encoding: 'utf8', cwd: folder }));
}

/** A git repository of `folder`, with a commit and a tag. */
export function gitInit(folder: string, tag: string): void {
  git(folder, 'init', '--quiet', '--initial-branch=main');
  git(folder, 'add', '--all');
  git(folder, 'commit', '--quiet', '--message=all');
  git(folder, 'tag', tag);
}

export function git(folder: string, ...args: string[]): string {
  return execFileSync('git', args, {
    cwd: folder,
    encoding: 'utf8',
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_SYSTEM: '/dev/null',
      GIT_AUTHOR_NAME: 'Test',
      GIT_AUTHOR_EMAIL: 'test@example.com',
      GIT_COMMITTER_NAME: 'Test',
      GIT_COMMITTER_EMAIL: 'test@example.com',
      GIT_COMMITTER_DATE: '2026-01-02T03:04:05Z',
      GIT_AUTHOR_DATE: '2026-01-02T03:04:05Z',
    },
  }).trim();
}
