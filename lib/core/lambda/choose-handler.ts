import { binds, type Modules } from './handler';
import { ArtifactError } from '../base/error';

const SHOWN = 10;

/**
 * The only handler that a tree has. Throws if it has none or several.
 *
 * @param named as in `findHandlers`
 */
export function chooseHandler(modules: Modules, named: readonly string[] = []): string {
  const found = findHandlers(modules, named);
  if (found.length === 1) return found[0];
  throw new ArtifactError({
    reference: found.length === 0 ? 'handler-not-found' : 'handler-ambiguous',
    problem: found.length > 0 ? 'the project has more than one handler'
      : 'the project has no lambda_function.py with a lambda_handler, nor another function that looks like a handler',
    got: found.length > SHOWN ? [...found.slice(0, SHOWN), `… ${found.length - SHOWN} more`] : found,
    advice: 'set {handler} to <module>.<function>, or handler in [tool.pip-source-artifact] of pyproject.toml',
  });
}

/**
 * The functions that may be the handler: the one that the project's own configuration names; else each `lambda_handler` of a
 * `lambda_function.py`; else all that the configuration names; else functions that look like one, those of a usual name first.
 *
 * @param named in the project's template.yaml or serverless.yml
 */
export function findHandlers(modules: Modules, named: readonly string[] = []): string[] {
  const told = [...new Set(named.flatMap((handler) => inTree(handler, modules) ?? []))];
  if (told.length === 1) return told;
  const entries = Object.entries(modules).filter(([module]) => module !== ''); // an __init__.py at the top is no module
  const functions = entries.filter(([module]) => /(^|\.)lambda_function$/.test(module));
  const usual = functions.filter(([, names]) => binds(names, 'lambda_handler'));
  const listed = (kind: 'handlers' | 'possibleHandlers') => entries.filter(([module]) => !OF_TESTS.test(module))
    .flatMap(([module, names]) => (names[kind] ?? []).map((name) => `${module}.${name}`));
  const alike = listed('handlers');
  const groups = [
    usual.map(([module]) => `${module}.lambda_handler`),
    told,
    alike.filter((handler) => /\.(lambda_)?handler$/.test(handler)),
    alike,
    listed('possibleHandlers'),
    functions.filter(([, { isOpen }]) => isOpen).map(([module]) => `${module}.lambda_handler`),
  ];
  return groups.find((group) => group.length > 0) ?? [];
}

const OF_TESTS = /(^|\.)(tests?|conftest|test_[^.]*|[^.]*_test)(\.|$)/;

/** A handler as the installed tree has it: a folder above its module may be left out in the configuration, or in the tree. */
function inTree(handler: string, modules: Modules): string | undefined {
  const dotted = handler.replaceAll('/', '.').replace(/^\.+/, '');
  const dot = dotted.lastIndexOf('.');
  const module = dotted.slice(0, Math.max(dot, 0));
  const name = dotted.slice(dot + 1);
  const has = (other: string) => Object.hasOwn(modules, other) && (modules[other].isOpen || binds(modules[other], name));
  if (module === '' || name === '') return undefined;
  const parts = module.split('.');
  const shorter = parts.map((_, i) => parts.slice(i).join('.')).find(has);
  const longer = Object.keys(modules).filter((other) => other.endsWith(`.${module}`) && has(other));
  const found = shorter ?? (longer.length === 1 ? longer[0] : undefined);
  return found === undefined ? undefined : `${found}.${name}`;
}
