import { scopeKey } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReplicationRuleRow, ReplicationSettings } from '../tables.ts';
import { intersection, namePrefixes, union, without } from './name-prefixes.ts';
import type { NamePrefixes } from './name-prefixes.ts';

/** Prefixes and destinations of all earlier rules: more than the rules of one configuration have, and no endless row. */
const MOST_MEMBERS = 2000;

/**
 * What the settings of before say that `rules` say too, each from its own time on: what was to be copied by it and is not
 * copied yet is copied still. Nothing is in it twice: the oldest rule has it. It does not grow for ever: the oldest rules
 * are dropped first, and what they have not copied in all that time is left to a backfill.
 */
export function earlierRules(
  before: ReplicationSettings | undefined,
  rules: readonly ReplicationRuleRow[],
): readonly ReplicationRuleRow[] {
  const known = [...(before?.rules ?? []), ...(before?.earlier ?? [])].toSorted((a, b) => a.sinceMs - b.sinceMs);
  const found = treatedAlike(rules, known).flatMap((group) => stillSaid(group));
  return newest(joined(found).toSorted((a, b) => a.sinceMs - b.sinceMs));
}

/** Destinations that the same rules name. */
interface Group {
  readonly destinations: readonly Scope[];
  readonly rules: readonly ReplicationRuleRow[];
  /** The oldest first. */
  readonly known: readonly ReplicationRuleRow[];
}

/** The destinations of `rules`: there are few groups of them, however many rules there are. */
function treatedAlike(rules: readonly ReplicationRuleRow[], known: readonly ReplicationRuleRow[]): Group[] {
  const all = [...rules, ...known];
  const places = new Map<string, { readonly destination: Scope; readonly namedBy: Set<number> }>();
  for (const [index, rule] of all.entries()) {
    for (const destination of rule.destinations) {
      const place = places.get(scopeKey(destination)) ?? { destination, namedBy: new Set() };
      places.set(scopeKey(destination), place);
      place.namedBy.add(index);
    }
  }
  const groups = Map.groupBy(places.values(), ({ namedBy }) => [...namedBy].join());
  return [...groups.values()].map((some) => {
    const isNamed = (index: number) => some[0]?.namedBy.has(index);
    return {
      destinations: some.map(({ destination }) => destination),
      rules: rules.filter((_, index) => isNamed(index)),
      known: known.filter((_, index) => isNamed(rules.length + index)),
    };
  });
}

function stillSaid({ destinations, rules, known }: Group): ReplicationRuleRow[] {
  const asked = union(rules.map(({ prefixes }) => namePrefixes(prefixes)));
  const found: ReplicationRuleRow[] = [];
  let covered: NamePrefixes = [];
  for (const { prefixes, sinceMs } of known) {
    const added = without(intersection(namePrefixes(prefixes), asked), covered);
    if (added.length === 0) continue;
    found.push({ destinations, prefixes: added.includes('') ? [] : added, sinceMs });
    covered = union([covered, added]);
  }
  return found;
}

/** Rules that differ in their destinations alone are one. */
function joined(rules: readonly ReplicationRuleRow[]): ReplicationRuleRow[] {
  const same = Map.groupBy(rules, ({ prefixes, sinceMs }) => JSON.stringify([sinceMs, prefixes]));
  return [...same.values()].flatMap((some) => {
    const destinations = some.flatMap((one) => one.destinations);
    return some.slice(0, 1).map((first) => ({ ...first, destinations }));
  });
}

/** @param rules the oldest first */
function newest(rules: readonly ReplicationRuleRow[]): readonly ReplicationRuleRow[] {
  let members = 0;
  const firstKept = rules.findLastIndex(({ destinations, prefixes }) => {
    members += destinations.length + prefixes.length;
    return members > MOST_MEMBERS;
  });
  return rules.slice(firstKept + 1);
}
