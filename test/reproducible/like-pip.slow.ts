import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { describe, expect, inject, test } from 'vitest';
import { buildElsewhere, differences, digestOfPip } from './build-elsewhere';
import { copyFixture, git, gitInit, temporaryFolder, writeFiles } from '../setup/projects';

const { developer: { file: python }, uv, uvFolder } = inject('machine');

// setuptools, hatchling, flit, hatchling with plugins, flit, poetry-core
test.each(['requests==2.32.3', 'httpx==0.28.1', 'flask==3.1.0', 'attrs==24.3.0', 'click==8.1.8', 'rich==13.9.4'])('%s from PyPI: in the kept environment, by pip, by uv, and by pip on its own', async (requirement) => {
  const archive = download(requirement);
  const folder = temporaryFolder();
  execFileSync('tar', ['-xzf', archive, '-C', folder]);
  const projects = { it: path.join(folder, fs.readdirSync(folder)[0]) };

  const kept = await buildElsewhere(projects, { python });
  expect(differences(await buildElsewhere(projects, { python, isolated: true }), kept), 'pip').toEqual({});
  const env = { PATH: [uvFolder, process.env.PATH].join(path.delimiter) };
  expect(differences(await buildElsewhere(projects, { python: uv.file, isolated: true, env }), kept), 'uv').toEqual({});
  expect(digestOfPip(archive), 'pip on its own').toBe(kept.it.sourceSha256);
});

/** The source distribution's file. */
function download(requirement: string): string {
  const folder = temporaryFolder();
  const args = ['-m', 'pip', 'download', '--quiet', '--no-deps', '--no-binary', ':all:', '--dest', folder, requirement];
  try {
    execFileSync(python, [...args, '--no-build-isolation'], { stdio: 'pipe' });
  } catch {
    execFileSync(python, args, { stdio: 'pipe' }); // pip asks the backend for the metadata even here
  }
  return path.join(folder, fs.readdirSync(folder)[0]);
}

// hatchling and poetry-core leave out what git ignores; the others take what is there
describe.each([
  ['hatchling', 'src/hatchling_app', false],
  ['poetry-core', 'src/poetry_core_app', false],
  ['flit', 'flit_app', true],
  ['pdm-backend', 'src/pdm_backend_app', true],
  ['uv-build', 'src/uv_build_app', true],
  ['package-data', 'package_data_app', true],
])('a file that git ignores, in a project of %s', (fixture, folder, isInstalled) => {
  test.each(['the project', 'the repository, above the project'])('by the .gitignore of %s', async (where) => {
    const top = temporaryFolder();
    const entry = copyFixture(fixture, path.join(top, 'services', 'one'));
    writeFiles(where === 'the project' ? entry : top, { '.gitignore': '*.env\n' });
    gitInit(top, 'v1.0.0');
    writeFiles(path.join(entry, folder), { 'secret.env': 'TOKEN=1\n' });

    const { it } = await buildElsewhere({ it: entry }, { python });
    expect(Object.keys(it.files).some((name) => name.endsWith('/secret.env'))).toBe(isInstalled);
    git(top, 'clone', '--quiet', '.', 'clone');
    const inTree = path.join(top, 'clone', 'services', 'one');
    writeFiles(path.join(inTree, folder), { 'secret.env': 'TOKEN=1\n' });
    expect(digestOfPip(inTree), 'pip on its own').toBe(it.sourceSha256);
  });
});
