import { scopeKey, type Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { JwtClaim, JwtKey } from '../../loadbalancer/load-balancer.ts';
import { table } from '../../store/store.ts';

export interface LoadBalancerRow extends Scope {
  readonly arn: string;
  /** 16 hexadecimal digits: the end of the ARN. */
  readonly id: string;
  readonly name: string;
  /** Left out: application. */
  readonly type?: 'network';
  readonly scheme: 'internet-facing' | 'internal';
  readonly vpcId: string;
  /** One for each Availability Zone. */
  readonly subnets: readonly SubnetRow[];
  readonly securityGroupIds: readonly string[];
  readonly dnsName: string;
  readonly createdAtMs: number;
  readonly state: 'provisioning' | 'active';
  /** Attributes that were set; the others have AWS's default values. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Tags;
  /** The network interfaces that stand, by subnet. */
  readonly addresses: readonly LoadBalancerAddress[];
  /** No longer there for clients: its interfaces go, then the row. */
  readonly deleted?: true;
}

export interface SubnetRow {
  readonly subnetId: string;
  readonly zoneName: string;
  /** The public address that the client chose, of a load balancer of type network. */
  readonly allocationId?: string;
  /** The private one, of an internal load balancer of type network. */
  readonly privateIp?: string;
}

export interface LoadBalancerAddress {
  readonly subnetId: string;
  readonly interfaceId: string;
  readonly privateIp: string;
  readonly publicIp?: string;
  /** The security groups that the interface has. */
  readonly securityGroupIds: readonly string[];
}

export interface ListenerRow extends Scope {
  readonly arn: string;
  readonly id: string;
  readonly loadBalancerArn: string;
  readonly vpcId: string;
  readonly port: number;
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS';
  /** For TLS. Left out: None. */
  readonly alpnPolicy?: 'HTTP1Only' | 'HTTP2Only' | 'HTTP2Optional' | 'HTTP2Preferred';
  /** The default certificate first; none for HTTP and TCP. */
  readonly certificateArns: readonly string[];
  readonly sslPolicy?: string;
  /** Left out: clients are not asked for certificates. */
  readonly mutualTls?: MutualTlsRow;
  /** Attributes that were set; the others have AWS's default values. */
  readonly attributes?: Readonly<Record<string, string>>;
  readonly defaultAction: ActionRow;
  /** The default rule is the listener's: it has an ARN of its own, and nothing else. */
  readonly defaultRuleId: string;
  readonly tags: Tags;
  /** Of the default rule. */
  readonly defaultRuleTags: Tags;
}

export type MutualTlsRow =
  | { readonly mode: 'passthrough' }
  | {
      readonly mode: 'verify';
      readonly trustStoreArn: string;
      readonly ignoreExpiry: boolean;
      readonly advertiseNames: boolean;
    };

/** Authorities that sign the certificates of clients. */
export interface TrustStoreRow extends Scope {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  /** PEM. */
  readonly authorities: string;
  readonly numberOfAuthorities: number;
  /** The id of the last revocation list that was added. */
  readonly lastRevocationId: number;
  readonly tags: Tags;
}

export interface RevocationRow extends Scope {
  readonly trustStoreArn: string;
  readonly revocationId: number;
  /** PEM. */
  readonly list: string;
  readonly entries: number;
}

export interface RuleRow extends Scope {
  readonly arn: string;
  readonly id: string;
  readonly listenerArn: string;
  readonly loadBalancerArn: string;
  readonly vpcId: string;
  readonly priority: number;
  readonly conditions: readonly ConditionRow[];
  readonly action: ActionRow;
  readonly transforms?: readonly TransformRow[];
  readonly tags: Tags;
}

/** What a rule rewrites before a request goes to a target. */
export interface TransformRow {
  readonly type: 'host-header-rewrite' | 'url-rewrite';
  readonly regex: string;
  readonly replace: string;
}

/** What a token must be before the action. */
export interface JwtRow {
  readonly jwksEndpoint: string;
  readonly issuer: string;
  readonly claims: readonly JwtClaim[];
  readonly order?: number;
}

/** The keys that a JWKS endpoint last gave. */
export interface KeySetRow {
  readonly jwksEndpoint: string;
  readonly keys: readonly JwtKey[];
}

/** What a listener or a rule does with a request; `order` only as the client gave it. */
export type ActionRow = { readonly order?: number; readonly jwt?: JwtRow } & (
  | {
      readonly type: 'forward';
      readonly targetGroups: readonly { readonly arn: string; readonly weight: number }[];
      /** As the client set it; a duration without `enabled` is kept, and does nothing. */
      readonly stickiness?: { readonly enabled: boolean; readonly durationSeconds?: number };
    }
  | {
      readonly type: 'redirect';
      readonly protocol: string;
      readonly host: string;
      readonly port: string;
      readonly path: string;
      readonly query: string;
      readonly status: 301 | 302;
    }
  | {
      readonly type: 'fixed-response';
      readonly status: number;
      readonly contentType?: string;
      readonly body?: string;
    }
);

/** `values` with wildcards, or none of them and `regexes`. */
export type ConditionRow =
  | {
      readonly field: 'host-header' | 'path-pattern';
      readonly values: readonly string[];
      readonly regexes?: readonly string[];
    }
  | { readonly field: 'http-request-method' | 'source-ip'; readonly values: readonly string[] }
  | {
      readonly field: 'http-header';
      readonly name: string;
      readonly values: readonly string[];
      readonly regexes?: readonly string[];
    }
  | { readonly field: 'query-string'; readonly values: readonly { readonly key?: string; readonly value: string }[] };

export interface TargetGroupRow extends Scope {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP' | 'TLS';
  readonly port: number;
  readonly vpcId: string;
  /** Left out: ip. */
  readonly targetType?: 'instance' | 'alb';
  /** Left out: HTTP1. */
  readonly protocolVersion?: 'HTTP2' | 'GRPC';
  readonly healthCheck: HealthCheckRow;
  /** Attributes that were set; the others have AWS's default values. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Tags;
}

export interface HealthCheckRow {
  readonly protocol: 'HTTP' | 'HTTPS' | 'TCP';
  /** A number, or `traffic-port`. */
  readonly port: string;
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  /** Statuses of HTTP; for a group of protocol version GRPC codes of gRPC. */
  readonly matcher: string;
}

export interface TargetRow {
  readonly targetGroupArn: string;
  readonly vpcId: string;
  /** Its address; in a group of type alb the ARN of the application load balancer. */
  readonly ip: string;
  readonly port: number;
  /** In a group of type instance: the one that has the address. */
  readonly instanceId?: string;
  /** `all` for an address outside the VPC. */
  readonly zoneName?: string;
  /** Deregistered: the row goes at this time, in ms since the epoch. */
  readonly drainsUntilMs?: number;
}

/** As attributes name them. */
export type LogKind = 'access' | 'connection' | 'health_check';

/** What is delivered to a bucket, and how far. It outlives the load balancer until all is there. */
export interface LogDeliveryRow extends Scope {
  readonly loadBalancerArn: string;
  readonly loadBalancerId: string;
  /** `app/NAME/ID` */
  readonly loadBalancer: string;
  readonly kind: LogKind;
  readonly vpcId: string;
  readonly bucket: string;
  /** Empty for none. */
  readonly prefix: string;
  /** What was logged before is not delivered. */
  readonly sinceMs: number;
  /** Up to where the plane's log is delivered. */
  readonly position?: string;
  /** Files on their way: after a crash the same are written again. */
  readonly pending?: { readonly upTo: string; readonly endMs: number; readonly unique: string };
  readonly nextAtMs: number;
  /** Switched off, or the load balancer was deleted: the row goes once the rest is delivered. */
  readonly endedAtMs?: number;
  /** Since when the bucket takes nothing, and why. */
  readonly failing?: { readonly sinceMs: number; readonly reason: string };
}

const live = <R extends Scope>(row: R & { deleted?: true }) => (row.deleted ? undefined : scopeKey(row));

export const loadBalancers = table<LoadBalancerRow>('elbv2.load-balancers', (row) => row.arn, {
  scope: live,
  name: (row) => (row.deleted ? undefined : `${scopeKey(row)}/${row.name}`),
  vpc: (row) => row.vpcId,
});

export const listeners = table<ListenerRow>('elbv2.listeners', (row) => row.arn, {
  loadBalancer: (row) => row.loadBalancerArn,
  targetGroup: (row) => groupsOf(row.defaultAction),
  vpc: (row) => row.vpcId,
  jwks: (row) => row.defaultAction.jwt?.jwksEndpoint,
  trustStore: (row) => (row.mutualTls?.mode === 'verify' ? row.mutualTls.trustStoreArn : undefined),
});

export const trustStores = table<TrustStoreRow>('elbv2.trust-stores', (row) => row.arn, {
  scope: scopeKey,
  name: (row) => `${scopeKey(row)}/${row.name}`,
});

export const revocations = table<RevocationRow>('elbv2.revocations', revocationKey, {
  trustStore: (row) => row.trustStoreArn,
});

export function revocationKey(row: Pick<RevocationRow, 'trustStoreArn' | 'revocationId'>): string {
  return `${row.trustStoreArn}/${String(row.revocationId).padStart(10, '0')}`;
}

export const rules = table<RuleRow>('elbv2.rules', (row) => row.arn, {
  listener: (row) => row.listenerArn,
  loadBalancer: (row) => row.loadBalancerArn,
  targetGroup: (row) => groupsOf(row.action),
  jwks: (row) => row.action.jwt?.jwksEndpoint,
  vpc: (row) => row.vpcId,
});

export const targetGroups = table<TargetGroupRow>('elbv2.target-groups', (row) => row.arn, {
  scope: scopeKey,
  name: (row) => `${scopeKey(row)}/${row.name}`,
  vpc: (row) => row.vpcId,
});

export const targets = table<TargetRow>('elbv2.targets', targetKey, {
  targetGroup: (row) => row.targetGroupArn,
  vpc: (row) => row.vpcId,
  loadBalancer: (row) => (row.ip.startsWith('arn:') ? row.ip : undefined),
});

export function targetKey(row: Pick<TargetRow, 'targetGroupArn' | 'ip' | 'port'>): string {
  return `${row.targetGroupArn}/${row.ip}:${row.port}`;
}

export const logDeliveries = table<LogDeliveryRow>('elbv2.log-deliveries', logDeliveryKey, {
  vpc: (row) => row.vpcId,
});

export function logDeliveryKey(row: Pick<LogDeliveryRow, 'loadBalancerArn' | 'kind'>): string {
  return `${row.loadBalancerArn}/${row.kind}`;
}

export const keySets = table<KeySetRow>('elbv2.key-sets', (row) => row.jwksEndpoint, {});

/** The ARNs of the target groups that an action forwards to. */
export function groupsOf(action: ActionRow): readonly string[] {
  return action.type === 'forward' ? action.targetGroups.map((group) => group.arn) : [];
}
