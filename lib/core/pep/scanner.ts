
/** Takes a text apart, word by word; blanks between the words do not matter. */
export class Scanner {
  /** Where the last word ended. */
  position = 0;

  constructor(readonly text: string) {}

  /** The next word, if it is of this kind: the pattern is sticky, and begins where the last one ended. */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#skipBlanks(this.position);
    const word = pattern.exec(this.text) ?? undefined;
    if (word) this.position = pattern.lastIndex;
    return word;
  }

  expect(pattern: RegExp, what: string): RegExpExecArray {
    return this.take(pattern) ?? this.fail(what);
  }

  /** @param position where it is missing; after the last word unless given */
  fail(what: string, position = this.position): never {
    throw new SyntaxError(`expected ${what} at column ${this.#skipBlanks(position) + 1} of ${JSON.stringify(this.text)}`);
  }

  #skipBlanks(position: number): number {
    return this.text.length - this.text.slice(position).trimStart().length;
  }
}
