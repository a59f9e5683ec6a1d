import { invalidExpression } from './query-errors.ts';

const SPACE = /\s*/y;
/** Ends at what means something by itself; a single `|` or `&` does not. */
const WORD = /(?:[^\s()[\],'"=!<>&|]|&(?!&)|\|(?!\|))+/y;
/** A pattern may hold brackets and alternatives; parentheses must be quoted. */
const PATTERN = /(?:[^\s()'"&|]|&(?!&)|\|(?!\|))+/y;
const QUOTED = /'([^']*)'|"([^"]*)"/y;
const SYMBOL = /!exists\b|!in\b|==|!=|>=|<=|=~|!~|&&|\|\||[><!()[\],]/iy;

/** Reads an expression of the cluster query language from left to right. */
export class QueryScanner {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** The symbol or word that comes next, in lower case, left where it is; '' at the end. */
  peek(): string {
    const start = this.#skipSpace();
    const next = (this.#match(SYMBOL) ?? this.#match(WORD))?.[0] ?? '';
    this.#at = start;
    return next.toLowerCase();
  }

  /** Takes the symbol or word that comes next where it is one of these. */
  take(...wanted: readonly string[]): string | undefined {
    const next = this.peek();
    if (!wanted.includes(next)) return undefined;
    this.#at += next.length;
    return next;
  }

  /** @throws InvalidParameterException where something else comes */
  expect(wanted: string): void {
    if (!this.take(wanted)) throw this.unexpected(`'${wanted}'`);
  }

  /** A name of a subject. */
  word(what: string): string {
    this.#skipSpace();
    const word = this.#match(WORD)?.[0];
    if (word === undefined) throw this.unexpected(what);
    return word;
  }

  /** A literal value: bare, or in quotes where it holds spaces or symbols. */
  value(): string {
    return this.#quoted() ?? this.word('a value');
  }

  /** A regular expression: bare up to the next space or parenthesis, or in quotes. */
  pattern(): string {
    const quoted = this.#quoted();
    if (quoted !== undefined) return quoted;
    const bare = this.#match(PATTERN)?.[0];
    if (bare === undefined) throw this.unexpected('a pattern');
    return bare;
  }

  isAtEnd(): boolean {
    return this.#skipSpace() === this.#text.length;
  }

  unexpected(wanted: string) {
    const at = this.#skipSpace();
    const found = at === this.#text.length ? 'the end of the expression' : `'${this.#text.slice(at, at + 20)}'`;
    return invalidExpression(this.#text, `${wanted} was expected at position ${at + 1}, but found ${found}`);
  }

  #quoted(): string | undefined {
    this.#skipSpace();
    const match = this.#match(QUOTED);
    return match ? (match[1] ?? match[2] ?? '') : undefined;
  }

  #skipSpace(): number {
    this.#match(SPACE);
    return this.#at;
  }

  #match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const match = pattern.exec(this.#text);
    if (match) this.#at += match[0].length;
    return match;
  }
}
