import type { Statuses, TargetGroupTraffic, TargetHealth, Traffic } from '../../../loadbalancer/load-balancer.ts';
import type { Measurement } from '../metrics.ts';

export interface MeasuredLoadBalancer {
  readonly arn: string;
  readonly listenerIds: readonly string[];
  readonly targetGroups: readonly { readonly arn: string; readonly id: string }[];
}

/**
 * The metrics of a load balancer for one minute, from what its plane had counted at both ends of it.
 * A rate that nothing was counted of is left out, as in AWS; the hosts are told always.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-cloudwatch-metrics.html
 */
export function measurementsOf(
  loadBalancer: MeasuredLoadBalancer,
  before: Traffic,
  after: Traffic,
  health: readonly TargetHealth[],
  atMs: number,
): readonly Measurement[] {
  const of = { LoadBalancer: dimensionOf(loadBalancer.arn) };
  const counted = (name: string, value: number, dimensions: Measurement['dimensions'] = of): Measurement[] =>
    value > 0 ? [{ name, dimensions, value, unit: 'Count', atMs }] : [];
  const listeners = loadBalancer.listenerIds.map((id) => listenerDifference(id, before, after));
  const groups = loadBalancer.targetGroups.map(({ arn, id }) => ({ arn, id, ...groupDifference(id, before, after) }));
  const fromTargets = sumStatuses(groups.map((group) => group.responses));
  const toClients = sumStatuses(listeners.map((listener) => listener.responses));
  const bytes = sum(listeners.map((listener) => listener.bytes));
  return [
    ...counted('RequestCount', sum(groups.map((group) => group.requests))),
    ...counted('NewConnectionCount', sum(listeners.map((listener) => listener.connections))),
    ...counted('ActiveConnectionCount', sum(listeners.map((listener) => listener.activeConnections))),
    ...(bytes > 0 ? [{ name: 'ProcessedBytes', dimensions: of, value: bytes, unit: 'Bytes' as const, atMs }] : []),
    ...(['3xx', '4xx', '5xx'] as const).flatMap((status) =>
      counted(`HTTPCode_ELB_${status.toUpperCase()}_Count`, toClients[status] - fromTargets[status]),
    ),
    ...STATUSES.flatMap((status) => counted(`HTTPCode_Target_${status.toUpperCase()}_Count`, fromTargets[status])),
    ...responseTimes(groups, of, atMs),
    ...groups.flatMap((group) => {
      const dimensions = { TargetGroup: group.arn.slice(group.arn.indexOf('targetgroup/')), ...of };
      const targets = health.filter((it) => it.targetGroupId === group.id && it.state !== 'draining');
      const healthy = targets.filter((it) => it.state === 'healthy').length;
      const hosts = (name: string, value: number): Measurement => ({ name, dimensions, value, unit: 'Count', atMs });
      const perTarget = group.requests / Math.max(1, healthy);
      return [
        hosts('HealthyHostCount', healthy),
        hosts('UnHealthyHostCount', targets.filter((it) => it.state === 'unhealthy').length),
        ...counted('RequestCount', group.requests, dimensions),
        // Told at zero too: what scales by it must see that nothing comes any more.
        ...(targets.length > 0 || perTarget > 0
          ? [
              hosts('RequestCountPerTarget', perTarget),
              { ...hosts('RequestCountPerTarget', perTarget), dimensions: { TargetGroup: dimensions.TargetGroup } },
            ]
          : []),
        ...counted('TargetConnectionErrorCount', group.connectionErrors, dimensions),
        ...STATUSES.flatMap((status) =>
          counted(`HTTPCode_Target_${status.toUpperCase()}_Count`, group.responses[status], dimensions),
        ),
        ...responseTimes([group], dimensions, atMs),
      ];
    }),
  ];
}

/**
 * The same for a load balancer of type network, in the namespace AWS/NetworkELB.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html
 */
export function networkMeasurementsOf(
  loadBalancer: MeasuredLoadBalancer,
  before: Traffic,
  after: Traffic,
  health: readonly TargetHealth[],
  atMs: number,
): readonly Measurement[] {
  const of = { LoadBalancer: dimensionOf(loadBalancer.arn) };
  const count = (name: string, value: number, dimensions: Measurement['dimensions'] = of): Measurement => ({
    name,
    dimensions,
    value,
    unit: 'Count',
    atMs,
  });
  const listeners = loadBalancer.listenerIds.map((id) => listenerDifference(id, before, after));
  const bytes = sum(listeners.map((listener) => listener.bytes));
  return [
    count('NewFlowCount', sum(listeners.map((listener) => listener.connections))),
    count('ActiveFlowCount', sum(listeners.map((listener) => listener.activeConnections))),
    { ...count('ProcessedBytes', bytes), unit: 'Bytes' },
    ...loadBalancer.targetGroups.flatMap(({ arn, id }) => {
      const dimensions = { TargetGroup: arn.slice(arn.indexOf('targetgroup/')), ...of };
      const inState = (state: TargetHealth['state']) =>
        health.filter((it) => it.targetGroupId === id && it.state === state).length;
      return [
        count('HealthyHostCount', inState('healthy'), dimensions),
        count('UnHealthyHostCount', inState('unhealthy'), dimensions),
      ];
    }),
  ];
}

const STATUSES = ['2xx', '3xx', '4xx', '5xx'] as const;

/** `app/NAME/ID` */
function dimensionOf(loadBalancerArn: string): string {
  return loadBalancerArn.split(':loadbalancer/')[1] ?? '';
}

/** HAProxy knows an average: each request counts as one of it. */
function responseTimes(
  groups: readonly Pick<TargetGroupTraffic, 'requests' | 'responseMs'>[],
  dimensions: Measurement['dimensions'],
  atMs: number,
): readonly Measurement[] {
  const busy = groups.filter((group) => group.requests > 0);
  if (busy.length === 0) return [];
  const seconds = busy.map((group) => group.responseMs / 1000);
  const value = {
    count: sum(busy.map((group) => group.requests)),
    sum: sum(busy.map((group) => (group.requests * group.responseMs) / 1000)),
    min: Math.min(...seconds),
    max: Math.max(...seconds),
  };
  return [{ name: 'TargetResponseTime', dimensions, value, unit: 'Seconds', atMs }];
}

/** Numbers that became less began anew. */
const grown = (before: number, after: number) => (after < before ? after : after - before);

function listenerDifference(id: string, before: Traffic, after: Traffic) {
  const [a, b] = [before, after].map((traffic) => traffic.listeners.find((it) => it.listenerId === id));
  return {
    connections: grown(a?.connections ?? 0, b?.connections ?? 0),
    bytes: grown(a?.bytes ?? 0, b?.bytes ?? 0),
    responses: statusesBetween(a?.responses ?? NONE, b?.responses ?? NONE),
    activeConnections: b?.activeConnections ?? 0,
  };
}

function groupDifference(id: string, before: Traffic, after: Traffic) {
  const [a, b] = [before, after].map((traffic) => traffic.targetGroups.find((it) => it.targetGroupId === id));
  return {
    requests: grown(a?.requests ?? 0, b?.requests ?? 0),
    connectionErrors: grown(a?.connectionErrors ?? 0, b?.connectionErrors ?? 0),
    responses: statusesBetween(a?.responses ?? NONE, b?.responses ?? NONE),
    responseMs: b?.responseMs ?? 0,
  };
}

const NONE: Statuses = { '2xx': 0, '3xx': 0, '4xx': 0, '5xx': 0 };

function statusesBetween(a: Statuses, b: Statuses): Statuses {
  return {
    '2xx': grown(a['2xx'], b['2xx']),
    '3xx': grown(a['3xx'], b['3xx']),
    '4xx': grown(a['4xx'], b['4xx']),
    '5xx': grown(a['5xx'], b['5xx']),
  };
}

function sumStatuses(all: readonly Statuses[]): Statuses {
  const total = (status: keyof Statuses) => sum(all.map((it) => it[status]));
  return { '2xx': total('2xx'), '3xx': total('3xx'), '4xx': total('4xx'), '5xx': total('5xx') };
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
