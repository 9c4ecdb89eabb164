/* eslint-disable no-bitwise */

const FIRST_OF_3_11 = 3495; // the magic number from which on CPython hashes with fewer rounds

/**
 * The hash of a source in a hash-based `.pyc`: SipHash, whose key is the magic number of the Python that compiled it.
 *
 * @see https://peps.python.org/pep-0552/
 * @see https://github.com/python/cpython/blob/v3.13.0/Python/pyhash.c (`_Py_KeyedHash`)
 */
export class SourceHash {
  // the halves of four 64-bit words: what is built in has no arithmetic of 64 bits that is fast
  private readonly state: Int32Array;
  private readonly rounds: number;
  private readonly rest = Buffer.alloc(8);
  private size = 0;

  /** @param magic the first four bytes of a `.pyc` */
  constructor(magic: Buffer) {
    this.rounds = magic.readUInt16LE(0) >= FIRST_OF_3_11 ? 1 : 2;
    const key = magic.readInt32LE(0);
    // low and high half of each; the upper half of the key is 0, and so is its second word
    this.state = Int32Array.of(
      0x70736575 ^ key, 0x736f6d65, 0x6e646f6d, 0x646f7261, 0x6e657261 ^ key, 0x6c796765, 0x79746573, 0x74656462,
    );
  }

  update(data: Buffer): this {
    let at = 0;
    const begun = this.size % 8;
    if (begun > 0) {
      at = Math.min(8 - begun, data.length);
      data.copy(this.rest, begun, 0, at);
      if (begun + at === 8) this.blocks(this.rest, 0, 8);
    }
    const end = at + (data.length - at) - (data.length - at) % 8;
    this.blocks(data, at, end);
    if (begun + at === 8 || begun === 0) data.copy(this.rest, 0, end);
    this.size += data.length;
    return this;
  }

  /** Eight bytes, as they stand in the `.pyc`. To be called once. */
  digest(): Buffer {
    const last = Buffer.alloc(8);
    this.rest.copy(last, 0, 0, this.size % 8);
    last[7] = this.size % 256;
    this.blocks(last, 0, 8);
    this.state[4] ^= 0xff;
    mix(this.state, this.rounds + 2);
    const [a, A, b, B, c, C, d, D] = this.state;
    const hash = Buffer.alloc(8);
    hash.writeInt32LE(a ^ b ^ c ^ d, 0);
    hash.writeInt32LE(A ^ B ^ C ^ D, 4);
    return hash;
  }

  private blocks(data: Buffer, start: number, end: number): void {
    const { state, rounds } = this;
    for (let i = start; i < end; i += 8) {
      const low = data[i] | data[i + 1] << 8 | data[i + 2] << 16 | data[i + 3] << 24;
      const high = data[i + 4] | data[i + 5] << 8 | data[i + 6] << 16 | data[i + 7] << 24;
      state[6] ^= low;
      state[7] ^= high;
      mix(state, rounds);
      state[0] ^= low;
      state[1] ^= high;
    }
  }
}

/** SipHash's rounds. @see https://www.aumasson.jp/siphash/siphash.pdf */
function mix(state: Int32Array, rounds: number): void {
  let [a, A, b, B, c, C, d, D] = state;
  let low = 0;
  for (let i = 0; i < rounds; i++) {
    low = (a >>> 0) + (b >>> 0);
    A = A + B + (low > 0xffffffff ? 1 : 0) | 0;
    a = low | 0;
    low = (c >>> 0) + (d >>> 0);
    C = C + D + (low > 0xffffffff ? 1 : 0) | 0;
    c = low | 0;
    [b, B] = [(b << 13 | B >>> 19) ^ a, (B << 13 | b >>> 19) ^ A];
    [d, D] = [(d << 16 | D >>> 16) ^ c, (D << 16 | d >>> 16) ^ C];
    [a, A] = [A, a];
    low = (a >>> 0) + (d >>> 0);
    A = A + D + (low > 0xffffffff ? 1 : 0) | 0;
    a = low | 0;
    low = (c >>> 0) + (b >>> 0);
    C = C + B + (low > 0xffffffff ? 1 : 0) | 0;
    c = low | 0;
    [d, D] = [(d << 21 | D >>> 11) ^ a, (D << 21 | d >>> 11) ^ A];
    [b, B] = [(b << 17 | B >>> 15) ^ c, (B << 17 | b >>> 15) ^ C];
    [c, C] = [C, c];
  }
  state[0] = a;
  state[1] = A;
  state[2] = b;
  state[3] = B;
  state[4] = c;
  state[5] = C;
  state[6] = d;
  state[7] = D;
}
