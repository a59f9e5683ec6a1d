import { invalid, invalidConfiguration, notSupported } from '../errors.ts';
import type { LoadBalancerRow, TargetGroupRow } from '../tables.ts';
import { isStream } from './protocols.ts';

/** An attribute of a load balancer or a target group. */
export interface Attribute {
  readonly key: string;
  readonly default: string;
  /** The values that AWS takes. */
  readonly valid: (value: string) => boolean;
  /** The values among them that this server acts on; the default one only when left out. */
  readonly built?: (value: string) => boolean;
}

export interface AttributePair {
  readonly Key?: string | undefined;
  readonly Value?: string | undefined;
}

export const anything = () => true;
export const onOff = (value: string) => value === 'true' || value === 'false';
export const oneOf =
  (...values: readonly string[]) =>
  (value: string) =>
    values.includes(value);
export const seconds = (from: number, to: number) => (value: string) =>
  /^\d+$/.test(value) && Number(value) >= from && Number(value) <= to;
const percentage = (value: string) => value === 'off' || seconds(1, 100)(value);
const count = (value: string) => value === 'off' || seconds(1, 1000)(value);

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html */
const LOAD_BALANCER_ATTRIBUTES: readonly Attribute[] = [
  { key: 'access_logs.s3.enabled', default: 'false', valid: onOff, built: anything },
  { key: 'access_logs.s3.bucket', default: '', valid: anything, built: anything },
  { key: 'access_logs.s3.prefix', default: '', valid: anything, built: anything },
  { key: 'health_check_logs.s3.enabled', default: 'false', valid: onOff, built: anything },
  { key: 'health_check_logs.s3.bucket', default: '', valid: anything, built: anything },
  { key: 'health_check_logs.s3.prefix', default: '', valid: anything, built: anything },
  { key: 'idle_timeout.timeout_seconds', default: '60', valid: seconds(1, 4000), built: anything },
  { key: 'deletion_protection.enabled', default: 'false', valid: onOff, built: anything },
  { key: 'routing.http2.enabled', default: 'true', valid: onOff, built: anything },
  { key: 'routing.http.drop_invalid_header_fields.enabled', default: 'false', valid: onOff, built: anything },
  { key: 'routing.http.xff_client_port.enabled', default: 'false', valid: onOff, built: anything },
  // The Host header is never changed here, whatever this says.
  { key: 'routing.http.preserve_host_header.enabled', default: 'false', valid: onOff, built: anything },
  {
    key: 'routing.http.xff_header_processing.mode',
    default: 'append',
    valid: oneOf('append', 'preserve', 'remove'),
    built: anything,
  },
  { key: 'load_balancing.cross_zone.enabled', default: 'true', valid: oneOf('true') },
  // HAProxy refuses every request that two servers could read differently, in each of the modes.
  {
    key: 'routing.http.desync_mitigation_mode',
    default: 'defensive',
    valid: oneOf('monitor', 'defensive', 'strictest'),
    built: anything,
  },
  { key: 'client_keep_alive.seconds', default: '3600', valid: seconds(60, 604_800), built: anything },
  { key: 'waf.fail_open.enabled', default: 'false', valid: onOff },
  {
    key: 'routing.http.x_amzn_tls_version_and_cipher_suite.enabled',
    default: 'false',
    valid: onOff,
    built: anything,
  },
  { key: 'zonal_shift.config.enabled', default: 'false', valid: onOff },
  { key: 'connection_logs.s3.enabled', default: 'false', valid: onOff, built: anything },
  { key: 'connection_logs.s3.bucket', default: '', valid: anything, built: anything },
  { key: 'connection_logs.s3.prefix', default: '', valid: anything, built: anything },
];

const HEALTH = 'target_group_health';

/** What groups of both types of load balancers have. */
const GROUP_HEALTH_ATTRIBUTES: readonly Attribute[] = [
  { key: `${HEALTH}.dns_failover.minimum_healthy_targets.count`, default: '1', valid: count, built: anything },
  {
    key: `${HEALTH}.dns_failover.minimum_healthy_targets.percentage`,
    default: 'off',
    valid: percentage,
    built: anything,
  },
  {
    key: `${HEALTH}.unhealthy_state_routing.minimum_healthy_targets.count`,
    default: '1',
    valid: seconds(1, 1000),
    built: anything,
  },
  {
    key: `${HEALTH}.unhealthy_state_routing.minimum_healthy_targets.percentage`,
    default: 'off',
    valid: percentage,
    built: anything,
  },
];

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
const TARGET_GROUP_ATTRIBUTES: readonly Attribute[] = [
  { key: 'stickiness.enabled', default: 'false', valid: onOff, built: anything },
  { key: 'deregistration_delay.timeout_seconds', default: '300', valid: seconds(0, 3600), built: anything },
  { key: 'stickiness.type', default: 'lb_cookie', valid: oneOf('lb_cookie', 'app_cookie'), built: anything },
  { key: 'stickiness.lb_cookie.duration_seconds', default: '86400', valid: seconds(1, 604_800), built: anything },
  { key: 'stickiness.app_cookie.cookie_name', default: '', valid: anything, built: anything },
  { key: 'stickiness.app_cookie.duration_seconds', default: '86400', valid: seconds(1, 604_800), built: anything },
  {
    key: 'slow_start.duration_seconds',
    default: '0',
    valid: (value) => value === '0' || seconds(30, 900)(value),
    built: anything,
  },
  {
    key: 'load_balancing.algorithm.type',
    default: 'round_robin',
    valid: oneOf('round_robin', 'least_outstanding_requests', 'weighted_random'),
    built: anything,
  },
  { key: 'load_balancing.algorithm.anomaly_mitigation', default: 'off', valid: oneOf('on', 'off') },
  {
    key: 'load_balancing.cross_zone.enabled',
    default: 'use_load_balancer_configuration',
    valid: oneOf('true', 'false', 'use_load_balancer_configuration'),
    built: anything,
  },
  ...GROUP_HEALTH_ATTRIBUTES,
];

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-attributes.html */
const NETWORK_LOAD_BALANCER_ATTRIBUTES: readonly Attribute[] = [
  ...LOAD_BALANCER_ATTRIBUTES.filter((it) => /^(deletion_protection|zonal_shift)/.test(it.key)),
  { key: 'access_logs.s3.enabled', default: 'false', valid: onOff },
  { key: 'access_logs.s3.bucket', default: '', valid: anything },
  { key: 'access_logs.s3.prefix', default: '', valid: anything },
  { key: 'load_balancing.cross_zone.enabled', default: 'false', valid: onOff, built: anything },
  {
    key: 'dns_record.client_routing_policy',
    default: 'any_availability_zone',
    valid: oneOf('any_availability_zone', 'availability_zone_affinity', 'partial_availability_zone_affinity'),
  },
];

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/network/edit-target-group-attributes.html */
const NETWORK_TARGET_GROUP_ATTRIBUTES: readonly Attribute[] = [
  { key: 'deregistration_delay.timeout_seconds', default: '300', valid: seconds(0, 3600), built: anything },
  { key: 'deregistration_delay.connection_termination.enabled', default: 'false', valid: onOff, built: anything },
  { key: 'stickiness.enabled', default: 'false', valid: onOff, built: anything },
  { key: 'stickiness.type', default: 'source_ip', valid: oneOf('source_ip') },
  { key: 'proxy_protocol_v2.enabled', default: 'false', valid: onOff, built: anything },
  // Targets see an address of the load balancer: the client's stands in the PROXY header.
  { key: 'preserve_client_ip.enabled', default: 'false', valid: onOff },
  {
    key: 'load_balancing.cross_zone.enabled',
    default: 'use_load_balancer_configuration',
    valid: oneOf('true', 'false', 'use_load_balancer_configuration'),
    built: anything,
  },
  ...GROUP_HEALTH_ATTRIBUTES,
  {
    key: 'target_health_state.unhealthy.connection_termination.enabled',
    default: 'true',
    valid: onOff,
    built: anything,
  },
  { key: 'target_health_state.unhealthy.draining_interval_seconds', default: '0', valid: seconds(0, 360_000) },
];

export function loadBalancerAttributes(row: Pick<LoadBalancerRow, 'type'>): readonly Attribute[] {
  return row.type === 'network' ? NETWORK_LOAD_BALANCER_ATTRIBUTES : LOAD_BALANCER_ATTRIBUTES;
}

/** Clients of an application load balancer behind keep their addresses. */
const APPLICATION_TARGET_ATTRIBUTES = NETWORK_TARGET_GROUP_ATTRIBUTES.map((it) =>
  it.key === 'preserve_client_ip.enabled' ? { ...it, default: 'true' } : it,
);

export function targetGroupAttributes(row: Pick<TargetGroupRow, 'protocol' | 'targetType'>): readonly Attribute[] {
  if (row.targetType === 'alb') return APPLICATION_TARGET_ATTRIBUTES;
  return isStream(row.protocol) ? NETWORK_TARGET_GROUP_ATTRIBUTES : TARGET_GROUP_ATTRIBUTES;
}

/** `set` with these values; throws on unknown keys, on values that AWS refuses, and on what is not built. */
export function withAttributes(
  known: readonly Attribute[],
  set: Readonly<Record<string, string>>,
  changes: readonly AttributePair[],
): Readonly<Record<string, string>> {
  const keys = changes.map((change) => change.Key);
  if (new Set(keys).size < keys.length) throw invalid('An attribute key was specified more than once');
  const checked = changes.map(({ Key: key = '', Value: value = '' }) => {
    const attribute = known.find((it) => it.key === key);
    if (!attribute) throw invalidConfiguration(`Attribute key '${key}' is not recognized`);
    if (!attribute.valid(value)) throw invalidConfiguration(`Attribute value '${value}' for key '${key}' is not valid`);
    if (value !== attribute.default && attribute.built?.(value) !== true) {
      throw notSupported(`The value '${value}' of attribute '${key}'`, `Leave it at '${attribute.default}'.`);
    }
    return [key, value] as const;
  });
  return { ...set, ...Object.fromEntries(checked) };
}

/** What the attributes of a target group must be together. */
export function checkTargetGroupAttributes(
  group: Pick<TargetGroupRow, 'protocol' | 'targetType'>,
  set: Readonly<Record<string, string>>,
): void {
  if (
    group.targetType === 'alb' &&
    (set['proxy_protocol_v2.enabled'] === 'true' || set['stickiness.enabled'] === 'true')
  ) {
    throw invalidConfiguration(`Proxy protocol and stickiness are not supported with target type 'alb'`);
  }
  if (isStream(group.protocol)) return;
  if (set['load_balancing.cross_zone.enabled'] === 'false' && set['stickiness.enabled'] === 'true') {
    throw invalidConfiguration('Target stickiness is not supported when cross-zone load balancing is off');
  }
  const value = (key: string) => attributeValue(TARGET_GROUP_ATTRIBUTES, set, key);
  const cookie = value('stickiness.app_cookie.cookie_name');
  if (value('stickiness.enabled') === 'true' && value('stickiness.type') === 'app_cookie' && cookie === '') {
    throw invalidConfiguration('A cookie name must be specified for app_cookie stickiness');
  }
  if (cookie !== '' && !/^[A-Za-z0-9!#$&*+.^_|~-]{1,512}$/.test(cookie)) {
    throw invalidConfiguration(`The cookie name '${cookie}' is not valid`);
  }
  if (/^AWSALB(APP|TG|CORS|TGCORS)?(-|$)/.test(cookie)) {
    throw invalidConfiguration(`The cookie name '${cookie}' is reserved for use by the load balancer`);
  }
  if (value('slow_start.duration_seconds') !== '0' && value('load_balancing.algorithm.type') !== 'round_robin') {
    throw invalidConfiguration('Slow start is supported with the round_robin load balancing algorithm only');
  }
}

/** Every attribute with its value. */
export function attributeList(
  known: readonly Attribute[],
  set: Readonly<Record<string, string>>,
): { Key: string; Value: string }[] {
  return known.map((attribute) => ({ Key: attribute.key, Value: set[attribute.key] ?? attribute.default }));
}

export function attributeValue(
  known: readonly Attribute[],
  set: Readonly<Record<string, string>>,
  key: string,
): string {
  return set[key] ?? known.find((attribute) => attribute.key === key)?.default ?? '';
}
