import { tableOf, textOf, type Table } from '../base/toml';
import { PYTHON_RUNTIMES } from '../lambda/target';
import { satisfiesSpecifier } from '../pep/specifier';

/**
 * The Pythons that a project admits, as its files say it without being run; nothing where they do not.
 *
 * @see https://packaging.python.org/en/latest/specifications/pyproject-toml/#requires-python
 */
export function requiresPython(toml: Table, setupPy = '', setupCfg = ''): string | undefined {
  const tool = tableOf(toml.tool);
  const written = textOf(tableOf(toml.project)['requires-python'])
    ?? poetrys(textOf(tableOf(tableOf(tool.poetry).dependencies).python))
    ?? textOf(tableOf(tableOf(tool.flit).metadata)['requires-python'])
    ?? /^python[_-]requires\s*=\s*(.+)$/m.exec(setupCfg)?.[1]
    ?? /^[^#\n]*\bpython_requires\s*=\s*(["'])([^"']+)\1/m.exec(setupPy)?.[2];
  return written !== undefined && isSpecifier(written) ? written.trim() : undefined;
}

/** `^3.9` and `~3.9` are Poetry's own; of what else is not PEP 440's, nothing is said. */
function poetrys(text: string | undefined): string | undefined {
  const [, operator, major, minor] = /^([\^~])(\d+)\.(\d+)(?:\.\d+)*$/.exec(text ?? '') ?? [];
  if (operator === undefined) return text;
  return `>=${text!.slice(1)},<${operator === '^' ? Number(major) + 1 : `${major}.${Number(minor) + 1}`}`;
}

function isSpecifier(text: string): boolean {
  try {
    satisfiesSpecifier('3.0', text.trim());
    return true;
  } catch {
    return false; // the installer says what is wrong with it
  }
}

/** `python3.13`, …: what an interpreter may be called that a project admits, the newest first. */
export function admittedNames(required: string | undefined): string[] {
  const releases = Array.from({ length: 30 }, (_, patch) => patch);
  const newestFirst = [...PYTHON_RUNTIMES].reverse();
  if (required === undefined) return newestFirst;
  return newestFirst.filter((name) => releases.some((patch) => satisfiesSpecifier(`${name.slice('python'.length)}.${patch}`, required)));
}
