import type { Rule, Transform } from '../load-balancer.ts';
import { argument, identifier, pattern, word } from './text.ts';

/** Rewrites the requests of the rules that say so: after every condition was looked at, before headers are added. */
export function transformLines(rules: readonly Rule[]): readonly string[] {
  return rules.flatMap(({ ruleId, transforms = [] }) =>
    transforms.flatMap((transform) => linesOf(transform, `{ var(txn.rule) -m str ${identifier(ruleId)} }`)),
  );
}

/** A request that the expression does not fit goes on as it came. */
function linesOf({ type, regex, replace }: Transform, chosen: string): readonly string[] {
  const host = type === 'host-header-rewrite';
  const fetch = host ? 'var(txn.host)' : 'pathq';
  // Only the name is matched, without case; its port goes where it is rewritten.
  const flags = host ? ',i' : '';
  const fits = `{ ${word(fetch)} -m reg ${host ? '-i ' : ''}-- ${pattern(regex)} }`;
  const rewritten = `${fetch},regsub(${argument(regex)},${argument(substitution(replace))}${flags})`;
  return [
    `http-request set-var(txn.rewritten) ${word(rewritten)} if ${chosen} ${fits}`,
    `http-request ${host ? 'set-header Host' : 'set-pathq'} '%[var(txn.rewritten)]' if ${chosen} { var(txn.rewritten) -m found }`,
    `http-request unset-var(txn.rewritten) if ${chosen}`,
  ];
}

/** `$1` as HAProxy writes it, and every other character for itself. */
function substitution(replace: string): string {
  return replace.replaceAll('\\', '\\\\').replaceAll(/\$([1-9])/g, String.raw`\$1`);
}
