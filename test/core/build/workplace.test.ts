import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { describe, expect, test } from 'vitest';
import { Workplace, type PlaceToBuild } from '../../../lib/core/build/place/workplace';
import { memoryFolder } from '../../../lib/core/process/temporary-folder';
import { GitReader } from '../../../lib/core/project/git-state';
import { readProject } from '../../../lib/core/project/project';
import { copyFixture } from '../../setup/projects';

const MEMORY = '/dev/shm';

function newWorkplace(): Workplace {
  const entry = copyFixture('flit');
  return new Workplace({ project: readProject(entry), request: { entry }, git: new GitReader(), env: process.env });
}

test('a project that memory has no room for is built on the disk', () => {
  expect(memoryFolder(1024 ** 5)).toBe(os.tmpdir());
  expect([MEMORY, os.tmpdir()]).toContain(memoryFolder(1024));
});

describe('where there is no room', () => {
  const full = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

  test.skipIf(memoryFolder(1024) !== MEMORY)('in memory, the disk is taken, and what was in memory is gone', async () => {
    const workplace = newWorkplace();
    const places: PlaceToBuild[] = [];
    const outcome = await workplace.inMemory(async (place) => {
      places.push(place);
      if (places.length === 1) throw full();
      return fs.readdirSync(place.copy).sort();
    });
    expect(outcome).toEqual(['flit_app', 'pyproject.toml']);
    expect(places.map(({ copy }) => copy.startsWith(MEMORY))).toEqual([true, false]);
    workplace.clear();
    expect(places.map(({ target }) => fs.existsSync(path.dirname(target)))).toEqual([false, false]);
  });

  test('on the disk, it says so', async () => {
    const workplace = newWorkplace();
    const error = await workplace.onDisk(async () => {
      throw full();
    }).catch((reason) => reason);
    workplace.clear();
    expect(error.message).toBe(
      `there is no room for the copy of the project, got ${JSON.stringify(os.tmpdir())}; `
      + 'make room, set TMPDIR to a folder that has some, or leave large files out of the copy with exclude [disk-full]',
    );
  });
});
