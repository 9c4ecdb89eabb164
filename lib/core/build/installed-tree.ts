import * as fs from 'node:fs';
import * as path from 'node:path';
import { ArtifactError } from '../base/error';
import { byPath, isExecutable, type PackedFile, type TreeFile } from '../base/tree';
import { distInfoFile, recordedPaths, recordOf, headerOf } from '../pep/dist-info';
import { isUrl } from '../pep/wheel-name';

/** The files that pip put under `--target`, normalised: they are the same on every machine. */
export interface InstalledTree {
  /** `Name:` of the built metadata. */
  readonly name: string;
  /** `Version:` of the built metadata. */
  readonly version: string;
  /** By path. */
  readonly files: readonly TreeFile[];
  /** The files' size in bytes. */
  readonly size: number;
}

/** Files in dist-info by which installers note the machine and the run. */
const INSTALLER_TRACES = new Set(['direct_url.json', 'uv_cache.json', 'uv_build.json', 'INSTALLER', 'REQUESTED']);

/** Read the files that pip or uv put into `target`, unchanged. */
export function readTarget(target: string): TreeFile[] {
  return listTarget(target).map(({ path: name, executable, read }) => ({ path: name, executable, content: read() }));
}

/** List the files that pip or uv put into `target`, to be read later. */
export function listTarget(target: string): PackedFile[] {
  return fs.readdirSync(target, { recursive: true, withFileTypes: true }).filter((item) => item.isFile()).map((item) => {
    const file = path.join(item.parentPath, item.name);
    const { mode, size } = fs.statSync(file);
    const name = path.relative(target, file).split(path.sep).join('/');
    return { path: name, executable: isExecutable(mode), size, read: () => fs.readFileSync(file) };
  });
}

/**
 * Make an installed tree independent of the machine, the installer and the run. This takes out compiled files, `bin/` scripts (they
 * start with this machine's interpreter), the installer's notes (one holds an absolute path), the version of the build backend, and the
 * folders of local requirements.
 *
 * @see https://packaging.python.org/en/latest/specifications/recording-installed-packages/
 */
export function normaliseTree(raw: readonly TreeFile[]): InstalledTree {
  const distInfo = findDistInfo(raw);
  const scripts = installedScripts(raw, distInfo);
  const files = withoutTraces(raw, distInfo).filter((file) => !scripts.has(file.path)).map((file): TreeFile => {
    switch (file.path) {
      case `${distInfo}/WHEEL`: return { ...file, content: withoutGeneratorVersion(file.content) };
      case `${distInfo}/METADATA`: return { ...file, content: withoutLocalReferences(file.content) };
      default: return file;
    }
  });
  const record = `${distInfo}/RECORD`;
  const kept = files.filter((file) => file.path !== record);
  kept.push({ path: record, executable: false, content: recordOf(kept, record) });
  kept.sort(byPath);

  const metadata = distInfoFile(kept, 'METADATA');
  return {
    name: headerOf(metadata, 'Name'),
    version: headerOf(metadata, 'Version'),
    files: kept,
    size: kept.reduce((size, file) => size + file.content.length, 0),
  };
}

function findDistInfo(raw: readonly TreeFile[]): string {
  const found = raw.map((file) => /^([^/]+\.dist-info)\/METADATA$/.exec(file.path)?.[1]).filter((name) => name !== undefined);
  if (found.length === 1) return found[0];
  const got = found.map((name) => name.replace(/\.dist-info$/, ''));
  throw new ArtifactError(found.length === 0 ? {
    reference: 'nothing-installed',
    problem: 'nothing was installed that pip knows of',
    got,
    advice: 'correct the project\'s build configuration',
  } : {
    reference: 'more-installed',
    problem: 'more than the project was installed',
    got,
    advice: 'take requirements out of {pipArgs}: dependencies belong in a layer',
  });
}

/**
 * The scripts that the installer put into `bin` beside the packages. A package may have that name too: RECORD lists its files at that
 * path and pip's scripts at another. uv lists its scripts there as well, so they are recognised by their first line.
 */
function installedScripts(raw: readonly TreeFile[], distInfo: string): Set<string> {
  const record = raw.find((file) => file.path === `${distInfo}/RECORD`)?.content.toString() ?? '';
  const inPackages = new Set(recordedPaths(record));
  const byUv = raw.find((file) => file.path === `${distInfo}/INSTALLER`)?.content.toString().trim() === 'uv';
  const isUvScript = ({ path: name, executable, content }: TreeFile) =>
    byUv && executable && !/\/.*\//.test(name) && content.subarray(0, 2).toString() === '#!';
  const scripts = raw.filter((file) => /^(bin|Scripts)\//.test(file.path) && (!inPackages.has(file.path) || isUvScript(file)));
  return new Set(scripts.map((file) => file.path));
}

/** Leave out the installer's notes and compiled files. A `.pyc` outside of `__pycache__` and without its `.py` is the module: it stays. */
export function withoutTraces<F extends { readonly path: string }>(files: readonly F[], distInfo: string): F[] {
  const paths = new Set(files.map((file) => file.path));
  return files.filter(({ path: name }) => {
    if (name === '.lock' || /(^|\/)__pycache__\//.test(name) || name.endsWith('.pyo')) return false;
    if (name.endsWith('.pyc')) return !paths.has(name.slice(0, -1));
    return path.posix.dirname(name) !== distInfo || !INSTALLER_TRACES.has(path.posix.basename(name));
  });
}

/** Of `Generator: setuptools (80.9.0)` or `hatchling 1.27.0`, the backend's name stays and its version goes. */
function withoutGeneratorVersion(wheel: Buffer): Buffer {
  return Buffer.from(wheel.toString().replace(/\r\n/g, '\n').replace(/^(Generator: \S+).*$/m, '$1').trimEnd() + '\n');
}

/**
 * A backend writes where it finds a local requirement: `Requires-Dist: shared @ file:///<folder of the build>/shared`. The bare name
 * stays: it is what `importlib.metadata` and the contract look for, and no other machine has that folder.
 *
 * @see https://packaging.python.org/en/latest/specifications/dependency-specifiers/
 */
function withoutLocalReferences(metadata: Buffer): Buffer {
  const text = metadata.toString();
  const end = /\r?\n\r?\n/.exec(text)?.index ?? text.length;
  const headers = text.slice(0, end);
  const named = headers.replace(/^(Requires-Dist: *[^@;\r\n]+?) *@ *([^\s;]+)/gm, (line, requirement: string, place: string) =>
    /^([a-z]+\+)?file:/i.test(place) || !isUrl(place) ? requirement : line);
  return named === headers ? metadata : Buffer.from(named + text.slice(end));
}
