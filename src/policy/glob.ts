/** `*`: any characters, also none. */
export const ANY = Symbol('*');
/** `?`: exactly one character. */
export const ONE = Symbol('?');

/** A piece of a pattern: literal text or a wildcard. */
export type Token = string | typeof ANY | typeof ONE;

/** A run of characters between two `*`; undefined is a `?`. */
type Chunk = readonly (string | undefined)[];

/** Tells whether a whole text matches. Never backtracks beyond the last `*`, so it cannot be made slow by a pattern. */
export function compileGlob(tokens: readonly Token[]): (text: string) => boolean {
  if (tokens.includes(ONE)) return compileChunks(chunksOf(tokens));
  const literals = literalsOf(tokens);
  const [first = '', ...rest] = literals;
  if (rest.length === 0) return (text) => text === first;
  const last = rest.pop() ?? '';
  const middles = rest.filter((middle) => middle !== '');
  if (middles.length > 0) return compileLiterals(first, middles, last);
  const least = first.length + last.length;
  if (least === 0) return () => true;
  if (last === '') return (text) => text.startsWith(first);
  return (text) => text.length >= least && text.startsWith(first) && text.endsWith(last);
}

/** The literal texts before, between and after each `*`. */
function literalsOf(tokens: readonly Token[]): string[] {
  const literals = [''];
  for (const token of tokens) {
    if (typeof token === 'string') literals.push((literals.pop() ?? '') + token);
    else literals.push('');
  }
  return literals;
}

function compileLiterals(first: string, middles: readonly string[], last: string): (text: string) => boolean {
  const least = first.length + last.length;
  return (text) => {
    if (text.length < least || !text.startsWith(first) || !text.endsWith(last)) return false;
    const end = text.length - last.length;
    let at = first.length;
    for (const middle of middles) {
      const found = text.indexOf(middle, at);
      if (found === -1 || found + middle.length > end) return false;
      at = found + middle.length;
    }
    return true;
  };
}

function chunksOf(tokens: readonly Token[]): Chunk[] {
  const chunks: (string | undefined)[][] = [[]];
  for (const token of tokens) {
    if (token === ANY) chunks.push([]);
    else if (token === ONE) chunks.at(-1)?.push(undefined);
    else chunks.at(-1)?.push(...token.split(''));
  }
  return chunks;
}

function compileChunks(chunks: readonly Chunk[]): (text: string) => boolean {
  const [first = [], ...rest] = chunks;
  if (rest.length === 0) return (text) => text.length === first.length && matchesAt(text, 0, first);
  const last = rest.pop() ?? [];
  return (text) => {
    const end = text.length - last.length;
    if (end < first.length || !matchesAt(text, 0, first) || !matchesAt(text, end, last)) return false;
    let at = first.length;
    for (const middle of rest) {
      const found = find(text, at, end, middle);
      if (found === -1) return false;
      at = found + middle.length;
    }
    return true;
  };
}

function find(text: string, from: number, end: number, chunk: Chunk): number {
  for (let at = from; at + chunk.length <= end; at++) if (matchesAt(text, at, chunk)) return at;
  return -1;
}

function matchesAt(text: string, at: number, chunk: Chunk): boolean {
  for (let index = 0; index < chunk.length; index++) {
    const wanted = chunk[index];
    if (wanted !== undefined && wanted !== text[at + index]) return false;
  }
  return true;
}
