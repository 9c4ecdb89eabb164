import * as path from 'node:path';
import { chooseFiles, type ChosenFiles } from './choose-files';
import { findDependencies, type FoundDependencies } from './dependencies';
import { readTextIfThere } from '../base/files';
import { parseToml, tableOf, type Table } from '../base/toml';
import { normaliseName } from '../pep/name';
import { parseRequirement } from '../pep/requirement';

export interface ProposalOptions {
  readonly name?: string;
  readonly version?: string;
  /** `python3.13`: the Python that the project requires at least. */
  readonly runtime?: string;
  readonly handler?: string;
}

/** The smallest pyproject.toml with which a plain folder builds. */
export interface Proposal extends ChosenFiles, FoundDependencies {
  readonly name: string;
  readonly version: string;
  /** The tables, to be a file or to be added to one. */
  readonly text: string;
}

/**
 * Read a folder that holds a function, and no project: modules, data, and perhaps a list of requirements. Runs nothing.
 *
 * hatchling takes the files that are named, whatever they are: setuptools leaves data beside modules out.
 *
 * @see https://hatch.pypa.io/latest/config/build/#explicit-selection
 */
export function propose(entry: string, { name, version = '0.1.0', runtime, handler }: ProposalOptions = {}): Proposal {
  const chosen = chooseFiles(entry);
  const found = findDependencies(entry);
  const title = name ?? nameOf(entry, found.dependencies);
  const ofFolder = readTextIfThere(path.join(entry, '.python-version')) ?? '';
  const python = /^python(3\.\d+)$/.exec(runtime ?? '')?.[1] ?? /^\s*(3\.\d+)/.exec(ofFolder)?.[1];
  const file = path.join(entry, 'pyproject.toml');
  const existing = parseToml(readTextIfThere(file) ?? '', file);
  const tools = tableOf(existing.tool);
  const tables = [
    !('build-system' in existing) && ['[build-system]', 'requires = ["hatchling>=1.26"]', 'build-backend = "hatchling.build"'],
    [
      '[project]', `name = ${quoted(title)}`, `version = ${quoted(version)}`,
      python !== undefined && `requires-python = ">=${python}"`,
      found.dependencies.length > 0 && `dependencies = ${list(found.dependencies)}`,
    ],
    ...filesTables(chosen, existing),
    handler !== undefined && !('pip-source-artifact' in tools) && ['[tool.pip-source-artifact]', `handler = ${quoted(handler)}`],
  ];
  const text = tables.flatMap((table) => table ? [`${table.filter(Boolean).join('\n')}\n`] : []).join('\n');
  return { name: title, version, text, ...chosen, ...found };
}

/** For hatchling; for setuptools only where the file has chosen it already, as it takes modules and packages and no data. */
function filesTables({ files, root }: ChosenFiles, { tool, 'build-system': system }: Table): (string | false)[][] {
  if (system !== undefined) {
    const names = files.map((file) => root === undefined ? file : file.slice(root.length + 1));
    const modules = names.filter((name) => name.endsWith('.py')).map((name) => name.slice(0, -'.py'.length));
    const packages = names.filter((name) => /^[A-Za-z_]\w*$/.test(name)).map((name) => `${name}*`);
    return [
      ['[tool.setuptools]', `py-modules = ${list(modules)}`, root !== undefined && `package-dir = { "" = ${quoted(root)} }`],
      ['[tool.setuptools.packages.find]', `include = ${list(packages)}`, root !== undefined && `where = [${quoted(root)}]`],
    ];
  }
  if ('wheel' in tableOf(tableOf(tableOf(tableOf(tool).hatch).build).targets)) return [];
  return [['[tool.hatch.build.targets.wheel]', `only-include = ${list(files)}`, root !== undefined && `sources = [${quoted(root)}]`]];
}

const WIDTH = 100;

function list(items: readonly string[]): string {
  const line = `[${items.map(quoted).join(', ')}]`;
  return line.length <= WIDTH ? line : `[\n${items.map((item) => `    ${quoted(item)},\n`).join('')}]`;
}

/** A basic string of TOML, which escapes as JSON does. */
function quoted(text: string): string {
  return JSON.stringify(text).replaceAll('\u007f', '\\u007f');
}

const COMMON = /^(src|source|app|application|functions?|lambdas?|lambda-function|code|handlers?|main|project|service|backend|api|python|\d+)$/;

/** The folder's name as a project may have it, with its parent's where it says nothing; never that of a package that it requires. */
function nameOf(entry: string, dependencies: readonly string[]): string {
  const folder = path.resolve(entry);
  const own = projectName(path.basename(folder));
  const parent = projectName(path.basename(path.dirname(folder)));
  const name = own === '' || COMMON.test(own) ? [parent, own].filter(Boolean).join('-') : own;
  const required = new Set(dependencies.map((line) => parseRequirement(line).name));
  return name === '' || required.has(name) ? [name, 'function'].filter(Boolean).join('-') : name;
}

function projectName(text: string): string {
  return normaliseName(text.normalize('NFKD').replace(/[^A-Za-z0-9._-]+/g, '-')).replace(/^-+|-+$/g, '');
}
