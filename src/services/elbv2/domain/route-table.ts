import type { ListenerRoutes, Rule, TargetGroupState } from '../../../loadbalancer/load-balancer.ts';
import {
  groupsOf,
  type ActionRow,
  type KeySetRow,
  type ListenerRow,
  type LoadBalancerRow,
  type RevocationRow,
  type RuleRow,
  type TargetGroupRow,
  type TargetRow,
  type TrustStoreRow,
} from '../tables.ts';
import { applicationRoutes, planeTargets } from './application-routes.ts';
import { attributeValue, loadBalancerAttributes, targetGroupAttributes } from './attributes.ts';
import { planeCondition } from './conditions.ts';
import { demandSettings } from './demand-settings.ts';
import { clientCertificateHeaders, headerOptions, streamIdleSeconds } from './listener-attributes.ts';
import { listenerLogs } from './log-settings.ts';
import { isStream } from './protocols.ts';
import { tlsOf } from './ssl-policies.ts';
import { planeTransform } from './transforms.ts';
import { keepsToZones, minimumOf, zonesOfAddresses } from './zones.ts';

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
  /** Those that tokens are verified with. */
  readonly keySets: readonly KeySetRow[];
}

/** A listener's routes before its certificates are fetched: a plan is printed, and keys are secrets. */
export type PlannedListener = Omit<ListenerRoutes, 'certificates'> & { readonly certificateArns: readonly string[] };

export interface PlannedRoutes {
  readonly listeners: readonly PlannedListener[];
  readonly targetGroups: readonly TargetGroupState[];
}

/** What the plane shall serve: listeners of load balancers that have addresses, and all target groups. */
export function plannedRoutes(rows: VpcRows): PlannedRoutes {
  const idOfGroup = new Map(rows.targetGroups.map((group) => [group.arn, group.id]));
  const frontOf = fronts(rows);
  const applications = applicationRoutes(rows, frontOf);
  const zonal = rows.targetGroups.filter((group) => {
    const front = frontOf(group.arn);
    return front !== undefined && keepsToZones(group, front);
  });
  const listeners = rows.listeners.flatMap((listener): PlannedListener[] => {
    const loadBalancer = rows.loadBalancers.find((it) => it.arn === listener.loadBalancerArn);
    if (!loadBalancer || loadBalancer.deleted || loadBalancer.addresses.length === 0) return [];
    const rules = rulesOf(listener, rows, idOfGroup);
    const planned = plannedListener(loadBalancer, listener, rules);
    const proxyFrom = applications
      .filter((it) => it.tellsClient && it.behind.arn === loadBalancer.arn)
      .flatMap((it) => it.front.addresses.map((address) => address.privateIp));
    return [
      {
        ...planned,
        ...(proxyFrom.length > 0 ? { proxyFrom: [...new Set(proxyFrom)].toSorted() } : {}),
        ...zonesOf(
          loadBalancer,
          planned.addresses,
          zonal.some((group) => frontOf(group.arn) === loadBalancer),
        ),
        ...clientCertificatesOf(listener, rows),
        ...listenerLogs(loadBalancer, listener, rules, rows.targetGroups),
      },
    ];
  });
  return {
    listeners,
    targetGroups: rows.targetGroups.map((group) => ({
      ...groupState(
        group,
        rows.targets
          .filter((target) => target.targetGroupArn === group.arn)
          .flatMap((target) => planeTargets(target, rows.loadBalancers)),
      ),
      ...(applications.some((it) => it.group.arn === group.arn && it.tellsClient) ? { proxyProtocol: true } : {}),
      ...(zonal.includes(group) ? zoneSettings(group, frontOf(group.arn)) : {}),
    })),
  };
}

/** Finds the load balancer that forwards to a group: there is one at most. */
function fronts(rows: VpcRows): (groupArn: string) => LoadBalancerRow | undefined {
  const uses = [
    ...rows.listeners.map((it) => ({ groups: groupsOf(it.defaultAction), arn: it.loadBalancerArn })),
    ...rows.rules.map((it) => ({ groups: groupsOf(it.action), arn: it.loadBalancerArn })),
  ];
  const arns = new Map(uses.flatMap(({ groups, arn }) => groups.map((group) => [group, arn] as const)));
  return (groupArn) => rows.loadBalancers.find((it) => it.arn === arns.get(groupArn));
}

function zoneSettings(
  group: TargetGroupRow,
  front: LoadBalancerRow | undefined,
): Pick<TargetGroupState, 'zones' | 'zoneMinimum'> {
  const zones = front ? [...new Set(zonesOfAddresses(front).values())].toSorted() : [];
  return { zones, zoneMinimum: minimumOf(group, 'dns_failover') };
}

/** Listeners look at zones only where some group keeps to them. */
function zonesOf(
  loadBalancer: LoadBalancerRow,
  addresses: readonly string[],
  isZonal: boolean,
): Pick<PlannedListener, 'zones'> {
  const byAddress = zonesOfAddresses(loadBalancer);
  return isZonal ? { zones: addresses.map((address) => byAddress.get(address) ?? 'all') } : {};
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
  { rules, keySets }: Pick<VpcRows, 'rules' | 'keySets'>,
  idOfGroup: ReadonlyMap<string, string>,
): readonly Rule[] {
  const own = rules.filter((rule) => rule.listenerArn === listener.arn).toSorted((a, b) => a.priority - b.priority);
  return [
    ...own.map((rule) => ({
      ruleId: rule.id,
      priority: rule.priority,
      conditions: rule.conditions.map(planeCondition),
      ...jwtOf(rule.action, keySets),
      action: routeAction(rule.action, idOfGroup),
      ...(rule.transforms ? { transforms: rule.transforms.map(planeTransform) } : {}),
    })),
    {
      ruleId: listener.defaultRuleId,
      conditions: [],
      ...jwtOf(listener.defaultAction, keySets),
      action: routeAction(listener.defaultAction, idOfGroup),
    },
  ];
}

/** Until keys are known nobody gets through. */
function jwtOf({ jwt }: ActionRow, keySets: readonly KeySetRow[]): Pick<Rule, 'jwt'> {
  if (!jwt) return {};
  const { issuer, claims, jwksEndpoint } = jwt;
  return { jwt: { issuer, claims, keys: keySets.find((it) => it.jwksEndpoint === jwksEndpoint)?.keys ?? [] } };
}

function routeAction(row: ActionRow, idOfGroup: ReadonlyMap<string, string>): Rule['action'] {
  const { order: _, jwt: __, ...action } = row;
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

function holdOf({ protocol, tags }: TargetGroupRow): Pick<TargetGroupState, 'holdMs'> {
  const { holdMs } = demandSettings(tags);
  return holdMs === undefined || isStream(protocol) ? {} : { holdMs };
}

function groupState(group: TargetGroupRow, targets: TargetGroupState['targets']): TargetGroupState {
  const { healthCheck } = group;
  const attribute = (key: string) => attributeValue(targetGroupAttributes(group), group.attributes, key);
  const minimum = minimumOf(group, 'unhealthy_state_routing');
  return {
    targetGroupId: group.id,
    protocol: group.protocol,
    protocolVersion: group.protocolVersion ?? 'HTTP1',
    ...(isStream(group.protocol) ? streamSettings(attribute) : { algorithm: algorithmOf(attribute) }),
    slowStartMs: Number(attribute('slow_start.duration_seconds')) * 1000,
    minimumHealthyTargets: minimum.count ?? 1,
    ...(minimum.percent === undefined ? {} : { minimumHealthyPercent: minimum.percent }),
    ...stickinessOf(attribute),
    ...holdOf(group),
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
    targets,
  };
}
