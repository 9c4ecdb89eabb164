import { checkHandler, moduleOf, type ModuleNames, type Modules } from '../../lambda/handler';
import { listArchive } from '../../package/read-archive';

/** Bytes: no handler is in a larger file. */
const MAX_SOURCE = 1024 ** 2;
/** Python that may bind names that cannot be read. */
const DYNAMIC = /import\s*\*|__getattr__|__dict__|\b(?:globals|vars|locals|exec|setattr)\b|\.modules\b/;

/**
 * Refuse a handler that an archive does not have. There is no Python where this runs, so that it is told by words: a name that stands
 * nowhere in the handler's module is not there.
 *
 * @param archive the file
 */
export async function checkPackedHandler(handler: string, archive: string): Promise<void> {
  const name = handler.slice(handler.lastIndexOf('.') + 1);
  const modules: Record<string, ModuleNames> = {};
  for (const { path, size, read } of await listArchive(archive)) {
    if (!path.endsWith('.py') || path.includes('.dist-info/')) continue;
    modules[moduleOf(path)] = size > MAX_SOURCE ? UNREAD : namesIn(read().toString(), name);
  }
  checkHandler(handler, modules satisfies Modules);
}

const UNREAD: ModuleNames = { functions: [], values: [], imports: [], isOpen: true };

function namesIn(source: string, name: string): ModuleNames {
  const functions = [...source.matchAll(/^(?:async )?def (\w+)/gm)].map(([, found]) => found);
  const words = new Set(source.match(/[\p{L}\p{N}_]+/gu));
  return { functions, values: [], imports: [], isOpen: words.has(name) || DYNAMIC.test(source) };
}
