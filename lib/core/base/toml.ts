import * as fs from 'node:fs';
import * as path from 'node:path';
import { parse, TomlError } from 'smol-toml';
import { memo } from './collections';
import { ArtifactError } from './error';
import { decodeText } from './files';

export type Table = Readonly<Record<string, unknown>>;

export function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** @param advice the way to mend a file that is not valid */
export function parseToml(text: string, file: string, advice = 'correct it'): Table {
  try {
    return parse(text, { integersAsBigInt: 'asNeeded' }); // 64 bits, as TOML asks for
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

// the layers of an app often share one lock file, perhaps of megabytes
const parseOnce = memo(parseToml, 20);

/** A file as it is now. An unchanged file is not parsed again. */
export function readToml(file: string, advice?: string): Table {
  return parseOnce(decodeText(fs.readFileSync(file)), file, advice);
}

// Programs write lock files. A value of another type than it should have is taken for one that is missing.

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
