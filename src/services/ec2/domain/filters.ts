import type { Tags } from '../../../kernel/tags.ts';
import { filterLimitExceeded, invalidFilter } from '../errors.ts';

/** A filter as every Describe operation takes it: any of the values, all of the filters. */
export interface Filter {
  readonly Name?: string | undefined;
  readonly Values?: readonly string[] | undefined;
}

type Value = string | number | boolean | undefined;

/** What a resource answers to each filter that AWS lists for it: one value, or many of which any may match. */
export type FilterFields<R> = Readonly<Record<string, (row: R) => Value | readonly Value[]>>;

const MAX_VALUES = 200;
const WILDCARD = /[*?\\]/;

/**
 * One predicate for all `filters`. Values match case-sensitively; `*` is any text, `?` any character, and a backslash
 * takes either literally. Throws InvalidParameterValue for a name that is neither in `fields` nor a tag filter.
 */
export function matcher<R>(
  fields: FilterFields<R>,
  filters: readonly Filter[] | undefined,
): (row: R & { readonly tags?: Tags }) => boolean {
  const tests = (filters ?? []).map((filter) => {
    const valuesOf = fieldOf(fields, filter.Name ?? 'null');
    const values = filter.Values ?? [];
    if (values.length > MAX_VALUES) throw filterLimitExceeded();
    const patterns = values.map(patternOf);
    return (row: R & { readonly tags?: Tags }) =>
      [valuesOf(row)].flat().some((value) => value !== undefined && patterns.some((matches) => matches(String(value))));
  });
  return (row) => tests.every((test) => test(row));
}

/** Filter values without wildcards, or undefined when one has any: these can be looked up in an index. */
export function literalValues(filter: Filter): readonly string[] | undefined {
  const values = filter.Values ?? [];
  return values.some((value) => WILDCARD.test(value)) ? undefined : values;
}

function tagOf(tags: Tags | undefined, key: string): string | undefined {
  return tags && Object.hasOwn(tags, key) ? tags[key] : undefined;
}

type Field<R> = (row: R & { readonly tags?: Tags }) => Value | readonly Value[];

function fieldOf<R>(fields: FilterFields<R>, name: string): Field<R> {
  const own = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (own) return own;
  if (name === 'tag-key') return (row) => Object.keys(row.tags ?? {});
  if (name === 'tag-value') return (row) => Object.values(row.tags ?? {});
  if (name.startsWith('tag:') && name.length > 4) return (row) => tagOf(row.tags, name.slice(4));
  throw invalidFilter(name);
}

/** One piece of a pattern: any text, any one character, or a character itself. */
type Piece = { readonly any: 'text' | 'character' } | { readonly character: string };

function patternOf(text: string): (value: string) => boolean {
  if (!WILDCARD.test(text)) return (value) => value === text;
  const pieces: Piece[] = [...text.matchAll(/\\(.)|[\s\S]/gu)].map(([piece, escaped]) => {
    if (escaped !== undefined) return { character: escaped };
    if (piece === '*') return { any: 'text' };
    return piece === '?' ? { any: 'character' } : { character: piece };
  });
  return (value) => matchesPieces(pieces, Array.from(value));
}

/** Goes back to the last `*` only, so that no pattern takes longer than its length times the value's. */
function matchesPieces(pieces: readonly Piece[], characters: readonly string[]): boolean {
  let at = 0;
  let piece = 0;
  let star: { piece: number; at: number } | undefined;
  while (at < characters.length) {
    const wanted = pieces[piece];
    if (wanted && 'any' in wanted && wanted.any === 'text') {
      star = { piece: ++piece, at };
    } else if (wanted && ('any' in wanted || wanted.character === characters[at])) {
      at++;
      piece++;
    } else if (star) {
      star.at++;
      at = star.at;
      piece = star.piece;
    } else {
      return false;
    }
  }
  return pieces.slice(piece).every((rest) => 'any' in rest && rest.any === 'text');
}
