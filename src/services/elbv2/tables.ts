import { scopeKey, type Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';

export interface LoadBalancerRow extends Scope {
  readonly arn: string;
  /** 16 hexadecimal digits: the end of the ARN. */
  readonly id: string;
  readonly name: string;
  readonly scheme: 'internet-facing' | 'internal';
  readonly vpcId: string;
  /** One for each Availability Zone. */
  readonly subnets: readonly { readonly subnetId: string; readonly zoneName: string }[];
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
  readonly protocol: 'HTTP' | 'HTTPS';
  /** The default certificate first; none for HTTP. */
  readonly certificateArns: readonly string[];
  readonly sslPolicy?: string;
  readonly defaultAction: ActionRow;
  /** The default rule is the listener's: it has an ARN of its own, and nothing else. */
  readonly defaultRuleId: string;
  readonly tags: Tags;
  /** Of the default rule. */
  readonly defaultRuleTags: Tags;
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
  readonly tags: Tags;
}

/** What a listener or a rule does with a request; `order` only as the client gave it. */
export type ActionRow = { readonly order?: number } & (
  | {
      readonly type: 'forward';
      readonly targetGroups: readonly { readonly arn: string; readonly weight: number }[];
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

export type ConditionRow =
  | {
      readonly field: 'host-header' | 'path-pattern' | 'http-request-method' | 'source-ip';
      readonly values: readonly string[];
    }
  | { readonly field: 'http-header'; readonly name: string; readonly values: readonly string[] }
  | { readonly field: 'query-string'; readonly values: readonly { readonly key?: string; readonly value: string }[] };

export interface TargetGroupRow extends Scope {
  readonly arn: string;
  readonly id: string;
  readonly name: string;
  readonly protocol: 'HTTP' | 'HTTPS';
  readonly port: number;
  readonly vpcId: string;
  readonly healthCheck: HealthCheckRow;
  /** Attributes that were set; the others have AWS's default values. */
  readonly attributes: Readonly<Record<string, string>>;
  readonly tags: Tags;
}

export interface HealthCheckRow {
  readonly protocol: 'HTTP' | 'HTTPS';
  /** A number, or `traffic-port`. */
  readonly port: string;
  readonly path: string;
  readonly intervalSeconds: number;
  readonly timeoutSeconds: number;
  readonly healthyThreshold: number;
  readonly unhealthyThreshold: number;
  readonly matcher: string;
}

export interface TargetRow {
  readonly targetGroupArn: string;
  readonly vpcId: string;
  readonly ip: string;
  readonly port: number;
  /** `all` for an address outside the VPC. */
  readonly zoneName?: string;
  /** Deregistered: the row goes at this time, in ms since the epoch. */
  readonly drainsUntilMs?: number;
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
});

export const rules = table<RuleRow>('elbv2.rules', (row) => row.arn, {
  listener: (row) => row.listenerArn,
  loadBalancer: (row) => row.loadBalancerArn,
  targetGroup: (row) => groupsOf(row.action),
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
});

export function targetKey(row: Pick<TargetRow, 'targetGroupArn' | 'ip' | 'port'>): string {
  return `${row.targetGroupArn}/${row.ip}:${row.port}`;
}

/** The ARNs of the target groups that an action forwards to. */
export function groupsOf(action: ActionRow): readonly string[] {
  return action.type === 'forward' ? action.targetGroups.map((group) => group.arn) : [];
}
