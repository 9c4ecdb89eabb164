import { didYouMean, editDistance, nearest } from '../base/collections';
import { refusal } from '../base/error';
import { isTable, type Table } from '../base/toml';
import { normaliseName } from '../pep/name';

/** What `[tool.pip-source-artifact]` of pyproject.toml says. A prop, or an option of the command, goes before what is said here. */
export interface ProjectSettings {
  readonly handler?: string;
  readonly exclude?: readonly string[];
  readonly installer?: 'pip' | 'uv';
  readonly pipArgs?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly layer: LayerSettings;
}

/** What `[tool.pip-source-artifact.layer]` says. */
export interface LayerSettings {
  readonly extras?: readonly string[];
  readonly groups?: readonly string[];
  readonly exclude?: readonly string[];
  readonly onlyBinary?: boolean;
}

type Kind = 'text' | 'texts' | 'table of texts' | 'boolean' | 'installer';

const OPTIONS: Readonly<Record<Exclude<keyof ProjectSettings, 'layer'>, Kind>> = {
  handler: 'text', exclude: 'texts', installer: 'installer', pipArgs: 'texts', environment: 'table of texts',
};
const LAYER_OPTIONS: Readonly<Record<keyof LayerSettings, Kind>> = {
  extras: 'texts', groups: 'texts', exclude: 'texts', onlyBinary: 'boolean',
};

const isText = (value: unknown) => typeof value === 'string';

const KINDS: Readonly<Record<Kind, { readonly is: (value: unknown) => boolean; readonly written: string }>> = {
  'text': { is: (value) => isText(value) && value !== '', written: '"…"' },
  'texts': { is: (value) => Array.isArray(value) && value.every(isText), written: '["…"]' },
  'table of texts': { is: (value) => isTable(value) && Object.values(value).every(isText), written: '{ NAME = "…" }' },
  'boolean': { is: (value) => typeof value === 'boolean', written: 'true or false' },
  'installer': { is: (value) => value === 'pip' || value === 'uv', written: '"pip" or "uv"' },
};

const NAME = 'pip-source-artifact';

/** Read the table, and refuse what is none of its options, so that a slip does not go unnoticed. */
export function readSettings({ tool }: Table): ProjectSettings {
  const tools = isTable(tool) ? tool : {};
  refuseSlips(Object.keys(tools));
  const table = tools[NAME] ?? {};
  if (!isTable(table)) throw refuseValue(`[tool.${NAME}]`, table, 'a table');
  const { layer = {}, ...own } = table;
  if (!isTable(layer)) throw refuseValue(`layer in [tool.${NAME}]`, layer, `a table, [tool.${NAME}.layer]`);
  return { ...readTable(own, `[tool.${NAME}]`, OPTIONS, ['layer']), layer: readTable(layer, `[tool.${NAME}.layer]`, LAYER_OPTIONS) };
}

function readTable<K extends string>(
  table: Table, where: string, options: Readonly<Record<K, Kind>>, others: readonly string[] = [],
): Partial<Record<K, any>> {
  const known = new Map(Object.keys(options).map((option) => [kebab(option), option as K]));
  return Object.fromEntries(Object.entries(table).map(([name, value]) => {
    const option = known.get(name);
    if (option === undefined) {
      const names = [...known.keys(), ...others];
      const like = nearest(name, names).filter((other) => editDistance(normaliseName(name), other) <= 2);
      const problem = `${where} of pyproject.toml has an option that there is not`;
      throw refusal('project-option-unknown', problem, name, `take one of ${names.join(', ')}`, didYouMean(like));
    }
    const { is, written } = KINDS[options[option]];
    if (!is(value)) throw refuseValue(`${name} in ${where}`, value, written);
    return [option, value];
  })) as Partial<Record<K, any>>;
}

function refuseValue(what: string, got: unknown, written: string): Error {
  return refusal('project-option-invalid', `${what} of pyproject.toml has another form`, got, `write ${written}`);
}

/** Other spellings of the table's name. What is another tool's is not like it. */
function refuseSlips(tools: readonly string[]): void {
  const slip = tools.find((name) => name !== NAME && editDistance(normaliseName(name).replace(/^cdk-/, ''), NAME) <= 2);
  if (slip === undefined) return;
  throw refusal('project-option-unknown', 'a table of pyproject.toml has nearly our name', `tool.${slip}`, `call it [tool.${NAME}]`);
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
