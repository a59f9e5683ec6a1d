import type { RuleAction } from '../load-balancer.ts';
import type { SideFiles } from './rendered.ts';
import { digest, identifier } from './text.ts';

type Forward = Extract<RuleAction, { type: 'forward' }>;

/** The draw of a request is one of so many. */
const DRAWS = 1_000_000;

/**
 * Which target group takes a request of a rule. The choice is in maps, which change while HAProxy runs:
 *
 *   draw 0..999999 -> target group, by weights          RULE-GROUP -> GROUP, for clients that come with a cookie
 */
export function choiceLines(action: Forward, ruleId: string, files: SideFiles): readonly string[] {
  const chosen = `{ var(txn.rule) -m str ${identifier(ruleId)} }`;
  const weights = files.addMap('weights', digest(ruleId), weightEntries(action.targets));
  const draw = `http-request set-var(txn.tg) rand(${DRAWS}),map_int(${weights}) if ${chosen}`;
  if (action.stickySeconds === undefined) return [draw];
  const sticky = files.addMap(
    'sticky',
    digest(ruleId),
    action.targets
      .filter((target) => target.weight > 0)
      .map(({ targetGroupId }) => [`${identifier(ruleId)}-${identifier(targetGroupId)}`, targetGroupId]),
  );
  return [
    ...['AWSALBTG', 'AWSALBTGCORS'].map(
      (cookie) =>
        `http-request set-var(txn.tg) req.cook(${cookie}),ub64dec,map_str(${sticky}) if ${chosen} !{ var(txn.tg) -m found }`,
    ),
    `${draw} !{ var(txn.tg) -m found }`,
    `http-request set-var(txn.tg_cookie) int(${action.stickySeconds}) if ${chosen} { var(txn.tg) -m found }`,
  ];
}

/** The cookies that keep a client with its target group, told with each answer for as long again. */
export function stickyGroupLines(actions: readonly Forward[]): readonly string[] {
  const durations = new Set(actions.flatMap((action) => action.stickySeconds ?? []));
  return [...durations].flatMap((seconds) => {
    const cookie = `%[var(txn.rule),concat(-,txn.tg),ub64enc]; Expires=%[date(${seconds}),http_date]; Path=/`;
    const when = `if { var(txn.tg_cookie) -m int eq ${seconds} }`;
    return [
      `http-response add-header Set-Cookie 'AWSALBTG=${cookie}' ${when}`,
      `http-response add-header Set-Cookie 'AWSALBTGCORS=${cookie}; SameSite=None' ${when}`,
    ];
  });
}

/** Ranges of draws, as wide as the weights; a group of weight 0 has none. */
export function weightEntries(targets: Forward['targets']): readonly (readonly [string, string])[] {
  const total = targets.reduce((sum, target) => sum + target.weight, 0);
  let sum = 0;
  return targets.flatMap(({ targetGroupId, weight }): (readonly [string, string])[] => {
    if (weight === 0) return [];
    const from = Math.round((sum * DRAWS) / total);
    sum += weight;
    return [[`${from}:${Math.round((sum * DRAWS) / total) - 1}`, identifier(targetGroupId)]];
  });
}
