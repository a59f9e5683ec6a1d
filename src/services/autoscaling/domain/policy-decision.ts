import { isLowAlarm, lowSignal } from '../../../api/scaling/signal.ts';
import {
  adjusted,
  aggregated,
  clamp,
  stepScale,
  trackIn,
  trackOut,
  type Decision,
  type TargetTracking,
} from '../../../kernel/scaling-decision.ts';
import type { GroupRow, MemberRow, PolicyRow, SignalRow } from '../tables.ts';
import { capacityOf, counts, isWarming, warmupMsOf } from './members.ts';
import type { SimpleScaling } from './policy-rules.ts';
import { scaleInPauseMs } from './tracked-metric.ts';

export interface PolicyFacts {
  readonly group: GroupRow;
  readonly members: readonly MemberRow[];
  readonly policies: readonly PolicyRow[];
  readonly signals: readonly SignalRow[];
}

const wait = (why: string): Decision => ({ kind: 'wait', why });

/** What a signal of an alarm asks of the group. */
export function decideSignal(facts: PolicyFacts, signal: SignalRow, now: number): Decision {
  const policy = facts.policies.find((one) => one.name === signal.policyName);
  if (!policy?.isEnabled) return wait('The policy is disabled.');
  const value = signal.datapoints.at(-1);
  if (value === undefined) return wait('It has no datapoint.');
  const { rules } = policy;
  if (rules.kind === 'simple') return decideSimple(facts, rules.simple, { now, honorsCooldown: true });
  if (rules.kind === 'step') {
    return decideStep(facts, policy, aggregated(rules.step, signal.datapoints) - signal.threshold, now);
  }
  return isLowAlarm(signal.alarmName) ? decideIn(facts, now) : decideOut(facts, policy, value, now);
}

/** While the cooldown runs, or instances come or go, simple scaling does nothing. */
export function decideSimple(
  { group, members }: Pick<PolicyFacts, 'group' | 'members'>,
  simple: SimpleScaling,
  { now, honorsCooldown }: { readonly now: number; readonly honorsCooldown: boolean },
): Decision {
  if (honorsCooldown && isCooling(group, members, now)) return wait('The cooldown runs.');
  const wanted = clamp(group, adjusted(simple, simple.adjustment, group.desired));
  return wanted === group.desired ? wait('It is at its limit.') : { kind: 'scale', to: wanted };
}

export function isCooling(group: GroupRow, members: readonly MemberRow[], now: number): boolean {
  if (members.some((one) => one.state.startsWith('Pending') || one.state.startsWith('Terminating'))) return true;
  return now < (group.scaledAtMs ?? -Infinity) + (group.cooldownS ?? group.defaultCooldownS) * 1000;
}

export function decideStep(
  facts: Pick<PolicyFacts, 'group' | 'members'>,
  policy: PolicyRow,
  breach: number,
  now: number,
): Decision {
  if (policy.rules.kind !== 'step') return wait('It has no steps.');
  const cooldownMs = 1;
  return stepScale({ ...policy.rules.step, cooldownMs }, breach, situation(facts, policy, now));
}

function decideOut(facts: PolicyFacts, policy: PolicyRow, value: number, now: number): Decision {
  return policy.rules.kind === 'tracking'
    ? trackOut(asTracking(policy.rules.tracking), value, situation(facts, policy, now))
    : wait('It tracks nothing.');
}

/** Only when every policy that scales in wants it. */
function decideIn(facts: PolicyFacts, now: number): Decision {
  const { group, policies, signals } = facts;
  const inward = policies.flatMap((policy) =>
    policy.isEnabled && policy.rules.kind === 'tracking' && !policy.rules.tracking.disableScaleIn
      ? [{ policy, tracking: policy.rules.tracking, pauseMs: scaleInPauseMs(policy.rules.tracked) }]
      : [],
  );
  const low = inward.flatMap(({ policy, tracking }) => {
    const said = lowSignal(signals, policy.name, now);
    return said ? [{ policy: asTracking(tracking), value: Math.max(...said.datapoints) }] : [];
  });
  const [first] = inward;
  if (!first || low.length < inward.length) return wait('Another policy needs them.');
  const pauseMs = Math.max(...inward.map((one) => one.pauseMs));
  if (now < (group.lastInMs ?? -Infinity) + pauseMs) return wait('The last step in does not show yet.');
  const slowest = inward.toSorted(
    (a, b) => warmupMsOf(group, b.policy.warmupS) - warmupMsOf(group, a.policy.warmupS),
  )[0];
  return trackIn(low, situation(facts, slowest?.policy ?? first.policy, now));
}

function asTracking(tracking: Pick<TargetTracking, 'targetValue' | 'disableScaleIn' | 'scaleInShare'>): TargetTracking {
  return { ...tracking, scaleOutCooldownMs: 1, scaleInCooldownMs: 1 };
}

/** Instances that warm up are as good as there: more are added only beyond them, and none is taken away meanwhile. */
function situation({ group, members }: Pick<PolicyFacts, 'group' | 'members'>, policy: PolicyRow, now: number) {
  const warmupMs = warmupMsOf(group, policy.warmupS);
  const counted = members.filter(counts);
  const warm = capacityOf(counted.filter((one) => !isWarming(one, warmupMs, now)));
  const isOnItsWay = warm < Math.max(capacityOf(counted), group.desired);
  return {
    current: group.desired,
    limits: group,
    now,
    recent: isOnItsWay ? { lastOut: { atMs: now, from: warm } } : {},
  };
}
