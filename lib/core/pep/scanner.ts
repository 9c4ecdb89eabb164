/** Takes a text apart, word by word. Blanks between the words are skipped. */
export class Scanner {
  /** The end of the last word. */
  position = 0;

  constructor(readonly text: string) {}

  /** The next word if it matches, `undefined` otherwise. @param pattern must be sticky (`/…/y`) */
  take(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#skipBlanks(this.position);
    const word = pattern.exec(this.text) ?? undefined;
    if (word) this.position = pattern.lastIndex;
    return word;
  }

  expect(pattern: RegExp, what: string): RegExpExecArray {
    return this.take(pattern) ?? this.fail(what);
  }

  /** @param position of the missing word; the end of the last word unless given */
  fail(what: string, position = this.position): never {
    throw new SyntaxError(`expected ${what} at column ${this.#skipBlanks(position) + 1} of ${JSON.stringify(this.text)}`);
  }

  #skipBlanks(position: number): number {
    return this.text.length - this.text.slice(position).trimStart().length;
  }
}
