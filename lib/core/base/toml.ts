import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { ArtifactError } from './error';

export type Table = Readonly<Record<string, unknown>>;

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param advice what to do if it is not valid */
export function parseToml(text: string, file: string, advice = 'correct it'): Table {
  try {
    return parse(text);
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    throw new ArtifactError({
      reference: 'toml-invalid',
      problem: `${path.basename(file)} is not valid TOML at line ${cause.line}, column ${cause.column}`,
      got: file,
      advice: `${advice}:\n\n${cause.codeblock.trimEnd()}`,
      hint: cause.message.split('\n')[0].replace(/^Invalid TOML document: /, ''),
    }, undefined, { cause });
  }
}

// the layers of an app often have one lock file, perhaps of megabytes
const READ = new Map<string, { readonly bytes: Buffer; readonly table: Table }>();

/** A file as it is now, parsed once. */
export function readToml(file: string, advice?: string): Table {
  const bytes = fs.readFileSync(file);
  const known = READ.get(file);
  if (known?.bytes.equals(bytes)) return known.table;
  const table = parseToml(bytes.toString(), file, advice);
  READ.set(file, { bytes, table });
  return table;
}

// a lock file is a program's: what is not of the form that it has to have counts as not there

export function tableOf(value: unknown): Table {
  return isTable(value) ? value : {};
}

export function tablesOf(value: unknown): Table[] {
  return Array.isArray(value) ? value.filter(isTable) : [];
}

export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function textsOf(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}
