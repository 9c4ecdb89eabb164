/** What a shared library is made for. */
export interface Elf {
  /** As wheels call it. */
  readonly machine: string;
  /** The newest of glibc 2 that it asks for; 0 if it asks for none. */
  readonly glibc: number;
}

const MACHINES: Readonly<Record<number, string>> = { 62: 'x86_64', 183: 'aarch64' };
const SHT_GNU_VERNEED = 0x6ffffffe;

/**
 * Read a 64-bit little-endian ELF file: its machine, and the versions of symbols that it needs (`.gnu.version_r`).
 *
 * @see https://refspecs.linuxfoundation.org/LSB_5.0.0/LSB-Core-generic/LSB-Core-generic/symversion.html
 */
export function readElf(content: Buffer): Elf {
  if (content.toString('latin1', 0, 6) !== '\x7fELF\x02\x01') throw new Error('not a 64-bit little-endian ELF file');
  const machine = content.readUInt16LE(18);
  const sections = readSections(content);
  const versions = sections.filter(({ type }) => type === SHT_GNU_VERNEED).flatMap((section) => neededVersions(content, section.offset, sections[section.link].offset));
  const glibc = versions.map((version) => Number(/^GLIBC_2\.(\d+)/.exec(version)?.[1] ?? 0));
  return { machine: MACHINES[machine] ?? String(machine), glibc: Math.max(0, ...glibc) };
}

interface Section {
  readonly type: number;
  readonly offset: number;
  /** Of the section with the names. */
  readonly link: number;
}

function readSections(content: Buffer): Section[] {
  const [start, size, count] = [Number(content.readBigUInt64LE(40)), content.readUInt16LE(58), content.readUInt16LE(60)];
  if (count === 0) throw new Error('the ELF file has no sections');
  return Array.from({ length: count }, (_, i) => start + i * size).map((at) => ({
    type: content.readUInt32LE(at + 4), offset: Number(content.readBigUInt64LE(at + 24)), link: content.readUInt32LE(at + 40),
  }));
}

/** Two linked lists: the libraries, and the versions of each. */
function neededVersions(content: Buffer, offset: number, names: number): string[] {
  const versions: string[] = [];
  for (let library = offset, next = -1; next !== 0; library += next) {
    next = content.readUInt32LE(library + 12);
    for (let version = library + content.readUInt32LE(library + 8), after = -1; after !== 0; version += after) {
      after = content.readUInt32LE(version + 12);
      const name = names + content.readUInt32LE(version + 8);
      versions.push(content.toString('latin1', name, content.indexOf(0, name)));
    }
  }
  return versions;
}
