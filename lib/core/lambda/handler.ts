import { ArtifactError, refusal } from '../base/error';
import type { TreeFile } from '../base/tree';

/** The top-level names of each module, by its dotted name. `*` means that a module binds names that cannot be read from its source. */
export type ModuleNames = Readonly<Record<string, readonly string[]>>;

export function readModuleNames(files: readonly TreeFile[]): ModuleNames {
  const modules = files.filter((file) => file.path.endsWith('.py') && !file.path.includes('.dist-info/'));
  return Object.fromEntries(modules.map((file) => [moduleOf(file.path), topLevelNames(file.content.toString())]));
}

function moduleOf(file: string): string {
  return file.replace(/(^|\/)__init__\.py$|\.py$/, '').replaceAll('/', '.');
}

/** The names that a module binds, read from its source. Where Python is dynamic, any name is accepted: no working handler is refused. */
export function topLevelNames(source: string): string[] {
  const names = new Set<string>();
  let inBody = false; // of a top-level function or class
  for (const line of joinStatements(source).split(/\r?\n/)) {
    if (/^[ \t]*(#|$)/.test(line)) continue;
    const indented = /^[ \t]/.test(line);
    if (indented && inBody) continue;
    const statement = line.trim();
    if (!indented) inBody = /^(async\s+def|def|class)\b/.test(statement);
    for (const name of boundBy(statement)) names.add(name);
  }
  if (names.has('__getattr__') || /\b(globals|vars|exec)\(|sys\.modules\b/.test(source)) names.add('*');
  return [...names];
}

/** Lines that a backslash continues, and imports in brackets, become one line each. */
function joinStatements(source: string): string {
  const importInBrackets = /^([ \t]*from\b[^\n]*\()([^)]*)\)/gm;
  const oneLine = (list: string) => list.replace(/#.*$/gm, '').replace(/\s+/g, ' ');
  return source.replace(/\\\r?\n/g, ' ').replace(importInBrackets, (_, head: string, list: string) => `${head}${oneLine(list)})`);
}

function boundBy(statement: string): string[] {
  const definition = /^(?:async\s+def|def|class)\s+(\w+)/.exec(statement);
  if (definition) return [definition[1]];
  const imported = /^(?:from\s+\S+\s+)?import\s+(.*)$/.exec(statement)?.[1];
  if (imported !== undefined) {
    const items = imported.replace(/[()]|#.*$/g, '').split(',');
    return items.map((item) => item.trim().split(/\s+as\s+/).pop()!.split('.')[0]).filter(Boolean); // a.b as c, a.b
  }
  const annotated = /^(\w+)\s*:[^=]+=(?!=)/.exec(statement);
  if (annotated) return [annotated[1]];
  const chain = /^(?:[\s(]*\w+(?:\s*,\s*\w+)*[\s,)]*=(?!=))+/.exec(statement); // a = b, c = …
  return chain?.[0].match(/\w+/g) ?? [];
}

/** The only `lambda_handler` of a `lambda_function.py`. Throws if the tree does not have exactly one. */
export function chooseHandler(modules: ModuleNames): string {
  const found = findHandlers(modules);
  if (found.length === 1) return found[0];
  throw new ArtifactError({
    reference: found.length === 0 ? 'handler-not-found' : 'handler-ambiguous',
    problem: `the project has ${found.length === 0 ? 'no' : 'more than one'} lambda_function.py with a lambda_handler`,
    got: found,
    advice: 'set {handler} to <module>.<function>',
  });
}

export function findHandlers(modules: ModuleNames): string[] {
  return Object.entries(modules)
    .filter(([module, names]) => /(^|\.)lambda_function$/.test(module) && names.includes('lambda_handler'))
    .map(([module]) => `${module}.lambda_handler`);
}

/**
 * Refuse a handler that Lambda could not import, with the nearest names.
 *
 * @see https://docs.aws.amazon.com/lambda/latest/dg/python-handler.html
 */
export function checkHandler(handler: string, modules: ModuleNames): void {
  const dot = handler.lastIndexOf('.');
  const module = handler.slice(0, Math.max(dot, 0)).replaceAll('/', '.');
  const name = handler.slice(dot + 1);
  if (!module || !name) {
    const problem = 'the handler is not of the form <module>.<function>';
    throw refusal('handler-form', problem, handler, 'write it as Python would import it', didYouMean(findHandlers(modules)));
  }
  const names = Object.hasOwn(modules, module) ? modules[module] : undefined;
  if (!names) {
    const problem = `the handler's module ${module} is not in the installed project`;
    throw refusal('handler-module', problem, handler, 'correct it', didYouMean(nearest(module, Object.keys(modules))));
  }
  if (names.includes(name) || names.includes('*')) return;
  const near = nearest(name, names).map((other) => `${module}.${other}`);
  throw refusal('handler-name', `the handler's module ${module} has no ${name}`, handler, 'correct it', didYouMean(near));
}

function didYouMean(names: readonly string[]): string | undefined {
  return names.length > 0 ? `did you mean ${names.join(', ')}` : undefined;
}

/** The three names that are most like a word: first the names that contain it. */
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
