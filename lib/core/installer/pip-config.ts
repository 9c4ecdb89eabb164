import * as os from 'node:os';
import * as path from 'node:path';
import { readTextIfThere } from '../base/files';

/** What pip's configuration files say, by option with `-`; those that are more to the point have overridden the others. */
export type PipConfig = ReadonlyMap<string, string>;

/**
 * The configuration of a command of pip, without starting pip.
 *
 * @param prefix of the Python that pip is in
 * @see https://pip.pypa.io/en/stable/topics/configuration/
 */
export function readPipConfig(env: NodeJS.ProcessEnv, prefix: string, command: 'install' | 'download'): PipConfig {
  const config = new Map<string, string>();
  const texts = configFiles(env, prefix).map(readTextIfThere).filter((text) => text !== undefined).map(readSections);
  for (const wanted of ['global', command]) {
    for (const sections of texts) for (const [option, value] of sections.get(wanted) ?? []) config.set(option, value);
  }
  return config;
}

/** The least to the point first. */
function configFiles(env: NodeJS.ProcessEnv, prefix: string): string[] {
  if (env.PIP_CONFIG_FILE === os.devNull) return [];
  const home = env.HOME ?? os.homedir();
  const own = env.PIP_CONFIG_FILE ? [env.PIP_CONFIG_FILE] : [];
  if (process.platform === 'win32') {
    const folders = [env.ProgramData, env.APPDATA].filter((folder) => folder !== undefined);
    return [...folders.map((folder) => path.join(folder, 'pip', 'pip.ini')), path.join(home, 'pip', 'pip.ini'),
      path.join(prefix, 'pip.ini'), ...own];
  }
  const folders = (env.XDG_CONFIG_DIRS || '/etc/xdg').split(path.delimiter).filter(Boolean);
  const shared = folders.map((folder) => path.join(folder, 'pip', 'pip.conf'));
  const user = [path.join(env.XDG_CONFIG_HOME || path.join(home, '.config'), 'pip', 'pip.conf')];
  if (process.platform === 'darwin') {
    shared.unshift('/Library/Application Support/pip/pip.conf');
    user.push(path.join(home, 'Library', 'Application Support', 'pip', 'pip.conf'));
  }
  return [...shared, '/etc/pip.conf', path.join(home, '.pip', 'pip.conf'), ...user, path.join(prefix, 'pip.conf'), ...own];
}

/** As Python's configparser reads it: a line with white space before it goes on with the value. */
function readSections(text: string): Map<string, Map<string, string>> {
  const sections = new Map<string, Map<string, string>>();
  let section: Map<string, string> | undefined;
  let option: string | undefined;
  for (const line of text.split(/\r?\n/).filter((item) => !/^\s*([#;].*)?$/.test(item))) {
    const [, heading] = /^\[(.+)\]/.exec(line) ?? [];
    const [, name, value] = /^([^\s=:][^=:]*?)\s*[=:]\s*(.*)$/.exec(line) ?? [];
    if (heading !== undefined) {
      section = sections.get(heading) ?? new Map();
      sections.set(heading, section);
      option = undefined;
    } else if (name !== undefined && section) {
      option = name.toLowerCase().replaceAll('_', '-');
      section.set(option, value.trim());
    } else if (option !== undefined && section) {
      section.set(option, `${section.get(option)} ${line.trim()}`.trim());
    }
  }
  return sections;
}
