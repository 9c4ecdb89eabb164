import * as path from 'node:path';
import { readTextIfThere } from '../base/files';
import { parseToml, tableOf, tablesOf, textOf, textsOf, type Table } from '../base/toml';
import { normaliseName } from '../pep/name';

/** Where uv takes packages from, as `[tool.uv.sources]` says. pip does not know that table. */
export interface UvSources {
  /** Names of packages that the build requires. */
  readonly ofBuild: readonly string[];
  /** Of these, the names of those that are members of a workspace. */
  readonly ofWorkspace: readonly string[];
  /** Names of all others, as they are written there. */
  readonly others: readonly string[];
  /** The folders and files that are required by the build. */
  readonly paths: readonly string[];
}

/** @see https://docs.astral.sh/uv/concepts/projects/dependencies/#dependency-sources */
export function readUvSources(entry: string): UvSources {
  const file = path.join(entry, 'pyproject.toml');
  const text = readTextIfThere(file) ?? '';
  return text.includes('tool.uv') ? uvSourcesOf(parseToml(text, file)) : NONE;
}

const NONE: UvSources = { ofBuild: [], ofWorkspace: [], others: [], paths: [] };

export function uvSourcesOf(toml: Table): UvSources {
  const sources = Object.entries(tableOf(tableOf(tableOf(toml.tool).uv).sources));
  const required = textsOf(tableOf(toml['build-system']).requires).map((text) => normaliseName(/^\s*[\w.-]*/.exec(text)![0].trim()));
  const isOfBuild = ([name]: [string, unknown]) => required.includes(normaliseName(name));
  // several sources of a package, for different platforms, are a list
  const tables = ([, source]: [string, unknown]) => Array.isArray(source) ? tablesOf(source) : [tableOf(source)];
  const ofBuild = sources.filter(isOfBuild);
  return {
    ofBuild: ofBuild.map(([name]) => name),
    ofWorkspace: ofBuild.filter((item) => tables(item).some(({ workspace }) => workspace === true)).map(([name]) => name),
    others: sources.filter((item) => !isOfBuild(item)).map(([name]) => name),
    paths: ofBuild.flatMap(tables).flatMap((source) => textOf(source.path) ?? []),
  };
}
