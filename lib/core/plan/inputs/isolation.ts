import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Settings } from './variables';
import { readTextIfThere, statIfThere } from '../../base/files';
import { sha256 } from '../../base/tree';

/** Whether a build is told to use what is installed beside its Python instead of an environment of its own. */
export function isIsolated(pipArgs: readonly string[], told: Settings): boolean {
  return !pipArgs.some((arg) => arg.startsWith('--no-build-isolation'))
    && !told.some(([name]) => /(^|[_ ])NO_BUILD_ISOLATION/.test(name.replace(/-/g, '_').toUpperCase()));
}

/**
 * What is installed beside a Python: the lists of files and digests of its packages. Those of a version manager's shim, which stands for
 * one of several Pythons, are of all of these.
 */
export function identifyInstalled(python: string, env: NodeJS.ProcessEnv): string {
  const folders = new Set([python, realPathOf(python)].flatMap((file) => sitesOf(path.join(path.dirname(file), '..'))));
  if (env.HOME) for (const site of sitesOf(path.join(env.HOME, '.local'))) folders.add(site);
  const versions = path.join(path.dirname(python), '..', 'versions');
  for (const version of statIfThere(versions) ? fs.readdirSync(versions) : []) {
    for (const site of sitesOf(path.join(versions, version))) folders.add(site);
  }
  return sha256(JSON.stringify([...folders].sort().map(packagesIn)));
}

/** Each with what tells its content. */
function packagesIn(site: string): unknown {
  const names = fs.readdirSync(site).filter((name) => /\.(dist|egg)-info$|\.pth$|\.egg-link$/.test(name)).sort();
  return names.map((name) => {
    const item = path.join(site, name);
    const texts = [path.join(item, 'RECORD'), path.join(item, 'PKG-INFO'), item].map(readTextIfThere);
    return [name, texts.find((text) => text !== undefined)];
  });
}

/** @see https://docs.python.org/3/library/site.html */
export function sitesOf(prefix: string): string[] {
  const libraries = ['lib', 'lib64', 'local/lib'].map((name) => path.join(prefix, name));
  const versions = libraries.filter((folder) => statIfThere(folder)?.isDirectory())
    .flatMap((folder) => fs.readdirSync(folder).map((name) => path.join(folder, name)))
    .filter((folder) => /^python3/.test(path.basename(folder)));
  const sites = versions.flatMap((folder) => [path.join(folder, 'site-packages'), path.join(folder, 'dist-packages')]);
  return [...sites, path.join(prefix, 'Lib', 'site-packages')].filter((folder) => statIfThere(folder)?.isDirectory());
}

function realPathOf(file: string): string {
  try {
    return fs.realpathSync(file);
  } catch {
    return file;
  }
}
