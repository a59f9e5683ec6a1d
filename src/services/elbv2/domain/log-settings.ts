import type { ListenerLogs, Rule } from '../../../loadbalancer/load-balancer.ts';
import { invalid, invalidConfiguration } from '../errors.ts';
import type { ListenerRow, LoadBalancerRow, LogKind, TargetGroupRow } from '../tables.ts';
import type { AttributePair } from './attributes.ts';
import { isStream } from './protocols.ts';

export const LOG_KINDS: readonly LogKind[] = ['access', 'connection', 'health_check'];

export interface LogPlace {
  readonly bucket: string;
  /** Empty for none. */
  readonly prefix: string;
}

/** Where logs of this kind go; undefined while they are off. */
export function logPlace(attributes: LoadBalancerRow['attributes'], kind: LogKind): LogPlace | undefined {
  if (attributes[`${kind}_logs.s3.enabled`] !== 'true') return undefined;
  return { bucket: attributes[`${kind}_logs.s3.bucket`] ?? '', prefix: attributes[`${kind}_logs.s3.prefix`] ?? '' };
}

/** The kinds whose destination a change says something of, and that are on after it. */
export function kindsToCheck(
  attributes: LoadBalancerRow['attributes'],
  changes: readonly AttributePair[],
): readonly LogKind[] {
  return LOG_KINDS.filter(
    (kind) =>
      logPlace(attributes, kind) !== undefined && changes.some(({ Key: key }) => key?.startsWith(`${kind}_logs.s3.`)),
  );
}

/** @throws ServiceError for a place that logs cannot go to, whatever bucket there is */
export function checkLogPlace({ bucket, prefix }: LogPlace): void {
  if (bucket === '') throw invalid('S3Bucket name cannot be empty');
  if (prefix.includes('AWSLogs') || prefix.startsWith('/') || prefix.endsWith('/')) {
    throw invalidConfiguration(`The S3 prefix '${prefix}' is not valid`);
  }
}

/** What a listener logs; nothing of it where the load balancer's logs are off. */
export function listenerLogs(
  { attributes, addresses, scheme }: LoadBalancerRow,
  { protocol }: Pick<ListenerRow, 'protocol'>,
  rules: readonly Rule[],
  groups: readonly TargetGroupRow[],
): { readonly logs?: ListenerLogs } {
  const [requests, connections, healthChecks] = (['access', 'connection', 'health_check'] as const).map(
    (kind) => logPlace(attributes, kind) !== undefined,
  );
  if (isStream(protocol) || !(requests || connections || healthChecks)) return {};
  const used = new Set(rules.flatMap(({ action }) => (action.type === 'forward' ? action.targets : [])).map(idOf));
  const nodes = addresses.map(
    ({ privateIp, publicIp }) => [privateIp, scheme === 'internal' ? privateIp : (publicIp ?? privateIp)] as const,
  );
  return {
    logs: {
      requests: requests ?? false,
      connections: connections ?? false,
      healthChecks: healthChecks ?? false,
      targetGroups: Object.fromEntries(groups.filter(({ id }) => used.has(id)).map(({ id, arn }) => [id, arn])),
      nodes: Object.fromEntries(nodes),
    },
  };
}

const idOf = ({ targetGroupId }: { readonly targetGroupId: string }) => targetGroupId;
