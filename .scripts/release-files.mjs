// What the release workflow asks of a release, of CHANGELOG.md: the version, the tag and the notes.
import assert from 'node:assert/strict';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const { version } = JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8'));
const [, heading, notes] = /^## (.*)\n([^]*?)(?=^## |(?![^]))/m.exec(await readFile(path.join(root, 'CHANGELOG.md'), 'utf8'));
assert.equal(heading.split(' ')[0], version, 'the newest heading of CHANGELOG.md is the version of package.json: run npx projen');
assert(!heading.includes('not released'), `give "## ${heading}" in CHANGELOG.md the day of the release`);

const dist = path.join(root, 'dist');
await mkdir(dist, { recursive: true });
await writeFile(path.join(dist, 'version.txt'), `${version}\n`);
await writeFile(path.join(dist, 'releasetag.txt'), `v${version}\n`);
await writeFile(path.join(dist, 'changelog.md'), notes.trimStart());
