import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';

export type ProbeType = 'HTTP' | 'HTTPS' | 'HTTP_STR_MATCH' | 'HTTPS_STR_MATCH' | 'TCP';

export interface HealthCheckRow {
  readonly account: string;
  /** A UUID. */
  readonly checkId: string;
  readonly callerReference: string;
  readonly version: number;
  readonly createdAtMs: number;
  readonly config: HealthCheckConfig;
  readonly tags: Tags;
}

export interface HealthCheckConfig {
  readonly inverted: boolean;
  /** A disabled check counts as healthy. */
  readonly disabled: boolean;
  readonly probe?: ProbeConfig;
  readonly calculated?: { readonly threshold: number; readonly children: readonly string[] };
}

export interface ProbeConfig {
  readonly type: ProbeType;
  readonly ipAddress?: string;
  readonly port: number;
  readonly domainName?: string;
  readonly path?: string;
  readonly searchString?: string;
  readonly intervalSeconds: number;
  readonly failureThreshold: number;
  readonly sni?: boolean;
  readonly regions?: readonly string[];
}

/** What the probes of one health check have found. Written when it changes, and now and then while it does not. */
export interface HealthStatusRow {
  readonly account: string;
  readonly checkId: string;
  /** After as many probes in a row as the threshold says. */
  readonly healthy: boolean;
  /** Of the last probe, as Route 53 words it: `Success: HTTP Status Code 200, OK`. */
  readonly report: string;
  readonly checkedAtMs: number;
  readonly lastFailure?: { readonly report: string; readonly checkedAtMs: number };
}

/** Whether a load balancer to which aliases lead has healthy targets. Without a row it counts as healthy. */
export interface BalancerHealthRow {
  /** Without a final dot. */
  readonly dnsName: string;
  readonly account: string;
  readonly healthy: boolean;
}

export const checkKey = (row: { readonly account: string; readonly checkId: string }) =>
  `${row.account}/${row.checkId}`;

export const balancerKey = (row: { readonly account: string; readonly dnsName: string }) =>
  `${row.account}/${row.dnsName}`;

export const healthChecks = table<HealthCheckRow>('route53.health-checks', checkKey, {
  account: (row) => row.account,
  check: (row) => row.checkId,
});

export const healthStatuses = table<HealthStatusRow>('route53.health-statuses', checkKey);

export const balancerHealth = table<BalancerHealthRow>('route53.balancer-health', balancerKey);
