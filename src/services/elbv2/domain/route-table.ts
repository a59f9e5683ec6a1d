import type { ListenerRoutes, Rule, TargetGroupState } from '../../../loadbalancer/load-balancer.ts';
import {
  groupsOf,
  type ActionRow,
  type ListenerRow,
  type LoadBalancerRow,
  type RevocationRow,
  type RuleRow,
  type TargetGroupRow,
  type TargetRow,
  type TrustStoreRow,
} from '../tables.ts';
import { attributeValue, loadBalancerAttributes, targetGroupAttributes } from './attributes.ts';
import { clientCertificateHeaders, headerOptions, streamIdleSeconds } from './listener-attributes.ts';
import { isStream } from './protocols.ts';
import { tlsOf } from './ssl-policies.ts';

/** Everything of one VPC that its load balancers' routes are made of. */
export interface VpcRows {
  readonly loadBalancers: readonly LoadBalancerRow[];
  readonly listeners: readonly ListenerRow[];
  readonly rules: readonly RuleRow[];
  readonly targetGroups: readonly TargetGroupRow[];
  readonly targets: readonly TargetRow[];
  /** Those that the listeners verify with. */
  readonly trustStores: readonly TrustStoreRow[];
  readonly revocations: readonly RevocationRow[];
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
    const planned = plannedListener(loadBalancer, listener, rulesOf(listener, rows.rules, idOfGroup));
    return [{ ...planned, ...clientCertificatesOf(listener, rows) }];
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

function clientCertificatesOf(
  listener: ListenerRow,
  { trustStores, revocations }: VpcRows,
): Pick<PlannedListener, 'clientCertificates'> {
  const { mutualTls } = listener;
  if (!mutualTls) return {};
  const headerNames = clientCertificateHeaders(listener);
  if (mutualTls.mode === 'passthrough') return { clientCertificates: { mode: 'passthrough', headerNames } };
  const { trustStoreArn, ignoreExpiry, advertiseNames } = mutualTls;
  return {
    clientCertificates: {
      mode: 'verify',
      headerNames,
      authorities: trustStores.find((it) => it.arn === trustStoreArn)?.authorities ?? '',
      revocations: revocations.filter((it) => it.trustStoreArn === trustStoreArn).map((it) => it.list),
      ignoreExpiry,
      advertiseAuthorities: advertiseNames,
    },
  };
}

function plannedListener(
  loadBalancer: LoadBalancerRow,
  listener: ListenerRow,
  rules: readonly Rule[],
): PlannedListener {
  const attribute = (key: string) => attributeValue(loadBalancerAttributes({}), loadBalancer.attributes, key);
  const idleSeconds = isStream(listener.protocol)
    ? streamIdleSeconds(listener)
    : Number(attribute('idle_timeout.timeout_seconds'));
  return {
    listenerId: listener.id,
    loadBalancerId: loadBalancer.id,
    addresses: loadBalancer.addresses.map((address) => address.privateIp).toSorted(),
    port: listener.port,
    protocol: listener.protocol,
    certificateArns: listener.certificateArns,
    ...tlsOf(listener.sslPolicy),
    ...(listener.alpnPolicy === undefined ? {} : { alpn: ALPN[listener.alpnPolicy] }),
    idleTimeoutMs: idleSeconds * 1000,
    clientKeepAliveSeconds: Number(attribute('client_keep_alive.seconds')),
    options: {
      http2: attribute('routing.http2.enabled') === 'true',
      dropInvalidHeaders: attribute('routing.http.drop_invalid_header_fields.enabled') === 'true',
      xForwardedFor: forwardedForMode(attribute('routing.http.xff_header_processing.mode')),
      xForwardedForClientPort: attribute('routing.http.xff_client_port.enabled') === 'true',
      tlsHeaders: attribute('routing.http.x_amzn_tls_version_and_cipher_suite.enabled') === 'true',
      ...headerOptions(listener),
    },
    rules,
  };
}

/** The protocols of each ALPN policy. */
const ALPN = {
  HTTP1Only: ['http/1.1', 'http/1.0'],
  HTTP2Only: ['h2'],
  HTTP2Optional: ['http/1.1', 'http/1.0', 'h2'],
  HTTP2Preferred: ['h2', 'http/1.1', 'http/1.0'],
} as const;

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
      ...(rule.transforms ? { transforms: rule.transforms } : {}),
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
    ...(action.stickiness?.enabled ? { stickySeconds: action.stickiness.durationSeconds ?? 1 } : {}),
  };
}

function stickinessOf(attribute: (key: string) => string): Pick<TargetGroupState, 'stickiness'> {
  if (attribute('stickiness.enabled') !== 'true' || attribute('stickiness.type') === 'source_ip') return {};
  const type = attribute('stickiness.type') === 'app_cookie' ? 'app_cookie' : 'lb_cookie';
  const seconds = Number(attribute(`stickiness.${type}.duration_seconds`));
  if (type === 'lb_cookie') return { stickiness: { type, seconds } };
  return { stickiness: { type, seconds, cookie: attribute('stickiness.app_cookie.cookie_name') } };
}

function algorithmOf(attribute: (key: string) => string): TargetGroupState['algorithm'] {
  const type = attribute('load_balancing.algorithm.type');
  return type === 'least_outstanding_requests' || type === 'weighted_random' ? type : 'round_robin';
}

function streamSettings(attribute: (key: string) => string) {
  const isOn = (key: string) => attribute(key) === 'true';
  return {
    algorithm: isOn('stickiness.enabled') ? ('source_ip' as const) : ('round_robin' as const),
    proxyProtocol: isOn('proxy_protocol_v2.enabled'),
    cutUnhealthy: isOn('target_health_state.unhealthy.connection_termination.enabled'),
    keepDeregistered: !isOn('deregistration_delay.connection_termination.enabled'),
  };
}

function groupState(group: TargetGroupRow, targets: readonly TargetRow[]): TargetGroupState {
  const { healthCheck } = group;
  const attribute = (key: string) => attributeValue(targetGroupAttributes(group), group.attributes, key);
  return {
    targetGroupId: group.id,
    protocol: group.protocol,
    protocolVersion: group.protocolVersion ?? 'HTTP1',
    ...(isStream(group.protocol) ? streamSettings(attribute) : { algorithm: algorithmOf(attribute) }),
    slowStartMs: Number(attribute('slow_start.duration_seconds')) * 1000,
    minimumHealthyTargets: Number(
      attribute('target_group_health.unhealthy_state_routing.minimum_healthy_targets.count'),
    ),
    ...stickinessOf(attribute),
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
