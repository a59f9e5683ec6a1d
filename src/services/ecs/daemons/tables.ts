import type { DaemonDeploymentStatus, DaemonPropagateTags } from '@aws-sdk/client-ecs';
import { scopeKey } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { Tags } from '../../../kernel/tags.ts';
import { table } from '../../../store/store.ts';
import { familyKey } from '../tables.ts';
import type { DeploymentAlarmsRow, FamilyRow, TaskDefinitionRow } from '../tables.ts';

/** Daemon task definitions count their revisions apart from task definitions of the same family. */
export const daemonFamilies = table<FamilyRow>('ecs.daemon-families', (row) => familyKey(row, row.family), {
  scope: scopeKey,
});

/** `definition` is what its tasks run, in the shape of a task definition. */
export interface DaemonTaskDefinitionRow extends TaskDefinitionRow {
  readonly status: 'ACTIVE' | 'DELETE_IN_PROGRESS';
}

export const daemonTaskDefinitions = table<DaemonTaskDefinitionRow>('ecs.daemon-task-definitions', (row) => row.arn, {
  scope: scopeKey,
  family: (row) => familyKey(row, row.family),
});

/** With the API's defaults in it. */
export interface DaemonConfigurationRow {
  readonly drainPercent: number;
  readonly bakeTimeInMinutes: number;
  /** Empty: no alarm is watched. */
  readonly alarmNames: readonly string[];
}

export interface DaemonRow extends Scope {
  readonly arn: string;
  readonly name: string;
  readonly clusterArn: string;
  readonly status: 'ACTIVE' | 'DELETE_IN_PROGRESS';
  /** ARNs. */
  readonly capacityProviders: readonly string[];
  readonly configuration: DaemonConfigurationRow;
  /** The latest. */
  readonly deploymentArn: string;
  /** What the last successful deployment has rolled out: what a failed one goes back to. */
  readonly stableRevisionArn?: string;
  readonly tags: Tags;
  readonly clientToken?: string;
  /** Of the request that made it, but its token. */
  readonly requestHash?: string;
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
}

export const daemons = table<DaemonRow>('ecs.daemons', (row) => row.arn, {
  scope: scopeKey,
  cluster: (row) => row.clusterArn,
});

/** What the tasks of a revision are; never changed. */
export interface DaemonWorkload {
  readonly taskDefinitionArn: string;
  readonly propagateTags: DaemonPropagateTags;
  readonly enableEcsManagedTags: boolean;
  readonly enableExecuteCommand: boolean;
  /** Its instances take tasks only while its task is well. */
  readonly critical: boolean;
}

export interface DaemonRevisionRow extends Scope, DaemonWorkload {
  readonly arn: string;
  readonly daemonArn: string;
  readonly clusterArn: string;
  /** By container name, as the daemon task definition has them. */
  readonly images: Readonly<Record<string, string>>;
  readonly createdAtMs: number;
}

export const daemonRevisions = table<DaemonRevisionRow>('ecs.daemon-revisions', (row) => row.arn, {
  daemon: (row) => row.daemonArn,
  definition: (row) => row.taskDefinitionArn,
});

export interface DaemonDeploymentRow extends Scope {
  readonly arn: string;
  readonly daemonArn: string;
  readonly clusterArn: string;
  readonly status: DaemonDeploymentStatus;
  readonly statusReason?: string;
  /** Left out: it takes the daemon away. */
  readonly targetRevisionArn?: string;
  readonly sourceRevisionArns: readonly string[];
  readonly configuration: DaemonConfigurationRow;
  /** Daemon tasks that failed, and how many fail the deployment. */
  readonly failureCount: number;
  readonly threshold: number;
  readonly alarms?: DeploymentAlarmsRow;
  readonly failure?: 'breaker' | 'alarms';
  /** Since it has ended: tasks that failed in a row, with none that ran. The next one waits. */
  readonly late?: { readonly failures: number; readonly lastAtMs: number };
  readonly rollback?: DaemonRollbackRow;
  /** It has drained a batch of instances: after each it bakes. */
  readonly isStepped?: true;
  /** All instances of the last batch are replaced since then. */
  readonly bakeFromMs?: number;
  readonly createdAtMs: number;
  readonly startedAtMs?: number;
  readonly stoppedAtMs?: number;
  readonly finishedAtMs?: number;
}

export interface DaemonRollbackRow {
  readonly reason: string;
  readonly startedAtMs: number;
  readonly revisionArn: string;
  /** Tasks of that revision that failed. */
  readonly failureCount: number;
}

export const daemonDeployments = table<DaemonDeploymentRow>('ecs.daemon-deployments', (row) => row.arn, {
  daemon: (row) => row.daemonArn,
  cluster: (row) => row.clusterArn,
});
