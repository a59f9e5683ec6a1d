import { isDeepStrictEqual } from 'node:util';
import { scopeKey } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReplicationRuleRow, ReplicationSettings } from '../tables.ts';

interface EarlierRule extends ReplicationRuleRow {
  readonly destinations: Scope[];
}

/**
 * What the settings of before say that `rules` say too, each from its own time on: what was to be copied by it and is not
 * copied yet is copied still. Nothing is in it twice: the oldest rule has it.
 */
export function earlierRules(
  before: ReplicationSettings | undefined,
  rules: readonly ReplicationRuleRow[],
): readonly ReplicationRuleRow[] {
  const earlier: EarlierRule[] = [];
  const known = [...(before?.rules ?? []), ...(before?.earlier ?? [])];
  const places = new Map(rules.flatMap((rule) => rule.destinations).map((one) => [scopeKey(one), one]));
  const asked = new Map([...places].map(([key, one]) => [key, withoutLonger(beginningsTo(one, rules))]));
  for (const { destinations, prefixes, sinceMs } of known.toSorted((a, b) => a.sinceMs - b.sinceMs)) {
    const beginnings = withoutLonger(beginningsIn(prefixes));
    for (const destination of destinations) {
      const common = inBoth(beginnings, asked.get(scopeKey(destination)) ?? []);
      const older = new Set(beginningAs(common, beginningsTo(destination, earlier)));
      const added = common.filter((one) => !older.has(one));
      if (added.length > 0) add(earlier, destination, { prefixes: added.includes('') ? [] : added, sinceMs });
    }
  }
  return earlier;
}

/** Destinations of one rule mostly stay together. */
function add(
  earlier: EarlierRule[],
  destination: Scope,
  { prefixes, sinceMs }: Pick<ReplicationRuleRow, 'prefixes' | 'sinceMs'>,
): void {
  const last = earlier.at(-1);
  if (last?.sinceMs === sinceMs && isDeepStrictEqual(last.prefixes, prefixes)) last.destinations.push(destination);
  else earlier.push({ destinations: [destination], prefixes, sinceMs });
}

/** What the names of the repositories begin with that go to a destination. */
function beginningsTo(destination: Scope, rules: readonly ReplicationRuleRow[]): string[] {
  const isSame = (one: Scope) => scopeKey(one) === scopeKey(destination);
  return rules.flatMap(({ destinations, prefixes }) => (destinations.some(isSame) ? beginningsIn(prefixes) : []));
}

/** Every name begins with ''. */
function beginningsIn(prefixes: readonly string[]): readonly string[] {
  return prefixes.length > 0 ? prefixes : [''];
}

/** The beginnings of the names that begin as one of `a` and as one of `b` says, each once. */
function inBoth(a: readonly string[], b: readonly string[]): string[] {
  return [...new Set([...beginningAs(a, b), ...beginningAs(b, a)])].toSorted();
}

/** Those of `texts` that begin with one of `beginnings`; sorted, as there may be a thousand of each. */
function beginningAs(texts: readonly string[], beginnings: readonly string[]): string[] {
  const shortest = withoutLonger(beginnings);
  let at = 0;
  return texts.toSorted().filter((text) => {
    // What a text begins with is the last before it, as none of them begins with another.
    while (at + 1 < shortest.length && (shortest[at + 1] ?? '') <= text) at++;
    const candidate = shortest[at];
    return candidate !== undefined && text.startsWith(candidate);
  });
}

/** Sorted, without those that begin with another. */
function withoutLonger(beginnings: readonly string[]): string[] {
  const shortest: string[] = [];
  for (const one of beginnings.toSorted()) {
    const last = shortest.at(-1);
    if (last === undefined || !one.startsWith(last)) shortest.push(one);
  }
  return shortest;
}
