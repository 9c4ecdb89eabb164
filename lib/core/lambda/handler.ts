import { didYouMean, editDistance, nearest } from '../base/collections';
import { refusal } from '../base/error';

/** The names that a module binds at its top. */
export interface ModuleNames {
  /** Of functions that it defines. */
  readonly functions: readonly string[];
  /** What it assigns, and its classes. */
  readonly values: readonly string[];
  readonly imports: readonly string[];
  /** Those of them that look like a handler: functions of an event and a context, and what is made for a web application. */
  readonly handlers?: readonly string[];
  /** Functions of two other arguments that are called `handler`. */
  readonly possibleHandlers?: readonly string[];
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
  throw refusal('handler-form', problem, handler, 'write it as Python would import it', didYouMean(withUsualName(modules)));
}

function withUsualName(modules: Modules): string[] {
  return Object.entries(modules).flatMap(([module, { handlers = [], functions }]) => {
    return [...new Set([...handlers, ...functions.filter((name) => name === 'lambda_handler')])].map((name) => `${module}.${name}`);
  }).slice(0, 3);
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
