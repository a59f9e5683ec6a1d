import type { PatternReader } from './pattern-reader.ts';

export type Operator = '=' | '!=' | '<' | '>' | '<=' | '>=';

/** What a field is compared with. */
export interface PatternValue {
  /** Whether the text is equal to it, or fits its `*` or its regular expression. */
  readonly fits: (text: string) => boolean;
  /** A number, where it is one and stands without quotes. */
  readonly number?: number;
  /** A lone `*`: whatever is there. */
  readonly any?: true;
}

export function readOperator(reader: PatternReader): Operator | undefined {
  return reader.next(/!=|<=|>=|=|<|>/y)?.[0] as Operator | undefined;
}

/** A number, a text (quoted where it has other characters than `bare` takes) in which `*` stands for any characters, or a regular expression. */
export function readValue(reader: PatternReader, bare: RegExp): PatternValue {
  const regex = reader.regex();
  if (regex) return { fits: regex };
  const phrase = reader.phrase();
  if (phrase !== undefined) return { fits: wildcard(phrase) };
  const text = reader.next(bare)?.[0];
  if (text === undefined) return reader.fail();
  if (text === '*') return { fits: () => true, any: true };
  const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(text) ? Number(text) : undefined;
  return { fits: wildcard(text), ...(number !== undefined && { number }) };
}

/** Numbers are compared as numbers, where both are; a comparison of order holds between numbers only. */
export function compares(found: string, operator: Operator, value: PatternValue): boolean {
  const number = found.trim() === '' ? Number.NaN : Number(found);
  const isEqual = value.fits(found) || (value.number !== undefined && number === value.number);
  switch (operator) {
    case '=':
      return isEqual;
    case '!=':
      return !isEqual;
    default:
      return value.number !== undefined && isOrdered(number, operator, value.number);
  }
}

function isOrdered(found: number, operator: '<' | '>' | '<=' | '>=', value: number): boolean {
  if (operator === '<') return found < value;
  if (operator === '>') return found > value;
  return operator === '<=' ? found <= value : found >= value;
}

/** By parts, from left to right: no backtracking. */
function wildcard(pattern: string): (text: string) => boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return (text) => text === first;
  return (text) => {
    if (!text.startsWith(first)) return false;
    let at = first.length;
    for (const part of rest) {
      const found = text.indexOf(part, at);
      if (found < 0) return false;
      at = found + part.length;
    }
    return text.length - last.length >= at && text.endsWith(last);
  };
}
