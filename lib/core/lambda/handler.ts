import { ArtifactError, refusal } from '../base/error';

/** The names that a module binds at its top. */
export interface ModuleNames {
  /** Of functions that it defines. */
  readonly functions: readonly string[];
  /** What it assigns, and its classes. */
  readonly values: readonly string[];
  readonly imports: readonly string[];
  /** Whether it may have others: it is too dynamic to be read, or it was not read. */
  readonly isOpen: boolean;
}

/** By the module's dotted name. */
export type Modules = Readonly<Record<string, ModuleNames>>;

export function moduleOf(file: string): string {
  return file.replace(/(^|\/)__init__\.py$|\.py$/, '').replaceAll('/', '.');
}

export function binds({ functions, values, imports }: ModuleNames, name: string): boolean {
  return [functions, values, imports].some((names) => names.includes(name));
}

/** The only `lambda_handler` of a `lambda_function.py`. Throws if the tree does not have exactly one. */
export function chooseHandler(modules: Modules): string {
  const found = findHandlers(modules);
  if (found.length === 1) return found[0];
  throw new ArtifactError({
    reference: found.length === 0 ? 'handler-not-found' : 'handler-ambiguous',
    problem: `the project has ${found.length === 0 ? 'no' : 'more than one'} lambda_function.py with a lambda_handler`,
    got: found,
    advice: 'set {handler} to <module>.<function>',
  });
}

export function findHandlers(modules: Modules): string[] {
  const candidates = Object.entries(modules).filter(([module]) => /(^|\.)lambda_function$/.test(module));
  const certain = candidates.filter(([, names]) => binds(names, 'lambda_handler'));
  const found = certain.length > 0 ? certain : candidates.filter(([, names]) => names.isOpen);
  return found.map(([module]) => `${module}.lambda_handler`);
}

/**
 * Refuse a handler that Lambda could not import, with the nearest names.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
 */
export function checkHandler(handler: string, modules: Modules): void {
  const { module, name } = parseHandler(handler, modules);
  const names = Object.hasOwn(modules, module) ? modules[module] : undefined;
  if (!names) {
    const problem = `the handler's module ${module} is not in the installed project`;
    throw refusal('handler-module', problem, handler, 'correct it', didYouMean(nearModules(module, name, modules)));
  }
  if (names.isOpen || binds(names, name)) return;
  const near = nearNames(name, names).map((other) => `${module}.${other}`);
  throw refusal('handler-name', `the handler's module ${module} has no ${name}`, handler, 'correct it', didYouMean(near));
}

/**
 * The parts of a handler, where Lambda finds them.
 *
 * @param modules for the names that may be meant by what is no handler
 */
export function parseHandler(handler: string, modules: Modules = {}): { readonly module: string; readonly name: string } {
  const dot = handler.lastIndexOf('.');
  const module = handler.slice(0, Math.max(dot, 0)).replaceAll('/', '.');
  const name = handler.slice(dot + 1);
  if (module && name) return { module, name };
  const problem = 'the handler is not of the form <module>.<function>';
  throw refusal('handler-form', problem, handler, 'write it as Python would import it', didYouMean(findHandlers(modules)));
}

function didYouMean(names: readonly string[]): string | undefined {
  return names.length > 0 ? `did you mean ${names.join(', ')}` : undefined;
}

/** Handlers in other modules; the modules alone where none has the function. */
function nearModules(module: string, name: string, modules: Modules): string[] {
  const having = Object.keys(modules).filter((other) => modules[other].functions.includes(name));
  return having.length > 0 ? nearest(module, having).map((other) => `${other}.${name}`) : nearest(module, Object.keys(modules));
}

const SLIP = 2; // letters

/** What may be meant: a function of the module, or what it has under nearly that name. */
function nearNames(name: string, { functions, values, imports }: ModuleNames): string[] {
  const slips = [...values, ...imports].filter((other) => editDistance(name, other) <= SLIP);
  return nearest(name, [...functions, ...slips]);
}

function nearest(word: string, among: readonly string[]): string[] {
  const distance = (name: string) => name.includes(word) ? 0 : editDistance(word, name);
  return among.filter((name) => name !== '').sort((a, b) => distance(a) - distance(b)).slice(0, 3);
}

/** @see https://en.wikipedia.org/wiki/Levenshtein_distance */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) next[j] = Math.min(next[j - 1] + 1, row[j] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    row = next;
  }
  return row[b.length];
}
