/** The names that begin with one of these, each of which stands for itself: sorted, and none begins with another. */
export type NamePrefixes = readonly string[];

/** @param prefixes of a rule: none are for every name */
export function namePrefixes(prefixes: readonly string[]): NamePrefixes {
  return shortest(prefixes.length > 0 ? prefixes : ['']);
}

/** The names that are in one of them. */
export function union(some: readonly NamePrefixes[]): NamePrefixes {
  return shortest(some.flat());
}

/** The names that are in both. */
export function intersection(a: NamePrefixes, b: NamePrefixes): NamePrefixes {
  return shortest([...a.filter(isIn(b)), ...b.filter(isIn(a))]);
}

/** Those prefixes of `a` that have names which are not in `b`. */
export function without(a: NamePrefixes, b: NamePrefixes): NamePrefixes {
  const isInB = isIn(b);
  return a.filter((prefix) => !isInB(prefix));
}

/** Whether all names of a prefix are in `all`: to be asked in order, as there may be a thousand of each. */
function isIn(all: NamePrefixes): (prefix: string) => boolean {
  let at = 0;
  return (prefix) => {
    // What it begins with is the last that is not after it, as none of them begins with another.
    while (at + 1 < all.length && (all[at + 1] ?? '') <= prefix) at++;
    const last = all[at];
    return last !== undefined && prefix.startsWith(last);
  };
}

function shortest(prefixes: readonly string[]): NamePrefixes {
  const found: string[] = [];
  for (const one of prefixes.toSorted()) {
    const last = found.at(-1);
    if (last === undefined || !one.startsWith(last)) found.push(one);
  }
  return found;
}
