import * as fs from 'node:fs';
import * as path from 'node:path';
import { stringify } from 'smol-toml';
import { isTable, readToml, tableOf, tablesOf, textsOf, type Table } from '../../base/toml';

// the settings that say where packages come from, and how they are fetched; all others are about what is resolved
const OF_INDEXES = [
  'index', 'index-url', 'extra-index-url', 'no-index', 'find-links', 'index-strategy', 'keyring-provider', 'allow-insecure-host',
  'native-tls', 'system-certs', 'offline', 'http-proxy', 'https-proxy', 'no-proxy',
];

/**
 * The folder of a project for uv that has the user's settings of indexes, and not those of resolution: what is locked was resolved with
 * them already, and uv would take constraints for requirements without hashes.
 *
 * @param temporary a folder for files that are removed after the build
 * @see https://docs.astral.sh/uv/reference/settings/
 */
export function settingsForLocked(folder: string, temporary: string): string {
  const project = fs.mkdtempSync(path.join(temporary, 'uv-'));
  const { table, base } = findSettings(folder);
  const kept: Table = { ...indexSettings(table, base), pip: indexSettings(tableOf(table.pip), base) };
  fs.writeFileSync(path.join(project, 'uv.toml'), stringify(kept));
  return project;
}

interface Settings {
  readonly table: Table;
  /** The folder of relative paths. */
  readonly base: string;
}

/** The first of the folder and those above it: uv.toml, or `[tool.uv]` of pyproject.toml. */
function findSettings(base: string): Settings {
  const own = path.join(base, 'uv.toml');
  if (fs.existsSync(own)) return { table: readToml(own), base };
  const pyproject = path.join(base, 'pyproject.toml');
  const ofTool = fs.existsSync(pyproject) ? tableOf(readToml(pyproject).tool).uv : undefined;
  if (isTable(ofTool)) return { table: ofTool, base };
  return path.dirname(base) === base ? { table: {}, base } : findSettings(path.dirname(base));
}

function indexSettings(table: Table, base: string): Table {
  const resolve = (place: unknown) => {
    const isPath = typeof place === 'string' && !/^[a-z][a-z0-9+.-]+:|^\$/i.test(place);
    return isPath ? path.resolve(base, place) : place;
  };
  const kept = Object.entries(table).filter(([name]) => OF_INDEXES.includes(name)).map(([name, value]): [string, unknown] => {
    if (name === 'index') return [name, tablesOf(value).map((index) => ({ ...index, url: resolve(index.url) }))];
    return [name, name === 'find-links' ? textsOf(value).map(resolve) : value];
  });
  return Object.fromEntries(kept);
}
