import * as path from 'node:path';
import type { Distribution } from './distribution';
import { ArtifactError } from '../base/error';
import { byPath, type PackedFile, type TreeFile } from '../base/tree';
import { withoutTraces } from '../build/installed-tree';
import type { LayerPackage } from '../cache/records';
import { distInfoFile, headerOf, headersOf, recordOf } from '../pep/dist-info';
import { normaliseName } from '../pep/requirement';

/**
 * The files of one package, independent of the machine and the installer. Compiled files and the installer's notes are left out, and so
 * are scripts and headers: installers put them at places of their own, and a function has no use for them. Only metadata is read.
 */
export function readDistribution(raw: readonly PackedFile[]): Distribution {
  const metadata = distInfoFile(raw, 'METADATA');
  const distInfo = raw.map((file) => path.posix.dirname(file.path)).find((folder) => /^[^/]+\.dist-info$/.test(folder)) ?? '';
  const record = `${distInfo}/RECORD`;
  const files = withoutTraces(raw, distInfo).filter((file) => file.path !== record && !isScript(file) && !isHeader(file));
  return {
    name: normaliseName(headerOf(metadata, 'Name')),
    version: headerOf(metadata, 'Version'),
    requires: headersOf(metadata, 'Requires-Dist'),
    tags: headersOf(distInfoFile(raw, 'WHEEL'), 'Tag'),
    files,
    record,
  };
}

/** A module is no script: there are packages named `bin`. */
function isScript(file: PackedFile): boolean {
  const { path: name, executable } = file;
  return /^(bin|Scripts)\/[^/]+$/.test(name) && (executable || !name.endsWith('.py') || isProgram(name, file.read()));
}

function isHeader({ path: name }: PackedFile): boolean {
  return /^[Ii]nclude\//.test(name) && !name.endsWith('.py');
}

/** Read a file. As the kernel demands, only a program becomes executable. Neither uv nor Windows keeps more of a file's mode. */
function unpackFile({ path: name, read }: PackedFile): TreeFile {
  const content = read();
  return { path: name, content, executable: isProgram(name, content) };
}

function isProgram(name: string, content: Buffer): boolean {
  const start = content.toString('latin1', 0, 4);
  return start.startsWith('#!') || (start === '\x7fELF' && !/\.so(\.|$)/.test(name));
}

// `-nspkg.pth` makes a namespace, which is one without it too; the other is for what installs packages
const PTH = /^(?!.*-nspkg\.pth$|distutils-precedence\.pth$)[^/]+\.pth$/;

export interface LayerTree {
  /** Below `python/`, by path. */
  readonly files: readonly TreeFile[];
  /** By name. */
  readonly packages: readonly LayerPackage[];
}

/**
 * Merge packages into one tree below `python/`. Each gets a RECORD of its files there.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html
 */
export function mergeDistributions(distributions: readonly Distribution[]): LayerTree {
  const sorted = [...distributions].sort((a, b) => a.name < b.name ? -1 : 1);
  const owned = new Map<string, OwnedFile>();
  for (const owner of sorted) {
    for (const file of owner.files.map(unpackFile)) owned.set(file.path, choose(owned.get(file.path), { file, owner }));
  }
  const all = [...owned.values()].map(({ file }) => file);
  const packages = sorted.map(({ name, version, requires, yanked, wheelSha256, files, record }): LayerPackage => {
    const own = files.map((file) => owned.get(file.path)!.file);
    own.push({ path: record, executable: false, content: recordOf(own, record) });
    all.push(own.at(-1)!);
    const size = own.reduce((sum, { content }) => sum + content.length, 0);
    const pth = own.map((file) => file.path).filter((file) => PTH.test(file));
    const told = { ...yanked !== undefined && { yanked }, ...wheelSha256 !== undefined && { wheelSha256 }, ...pth.length > 0 && { pth } };
    return { name, version, requires, size, ...told };
  });
  return { files: all.map((file) => ({ ...file, path: `python/${file.path}` })).sort(byPath), packages };
}

interface OwnedFile {
  readonly file: TreeFile;
  readonly owner: Distribution;
}

// nobody imports these when a function runs, and many packages install them by mistake
const ASIDE = /^(tests?|testing|docs?|examples?|samples?|scripts|tools|benchmarks?)\//;

/**
 * Choose between two packages' files of the same path. pip takes the one that it happens to install last. Here the last by name wins if
 * it does not matter. Otherwise the layer is refused: two packages bring the same module, such as opencv-python and its headless twin.
 */
function choose(first: OwnedFile | undefined, second: OwnedFile): OwnedFile {
  const name = second.file.path;
  if (!first || first.file.content.equals(second.file.content) || !/\.(py|so)$/.test(name) || ASIDE.test(name)) return second;
  const [one, other] = [first, second].map(({ file }) => file.content.toString());
  if (name.endsWith('/__init__.py')) {
    if (isBlank(other)) return first;
    if (isBlank(one) || [one, other].every(declaresNamespace)) return second;
  }
  const [a, b] = [first, second].map(({ owner }) => `${owner.name} ${owner.version}`);
  throw new ArtifactError({
    reference: 'module-twice',
    problem: `${a} and ${b} bring the same module with different content`,
    got: name,
    advice: `leave one of them out: exclude ${JSON.stringify(first.owner.name)} or ${JSON.stringify(second.owner.name)}`,
  });
}

function isBlank(source: string): boolean {
  return source.split(/\r?\n/).every((line) => /^\s*(#|$)/.test(line));
}

/** @see https://packaging.python.org/en/latest/guides/packaging-namespace-packages/ */
function declaresNamespace(source: string): boolean {
  return /\bextend_path\b|\bdeclare_namespace\b/.test(source);
}
