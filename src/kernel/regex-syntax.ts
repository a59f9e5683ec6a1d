/** A pattern, read: what one character must be, what must hold between two, and how these follow each other. */
export type RegexNode =
  | { readonly kind: 'char'; readonly test: (code: number) => boolean }
  | { readonly kind: 'assert'; readonly holds: (before: number | undefined, after: number | undefined) => boolean }
  | { readonly kind: 'sequence'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'choice'; readonly items: readonly RegexNode[] }
  | { readonly kind: 'repeat'; readonly item: RegexNode; readonly min: number; readonly max: number };

/** Why a text is no pattern, as Go's regexp says it. */
export class RegexProblem extends Error {
  override readonly name = 'RegexProblem';
}

const MOST_REPEATS = 1000;
const DEEPEST = 200;
const NEWLINE = 10;

type Test = (code: number) => boolean;

const isDigit: Test = (code) => code >= 48 && code <= 57;
const isSpace: Test = (code) => (code >= 9 && code <= 13 && code !== 11) || code === 32;
const isWord: Test = (code) =>
  isDigit(code) || code === 95 || (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
const not =
  (test: Test): Test =>
  (code) =>
    !test(code);

const CLASSES: ReadonlyMap<string, Test> = new Map([
  ['d', isDigit],
  ['D', not(isDigit)],
  ['s', isSpace],
  ['S', not(isSpace)],
  ['w', isWord],
  ['W', not(isWord)],
]);
const POSIX: Readonly<Record<string, Test>> = {
  alnum: (code) => isWord(code) && code !== 95,
  alpha: (code) => isWord(code) && code !== 95 && !isDigit(code),
  blank: (code) => code === 9 || code === 32,
  cntrl: (code) => code < 32 || code === 127,
  digit: isDigit,
  lower: (code) => code >= 97 && code <= 122,
  punct: (code) => code > 32 && code < 127 && (!isWord(code) || code === 95),
  space: (code) => isSpace(code) || code === 11,
  upper: (code) => code >= 65 && code <= 90,
  word: isWord,
  xdigit: (code) => /^[0-9A-Fa-f]$/.test(String.fromCodePoint(code)),
};
const CONTROLS: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };

/**
 * RE2's syntax but for Unicode classes (`\p{...}`), and without what RE2 has not: no back references, no look-around.
 * @throws RegexProblem
 */
export function parseRegex(pattern: string): RegexNode {
  const reader = new Reader(pattern);
  const node = reader.choice(0, { ignoreCase: false, multiline: false, dotAll: false });
  if (!reader.isAtEnd) throw new RegexProblem('unexpected )');
  return node;
}

interface Flags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
}

class Reader {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  choice(depth: number, outer: Flags): RegexNode {
    if (depth > DEEPEST) throw new RegexProblem('expression nests too deeply');
    let flags = outer;
    const branches: RegexNode[][] = [[]];
    while (!this.isAtEnd && this.#peek() !== ')') {
      if (this.#take('|')) {
        branches.push([]);
        continue;
      }
      const inline = this.#match(/\(\?([imsU]*)(?:-([imsU]+))?\)/y);
      if (inline) flags = changed(flags, inline);
      else branches.at(-1)?.push(this.#repeated(depth, flags));
    }
    const items = branches.map((branch): RegexNode => ({ kind: 'sequence', items: branch }));
    return items.length === 1 && items[0] ? items[0] : { kind: 'choice', items };
  }

  #repeated(depth: number, flags: Flags): RegexNode {
    let item = this.#atom(depth, flags);
    for (let isRepeated = false; ; isRepeated = true) {
      const bounds = this.#bounds();
      if (!bounds) return item;
      if (isRepeated) throw new RegexProblem('invalid nested repetition operator');
      const [min, max] = bounds;
      if (min > MOST_REPEATS || (max !== Infinity && (max > MOST_REPEATS || max < min))) {
        throw new RegexProblem(`invalid repeat count: \`{${min},${max}}\``);
      }
      // Which match is found does not matter here, so neither does laziness.
      this.#take('?');
      item = { kind: 'repeat', item, min, max };
    }
  }

  #bounds(): readonly [number, number] | undefined {
    if (this.#take('*')) return [0, Infinity];
    if (this.#take('+')) return [1, Infinity];
    if (this.#take('?')) return [0, 1];
    const counted = this.#match(/\{(\d{1,6})(,)?(\d{1,6})?\}/y);
    if (!counted || (counted[2] === undefined && counted[3] !== undefined)) return undefined;
    const min = Number(counted[1]);
    return [min, counted[2] === undefined ? min : counted[3] === undefined ? Infinity : Number(counted[3])];
  }

  #atom(depth: number, flags: Flags): RegexNode {
    const group = this.#match(/\((?:\?(?:P?<\w+>|([imsU]*)(?:-([imsU]+))?:))?/y);
    if (group) {
      if (this.#peek() === '?') throw new RegexProblem('invalid or unsupported Perl syntax: `(?`');
      const node = this.choice(depth + 1, changed(flags, group));
      if (!this.#take(')')) throw new RegexProblem('missing closing )');
      return node;
    }
    if (this.#take('[')) return { kind: 'char', test: folded(this.#set(flags), flags) };
    if (this.#take('.')) return { kind: 'char', test: (code) => flags.dotAll || code !== NEWLINE };
    if (this.#take('^')) return edge((before) => before === undefined || (flags.multiline && before === NEWLINE));
    if (this.#take('$')) return edge((_, after) => after === undefined || (flags.multiline && after === NEWLINE));
    if (/[*+?]/.test(this.#peek())) {
      throw new RegexProblem(`missing argument to repetition operator: \`${this.#peek()}\``);
    }
    if (this.#take('\\')) return this.#escaped(flags);
    const code = this.#next();
    return { kind: 'char', test: folded((other) => other === code, flags) };
  }

  #escaped(flags: Flags): RegexNode {
    const name = this.#peek();
    const test = CLASSES.get(name);
    const assertion = EDGES[name];
    if (test || assertion) this.#at += 1;
    if (assertion) return edge(assertion);
    if (test) return { kind: 'char', test };
    const code = this.#escapedCode();
    return { kind: 'char', test: folded((other) => other === code, flags) };
  }

  /** After the backslash. */
  #escapedCode(): number {
    if (this.isAtEnd) throw new RegexProblem('trailing backslash at end of expression');
    const hex = this.#match(/x(?:([0-9A-Fa-f]{2})|\{([0-9A-Fa-f]{1,6})\})/y);
    if (hex) return Number.parseInt(hex[1] ?? hex[2] ?? '', 16);
    const name = this.#peek();
    const control = CONTROLS[name];
    if (control === undefined && isWord(name.codePointAt(0) ?? 0)) {
      throw new RegexProblem(`invalid escape sequence: \`\\${name}\``);
    }
    const code = this.#next();
    return control ?? code;
  }

  /** After the bracket. */
  #set(flags: Flags): Test {
    const isNegated = this.#take('^');
    const tests: Test[] = [];
    for (let isFirst = true; isFirst || this.#peek() !== ']'; isFirst = false) {
      if (this.isAtEnd) throw new RegexProblem('missing closing ]');
      tests.push(this.#member());
    }
    this.#at += 1;
    const test: Test = folded((code) => tests.some((each) => each(code)), flags);
    return isNegated ? not(test) : test;
  }

  #member(): Test {
    const posix = this.#match(/\[:(\^?)(\w+):\]/y);
    if (posix) {
      const test = POSIX[posix[2] ?? ''];
      if (!test) throw new RegexProblem(`invalid character class range: \`${posix[0]}\``);
      return posix[1] ? not(test) : test;
    }
    const named = /^\\[dDsSwW]/.test(this.#text.slice(this.#at, this.#at + 2)) && this.#text[this.#at + 1];
    if (named) {
      this.#at += 2;
      return CLASSES.get(named) ?? isWord;
    }
    const low = this.#setCode();
    if (this.#peek() !== '-' || this.#text[this.#at + 1] === ']') return (code) => code === low;
    this.#at += 1;
    const high = this.#setCode();
    if (high < low) throw new RegexProblem('invalid character class range');
    return (code) => code >= low && code <= high;
  }

  #setCode(): number {
    return this.#take('\\') ? this.#escapedCode() : this.#next();
  }

  #peek(): string {
    return this.#text[this.#at] ?? '';
  }

  #next(): number {
    const code = this.#text.codePointAt(this.#at);
    if (code === undefined) throw new RegexProblem('unexpected end of expression');
    this.#at += code > 0xff_ff ? 2 : 1;
    return code;
  }

  #take(expected: string): boolean {
    if (this.#text[this.#at] !== expected) return false;
    this.#at += 1;
    return true;
  }

  #match(expression: RegExp): RegExpExecArray | undefined {
    expression.lastIndex = this.#at;
    const match = expression.exec(this.#text) ?? undefined;
    this.#at += match?.[0].length ?? 0;
    return match;
  }
}

type Holds = (before: number | undefined, after: number | undefined) => boolean;

const isWordEdge: Holds = (before, after) => isWord(before ?? 0) !== isWord(after ?? 0);
const EDGES: Readonly<Record<string, Holds>> = {
  A: (before) => before === undefined,
  z: (_, after) => after === undefined,
  b: isWordEdge,
  B: (before, after) => !isWordEdge(before, after),
};

function edge(holds: Holds): RegexNode {
  return { kind: 'assert', holds };
}

/** `match` is of a group's start: `[1]` are the flags set, `[2]` those unset. */
function changed(flags: Flags, [, on = '', off = '']: RegExpExecArray): Flags {
  const has = (letter: string, before: boolean) => (on.includes(letter) || before) && !off.includes(letter);
  return {
    ignoreCase: has('i', flags.ignoreCase),
    multiline: has('m', flags.multiline),
    dotAll: has('s', flags.dotAll),
  };
}

function folded(test: Test, { ignoreCase }: Flags): Test {
  if (!ignoreCase) return test;
  return (code) => {
    const text = String.fromCodePoint(code);
    return test(code) || test(text.toLowerCase().codePointAt(0) ?? 0) || test(text.toUpperCase().codePointAt(0) ?? 0);
  };
}
