import * as fs from 'node:fs';
import * as path from 'node:path';
import { expect, inject, test } from 'vitest';
import { digestFile, digestTree } from '../../lib/core/artifact-digest';
import { build } from '../../lib/core/build';
import { readProject } from '../../lib/core/build-project';

for (const name of fs.readdirSync('/tmp/sdists', { withFileTypes: true }).filter((f) => f.isDirectory())) {
  test(name.name, { timeout: 200000 }, async () => {
    const entry = path.join('/tmp/sdists', name.name);
    const run = async (options: object) => { const t = performance.now(); const b = await build(readProject(entry), { entry }, options); return { ...b, ms: Math.round(performance.now() - t) }; };
    const environments = path.join(inject('temporary'), 'environments');
    const slow = await run({});
    const first = await run({ environments });
    const fast = await run({ environments });
    console.log(name.name, 'isolated', slow.ms, 'first', first.ms, 'kept', fast.ms, slow.tree.files.length, (fast as any).fallback ?? '');
    const d = (b: any) => b.tree.files.map(digestFile);
    const diff = d(slow).filter((f: any) => !d(fast).some((g: any) => g.path === f.path && g.sha256 === f.sha256 && g.executable === f.executable)).map((f: any) => f.path);
    expect(diff).toEqual([]);
    expect(digestTree(d(fast))).toBe(digestTree(d(slow)));
  });
}
