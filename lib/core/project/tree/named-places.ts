import * as path from 'node:path';
import { readTextIfThere } from '../../base/files';
import { isTable, parseToml, tableOf, type Table } from '../../base/toml';
import { uvSourcesOf } from '../uv-sources';

/** A place that a project's build configuration names, as it is written there: a path, a pattern, or the name of a package. */
export interface NamedPlace {
  readonly text: string;
  /** The file that names it. */
  readonly by: string;
  /** Whether it has to be there; not so in a setup.py, which is a program. */
  readonly isCertain: boolean;
}

// tables of pyproject.toml that tell a backend what to read
const TABLES = [
  'project.name', 'project.readme', 'project.license', 'project.license-files',
  'tool.setuptools', 'tool.hatch.build', 'tool.hatch.version', 'tool.hatch.metadata',
  'tool.poetry.packages', 'tool.poetry.include', 'tool.poetry.readme', 'tool.poetry.build',
  'tool.pdm.build', 'tool.pdm.version', 'tool.flit', 'tool.uv.build-backend',
];

// what is written, left out, relative to a package, or asked of git
const OTHER_KEYS = /exclude|^package-data$|^directory$|^root$|^raw-options$|^cmdclass$|^(version|write)[-_](file|to)$|^text$|^dependencies$|^options$/;
const SECTIONS = /^(metadata|options|options\.(packages\.find|data_files|package_dir))$/;

/** Read from pyproject.toml, setup.cfg and setup.py without running anything. */
export function namedPlaces(entry: string): NamedPlace[] {
  const read = (name: string) => readTextIfThere(path.join(entry, name)) ?? '';
  const [pyproject, setupCfg, setupPy] = ['pyproject.toml', 'setup.cfg', 'setup.py'].map(read);
  const toml = parseToml(pyproject, path.join(entry, 'pyproject.toml'));
  return [
    ...TABLES.flatMap((name) => textsIn(at(toml, name.split('.')))).map((text) => ({ text, by: 'pyproject.toml', isCertain: true })),
    ...uvSourcesOf(toml).paths.map((text) => ({ text, by: 'pyproject.toml', isCertain: false })), // uv says what is not there
    ...wordsOf(setupCfg).map((text) => ({ text, by: 'setup.cfg', isCertain: true })),
    ...literalsOf(setupPy).map((text) => ({ text, by: 'setup.py', isCertain: false })),
  ];
}

function at(table: Table, [key, ...keys]: readonly string[]): unknown {
  return key === undefined ? table : keys.length === 0 ? table[key] : at(tableOf(table[key]), keys);
}

/** Keys are places too: those of hatchling's force-include, and of package-dir. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsIn);
  if (!isTable(value)) return [];
  return Object.entries(value).filter(([key]) => !OTHER_KEYS.test(key)).flatMap(([key, item]) => [key, ...textsIn(item)]);
}

/** Of setup.cfg: `where = ../shared`, `file: README.md, CHANGES.md`, `package_dir = =src`. */
function wordsOf(setupCfg: string): string[] {
  const sections = setupCfg.split(/^\[([^\]\n]+)\]/m).slice(1);
  return sections.flatMap((name, i) => i % 2 === 0 && SECTIONS.test(name.trim()) ? sections[i + 1].split(/\r?\n/) : [])
    .filter((line) => !/^\s*[#;]/.test(line) && !/^\w*exclude\b/.test(line))
    .flatMap((line) => line.split(/[\s,=]+/)).filter((word) => word !== '' && !word.endsWith(':'));
}

/** Of setup.py: texts with a slash; others may be anything. */
function literalsOf(setupPy: string): string[] {
  return [...setupPy.matchAll(/(["'])((?:\.{1,2}\/)*[\w@. -]+(?:\/[\w@.*? -]*)+|\.\.(?:\/\.\.)*\/?)\1/g)].map(([, , text]) => text);
}

/** Without `./`, a `/` at its start or end, and the part with a pattern; empty for the project's folder. */
export function placeOf(text: string): string {
  const words = text.replaceAll('\\', '/').split('/');
  const pattern = words.findIndex((word) => /[*?[\]{}]/.test(word));
  const place = path.posix.normalize(words.slice(0, pattern === -1 ? undefined : pattern).join('/') || '.');
  return place.replace(/^\/+|\/+$/g, '').replace(/^\.$/, '');
}
