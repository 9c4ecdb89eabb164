import * as path from 'node:path';
import { ArtifactError } from '../../core/base/error';
import type { FileDigest, TreeFile } from '../../core/base/tree';
import { findHandlers } from '../../core/lambda/choose-handler';
import { checkHandler, type Modules } from '../../core/lambda/handler';
import { isOfDevelopment } from '../../core/project/tree/development-files';

/**
 * Refuse a tree that Lambda finds no entry point in.
 *
 * @param modules what the modules of the tree bind
 * @param handler the given handler
 * @param source the project's files, to find an entry point outside of the package
 * @param named handlers that the project's templates name
 * @returns the entry points
 */
export function checkEntryPoint(
  files: readonly TreeFile[], modules: Modules, handler: string | undefined, source: readonly FileDigest[], named: readonly string[],
): string[] {
  if (handler !== undefined) {
    checkHandler(handler, modules);
    return [handler];
  }
  const handlers = findHandlers(modules, named);
  if (handlers.length > 0) return handlers;
  const inPackage = files.some((file) => path.posix.basename(file.path) === 'lambda_function.py');
  const outside = source.find((file) => path.posix.basename(file.path) === 'lambda_function.py');
  const reason = inPackage ? 'lambda_function.py has no lambda_handler' : 'the built package has no lambda_function.py';
  throw new ArtifactError({
    reference: 'entry-point-missing',
    problem: `the entry point is missing: ${reason}`,
    advice: 'put lambda_function.py with a lambda_handler into the package, or set {handler} to <module>.<function>',
    hint: !inPackage && outside
      ? `${outside.path} of the project is not in the package that is installed: move it there, beside the package's __init__.py`
      : inPackage ? undefined : describeLeftOut(files, source),
  });
}

/** The modules at the top that the build backend leaves out: setuptools takes a package beside them, and not them. */
function describeLeftOut(files: readonly TreeFile[], source: readonly FileDigest[]): string | undefined {
  const built = new Set(files.map((file) => file.path));
  const isLeft = (name: string) => /^(src\/)?[^/]+\.py$/.test(name) && !isOfDevelopment(name) && !built.has(name.replace(/^src\//, ''));
  const left = source.map((file) => file.path).filter(isLeft);
  return left.length === 0 ? undefined : `the build backend does not package ${left.slice(0, 5).join(', ')}: tell it to`;
}
