import { invalid, invalidConfiguration, notSupported } from '../errors.ts';

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

const anything = () => true;
const onOff = (value: string) => value === 'true' || value === 'false';
const oneOf =
  (...values: readonly string[]) =>
  (value: string) =>
    values.includes(value);
const seconds = (from: number, to: number) => (value: string) =>
  /^\d+$/.test(value) && Number(value) >= from && Number(value) <= to;
const percentage = (value: string) => value === 'off' || seconds(1, 100)(value);
const count = (value: string) => value === 'off' || seconds(1, 1000)(value);

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_LoadBalancerAttribute.html */
export const LOAD_BALANCER_ATTRIBUTES: readonly Attribute[] = [
  { key: 'access_logs.s3.enabled', default: 'false', valid: onOff },
  { key: 'access_logs.s3.bucket', default: '', valid: anything },
  { key: 'access_logs.s3.prefix', default: '', valid: anything },
  { key: 'health_check_logs.s3.enabled', default: 'false', valid: onOff },
  { key: 'health_check_logs.s3.bucket', default: '', valid: anything },
  { key: 'health_check_logs.s3.prefix', default: '', valid: anything },
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
  {
    key: 'routing.http.desync_mitigation_mode',
    default: 'defensive',
    valid: oneOf('monitor', 'defensive', 'strictest'),
  },
  { key: 'client_keep_alive.seconds', default: '3600', valid: seconds(60, 604_800) },
  { key: 'waf.fail_open.enabled', default: 'false', valid: onOff },
  {
    key: 'routing.http.x_amzn_tls_version_and_cipher_suite.enabled',
    default: 'false',
    valid: onOff,
    built: anything,
  },
  { key: 'zonal_shift.config.enabled', default: 'false', valid: onOff },
  { key: 'connection_logs.s3.enabled', default: 'false', valid: onOff },
  { key: 'connection_logs.s3.bucket', default: '', valid: anything },
  { key: 'connection_logs.s3.prefix', default: '', valid: anything },
];

const HEALTH = 'target_group_health';

/** https://docs.aws.amazon.com/elasticloadbalancing/latest/APIReference/API_TargetGroupAttribute.html */
export const TARGET_GROUP_ATTRIBUTES: readonly Attribute[] = [
  { key: 'stickiness.enabled', default: 'false', valid: onOff },
  { key: 'deregistration_delay.timeout_seconds', default: '300', valid: seconds(0, 3600), built: anything },
  { key: 'stickiness.type', default: 'lb_cookie', valid: oneOf('lb_cookie', 'app_cookie'), built: anything },
  { key: 'stickiness.lb_cookie.duration_seconds', default: '86400', valid: seconds(1, 604_800), built: anything },
  { key: 'stickiness.app_cookie.cookie_name', default: '', valid: anything, built: anything },
  { key: 'stickiness.app_cookie.duration_seconds', default: '86400', valid: seconds(1, 604_800), built: anything },
  {
    key: 'slow_start.duration_seconds',
    default: '0',
    valid: (value) => value === '0' || seconds(30, 900)(value),
  },
  {
    key: 'load_balancing.algorithm.type',
    default: 'round_robin',
    valid: oneOf('round_robin', 'least_outstanding_requests', 'weighted_random'),
    built: oneOf('round_robin', 'least_outstanding_requests'),
  },
  { key: 'load_balancing.algorithm.anomaly_mitigation', default: 'off', valid: oneOf('on', 'off') },
  {
    key: 'load_balancing.cross_zone.enabled',
    default: 'use_load_balancer_configuration',
    valid: oneOf('true', 'false', 'use_load_balancer_configuration'),
    built: oneOf('true', 'use_load_balancer_configuration'),
  },
  { key: `${HEALTH}.dns_failover.minimum_healthy_targets.count`, default: '1', valid: count },
  { key: `${HEALTH}.dns_failover.minimum_healthy_targets.percentage`, default: 'off', valid: percentage },
  { key: `${HEALTH}.unhealthy_state_routing.minimum_healthy_targets.count`, default: '1', valid: seconds(1, 1000) },
  { key: `${HEALTH}.unhealthy_state_routing.minimum_healthy_targets.percentage`, default: 'off', valid: percentage },
];

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
