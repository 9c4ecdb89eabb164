import * as path from 'node:path';
import { firstFile } from '../base/files';
import { redact } from '../base/redact';
import { isTable, readToml, tableOf, textsOf } from '../base/toml';
import { readRequirementsFile, type RequirementLine } from '../lock/formats/requirements-txt/file';
import { nameWithExtras, normaliseName, parseRequirement } from '../pep/requirement';

/** The requirements that a plain folder has written down, as pyproject.toml takes them. */
export interface FoundDependencies {
  readonly dependencies: readonly string[];
  /** What is no requirement by name: `-e .`, paths, addresses, options. With its place. */
  readonly skipped: readonly string[];
}

export function findDependencies(entry: string): FoundDependencies {
  const file = firstFile(['requirements.txt', 'requirements.in', 'Pipfile'].map((name) => path.join(entry, name)));
  if (file === undefined) return { dependencies: [], skipped: [] };
  return path.basename(file) === 'Pipfile' ? ofPipfile(file) : ofRequirements(file);
}

/** Of a file that pip-compile or uv wrote, what the project itself requires, and not what that requires. */
function ofRequirements(file: string): FoundDependencies {
  const skipped: string[] = [];
  const read = readRequirementsFile(file, process.env, (where, text) => skipped.push(`${where}: ${redact(text)}`));
  const lines = read.lines.filter(({ isConstraint }) => !isConstraint);
  const names = new Set(lines.flatMap(({ text }) => nameOf(text) ?? []));
  const isDirect = ({ via }: RequirementLine) => via.some((by) => !/^(-c|--constraint)\b/.test(by) && !names.has(normaliseName(by)));
  const direct = lines.some(({ via }) => via.length > 0) ? lines.filter(isDirect) : lines;
  const isNamed = ({ text }: RequirementLine) => nameOf(text) !== undefined;
  skipped.push(...direct.filter((line) => !isNamed(line)).map(({ where, text }) => `${where}: ${redact(text)}`));
  return { dependencies: [...new Set(direct.filter(isNamed).map(({ text }) => text))], skipped };
}

/** The package's name; `undefined` for what is no requirement by name. */
function nameOf(text: string): string | undefined {
  try {
    const { name, url } = parseRequirement(text);
    return url === undefined ? name : undefined;
  } catch {
    return undefined;
  }
}

/** @see https://pipenv.pypa.io/en/latest/pipfile.html */
function ofPipfile(file: string): FoundDependencies {
  const packages = Object.entries(tableOf(readToml(file).packages));
  const lines = packages.map(([name, item]) => {
    const { version = '*', extras, markers, ...rest } = isTable(item) ? item : { version: item };
    const isPlace = ['git', 'hg', 'svn', 'path', 'file', 'editable'].some((key) => key in rest);
    const specifier = version === '*' || typeof version !== 'string' ? '' : version;
    const marker = typeof markers === 'string' ? ` ; ${markers}` : '';
    return { name, text: isPlace ? undefined : nameWithExtras({ name, extras: textsOf(extras) }) + specifier + marker };
  });
  const isNamed = ({ text }: { readonly text?: string }) => text !== undefined && nameOf(text) !== undefined;
  return {
    dependencies: lines.filter(isNamed).map(({ text }) => text!),
    skipped: lines.filter((line) => !isNamed(line)).map(({ name }) => `Pipfile: ${name}`),
  };
}
