import { bytes } from '../core/base/bytes';
import type { ZipBytecode } from '../pipeline/api';

/** What is said of an archive's bytecode; `undefined` if none was wanted. */
export function bytecodeText(bytecode: ZipBytecode | undefined): string | undefined {
  if (bytecode === undefined) return undefined;
  const { python, runtime, size, lacking, leftOut = [] } = bytecode;
  if (lacking !== undefined) return `none: ${lacking}`;
  const without = leftOut.length > 0 ? `, without ${leftOut.join(', ')}, which would not fit` : '';
  return `for ${runtime}, by Python ${python} (${bytes(size)})${without}`;
}
