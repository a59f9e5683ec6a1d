import { retiredAlarmKey, type AlarmedPolicy, type RetiredAlarmRow } from '../../api/scaling/policy-alarms.ts';
import type { Signal } from '../../api/scaling/signal.ts';
import { formatArn, scopeKey, type Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import { table } from '../../store/store.ts';
import type { NotScaled, Recent, StepScaling, TargetTracking } from '../../kernel/scaling-decision.ts';
import type { Defaulted } from './domain/policy-input.ts';
import type { Tracked } from './domain/tracked-metric.ts';

export interface TargetRow extends Scope {
  /** `service/CLUSTER/SERVICE` */
  readonly resourceId: string;
  readonly id: string;
  readonly min: number;
  readonly max: number;
  readonly createdAtMs: number;
  readonly suspended: { readonly in: boolean; readonly out: boolean; readonly scheduled: boolean };
  readonly tags: Tags;
  readonly recent: Recent;
  /** Why the count must be brought within new limits, which is still to be done. */
  readonly limitsDue?: string;
}

export interface PolicyRow extends AlarmedPolicy {
  readonly resourceId: string;
  readonly id: string;
  readonly createdAtMs: number;
  readonly step?: StepScaling;
  readonly tracking?: TargetTracking & { readonly tracked: Tracked };
  /** Members of the configuration that were left to their defaults. */
  readonly unsaid?: readonly Defaulted[];
}

export interface ScheduledRow extends Scope {
  readonly resourceId: string;
  readonly name: string;
  readonly id: string;
  readonly schedule: string;
  readonly timezone?: string;
  readonly startMs?: number;
  readonly endMs?: number;
  readonly min?: number;
  readonly max?: number;
  readonly createdAtMs: number;
  /** What was due until then has been done. */
  readonly doneUntilMs: number;
}

export interface ActivityRow extends Scope {
  readonly resourceId: string;
  readonly id: string;
  readonly description: string;
  readonly cause: string;
  readonly startMs: number;
  readonly endMs?: number;
  readonly status: 'InProgress' | 'Successful' | 'Overridden' | 'Failed' | 'Unfulfilled';
  readonly message: string;
  readonly notScaled?: readonly NotScaled[];
  /** The count that was set, while it is not reached. */
  readonly desired?: number;
}

/** The latest that an alarm said to a policy. */
export interface SignalRow extends Signal {
  readonly resourceId: string;
}

/** The latest that the requests of a target group asked of the service behind it. */
export interface DemandRow extends Scope {
  readonly targetGroupArn: string;
  /** Requests wait; or none came since then. */
  readonly kind: 'waiting' | 'idle';
  readonly sinceMs: number;
  readonly atMs: number;
}

/** Resource ids, and names, have no `|`. */
export const targetKey = (row: Scope & { readonly resourceId: string }) => `${scopeKey(row)}|${row.resourceId}`;
export const namedKey = (row: Scope & { readonly resourceId: string; readonly name: string }) =>
  `${targetKey(row)}|${row.name}`;

export const targets = table<TargetRow>('application-autoscaling.targets', targetKey, {
  scope: scopeKey,
  id: (row) => row.id,
});
export const policies = table<PolicyRow>('application-autoscaling.policies', namedKey, {
  scope: scopeKey,
  target: targetKey,
});
export const scheduledActions = table<ScheduledRow>('application-autoscaling.scheduled-actions', namedKey, {
  scope: scopeKey,
  target: targetKey,
});
export const activities = table<ActivityRow>(
  'application-autoscaling.activities',
  (row) => `${String(row.startMs).padStart(14, '0')}|${scopeKey(row)}|${row.id}`,
  { scope: scopeKey, target: targetKey, open: (row) => (row.status === 'InProgress' ? targetKey(row) : undefined) },
);
export const signals = table<SignalRow>(
  'application-autoscaling.signals',
  (row) => `${targetKey(row)}|${row.policyName}|${row.alarmName}`,
  { target: targetKey },
);
export const demands = table<DemandRow>('application-autoscaling.demands', (row) => row.targetGroupArn);
export const retiredAlarms = table<RetiredAlarmRow>('application-autoscaling.retired-alarms', retiredAlarmKey);

export const targetArn = (scope: Scope, id: string) =>
  formatArn('application-autoscaling', scope, `scalable-target/${id}`);
export const policyArn = (row: PolicyRow) =>
  formatArn('autoscaling', row, `scalingPolicy:${row.id}:resource/ecs/${row.resourceId}:policyName/${row.name}`);
export const scheduledActionArn = (row: ScheduledRow) =>
  formatArn(
    'autoscaling',
    row,
    `scheduledAction:${row.id}:resource/ecs/${row.resourceId}:scheduledActionName/${row.name}`,
  );

/** The resource and the name in a policy's ARN. */
export function policyIn(arn: string): { readonly resourceId: string; readonly name: string } | undefined {
  const [, resourceId, name] = /:resource\/ecs\/(.+):policyName\/(.+)$/.exec(arn) ?? [];
  return resourceId !== undefined && name !== undefined ? { resourceId, name } : undefined;
}
