import * as path from 'node:path';
import { sha256, type TreeFile } from '../../base/tree';
import { ArtifactStore } from '../../cache/store';
import { askPython } from '../../installer/ask-python';
import type { FoundInstaller } from '../../installer/find';
import { moduleOf, type ModuleNames, type Modules } from '../../lambda/handler';
import { CommandFailure } from '../../process/command';

const MAX_SIZE = 1024 ** 2; // bytes: a large library has no handler in most of its modules
const UNREAD: ModuleNames = { functions: [], values: [], imports: [], isOpen: true };

/** What modules bind, by the digests of their sources. */
type KnownNames = Readonly<Record<string, ModuleNames>>;

/** What is kept of a project's last build. */
interface Kept {
  readonly names: KnownNames;
  /** Of the modules that were installed. */
  readonly paths: readonly string[];
}

export interface ReadingOptions {
  /** The project's folder. */
  readonly entry: string;
  /** Where it is kept what modules bind: what is the same in the next build is not read again. */
  readonly cacheFolder?: string;
  /** Whether these are modules that will probably be installed. They are kept apart: it is not known which others there are. */
  readonly isAhead?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * What the modules of a tree bind, as the build's own Python reads them, without running them. Modules that are most likely to hold a
 * handler are read first; what is beyond a megabyte is open.
 */
export async function readModules(
  files: readonly TreeFile[], { python, identity }: FoundInstaller, { entry, cacheFolder, isAhead = false, signal }: ReadingOptions,
): Promise<Modules> {
  const stores = cacheFolder === undefined ? [] : [isAhead, !isAhead].map((ahead) => new KeptModules(cacheFolder, entry, identity, ahead));
  const [store, other] = stores;
  const last = store?.read();
  const known = { ...last?.names, ...other?.read()?.names };
  const modules = files.filter((file) => file.path.endsWith('.py') && !file.path.includes('.dist-info/'));
  const digests = new Map(readable(modules).map(({ path: name, content }) => [name, { digest: sha256(content), content }]));
  const missing = [...digests.values()].filter(({ digest }) => !Object.hasOwn(known, digest));
  const sources = Object.fromEntries(missing.map(({ digest, content }) => [digest, content.toString('base64')]));
  const names = { ...known, ...await ask(python, sources, signal) };
  const kept = [...digests.values()].map(({ digest }) => digest).filter((digest) => Object.hasOwn(names, digest));
  const paths = modules.map((module) => module.path).sort();
  const isSame = paths.join('\n') === last?.paths.join('\n') && kept.every((digest) => Object.hasOwn(last.names, digest));
  if (!isSame) store?.write({ names: Object.fromEntries(kept.map((digest) => [digest, names[digest]])), paths });
  return Object.fromEntries(modules.map(({ path: name }) => [moduleOf(name), names[digests.get(name)?.digest ?? ''] ?? UNREAD]));
}

/** What is kept of a project's modules, as one Python reads them. */
export class KeptModules {
  private readonly store: ArtifactStore<Kept>;
  private readonly key: string;

  constructor(cacheFolder: string, entry: string, identity: string, isAhead = false) {
    this.store = new ArtifactStore<Kept>(path.join(cacheFolder, 'modules'), {});
    this.key = sha256(JSON.stringify([READER, identity, entry, isAhead]));
  }

  read(): Kept | undefined {
    return this.store.read(this.key);
  }

  write(kept: Kept): void {
    this.store.write(this.key, kept, {});
  }
}

/** As many as are read. */
function readable(modules: readonly TreeFile[]): TreeFile[] {
  let size = 0;
  return [...modules].sort((a, b) => likeliness(b) - likeliness(a)).filter(({ content }) => {
    size += content.length;
    return size <= MAX_SIZE;
  });
}

function likeliness({ path: name, content }: TreeFile): number {
  if (/(^|\/)lambda_function\.py$/.test(name)) return 2;
  return content.includes('handler') || content.includes('context') ? 1 : 0;
}

/** By the keys of the sources. */
async function ask(python: string, sources: Readonly<Record<string, string>>, signal?: AbortSignal): Promise<KnownNames> {
  if (Object.keys(sources).length === 0) return {};
  try {
    return await askPython<KnownNames>(python, READER, { input: JSON.stringify(sources), signal }, ['-I', '-S']);
  } catch (failure) {
    if (failure instanceof CommandFailure) return {}; // whatever it is, it is no fault of a handler
    throw failure;
  }
}

const READER = `
import ast, base64, json, sys, warnings
warnings.simplefilter("ignore")
OPEN = {"functions": [], "values": [], "imports": [], "isOpen": True}
USUAL = ("handler", "lambda_handler")
SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)

def likeness(name, args):
    taken = [arg.arg.lower() for arg in args.posonlyargs + args.args]
    needed = len(taken) - len(args.defaults)
    if needed > 2 or None in args.kw_defaults or len(taken) < 2 and not args.vararg:
        return None
    told = len(taken) >= 2 and ("event" in taken[0] or "evt" in taken[0] or "context" in taken[1] or "ctx" in taken[1])
    return "handlers" if told or name == "lambda_handler" else "possibleHandlers" if name in USUAL else None

def made(value):  # handler = Mangum(app), but not logging.StreamHandler()
    callee = getattr(value, "func", None)
    return isinstance(value, ast.Call) and not str(getattr(callee, "attr", getattr(callee, "id", ""))).endswith("Handler")

def handlers_of(node):
    if isinstance(node, ast.FunctionDef):
        return [(node.name, likeness(node.name, node.args))]
    if not isinstance(node, (ast.Assign, ast.AnnAssign)):
        return []
    names = [it.id for it in getattr(node, "targets", [getattr(node, "target", None)]) if isinstance(it, ast.Name)]
    if isinstance(node.value, ast.Lambda):
        return [(name, likeness(name, node.value.args)) for name in names]
    return [(name, "handlers") for name in names if name in USUAL and made(node.value)]

def read(source):
    names = {"functions": set(), "values": set(), "imports": set(), "handlers": set(), "possibleHandlers": set()}
    is_open = False
    nodes = [ast.parse(source)]
    while nodes:
        node = nodes.pop()
        for name, kind in handlers_of(node):
            if kind:
                names[kind].add(name)
        is_open = is_open or isinstance(node, ast.Name) and node.id in ("globals", "vars", "locals", "exec", "setattr", "__dict__")
        is_open = is_open or isinstance(node, ast.Attribute) and (node.attr == "modules" or node.attr == "__dict__")
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            names["functions"].add(node.name)
        elif isinstance(node, ast.ClassDef):
            names["values"].add(node.name)
        elif isinstance(node, (ast.Import, ast.ImportFrom)):
            is_open = is_open or any(alias.name == "*" for alias in node.names)
            names["imports"].update(alias.asname or alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names["values"].add(node.id)
        elif isinstance(node, ast.AnnAssign) and node.value is None:
            continue
        elif type(node).__name__ in ("MatchAs", "MatchStar", "TypeAlias") and isinstance(node.name, str):
            names["values"].add(node.name)
        if isinstance(node, SCOPES):
            for inner in ast.walk(node):
                if isinstance(inner, ast.Global):
                    names["values"].update(inner.names)
                elif isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id == "globals":
                    is_open = True
            nodes.extend(getattr(node, "decorator_list", []))
        else:
            nodes.extend(ast.iter_child_nodes(node))
    is_open = is_open or "__getattr__" in names["functions"] | names["values"] | names["imports"]
    names["values"] -= names["functions"]
    return {**{kind: sorted(found) for kind, found in names.items()}, "isOpen": is_open}

found = {}
for module, source in json.load(sys.stdin).items():
    try:
        found[module] = read(base64.b64decode(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        found[module] = OPEN
answer(found)
`;
