import type { Service } from '@aws-sdk/client-ecs';
import { isLowAlarm, lowSignal } from '../../../api/scaling/signal.ts';
import type { Stored } from '../../../store/store.ts';
import type { ActivityRow, PolicyRow, ScheduledRow, SignalRow, TargetRow } from '../tables.ts';
import { aggregated, stepScale, trackIn, trackOut, type Decision } from '../../../kernel/scaling-decision.ts';
import { nextTime, parseSchedule } from './schedule.ts';

/** All that is known of a scalable target. */
export interface TargetFacts {
  readonly target: Stored<TargetRow>;
  readonly policies: readonly PolicyRow[];
  readonly signals: readonly Stored<SignalRow>[];
  readonly scheduled: readonly Stored<ScheduledRow>[];
  readonly open: readonly Stored<ActivityRow>[];
}

/** When the action is due next: at what time it was meant to be, which may have passed. */
export function dueAt(action: ScheduledRow): number | undefined {
  const { schedule, timezone = 'UTC', startMs, endMs, createdAtMs, doneUntilMs } = action;
  const afterMs = Math.max(doneUntilMs, (startMs ?? 0) - 1);
  const atMs = nextTime(parseSchedule(schedule), timezone, afterMs, startMs ?? createdAtMs);
  return atMs === undefined || (endMs !== undefined && atMs > endMs) ? undefined : atMs;
}

type Seen = Pick<Service, 'desiredCount' | 'deployments' | 'deploymentController'>;

/** What a signal asks of the target; to wait: nothing, or it is suspended. */
export function decide(facts: TargetFacts, signal: SignalRow, service: Seen, now: number): Decision {
  const { target, policies, signals } = facts;
  const { desiredCount: current = 0 } = service;
  const policy = policies.find((one) => one.name === signal.policyName);
  const value = signal.datapoints.at(-1);
  if (!policy || value === undefined) return { kind: 'wait', why: 'It has no datapoint.' };
  const situation = { current, limits: target, recent: target.recent, now };
  const decision = decideBy();
  if (decision.kind !== 'scale') return decision;
  const isSuspended = decision.to > current ? target.suspended.out : target.suspended.in;
  if (isSuspended) return { kind: 'wait', why: 'It is suspended.' };
  return decision.to < current && isDeploying(service) ? { kind: 'wait', why: 'A deployment goes on.' } : decision;

  function decideBy(): Decision {
    if (policy?.step)
      return stepScale(policy.step, aggregated(policy.step, signal.datapoints) - signal.threshold, situation);
    if (!policy?.tracking) return { kind: 'wait', why: 'It has no rules.' };
    if (!isLowAlarm(signal.alarmName)) return trackOut(policy.tracking, value ?? 0, situation);
    // Only when every policy that scales in wants it.
    const inward = policies.flatMap((one) => (one.tracking && !one.tracking.disableScaleIn ? [one] : []));
    const low = inward.flatMap((one) => {
      const said = lowSignal(signals, one.name, now);
      return said && one.tracking ? [{ policy: one.tracking, value: Math.max(...said.datapoints) }] : [];
    });
    if (low.length < inward.length || low.length === 0) return { kind: 'wait', why: 'Another policy needs them.' };
    return trackIn(low, situation);
  }
}

/**
 * Whether ECS replaces the tasks of a service; an external controller's deployments do not count.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-auto-scaling.html
 */
function isDeploying({ deployments = [], deploymentController }: Seen): boolean {
  return deployments.length > 1 && deploymentController?.type !== 'EXTERNAL';
}
