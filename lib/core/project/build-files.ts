import * as path from 'node:path';
import type { Project } from './project';
import { readTextIfThere } from '../base/files';
import type { FileDigest } from '../base/tree';

// those that builds look for by these names; versioneer.py and the like are imported
const BY_NAME = /^(pyproject\.toml|setup\.py|setup\.cfg|hatch\.toml|hatch_build\.py|pdm_build\.py|meson\.build|meson(_options\.txt|\.options)|CMakeLists\.txt)$/;

/**
 * The files that a build may run or follow: those that are looked for by their names, and all that these name by a path or as a module,
 * and so on. Of what a configuration names in a package, the package's own imports are not followed: those are for later.
 */
function buildFiles({ entry, buildSystem }: Project, source: readonly FileDigest[]): Map<string, string> {
  const backend = (buildSystem?.backendPath ?? []).map((folder) => `${folder.replaceAll('\\', '/')}/`);
  const there = new Set(source.map((file) => file.path));
  const found = new Map<string, string>();
  const waiting = [...there].filter((name) => BY_NAME.test(name));
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    const text = readTextIfThere(path.join(entry, name)) ?? '';
    found.set(name, text);
    const places = ['', 'src/', 'lib/', ...backend];
    for (const place of namesIn(text, name).flatMap((other) => places.map((folder) => path.posix.normalize(folder + other)))) {
      if (!there.has(place)) continue;
      if (name.endsWith('.py') || !there.has(path.posix.join(path.posix.dirname(place), '__init__.py'))) waiting.push(place);
      else if (!found.has(place)) found.set(place, readTextIfThere(path.join(entry, place)) ?? '');
    }
  }
  return found;
}

/** Paths of files that a text names, and those of modules that it names as code or, in a configuration, as an attribute. */
function namesIn(text: string, name: string): string[] {
  const files = [...text.matchAll(/[\w./\\-]+\.(?:py|toml|cfg|ini|json|ya?ml|sh|txt|build|cmake)\b/g)].map(([file]) => file.replaceAll('\\', '/'));
  const beside = files.map((file) => path.posix.join(path.posix.dirname(name), file));
  // os.path.join("tools", "version.py")
  const parts = [...text.matchAll(/["']([\w.-]+)["']\s*[,/]\s*["'](?=[\w.-]+\.\w+["'])([\w.-]+)["']/g)].map(([, folder, file]) => `${folder}/${file}`);
  const imported = name.endsWith('.py') ? /^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))/gm
    : /\b(?:attr|attribute|getter|script|path|expression|build-backend)["']?\s*[:=]\s*["']?([\w.]+)(?::\w+)?/gm;
  const modules = [...text.matchAll(imported)].flatMap(([, one, other]) => modulePaths(one ?? other));
  return [...files, ...beside, ...parts, ...modules, ...modules.map((file) => path.posix.join(path.posix.dirname(name), file))];
}

/** `a.b.c`: a module, a package, or an attribute of one of those. */
function modulePaths(dotted: string): string[] {
  const parts = dotted.split('.').filter(Boolean);
  return parts.flatMap((_, i) => {
    const module = parts.slice(0, i + 1).join('/');
    return [`${module}.py`, `${module}/__init__.py`];
  });
}

// "X", 'X', f"X_{…}", "X_%s"; $X, ${X}, $ENV{X}; {env:X}; env.X; variable = X
const IN_QUOTES = /["']([A-Za-z_]\w*)(?=(["'{%]))/g;
const BY_SIGN = /\$(?:ENV)?\{?([A-Za-z_]\w*)|\{env:([A-Za-z_]\w*)|\benv(?:iron)?\.([A-Za-z_]\w*)|\bvariable\s*=\s*([A-Za-z_]\w*)/g;

/**
 * Which environment variables a project's build files name; the beginning of a name, too, that is completed as they run
 * (`f"APP_{name}"`). Whether they are read, is not asked: a name that is not that of a variable is none.
 */
export function namedVariables(project: Project, source: readonly FileDigest[]): (variable: string) => boolean {
  const names = new Set<string>();
  const beginnings = new Set<string>();
  for (const text of buildFiles(project, source).values()) {
    for (const [, name, end] of text.matchAll(IN_QUOTES)) {
      if (end === '"' || end === '\'') names.add(name);
      if (name.endsWith('_') && name.length > 1) beginnings.add(name);
    }
    for (const [, ...found] of text.matchAll(BY_SIGN)) names.add(found.find((name) => name !== undefined)!);
  }
  return (variable) => names.has(variable) || [...beginnings].some((beginning) => variable.startsWith(beginning));
}

// they do not look for a repository, or ask git for it
const PLAIN = /^(setuptools|wheel|hatchling|flit[-_]core|poetry[-_]core|uv[-_]build)$/i;

/** Whether a build may look for a repository: its own files speak of one, or it requires what is not known not to. */
export function mayWantGit(project: Project, source: readonly FileDigest[]): boolean {
  const { requires = [] } = project.buildSystem ?? {};
  return requires.some((requirement) => !PLAIN.test(/^\s*([\w.-]*)/.exec(requirement)![1]))
    || [...buildFiles(project, source).values()].some((text) => /git(?!hub|lab|ea\b|book)|scm\b|\bvcs|versioneer/i.test(text));
}
