import type { Service } from '@aws-sdk/client-ecs';
import type { DemandRow, TargetRow } from '../tables.ts';
import { clamp, type Decision } from '../../../kernel/scaling-decision.ts';

type Seen = Pick<
  Service,
  'desiredCount' | 'runningCount' | 'pendingCount' | 'deployments' | 'loadBalancers' | 'taskSets'
>;

/** The target groups that a service registers its tasks with. */
export function groupsOfService({ loadBalancers = [], taskSets = [] }: Seen): readonly string[] {
  const all = [...loadBalancers, ...taskSets.flatMap((set) => set.loadBalancers ?? [])];
  return [
    ...new Set(
      all.flatMap((one) => [one.targetGroupArn ?? [], one.advancedConfiguration?.alternateTargetGroupArn ?? []].flat()),
    ),
  ];
}

/**
 * What the requests of a target group ask of its service: from zero to its minimum, but to one at least; to zero where
 * the minimum allows that, and nothing else is going on.
 */
export function decideDemand(target: TargetRow, demand: DemandRow, service: Seen): Decision {
  const current = service.desiredCount ?? 0;
  if (demand.kind === 'waiting') {
    if (current > 0) return { kind: 'wait', why: 'It is awake.' };
    if (target.suspended.out) return { kind: 'wait', why: 'It is suspended.' };
    const to = clamp(target, Math.max(1, target.min));
    return to > 0 ? { kind: 'scale', to } : { kind: 'stay', reason: { code: 'AlreadyAtMaxCapacity', capacity: 0 } };
  }
  if (current === 0) return { kind: 'wait', why: 'It sleeps.' };
  if (target.suspended.in) return { kind: 'wait', why: 'It is suspended.' };
  if (target.min > 0) return { kind: 'wait', why: 'Its minimum is not zero.' };
  // One that is idle says nothing of the others.
  if ((service.loadBalancers ?? []).length > 1) return { kind: 'wait', why: 'It has other target groups.' };
  const isSteady = (service.deployments ?? []).length <= 1 && service.runningCount === current;
  return isSteady ? { kind: 'scale', to: 0 } : { kind: 'wait', why: 'It is on its way to another count.' };
}
