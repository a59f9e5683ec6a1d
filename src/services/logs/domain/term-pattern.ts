import type { FilterPattern, Matcher } from './filter-pattern.ts';
import { PatternProblem, type PatternReader } from './pattern-reader.ts';

interface Term {
  readonly kind: 'required' | 'excluded' | 'optional';
  readonly matches: Matcher;
}

const BARE = /^\w+$/;
const KINDS: Readonly<Record<string, Term['kind']>> = { '-': 'excluded', '?': 'optional' };

/**
 * Terms that must all be there, `"quoted phrases"`, `%regular expressions%`, `-exclusions`, and `?optional` terms of
 * which one must be there; as AWS does, optional terms beside others are ignored.
 */
export function parseTermPattern(reader: PatternReader): FilterPattern {
  const terms: Term[] = [];
  while (!reader.isAtEnd) {
    const kind = KINDS[reader.next(/[-?]/y)?.[0] ?? ''] ?? 'required';
    terms.push({ kind, matches: reader.regex() ?? contains(reader.phrase() ?? bareTerm(reader)) });
    if (!reader.isAtEnd && !reader.isAfterSpace) reader.fail();
  }
  return { matches: matcherOf(terms), extract: () => ({}) };
}

function bareTerm(reader: PatternReader): string {
  const text = reader.next(/[^\s"%]+/y)?.[0];
  if (text === undefined) return reader.fail();
  if (!BARE.test(text)) throw new PatternProblem(`Invalid character(s) in term '${text}'`);
  return text;
}

function contains(text: string): Matcher {
  return (message) => message.includes(text);
}

function matcherOf(terms: readonly Term[]): Matcher {
  const ofKind = (kind: Term['kind']) => terms.filter((term) => term.kind === kind);
  const [required, excluded, optional] = [ofKind('required'), ofKind('excluded'), ofKind('optional')];
  if (required.length + excluded.length === 0 && optional.length > 0) {
    return (message) => optional.some((term) => term.matches(message));
  }
  return (message) =>
    required.every((term) => term.matches(message)) && !excluded.some((term) => term.matches(message));
}
