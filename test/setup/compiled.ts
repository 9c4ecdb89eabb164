import * as fs from 'node:fs';
import * as path from 'node:path';
import { build } from 'esbuild';
import { temporaryFolder } from './projects';

const ROOT = path.join(__dirname, '..', '..');

let compiled: Promise<string> | undefined;

/** The library compiled as it is now, for apps in processes of their own: what lies in lib may be of the last build. */
export async function compileLibrary(): Promise<string> {
  const folder = temporaryFolder();
  fs.cpSync(await (compiled ??= compile()), folder, { recursive: true, verbatimSymlinks: true });
  return path.join(folder, 'lib', 'index.js');
}

async function compile(): Promise<string> {
  const folder = temporaryFolder();
  const sources = fs.readdirSync(path.join(ROOT, 'lib'), { recursive: true, encoding: 'utf8' }).filter((name) => /(?<!\.d)\.ts$/.test(name));
  await build({
    absWorkingDir: ROOT, entryPoints: sources.map((name) => path.join('lib', name)), outdir: path.join(folder, 'lib'), outbase: 'lib', format: 'cjs', platform: 'node', target: 'node20', logLevel: 'error',
  });
  fs.cpSync(path.join(ROOT, 'lib', 'bundled'), path.join(folder, 'lib', 'bundled'), { recursive: true });
  for (const name of ['package.json', 'node_modules']) fs.symlinkSync(path.join(ROOT, name), path.join(folder, name));
  return folder;
}
