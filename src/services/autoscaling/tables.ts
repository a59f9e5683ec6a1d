import { retiredAlarmKey, type AlarmedPolicy, type RetiredAlarmRow } from '../../api/scaling/policy-alarms.ts';
import type { Signal } from '../../api/scaling/signal.ts';
import { formatArn, scopeKey, type Scope } from '../../kernel/arn.ts';
import { table } from '../../store/store.ts';
import type { LaunchSource, TemplateChoice } from './domain/launch-source.ts';
import type { PolicyRules } from './domain/policy-rules.ts';
import type { Process } from './domain/processes.ts';
import type { RefreshPreferences } from './domain/refresh-preferences.ts';
import type { WarmPool } from './domain/warm-pool.ts';

export interface GroupTag {
  readonly key: string;
  readonly value: string;
  readonly propagates: boolean;
}

/** Where a group launches. */
export interface Place {
  readonly zone: string;
  readonly zoneId: string;
  /** Left out: the default subnet of the zone. */
  readonly subnetId?: string;
}

export interface GroupRow extends Scope {
  readonly name: string;
  readonly id: string;
  readonly createdAtMs: number;
  readonly min: number;
  readonly max: number;
  readonly desired: number;
  readonly launch: LaunchSource;
  readonly places: readonly Place[];
  /** As it was given. */
  readonly vpcZoneIdentifier: string;
  readonly defaultCooldownS: number;
  readonly defaultWarmupS?: number;
  readonly healthCheckType: 'EC2' | 'ELB';
  readonly graceS: number;
  readonly terminationPolicies: readonly string[];
  readonly protectsNew: boolean;
  /** Target groups, by their ARNs. */
  readonly targetGroups: readonly string[];
  readonly tags: readonly GroupTag[];
  readonly suspended: readonly { readonly process: Process; readonly reason: string }[];
  /** Names of the metrics that are collected. */
  readonly metrics: readonly string[];
  readonly roleArn: string;
  readonly maintenance?: { readonly minPercentage: number; readonly maxPercentage: number };
  /** Members that are kept and shown as they were given; only the first changes anything here. */
  readonly recorded: {
    readonly CapacityRebalance?: boolean;
    readonly Context?: string;
    readonly DesiredCapacityType?: string;
  };
  readonly deleting?: true;
  readonly warmPool?: WarmPool;
  /** Sentences on why the desired capacity is as it is, of which no activity has told yet. */
  readonly changes: readonly string[];
  /** When the last launch or termination ended, and how long the cooldown is that counts from there. */
  readonly scaledAtMs?: number;
  readonly cooldownS?: number;
  /** When a policy last took instances away. */
  readonly lastInMs?: number;
  /** Zones in which launching failed. */
  readonly holds: Readonly<Record<string, { readonly untilMs: number; readonly failures: number }>>;
}

export type MemberState =
  | 'Pending'
  | 'Pending:Wait'
  | 'Pending:Proceed'
  | 'InService'
  | 'Terminating'
  | 'Terminating:Wait'
  | 'Terminating:Proceed'
  | 'Detaching'
  | 'EnteringStandby'
  | 'Standby'
  | 'Warmed:Pending'
  | 'Warmed:Pending:Wait'
  | 'Warmed:Pending:Proceed'
  | 'Warmed:Stopped'
  | 'Warmed:Running'
  | 'Warmed:Terminating'
  | 'Warmed:Terminating:Wait'
  | 'Warmed:Terminating:Proceed';

/** A lifecycle hook that an instance waits for. */
export interface HookWait {
  readonly hook: string;
  readonly token: string;
  readonly untilMs: number;
  /** Heartbeats do not reach further. */
  readonly lastMs: number;
  readonly heartbeatMs: number;
  readonly defaultResult: 'CONTINUE' | 'ABANDON';
}

/** An instance of a group, from the decision to launch it on. */
export interface MemberRow extends Scope {
  readonly groupName: string;
  /** The client token of its launch. */
  readonly launchId: string;
  readonly instanceId?: string;
  /** What EC2 is asked, until it has answered: RunInstances' input as JSON. */
  readonly request?: object;
  /** What is asked where that finds no capacity. */
  readonly alternatives?: readonly object[];
  readonly instanceType?: string;
  readonly imageId?: string;
  readonly zone: string;
  readonly zoneId: string;
  readonly subnetId?: string;
  readonly market: 'on-demand' | 'spot';
  /** How much of the desired capacity it is; left out: 1. */
  readonly weight?: number;
  readonly template?: TemplateChoice;
  readonly configurationName?: string;
  readonly state: MemberState;
  readonly health: 'Healthy' | 'Unhealthy';
  readonly unhealthyBy?: 'ec2' | 'elb' | 'user';
  readonly isProtected: boolean;
  readonly createdAtMs: number;
  readonly inServiceAtMs?: number;
  /** When EC2 gave notice that it takes its Spot capacity away. */
  readonly noticedAtMs?: number;
  /** More than are desired, until others have gone. */
  readonly isExtra?: true;
  /** It comes from Standby: no hook is asked. */
  readonly returns?: true;
  /** It comes from the warm pool: EC2 is to start it first. */
  readonly isFromPool?: true;
  /** It returns to the warm pool from service: what ends an instance is asked of it, as far as the pool. */
  readonly isReused?: true;
  /** It was launched while AddToLoadBalancer was suspended. */
  readonly skipsTargetGroups?: true;
  /** The target groups that it is registered in, and those that it drains from. */
  readonly registered: readonly string[];
  readonly draining: readonly string[];
  readonly waiting: readonly HookWait[];
  /** EC2 has been told what its state asks for: to terminate, to stop or to start it. */
  readonly isTold?: true;
  /** The activity that goes on. */
  readonly activityKey?: string;
}

export type ActivityStatus =
  | 'PreInService'
  | 'InProgress'
  | 'MidLifecycleAction'
  | 'WaitingForELBConnectionDraining'
  | 'Successful'
  | 'Failed'
  | 'Cancelled';

export interface ActivityRow extends Scope {
  readonly groupName: string;
  readonly groupId: string;
  readonly id: string;
  readonly description: string;
  readonly cause: string;
  readonly startMs: number;
  readonly endMs?: number;
  readonly status: ActivityStatus;
  readonly message?: string;
  readonly progress: number;
  /** JSON, as AWS shows it. */
  readonly details: string;
}

export interface HookRow extends Scope {
  readonly groupName: string;
  readonly name: string;
  readonly transition: 'launching' | 'terminating';
  readonly metadata?: string;
  readonly heartbeatS: number;
  readonly defaultResult: 'CONTINUE' | 'ABANDON';
}

export interface PolicyRow extends AlarmedPolicy {
  readonly groupName: string;
  readonly id: string;
  readonly isEnabled: boolean;
  readonly warmupS?: number;
  readonly rules: PolicyRules;
}

/** The latest that an alarm said to a policy. */
export interface SignalRow extends Signal {
  readonly groupName: string;
}

export interface ScheduledRow extends Scope {
  readonly groupName: string;
  readonly name: string;
  readonly id: string;
  readonly recurrence?: string;
  readonly timeZone?: string;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly min?: number;
  readonly max?: number;
  readonly desired?: number;
  /** What was due until then has been done. */
  readonly doneUntilMs: number;
}

export type RefreshStatus =
  | 'Pending'
  | 'InProgress'
  | 'Baking'
  | 'Successful'
  | 'Failed'
  | 'Cancelling'
  | 'Cancelled'
  | 'RollbackInProgress'
  | 'RollbackSuccessful'
  | 'RollbackFailed';

export interface RefreshRow extends Scope {
  readonly groupName: string;
  readonly id: string;
  readonly startMs: number;
  readonly endMs?: number;
  readonly status: RefreshStatus;
  readonly reason?: string;
  readonly preferences: RefreshPreferences;
  /** What new instances are launched from, where it is not what the group says. */
  readonly wanted?: LaunchSource;
  /** Launches that were there when it began and are to be replaced. */
  readonly replaces: readonly string[];
  readonly total: number;
  /** Shown once it has ended. */
  readonly left?: number;
  /** The checkpoint that it waits at, in percent, and since when. */
  readonly checkpoint?: { readonly percentage: number; readonly sinceMs: number };
  readonly bakingSinceMs?: number;
  readonly rollback?: {
    readonly reason: string;
    readonly startMs: number;
    readonly total: number;
    readonly left: number;
  };
  /** Launches of before it began: what a rollback does not touch. */
  readonly before: readonly string[];
}

export interface ConfigurationRow extends Scope {
  readonly name: string;
  readonly id: string;
  readonly createdAtMs: number;
  /** CreateLaunchConfiguration's input as JSON. */
  readonly input: object;
}

interface OfGroup extends Scope {
  readonly groupName: string;
}

/** Names have no `|`. */
export const groupKey = (row: Scope & { readonly name: string }) => `${scopeKey(row)}|${row.name}`;
export const groupKeyOf = (row: OfGroup) => `${scopeKey(row)}|${row.groupName}`;
export const memberKey = (row: OfGroup & { readonly launchId: string }) => `${groupKeyOf(row)}|${row.launchId}`;
export const namedKey = (row: OfGroup & { readonly name: string }) => `${groupKeyOf(row)}|${row.name}`;
export const activityKey = (row: ActivityRow) => `${scopeKey(row)}|${String(row.startMs).padStart(14, '0')}|${row.id}`;
export const instanceKey = (scope: Scope, instanceId: string) => `${scopeKey(scope)}|${instanceId}`;

const byGroup = { scope: scopeKey, group: groupKeyOf };

export const groups = table<GroupRow>('autoscaling.groups', groupKey, {
  scope: scopeKey,
  configuration: (row) => (row.launch.kind === 'configuration' ? `${scopeKey(row)}|${row.launch.name}` : undefined),
});
export const members = table<MemberRow>('autoscaling.members', memberKey, {
  ...byGroup,
  instance: (row) => (row.instanceId === undefined ? undefined : instanceKey(row, row.instanceId)),
});
export const activities = table<ActivityRow>('autoscaling.activities', activityKey, byGroup);
export const hooks = table<HookRow>('autoscaling.hooks', namedKey, byGroup);
export const policies = table<PolicyRow>('autoscaling.policies', namedKey, byGroup);
export const retiredAlarms = table<RetiredAlarmRow>('autoscaling.retired-alarms', retiredAlarmKey);
export const signals = table<SignalRow>(
  'autoscaling.signals',
  (row) => `${groupKeyOf(row)}|${row.policyName}|${row.alarmName}`,
  byGroup,
);
export const scheduledActions = table<ScheduledRow>('autoscaling.scheduled-actions', namedKey, byGroup);
export const refreshes = table<RefreshRow>(
  'autoscaling.refreshes',
  (row) => `${groupKeyOf(row)}|${String(row.startMs).padStart(14, '0')}|${row.id}`,
  { ...byGroup, open: (row) => (row.endMs === undefined ? groupKeyOf(row) : undefined) },
);
export const configurations = table<ConfigurationRow>('autoscaling.configurations', groupKey, { scope: scopeKey });

export const groupArn = (row: Scope & { readonly id: string; readonly name: string }) =>
  formatArn('autoscaling', row, `autoScalingGroup:${row.id}:autoScalingGroupName/${row.name}`);
export const policyArn = (row: PolicyRow) =>
  formatArn('autoscaling', row, `scalingPolicy:${row.id}:autoScalingGroupName/${row.groupName}:policyName/${row.name}`);
export const scheduledActionArn = (row: ScheduledRow) =>
  formatArn(
    'autoscaling',
    row,
    `scheduledUpdateGroupAction:${row.id}:autoScalingGroupName/${row.groupName}:scheduledActionName/${row.name}`,
  );
export const configurationArn = (row: Scope & { readonly id: string; readonly name: string }) =>
  formatArn('autoscaling', row, `launchConfiguration:${row.id}:launchConfigurationName/${row.name}`);

/** The group and the name in a policy's ARN. */
export function policyIn(arn: string): { readonly groupName: string; readonly name: string } | undefined {
  const [, groupName, name] = /:autoScalingGroupName\/(.+):policyName\/(.+)$/.exec(arn) ?? [];
  return groupName !== undefined && name !== undefined ? { groupName, name } : undefined;
}
