import { SourceHash } from './source-hash';

export type { SourceHash } from './source-hash';

/** Bytes of a `.pyc` before its code: magic number, flags, hash of the source. */
export const HEADER_SIZE = 16;
const UNCHECKED_HASH = 1; // the flags of PEP 552
const DERIVED = /^((?:.*\/)?)__pycache__\/([^/]+)\.cpython-3(\d+)\.pyc$/s;

/**
 * The place of a module's bytecode, where the Python of a minor version looks for it.
 *
 * @param source its path, `pkg/module.py`
 * @see https://peps.python.org/pep-3147/
 */
export function bytecodePath(source: string, minor: number): string {
  return source.replace(/([^/]+)\.py$/s, `__pycache__/$1.cpython-3${minor}.pyc`);
}

/** The source that a file in `__pycache__` is the bytecode of; `undefined` for another name. */
export function sourceOfBytecode(file: string): { readonly source: string; readonly minor: number } | undefined {
  const [, folder, module, minor] = DERIVED.exec(file) ?? [];
  return folder === undefined ? undefined : { source: `${folder}${module}.py`, minor: Number(minor) };
}

/**
 * Short digests of bytecode, for the record of a build: they find what was changed since. Bytecode is part of no other digest, as one
 * content may have several.
 */
export function shortDigests(digests: readonly string[]): string {
  return [...new Set(digests.map(shortDigest))].sort().join('');
}

/** Tells of a digest whether its bytecode is one of those that a record has. */
export function recordedIn(record: string): (digest: string) => boolean {
  const known = new Set(record.match(/.{8}/g));
  return (digest) => known.has(shortDigest(digest));
}

/** @param digest SHA-256, hexadecimal. @returns eight characters */
function shortDigest(digest: string): string {
  return Buffer.from(digest.slice(0, 12), 'hex').toString('base64');
}

/** Whether a file is in a folder for bytecode, where nothing else belongs. */
export function isInBytecodeFolder(file: string): boolean {
  return /(^|\/)__pycache__\//.test(file);
}

/**
 * Why bytecode is not what Lambda's Python takes without looking at the source; `undefined` if it is.
 *
 * @param start the first bytes of the file
 * @see https://peps.python.org/pep-0552/
 */
export function misfitOf(start: Buffer): string | undefined {
  if (start.length <= HEADER_SIZE || start.readUInt16LE(2) !== 0x0a0d) return 'is no bytecode';
  return start.readUInt32LE(4) === UNCHECKED_HASH ? undefined : 'is not unchecked-hash bytecode (PEP 552)';
}

/** Whether bytecode was compiled of the source that the hash is of. */
export function isOfSource(start: Buffer, hash: SourceHash): boolean {
  return hash.digest().equals(start.subarray(8, HEADER_SIZE));
}

/** The hash of a source, for the Python that compiled the bytecode. */
export function sourceHashFor(start: Buffer): SourceHash {
  return new SourceHash(start.subarray(0, 4));
}
