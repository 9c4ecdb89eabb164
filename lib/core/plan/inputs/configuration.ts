import * as os from 'node:os';
import * as path from 'node:path';
import { isOfInstaller, isPlace, type Settings } from './variables';
import { readTextIfThere } from '../../base/files';
import { withoutCredentials } from '../../base/redact';
import { isTable, parseToml, type Table } from '../../base/toml';

/** What the configuration files of pip and uv say. */
export interface Configuration {
  /** As variables of pip and uv would say it: those that have a say in what is installed, without credentials. */
  readonly settings: Settings;
  /** Where the files are: paths in them may be relative to that. */
  readonly folders: readonly string[];
}

/**
 * @param prefix of the Python that runs pip: it may have a configuration of its own
 * @see https://pip.pypa.io/en/stable/topics/configuration/#location
 * @see https://docs.astral.sh/uv/concepts/configuration-files/
 */
export function readConfiguration(entry: string, prefix: string | undefined, env: NodeJS.ProcessEnv): Configuration {
  const settings: [string, string][] = [];
  const folders: string[] = [];
  const add = (file: string, read: (text: string, file: string) => [string, string][]) => {
    const text = readTextIfThere(file);
    if (text === undefined) return;
    const told = read(text, file);
    if (told.length > 0) folders.push(path.dirname(file));
    settings.push(...told);
  };
  for (const file of pipFiles(prefix, env)) add(file, pipSettings);
  for (const file of uvFiles(entry, env)) add(file, uvSettings);
  return { settings, folders };
}

function pipFiles(prefix: string | undefined, env: NodeJS.ProcessEnv): string[] {
  if (env.PIP_CONFIG_FILE === os.devNull) return [];
  const home = env.HOME || os.homedir();
  const given = env.PIP_CONFIG_FILE ? [path.resolve(env.PIP_CONFIG_FILE)] : [];
  const ofPrefix = prefix === undefined ? [] : [path.join(prefix, process.platform === 'win32' ? 'pip.ini' : 'pip.conf')];
  if (process.platform === 'win32') {
    return [
      path.join(env.ProgramData ?? 'C:\\ProgramData', 'pip', 'pip.ini'),
      path.join(home, 'pip', 'pip.ini'),
      path.join(env.APPDATA ?? home, 'pip', 'pip.ini'),
      ...ofPrefix, ...given,
    ];
  }
  const shared = (env.XDG_CONFIG_DIRS || '/etc/xdg').split(':').map((folder) => path.join(folder, 'pip', 'pip.conf'));
  const mac = process.platform === 'darwin' ? [path.join(home, 'Library', 'Application Support', 'pip', 'pip.conf')] : [];
  const own = path.join(env.XDG_CONFIG_HOME || path.join(home, '.config'), 'pip', 'pip.conf');
  const ofMachine = [...shared, '/Library/Application Support/pip/pip.conf', '/etc/pip.conf'];
  return [...ofMachine, path.join(home, '.pip', 'pip.conf'), ...mac, own, ...ofPrefix, ...given];
}

/** `[install] index-url = …`, and values that go on in indented lines. */
function pipSettings(text: string): [string, string][] {
  const found: [string, string][] = [];
  let section = '';
  for (const line of text.replace(/^\uFEFF/, '').split(/\r?\n/)) {
    if (/^\s*([#;]|$)/.test(line)) continue;
    const [, header] = /^\[([^\]]*)\]/.exec(line) ?? [];
    const [, name, value] = /^(\S[^=:]*?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (header !== undefined) section = header;
    else if (/^\s/.test(line) && found.length > 0) found[found.length - 1][1] += ` ${line.trim()}`;
    else if (name !== undefined) found.push([`${section} ${name}`, value]);
  }
  return kept(found, (name) => `PIP_${upper(name.split(' ').pop()!)}`);
}

function uvFiles(entry: string, env: NodeJS.ProcessEnv): string[] {
  if (env.UV_NO_CONFIG) return [];
  if (env.UV_CONFIG_FILE) return [path.resolve(env.UV_CONFIG_FILE)];
  const above: string[] = [];
  for (let folder = path.resolve(entry), last = ''; folder !== last; last = folder, folder = path.dirname(folder)) {
    above.push(path.join(folder, 'uv.toml'), path.join(folder, 'pyproject.toml'));
  }
  const home = env.HOME || os.homedir();
  const own = process.platform === 'win32' ? env.APPDATA ?? home : env.XDG_CONFIG_HOME || path.join(home, '.config');
  return [...above, path.join(own, 'uv', 'uv.toml'), '/etc/uv/uv.toml'];
}

/** A uv.toml, or the table `[tool.uv]`; uv itself says what is wrong with one. */
function uvSettings(text: string, file: string): [string, string][] {
  const isProject = path.basename(file) === 'pyproject.toml';
  if (isProject && !text.includes('tool.uv')) return [];
  let table: unknown;
  try {
    table = parseToml(text, file);
  } catch {
    return [];
  }
  if (isProject) table = at(at(table, 'tool'), 'uv');
  if (!isTable(table)) return [];
  const { pip, ...rest } = table as Table;
  const all = [...Object.entries(rest), ...Object.entries(isTable(pip) ? pip : {})];
  return kept(all.map(([name, value]): [string, string] => [name, JSON.stringify(value)]), (name) => `UV_${upper(name)}`);
}

function at(table: unknown, name: string): unknown {
  return isTable(table) ? table[name] : undefined;
}

function upper(name: string): string {
  return name.trim().replace(/-/g, '_').toUpperCase();
}

function kept(settings: readonly [string, string][], variableOf: (name: string) => string): [string, string][] {
  const counts = (variable: string) => isOfInstaller(variable) || isPlace(variable);
  return settings.filter(([name]) => counts(variableOf(name))).map(([name, value]) => [name, withoutCredentials(value)]);
}
