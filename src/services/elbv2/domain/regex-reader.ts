/** A regular expression as PCRE2 wants it written. */
export interface ReadRegex {
  readonly pcre: string;
  /** How many groups it captures. */
  readonly groups: number;
}

/** Why an expression is refused: the end of a sentence that begins with it. */
export class RegexProblem extends Error {
  override readonly name = 'RegexProblem';
}

/** Of what follows in the text; `size` is what PCRE2 compiles it to, at most, in its code units. */
interface Atom {
  readonly size: number;
  readonly repeats: 'no' | 'itself' | 'by copies';
}

/** Of a class; without a code it is a class itself, which begins and ends no range. */
interface Item {
  readonly text: string;
  readonly code?: number;
}

/** What ALB's regular expressions do not have, with how it begins. */
const NO_GROUPS: readonly (readonly [RegExp, string])[] = [
  [/\(\?<?[=!]/y, 'lookarounds'],
  [/\(\?>/y, 'atomic groups'],
  [/\(\?(?:[R&0-9+]|-\d|P>)/y, 'subroutines and recursion'],
  [/\(\?P=/y, 'backreferences'],
];
const NO_ESCAPES: readonly (readonly [RegExp, string])[] = [
  [/\\(?:[1-9]|[gk])/y, 'backreferences'],
  [/\\[pPX]/y, 'Unicode character classes'],
];

const QUANTIFIER = /[*+?]|\{(\d+)(?:(,)(\d*))?\}/y;
const OPTIONS = /\(\?(?:[ims]+(?:-[ims]+)?|-[ims]+)\)/y;
const OPENING = /\((?!\?)|\(\?P?<([A-Za-z_]\w{0,31})>|\(\?(?:[ims]*(?:-[ims]+)?):/y;
const ASSERTION = /[$^]|\\[AbBGKzZ]/y;
const CLASS = /\\(?:[CdDhHRsSvVwW]|N(?!\{))/y;
const CLASS_IN_CLASS = /\\[dDhHsSvVwW]/y;
const CHARACTER = /\\(?:[^A-Za-z0-9]|[aefnrt]|x[\dA-Fa-f]{2}|x\{0*[\dA-Fa-f]{1,2}\}|0[0-7]{0,2}|c[A-Za-z])/y;
const POSIX = /\[([.:=])([^\]]*?)\1\]/y;
const POSIX_NAME = /^\^?(?:alnum|alpha|ascii|blank|cntrl|digit|graph|lower|print|punct|space|upper|word|xdigit)$/;

/** PCRE2's own limits: of a count, of groups in groups, and half of what an expression may compile to. */
const MOST = 65_535;
const DEEPEST = 250;
const LARGEST = 32_768;

/**
 * Reads what PCRE2 and AWS have in common, and writes it so that PCRE2 takes it: a hyphen beside a class in a class
 * (`[\w-.]`) and a brace that counts nothing stand for themselves.
 * @throws RegexProblem
 */
export function readRegex(regex: string): ReadRegex {
  return new Reader(regex.replaceAll(/\\(?:Q(.*?)(?:\\E|$)|E|.)/g, unquoted)).read();
}

/** What stands between \Q and \E means itself. */
function unquoted(found: string, quoted?: string): string {
  if (quoted !== undefined) return quoted.replaceAll(/[^A-Za-z0-9]/g, String.raw`\$&`);
  return found === String.raw`\E` ? '' : found;
}

class Reader {
  readonly #text: string;
  #at = 0;
  #pcre = '';
  #groups = 0;
  readonly #names = new Set<string>();

  constructor(text: string) {
    this.#text = text;
  }

  read(): ReadRegex {
    const size = this.#alternatives(0);
    if (this.#at < this.#text.length || this.#pcre === '') throw notValid();
    if (size > LARGEST) throw new RegexProblem('repeats too much');
    return { pcre: this.#pcre, groups: this.#groups };
  }

  #alternatives(depth: number): number {
    if (depth > DEEPEST) throw new RegexProblem('has too many groups in groups');
    let size = 0;
    do {
      size += 3;
      while (this.#at < this.#text.length && !'|)'.includes(this.#next())) size += this.#repeated(this.#atom(depth));
    } while (this.#copied(/\|/y));
    return size;
  }

  #repeated({ size, repeats }: Atom): number {
    const found = repeats === 'no' ? undefined : this.#copied(QUANTIFIER);
    if (!found) return size;
    if (this.#next() === '+') throw new RegexProblem('uses possessive quantifiers');
    this.#copied(/\?/y);
    const [, least = '0', range, most = ''] = found;
    const copies = Math.max(1, Number(least), Number(most));
    if (copies > MOST || (range && most && Number(most) < Number(least))) throw notValid();
    return repeats === 'by copies' ? copies * (size + 7) + 2 : size + 6;
  }

  #atom(depth: number): Atom {
    // Nothing stands before it.
    if (this.#found(QUANTIFIER)) throw notValid();
    if (this.#next() === '(') return this.#group(depth);
    if (this.#next() === '[') return this.#class();
    if (this.#copied(ASSERTION)) return { size: 1, repeats: 'no' };
    this.#refuse(NO_ESCAPES);
    if (this.#copied(CLASS) || this.#copied(CHARACTER)) return { size: 2, repeats: 'itself' };
    if (this.#next() === '\\') throw notValid();
    const char = this.#next();
    this.#at++;
    this.#pcre += char === '{' ? String.raw`\{` : char;
    return { size: 2, repeats: 'itself' };
  }

  #group(depth: number): Atom {
    this.#refuse(NO_GROUPS);
    if (this.#copied(OPTIONS)) return { size: 0, repeats: 'no' };
    const opening = this.#copied(OPENING);
    if (!opening) throw notValid();
    const [text, name] = opening;
    if (text === '(' || name !== undefined) this.#groups++;
    if (name !== undefined) {
      if (this.#names.has(name)) throw notValid();
      this.#names.add(name);
    }
    const size = 8 + this.#alternatives(depth + 1);
    if (!this.#copied(/\)/y)) throw notValid();
    return { size, repeats: 'by copies' };
  }

  #class(): Atom {
    if (this.#found(POSIX)?.[1] === ':') throw notValid();
    this.#copied(/\[\^?/y);
    let isFirst = true;
    while (isFirst || this.#next() !== ']') {
      isFirst = false;
      const from = this.#item();
      this.#pcre += from.text;
      if (from.code === undefined || !this.#found(/-[^\]]/y)) continue;
      this.#at++;
      const to = this.#item();
      if (to.code !== undefined && to.code < from.code) throw notValid();
      this.#pcre += (to.code === undefined ? String.raw`\-` : '-') + to.text;
    }
    this.#copied(/\]/y);
    return { size: 36, repeats: 'itself' };
  }

  #item(): Item {
    if (this.#at >= this.#text.length) throw notValid();
    const posix = this.#taken(POSIX);
    if (posix) {
      if (posix[1] !== ':' || !POSIX_NAME.test(posix[2] ?? '')) throw notValid();
      return { text: posix[0] };
    }
    this.#refuse(NO_ESCAPES);
    const inner = this.#taken(CLASS_IN_CLASS);
    if (inner) return { text: inner[0] };
    const escape = this.#taken(CHARACTER) ?? this.#taken(/\\b/y);
    if (escape) return { text: escape[0], code: codeOf(escape[0]) };
    const char = this.#next();
    if (char === '\\') throw notValid();
    this.#at++;
    return { text: '-[].:='.includes(char) ? `\\${char}` : char, code: char.charCodeAt(0) };
  }

  #refuse(features: readonly (readonly [RegExp, string])[]): void {
    const feature = features.find(([beginning]) => this.#found(beginning))?.[1];
    if (feature !== undefined) throw new RegexProblem(`uses ${feature}`);
  }

  #next(): string {
    return this.#text[this.#at] ?? '';
  }

  #found(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    return pattern.exec(this.#text) ?? undefined;
  }

  #taken(pattern: RegExp): RegExpExecArray | undefined {
    const found = this.#found(pattern);
    this.#at += found?.[0].length ?? 0;
    return found;
  }

  #copied(pattern: RegExp): RegExpExecArray | undefined {
    const found = this.#taken(pattern);
    this.#pcre += found?.[0] ?? '';
    return found;
  }
}

const notValid = () => new RegexProblem('is not valid');

const CODES: Readonly<Record<string, number>> = { a: 7, b: 8, e: 27, f: 12, n: 10, r: 13, t: 9 };

/** The character that an escape of one stands for. */
function codeOf(escape: string): number {
  const [, kind = '', ...rest] = escape;
  if (kind === 'x') return Number.parseInt(rest.join('').replaceAll(/[{}]/g, ''), 16);
  if (kind === 'c') return (rest[0] ?? '').toUpperCase().charCodeAt(0) ^ 64;
  if (kind === '0') return Number.parseInt(`0${rest.join('')}`, 8);
  return CODES[kind] ?? kind.charCodeAt(0);
}
