import type { ListenerRoutes, Rule, TargetGroupState } from '../../../loadbalancer/load-balancer.ts';
import {
  groupsOf,
  type ActionRow,
  type ListenerRow,
  type LoadBalancerRow,
  type RuleRow,
  type TargetGroupRow,
  type TargetRow,
} from '../tables.ts';
import { attributeValue, LOAD_BALANCER_ATTRIBUTES, TARGET_GROUP_ATTRIBUTES } from './attributes.ts';
import { minTlsVersion } from './ssl-policies.ts';

/** Everything of one VPC that its load balancers' routes are made of. */
export interface VpcRows {
  readonly loadBalancers: readonly LoadBalancerRow[];
  readonly listeners: readonly ListenerRow[];
  readonly rules: readonly RuleRow[];
  readonly targetGroups: readonly TargetGroupRow[];
  readonly targets: readonly TargetRow[];
}

/** A listener's routes before its certificates are fetched: a plan is printed, and keys are secrets. */
export type PlannedListener = Omit<ListenerRoutes, 'certificates'> & { readonly certificateArns: readonly string[] };

export interface PlannedRoutes {
  readonly listeners: readonly PlannedListener[];
  readonly targetGroups: readonly TargetGroupState[];
}

/** What the plane shall serve: listeners of load balancers that have addresses, and the groups that they forward to. */
export function plannedRoutes(rows: VpcRows): PlannedRoutes {
  const idOfGroup = new Map(rows.targetGroups.map((group) => [group.arn, group.id]));
  const listeners = rows.listeners.flatMap((listener): PlannedListener[] => {
    const loadBalancer = rows.loadBalancers.find((it) => it.arn === listener.loadBalancerArn);
    if (!loadBalancer || loadBalancer.deleted || loadBalancer.addresses.length === 0) return [];
    return [plannedListener(loadBalancer, listener, rulesOf(listener, rows.rules, idOfGroup))];
  });
  const served = new Set(listeners.map((listener) => listener.listenerId));
  const used = new Set([
    ...rows.listeners.filter((it) => served.has(it.id)).flatMap((it) => groupsOf(it.defaultAction)),
    ...rows.rules.flatMap((it) => groupsOf(it.action)),
  ]);
  return {
    listeners,
    targetGroups: rows.targetGroups
      .filter((group) => used.has(group.arn))
      .map((group) =>
        groupState(
          group,
          rows.targets.filter((target) => target.targetGroupArn === group.arn),
        ),
      ),
  };
}

function plannedListener(
  loadBalancer: LoadBalancerRow,
  listener: ListenerRow,
  rules: readonly Rule[],
): PlannedListener {
  const attribute = (key: string) => attributeValue(LOAD_BALANCER_ATTRIBUTES, loadBalancer.attributes, key);
  return {
    listenerId: listener.id,
    loadBalancerId: loadBalancer.id,
    addresses: loadBalancer.addresses.map((address) => address.privateIp).toSorted(),
    port: listener.port,
    protocol: listener.protocol,
    certificateArns: listener.certificateArns,
    minTlsVersion: minTlsVersion(listener.sslPolicy),
    idleTimeoutMs: Number(attribute('idle_timeout.timeout_seconds')) * 1000,
    options: {
      http2: attribute('routing.http2.enabled') === 'true',
      dropInvalidHeaders: attribute('routing.http.drop_invalid_header_fields.enabled') === 'true',
      xForwardedFor: forwardedForMode(attribute('routing.http.xff_header_processing.mode')),
      xForwardedForClientPort: attribute('routing.http.xff_client_port.enabled') === 'true',
      tlsHeaders: attribute('routing.http.x_amzn_tls_version_and_cipher_suite.enabled') === 'true',
    },
    rules,
  };
}

function forwardedForMode(value: string): 'append' | 'preserve' | 'remove' {
  return value === 'preserve' || value === 'remove' ? value : 'append';
}

function rulesOf(
  listener: ListenerRow,
  rules: readonly RuleRow[],
  idOfGroup: ReadonlyMap<string, string>,
): readonly Rule[] {
  const own = rules.filter((rule) => rule.listenerArn === listener.arn).toSorted((a, b) => a.priority - b.priority);
  return [
    ...own.map((rule) => ({
      ruleId: rule.id,
      conditions: rule.conditions,
      action: routeAction(rule.action, idOfGroup),
    })),
    { ruleId: listener.defaultRuleId, conditions: [], action: routeAction(listener.defaultAction, idOfGroup) },
  ];
}

function routeAction(row: ActionRow, idOfGroup: ReadonlyMap<string, string>): Rule['action'] {
  const { order: _, ...action } = row;
  if (action.type !== 'forward') return action;
  return {
    type: 'forward',
    targets: action.targetGroups.map((group) => ({
      targetGroupId: idOfGroup.get(group.arn) ?? 'gone',
      weight: group.weight,
    })),
  };
}

function groupState(group: TargetGroupRow, targets: readonly TargetRow[]): TargetGroupState {
  const { healthCheck } = group;
  const algorithm = attributeValue(TARGET_GROUP_ATTRIBUTES, group.attributes, 'load_balancing.algorithm.type');
  return {
    targetGroupId: group.id,
    protocol: group.protocol,
    algorithm: algorithm === 'least_outstanding_requests' ? 'least_outstanding_requests' : 'round_robin',
    healthCheck: {
      enabled: true,
      protocol: healthCheck.protocol,
      path: healthCheck.path,
      port: healthCheck.port === 'traffic-port' ? 'traffic-port' : Number(healthCheck.port),
      intervalMs: healthCheck.intervalSeconds * 1000,
      timeoutMs: healthCheck.timeoutSeconds * 1000,
      healthyThreshold: healthCheck.healthyThreshold,
      unhealthyThreshold: healthCheck.unhealthyThreshold,
      matcher: healthCheck.matcher,
    },
    targets: targets.map((target) => ({
      ip: target.ip,
      port: target.port,
      draining: target.drainsUntilMs !== undefined,
    })),
  };
}
