import { ANY, compileGlob, ONE, type Token } from './glob.ts';
import { compileText, isFixed, type Part, parsePattern, resolve, type TextMatcher } from './pattern.ts';

/** The colons before an ARN's resource. */
const HEAD_COLONS = 5;

export interface Resource {
  readonly matches: TextMatcher;
  /** The same, but a variable without a value may stand for anything. */
  readonly couldMatch: TextMatcher;
}

/**
 * One Resource: `*`, or an ARN in which a wildcard matches slashes too. A `*` that ends a segment goes on beyond its
 * colon; any other wildcard before the fifth colon stays within its segment. What a short ARN leaves out may be
 * anything.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
 */
export function compileResource(text: string, variables: boolean): Resource {
  const parts = parsePattern(text, { wildcards: true, variables });
  if (text !== '*') for (let missing = colonsOf(parts); missing < HEAD_COLONS; missing++) parts.push(':', ANY);
  const loosely = compileText(parts);
  const matches: TextMatcher = hasInnerWildcard(parts)
    ? (value, context) => loosely(value, context) && staysWithin(resolve(parts, context) ?? [], value)
    : loosely;
  const couldMatch: TextMatcher = isFixed(parts)
    ? matches
    : (value, context) => compileGlob(resolve(parts, context, ANY) ?? [])(value);
  return { matches, couldMatch };
}

/** Those of its text, not those that a variable's value brings. */
function colonsOf(parts: readonly Part[]): number {
  return parts.reduce((colons, part) => colons + (typeof part === 'string' ? part.split(':').length - 1 : 0), 0);
}

/** Before the fifth colon: a `?`, or a `*` that does not end its segment. */
function hasInnerWildcard(parts: readonly Part[]): boolean {
  let colons = 0;
  for (const [index, part] of parts.entries()) {
    if (colons >= HEAD_COLONS) return false;
    if (typeof part === 'string') colons += colonsOf([part]);
    else if (part === ONE) return true;
    else if (part === ANY) {
      const next = parts[index + 1];
      if (next !== undefined && !(typeof next === 'string' && next.startsWith(':'))) return true;
    }
  }
  return false;
}

/** One character of a pattern; of a wildcard, whether it may match a colon. */
interface Place {
  readonly wanted: string | typeof ANY | typeof ONE;
  readonly beyond: boolean;
}

/** Matches with all ways at once, one character of the value after the other: rare, so it need not be fast. */
function staysWithin(tokens: readonly Token[], value: string): boolean {
  const places = placesOf(tokens);
  let reached = closure(places, new Set([0]));
  for (const character of value) {
    const next = new Set<number>();
    for (const at of reached) {
      const place = places[at];
      if (!place || (character === ':' && !place.beyond && typeof place.wanted !== 'string')) continue;
      if (place.wanted === ANY) next.add(at);
      else if (place.wanted === ONE || place.wanted === character) next.add(at + 1);
    }
    reached = closure(places, next);
  }
  return reached.has(places.length);
}

/** A `*` may also match nothing. */
function closure(places: readonly Place[], reached: Set<number>): Set<number> {
  for (const at of reached) if (places[at]?.wanted === ANY) reached.add(at + 1);
  return reached;
}

function placesOf(tokens: readonly Token[]): Place[] {
  let colons = 0;
  const characters = tokens.flatMap((token): Place['wanted'][] =>
    typeof token === 'string' ? token.split('') : [token],
  );
  return characters.map((wanted, index) => {
    if (wanted === ':') colons++;
    const next = characters[index + 1];
    const endsSegment = wanted === ANY && (next === ':' || next === undefined);
    return { wanted, beyond: colons >= HEAD_COLONS || endsSegment };
  });
}

/**
 * As ArnLike matches: each of the six components by itself, so that no wildcard goes beyond one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html#Conditions_ARN
 */
export function compileArnPattern(parts: readonly Part[]): TextMatcher {
  if (isFixed(parts)) return compileComponents(parts);
  return (value, context) => {
    const tokens = resolve(parts, context);
    return tokens !== undefined && compileComponents(tokens)(value);
  };
}

function compileComponents(tokens: readonly Token[]): (value: string) => boolean {
  const patterns = componentsOf(tokens).map((component) => compileGlob(component));
  if (patterns.length <= HEAD_COLONS) return () => false;
  return (value) => {
    let from = 0;
    for (let index = 0; index < HEAD_COLONS; index++) {
      const colon = value.indexOf(':', from);
      if (colon === -1 || !patterns[index]?.(value.slice(from, colon))) return false;
      from = colon + 1;
    }
    return patterns[HEAD_COLONS]?.(value.slice(from)) ?? false;
  };
}

/** Cut at the first five colons. */
function componentsOf(tokens: readonly Token[]): Token[][] {
  const components: Token[][] = [[]];
  for (const token of tokens) {
    if (typeof token !== 'string') components.at(-1)?.push(token);
    else {
      const fields = token.split(':');
      const cut = fields.slice(0, HEAD_COLONS + 1 - components.length);
      const rest = fields.slice(cut.length);
      for (const [index, field] of [...cut, ...(rest.length > 0 ? [rest.join(':')] : [])].entries()) {
        if (index > 0) components.push([]);
        components.at(-1)?.push(field);
      }
    }
  }
  return components;
}
