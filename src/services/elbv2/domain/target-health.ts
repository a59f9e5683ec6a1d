import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetHealth } from '../../../loadbalancer/load-balancer.ts';
import type { TargetGroupRow, TargetRow } from '../tables.ts';

type Verdict = NonNullable<TargetHealthDescription['TargetHealth']>;

const DRAINING: Verdict = {
  State: 'draining',
  Reason: 'Target.DeregistrationInProgress',
  Description: 'Target deregistration is in progress',
};
const NOT_IN_USE: Verdict = {
  State: 'unused',
  Reason: 'Target.NotInUse',
  Description: 'Target group is not configured to receive traffic from the load balancer',
};
const NOT_REGISTERED: Verdict = {
  State: 'unused',
  Reason: 'Target.NotRegistered',
  Description: 'Target is not registered to the target group',
};
const REGISTERING: Verdict = {
  State: 'initial',
  Reason: 'Elb.RegistrationInProgress',
  Description: 'Target registration is in progress',
};

/**
 * How a registered target stands.
 * @param inUse whether some listener forwards to the group
 * @param seen what the plane says of the group's targets
 */
export function targetHealthView(
  group: TargetGroupRow,
  target: TargetRow,
  inUse: boolean,
  seen: readonly TargetHealth[],
): TargetHealthDescription {
  return {
    Target: {
      Id: target.ip,
      Port: target.port,
      ...(target.zoneName === undefined ? {} : { AvailabilityZone: target.zoneName }),
    },
    HealthCheckPort: group.healthCheck.port === 'traffic-port' ? String(target.port) : group.healthCheck.port,
    TargetHealth: verdict(group, target, inUse, seen),
  };
}

/** A target that was asked for and is not there. */
export function unregisteredView(ip: string, port: number): TargetHealthDescription {
  return { Target: { Id: ip, Port: port }, HealthCheckPort: String(port), TargetHealth: NOT_REGISTERED };
}

function verdict(group: TargetGroupRow, target: TargetRow, inUse: boolean, seen: readonly TargetHealth[]): Verdict {
  if (target.drainsUntilMs !== undefined) return DRAINING;
  if (!inUse) return NOT_IN_USE;
  const health = seen.find((it) => it.targetGroupId === group.id && it.ip === target.ip && it.port === target.port);
  // The plane has not heard of it yet, or not that it is registered again.
  if (!health || health.state === 'draining') return REGISTERING;
  return {
    State: health.state,
    ...(health.reason === undefined ? {} : { Reason: health.reason as NonNullable<Verdict['Reason']> }),
    ...(health.description === undefined ? {} : { Description: health.description }),
  };
}
