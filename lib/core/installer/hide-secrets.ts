import * as fs from 'node:fs';
import * as path from 'node:path';
import { redact } from '../base/redact';
import type { InstallerKind } from '../plan/source-request';
import type { Command } from '../process/command';

/**
 * The same command of pip or uv without the passwords of indexes in its arguments, which everybody on the machine can see.
 *
 * @param temporary a folder for files that are removed after the build
 */
export function hideSecrets(command: Command, kind: InstallerKind, temporary: string): Command {
  if (!command.args.some(isSecret)) return command;
  return { ...kind === 'uv' ? inVariables(command) : inFile(command, temporary), shown: command.args };
}

function isSecret(argument: string): boolean {
  return redact(argument) !== argument;
}

// runs a script, or pip as by -m. pip's own variables and files are no place: what they say of indexes replaces what others say
const PIP = `
import runpy, sys
del sys.argv[0]
for place, argument in hidden:
    sys.argv[place] = argument
if sys.argv[0] == "-m":
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
else:
    runpy.run_path(sys.argv[0], run_name="__main__")
`;

/** Python has the arguments from a file of the user's own. */
function inFile(command: Command, temporary: string): Command {
  const hidden = [...command.args.entries()].filter(([, argument]) => isSecret(argument));
  const file = path.join(fs.mkdtempSync(path.join(temporary, 'hidden-')), 'run_pip.py');
  fs.writeFileSync(file, `hidden = ${JSON.stringify(hidden)}\n${PIP}`, { mode: 0o600 });
  return { ...command, args: [file, ...command.args.map(redact)] };
}

interface Variable { readonly name: string; readonly option: RegExp; readonly separator: string }

/**
 * As these options do, the variables replace what the user's own say.
 *
 * @see https://docs.astral.sh/uv/reference/environment/
 */
const VARIABLES: readonly Variable[] = [
  { name: 'UV_INDEX_URL', option: /^(?:--index-url|-i)$/, separator: '' },
  { name: 'UV_EXTRA_INDEX_URL', option: /^--extra-index-url$/, separator: ' ' },
  { name: 'UV_INDEX', option: /^--index$/, separator: ' ' },
  { name: 'UV_DEFAULT_INDEX', option: /^--default-index$/, separator: '' },
  { name: 'UV_FIND_LINKS', option: /^(?:--find-links|-f)$/, separator: ',' },
];
const JOINED = /^(?:(--(?:(?:extra-)?index-url|(?:default-)?index|find-links))=|(-[if])=?(?=.))(.*)$/s;

interface Option { readonly words: readonly string[]; readonly variable?: Variable; readonly value: string }

function inVariables(command: Command): Command {
  const options = optionsOf(command.args);
  const moved = new Set(options.filter(({ value }) => isSecret(value)).map(({ variable }) => variable));
  moved.delete(undefined);
  // the order counts, and the option replaces the variable: all of a kind move together
  const values = [...moved].map((variable) => {
    const { name, separator } = variable!;
    const all = options.filter((option) => option.variable === variable).map(({ value }) => value);
    return [name, separator === '' ? all.at(-1)! : all.map((value) => value.replaceAll(separator, encodeURIComponent)).join(separator)];
  });
  return {
    ...command,
    args: options.filter(({ variable }) => !moved.has(variable)).flatMap(({ words }) => words),
    env: { ...command.env ?? process.env, ...Object.fromEntries(values) as NodeJS.ProcessEnv },
  };
}

/** The options that have a variable, and each other word alone. */
function optionsOf(args: readonly string[]): Option[] {
  const options: Option[] = [];
  for (let i = 0; i < args.length; i++) {
    const [, long, short, joined] = JOINED.exec(args[i]) ?? [args[i]];
    const variable = VARIABLES.find(({ option }) => option.test(long ?? short ?? args[i]));
    if (!variable) options.push({ words: [args[i]], value: '' });
    else if (joined !== undefined) options.push({ words: [args[i]], variable, value: joined });
    else options.push({ words: args.slice(i, i + 2), variable, value: args[++i] ?? '' });
  }
  return options;
}
