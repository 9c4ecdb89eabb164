import * as fs from 'node:fs';
import * as path from 'node:path';
import { memo, unique } from '../../../base/collections';
import { refusal, type ArtifactError } from '../../../base/error';
import { decodeText } from '../../../base/files';
import { expand } from '../variables';

/** A requirement of a requirements file, without its options. */
export interface RequirementLine {
  /** `line 3 of requirements.txt` */
  readonly where: string;
  readonly text: string;
  /** `sha256:…` */
  readonly hashes: readonly string[];
  readonly isConstraint: boolean;
  /** What requires it, as pip-compile and uv write it: `# via boto3`. */
  readonly via: readonly string[];
}

/** A requirements file with those that it includes. */
export interface RequirementsFile {
  readonly lines: readonly RequirementLine[];
  /** Arguments of `pip install`. */
  readonly args: readonly string[];
  readonly requiresHashes: boolean;
}

/**
 * @param skip told of what a layer cannot follow, which is refused otherwise; variables are not filled in then
 * @see https://pip.pypa.io/en/stable/reference/requirements-file-format/
 */
export function readRequirementsFile(
  file: string, env: NodeJS.ProcessEnv, skip?: (where: string, text: string) => void,
): RequirementsFile {
  const lines: RequirementLine[] = [];
  const args: string[] = [];
  let requiresHashes = false;
  const read = (name: string, isConstraint: boolean, parents: readonly string[]) => {
    const folder = path.dirname(name);
    for (const { number, text, via } of joinLines(readText(name, parents))) {
      const where = `line ${number} of ${path.basename(name)}`;
      const { requirement, options } = splitOnce(skip ? text : expandVariables(text, env, where));
      const hashes: string[] = [];
      for (const [option, value] of options) {
        switch (option) {
          case '--requirement': case '--constraint':
            if (skip && (isRemote(value) || !fs.existsSync(path.resolve(folder, value)))) {
              skip(where, `${option} ${value}`);
              break;
            }
            refuseUrl(value, where);
            read(path.resolve(folder, value), isConstraint || option === '--constraint', [...parents, name]);
            break;
          case '--hash': hashes.push(value); break;
          case '--require-hashes': requiresHashes = true; break;
          case '--find-links': args.push(`${option}=${/^[a-z]+:/.test(value) ? value : path.resolve(folder, value)}`); break;
          case '--no-index': case '--pre': args.push(option); break;
          case '--index-url': case '--extra-index-url': case '--trusted-host': args.push(`${option}=${value}`); break;
          default:
            if (isWithoutEffect(option, value)) break;
            if (!skip) throw refused(where, option, value);
            skip(where, [option, value].filter(Boolean).join(' '));
        }
      }
      if (requirement !== '') lines.push({ where, text: requirement, hashes: unique(hashes), isConstraint, via });
    }
  };
  read(file, false, []);
  return { lines, args: [...new Set(args)], requiresHashes };
}

/** Whether an option does not matter to a layer: it is made of wheels alone, and none is built. */
function isWithoutEffect(option: string, value: string): boolean {
  if (option === '--no-binary') return value === ':none:';
  return ['--only-binary', '--prefer-binary', '--config-settings', '--global-option', '--use-pep517'].includes(option);
}

function refused(where: string, option: string, value: string): ArtifactError {
  const got = [option, value].filter(Boolean).join('=');
  const advice = 'remove it: a layer is made of wheels, found on indexes or in folders';
  return refusal('requirements-option', `${where} has an option that a layer cannot follow`, got, advice);
}

/** @param parents the files that include this one; the last of them does it directly */
function readText(file: string, parents: readonly string[]): string {
  const by = parents.at(-1);
  if (parents.includes(file)) {
    throw refusal('requirements-circle', `${path.basename(file)} includes itself`, by, 'remove the -r or -c that makes the circle');
  }
  if (!fs.existsSync(file)) {
    const problem = `a requirements file that ${path.basename(by ?? file)} includes is not there`;
    throw refusal('requirements-include-missing', problem, file, 'correct the -r or -c');
  }
  return decodeText(fs.readFileSync(file));
}

function isRemote(place: string): boolean {
  return /^[a-z]+:\/\//i.test(place);
}

function refuseUrl(place: string, where: string): void {
  if (!isRemote(place)) return;
  const advice = 'copy it beside the requirements file: what it says must not change unnoticed';
  throw refusal('requirements-include-remote', `${where} includes a file from elsewhere`, place, advice);
}

interface Statement {
  readonly text: string;
  /** The number of its first line. */
  readonly number: number;
  readonly via: readonly string[];
}

/** Lines without comments. Lines that a backslash continues are one, with the number of the first and the comments up to the next. */
function joinLines(text: string): Statement[] {
  const joined: { text: string; number: number; comments: string[] }[] = [];
  let isContinued = false;
  for (const [index, line] of text.split(/\r?\n/).entries()) {
    const isComment = /^\s*#/.test(line);
    const continues = line.endsWith('\\') && !isComment;
    const part = continues ? line.slice(0, -1) : line;
    const last = joined.at(-1);
    if (isComment) last?.comments.push(line);
    if (isContinued) last!.text += isComment ? ` ${part}` : part;
    else if (!isComment && part.trim() !== '') joined.push({ text: part, number: index + 1, comments: [/\s#.*$/.exec(part)?.[0] ?? ''] });
    isContinued = continues;
  }
  return joined.map(({ text: line, number, comments }) => ({
    text: line.replace(/(^|\s)#.*$/, '').trim(),
    number,
    via: readVia(comments),
  }));
}

/** Read `# via boto3`, or `# via` with a line for each. */
function readVia(comments: readonly string[]): string[] {
  const words = comments.map((comment) => comment.replace(/^\s*#\s*/, '').trim());
  const start = words.findIndex((word) => /^via\b/.test(word));
  if (start === -1) return [];
  return words.slice(start).flatMap((word) => word.replace(/^via\s*/, '').split(/,\s*/)).filter((word) => word !== '');
}

/** As pip does, `${NAME}` alone is a variable. */
function expandVariables(text: string, env: NodeJS.ProcessEnv, where: string): string {
  return expand(text, /\$\{([A-Z0-9_]+)\}/g, env, where);
}

const SHORT: Readonly<Record<string, string>> = {
  '-r': '--requirement',
  '-c': '--constraint',
  '-i': '--index-url',
  '-f': '--find-links',
  '-C': '--config-settings',
};
const FLAGS = ['--no-index', '--pre', '--prefer-binary', '--require-hashes', '--use-pep517', '--no-use-pep517'];

interface Options {
  readonly requirement: string;
  readonly options: readonly (readonly [option: string, value: string])[];
}

// the layers of an app often share one requirements file, of thousands of hashes
const splitOnce = memo(splitOptions, 10_000);

/** The requirement ends where the first option begins. */
function splitOptions(text: string): Options {
  const editable = /^(?:-e|--editable)[=\s]\s*(.*?)(?:\s--.*)?$/.exec(text)?.[1];
  if (editable !== undefined) return { requirement: editable.replace(/^(["'])(.*)\1$/, '$2'), options: [] };
  const start = /(?:^|\s)-/.exec(text)?.index ?? text.length;
  const quoted = text.slice(start).match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  const words = quoted.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, '$1$2'));
  const options: [string, string][] = [];
  while (words.length > 0) {
    const word = words.shift()!;
    const [, name, joined] = /^(--[^=]+)(?:=(.*))?$/.exec(word) ?? /^(-[a-zA-Z])=?(.+)?$/.exec(word) ?? [undefined, word];
    const option = SHORT[name] ?? name;
    options.push([option, FLAGS.includes(option) ? '' : joined ?? words.shift() ?? '']);
  }
  return { requirement: text.slice(0, start).trim(), options };
}
