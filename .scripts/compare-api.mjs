// The API against that of the last release, by jsii-diff: what was there is there still. The release is compiled anew, of its tag. A removal
// that is meant has a line in .compatignore. Nothing to do as long as there is no tag.
import { execFileSync, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const root = path.join(import.meta.dirname, '..');
const run = (cwd, file, ...args) => execFileSync(file, args, { cwd, encoding: 'utf8', maxBuffer: 1 << 30, stdio: ['ignore', 'pipe', 'inherit'] });
const bin = (name) => path.join(root, 'node_modules', '.bin', name);

const described = spawnSync('git', ['describe', '--tags', '--abbrev=0', '--match', 'v*'], { cwd: root, encoding: 'utf8' });
const tag = described.stdout.trim();
if (tag === '') {
  console.log('there is no release to compare the API with');
} else {
  const released = fs.mkdtempSync(path.join(os.tmpdir(), 'psa-released-'));
  try {
    const archive = path.join(released, 'released.tar');
    run(root, 'git', 'archive', '--output', archive, tag);
    run(released, 'tar', '-xf', archive);
    fs.symlinkSync(path.join(root, 'node_modules'), path.join(released, 'node_modules'));
    run(released, bin('jsii'), '--silence-warnings=reserved-word');
    console.log(run(root, bin('jsii-diff'), released, root, '--keys', '--ignore-file', path.join(root, '.compatignore')).trim());
    console.log(`the API is compatible with that of ${tag}`);
  } finally {
    fs.rmSync(released, { recursive: true, force: true });
  }
}
