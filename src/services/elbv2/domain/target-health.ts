import type { TargetHealthDescription } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { TargetHealth } from '../../../loadbalancer/load-balancer.ts';
import type { LoadBalancerRow, TargetGroupRow, TargetRow } from '../tables.ts';

type Verdict = NonNullable<TargetHealthDescription['TargetHealth']>;

const BEST_FIRST: readonly TargetHealth['state'][] = ['healthy', 'initial', 'unhealthy', 'draining'];

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
const ZONE_NOT_ENABLED: Verdict = {
  State: 'unused',
  Reason: 'Target.NotInUse',
  Description: 'Target is in an Availability Zone that is not enabled for the load balancer',
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

export interface SeenGroup {
  /** Some listener forwards to the group. */
  readonly inUse: boolean;
  /** What the plane says of the group's targets. */
  readonly seen: readonly TargetHealth[];
  /** The load balancers among its targets: each is as healthy as the best of its addresses. */
  readonly applications: readonly LoadBalancerRow[];
  /** Those of its load balancer, when requests keep to their zone: targets in others get none. */
  readonly zones?: readonly string[];
}

/** How a registered target stands. */
export function targetHealthView(group: TargetGroupRow, target: TargetRow, around: SeenGroup): TargetHealthDescription {
  return {
    Target: {
      Id: target.instanceId ?? target.ip,
      Port: target.port,
      ...(target.zoneName === undefined || target.instanceId !== undefined
        ? {}
        : { AvailabilityZone: target.zoneName }),
    },
    HealthCheckPort: group.healthCheck.port === 'traffic-port' ? String(target.port) : group.healthCheck.port,
    TargetHealth: verdict(group, target, around),
  };
}

/** A target that was asked for and is not there. */
export function unregisteredView(ip: string, port: number): TargetHealthDescription {
  return { Target: { Id: ip, Port: port }, HealthCheckPort: String(port), TargetHealth: NOT_REGISTERED };
}

function verdict(group: TargetGroupRow, target: TargetRow, { inUse, seen, applications, zones }: SeenGroup): Verdict {
  if (target.drainsUntilMs !== undefined) return DRAINING;
  if (!inUse) return NOT_IN_USE;
  const { zoneName = 'all' } = target;
  if (zones && zoneName !== 'all' && !zones.includes(zoneName)) return ZONE_NOT_ENABLED;
  const application = applications.find((it) => it.arn === target.ip);
  const addresses = application?.addresses.map((it) => it.privateIp) ?? [target.ip];
  const own = seen.filter(
    (it) => it.targetGroupId === group.id && addresses.includes(it.ip) && it.port === target.port,
  );
  const [health] = own.toSorted((a, b) => BEST_FIRST.indexOf(a.state) - BEST_FIRST.indexOf(b.state));
  // The plane has not heard of it yet, or not that it is registered again.
  if (!health || health.state === 'draining') return REGISTERING;
  return {
    State: health.state,
    ...(health.reason === undefined ? {} : { Reason: health.reason as NonNullable<Verdict['Reason']> }),
    ...(health.description === undefined ? {} : { Description: health.description }),
  };
}
