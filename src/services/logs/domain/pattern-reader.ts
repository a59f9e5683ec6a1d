import { patternRegex } from './pattern-regex.ts';

/** Why a filter pattern cannot be read. */
export class PatternProblem extends Error {
  override readonly name = 'PatternProblem';
}

const MOST_REGEXES = 2;

/** A filter pattern's text, read from left to right. */
export class PatternReader {
  readonly #text: string;
  #at = 0;
  #regexes = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    this.#match(/\s*/y);
    return this.#at >= this.#text.length;
  }

  /** Whether white space was the last that was read. */
  get isAfterSpace(): boolean {
    return /\s/.test(this.#text[this.#at - 1] ?? ' ');
  }

  /** After white space: whether this comes next; if so it is read. */
  take(expected: string): boolean {
    this.#match(/\s*/y);
    if (!this.#text.startsWith(expected, this.#at)) return false;
    this.#at += expected.length;
    return true;
  }

  /** After white space: what matches a sticky expression, which is read. */
  next(expression: RegExp): RegExpExecArray | undefined {
    this.#match(/\s*/y);
    return this.#match(expression);
  }

  expect(expected: string): void {
    if (!this.take(expected)) this.fail();
  }

  /** `%...%`, where it comes next. A percent sign within is written `\x25`. */
  regex(): ((text: string) => boolean) | undefined {
    const found = this.next(/%([^%]*)%/y);
    if (!found) return undefined;
    this.#regexes += 1;
    if (this.#regexes > MOST_REGEXES) {
      throw new PatternProblem(
        `Invalid filter pattern: at most ${MOST_REGEXES} regular expressions can be in a filter pattern.`,
      );
    }
    const regex = patternRegex(found[1] ?? '');
    if ('problem' in regex) throw new PatternProblem(regex.problem);
    return regex.test;
  }

  /** `"..."`, where it comes next, with `\"` and `\\` within. */
  phrase(): string | undefined {
    return this.next(/"((?:[^"\\]|\\.)*)"/y)?.[1]?.replaceAll(/\\(.)/g, '$1');
  }

  fail(): never {
    throw new PatternProblem(`Invalid filter pattern: cannot read it from '${this.#text.slice(this.#at)}' on.`);
  }

  #match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#text) ?? undefined;
    this.#at += match?.[0].length ?? 0;
    return match;
  }
}
