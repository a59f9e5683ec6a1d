import type { Condition } from '../load-balancer.ts';
import { pattern, word } from './text.ts';
import { queryRegex, wildcardRegex } from './wildcard.ts';

/** A condition of a rule as an anonymous ACL; its values are alternatives. */
export function acl(condition: Condition): string {
  switch (condition.field) {
    case 'host-header':
      return regexAcl('var(txn.host)', patternsOf(condition), { ignoreCase: true });
    case 'path-pattern':
      return regexAcl('path', patternsOf(condition), { ignoreCase: false });
    case 'http-header':
      return regexAcl(`req.fhdr(${condition.name})`, patternsOf(condition), { ignoreCase: !condition.regexes });
    case 'query-string':
      return regexAcl('query', condition.values.map(queryRegex), { ignoreCase: true });
    case 'http-request-method':
      return `{ method -m str -- ${condition.values.map(word).join(' ')} }`;
    default:
      return `{ src -- ${condition.values.map(word).join(' ')} }`;
  }
}

/** The client's own expressions are searched for anywhere; wildcards must fit the whole text. */
function patternsOf({
  values,
  regexes,
}: {
  values: readonly string[];
  regexes?: readonly string[];
}): readonly string[] {
  return regexes ?? values.map(wildcardRegex);
}

function regexAcl(fetch: string, regexes: readonly string[], options: { ignoreCase: boolean }): string {
  return `{ ${word(fetch)} -m reg ${options.ignoreCase ? '-i ' : ''}-- ${regexes.map(pattern).join(' ')} }`;
}
