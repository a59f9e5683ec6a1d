import type {
  DaemonCapacityProvider,
  DaemonDeployment,
  DaemonDeploymentRevisionDetail,
  DaemonDeploymentRollbackMonitorsStatus,
  DaemonDeploymentSummary,
  DaemonDetail,
  DaemonRevision,
  DaemonRevisionDetail,
  DaemonSummary,
} from '@aws-sdk/client-ecs';
import type { ReadTx } from '../../../store/store.ts';
import { registeredInstances } from '../container-instance-lookup.ts';
import { tasks } from '../tables.ts';
import { observeDaemon } from './facts.ts';
import type { DaemonFacts } from './facts.ts';
import { wantedRevision } from './plan.ts';
import { isEnded } from './records.ts';
import { daemons } from './tables.ts';
import type { DaemonDeploymentRow, DaemonRevisionRow, DaemonRow } from './tables.ts';

export function daemonSummary(row: DaemonRow): Required<DaemonSummary> {
  return {
    daemonArn: row.arn,
    status: row.status,
    createdAt: new Date(row.createdAtMs),
    updatedAt: new Date(row.updatedAtMs),
  };
}

export async function daemonDetail(tx: ReadTx, row: DaemonRow): Promise<DaemonDetail> {
  const facts = await observeDaemon(tx, row, await registeredInstances(tx, row.clusterArn));
  const wanted = facts && wantedRevision(facts.deployment);
  const revisions = new Set([...(wanted ? [wanted] : []), ...liveOf(facts)]);
  return {
    ...daemonSummary(row),
    clusterArn: row.clusterArn,
    deploymentArn: row.deploymentArn,
    currentRevisions: [...revisions].map((arn) => revisionDetail(facts, row.capacityProviders, arn)),
  };
}

function liveOf(facts: DaemonFacts | undefined): string[] {
  return [...(facts?.tasks.values() ?? [])].filter((task) => task.state !== 'failed').map((task) => task.revisionArn);
}

interface Counts {
  readonly running: number;
  readonly without: number;
  readonly draining: number;
}

/** Of the instances of a capacity provider: those with the revision's task, those that do without, those that drain. */
function countsOf(facts: DaemonFacts | undefined, provider: string, revisionArn: string): Counts {
  const own = (facts?.instances ?? []).filter((instance) => instance.provider === provider);
  const withTask = own.flatMap((instance) => {
    const task = facts?.tasks.get(instance.arn);
    return task?.revisionArn === revisionArn ? [{ instance, task }] : [];
  });
  return {
    running: withTask.filter(({ task }) => task.state === 'running').length,
    without: withTask.filter(({ instance, task }) => task.state === 'failed' && !instance.isDraining).length,
    draining: withTask.filter(({ instance }) => instance.isDraining).length,
  };
}

function sum(counts: readonly Counts[], of: keyof Counts): number {
  return counts.reduce((total, one) => total + one[of], 0);
}

function revisionDetail(
  facts: DaemonFacts | undefined,
  providers: readonly string[],
  arn: string,
): DaemonRevisionDetail {
  const counts = providers.map((provider) => countsOf(facts, provider, arn));
  return {
    arn,
    capacityProviders: providers.map((provider, i): DaemonCapacityProvider => {
      const { running = 0, without = 0 } = counts[i] ?? {};
      return { arn: provider, runningCount: running, withoutDaemonCount: without };
    }),
    totalRunningCount: sum(counts, 'running'),
    totalWithoutDaemonCount: sum(counts, 'without'),
  };
}

export function daemonDeploymentSummary(row: DaemonDeploymentRow): DaemonDeploymentSummary {
  return {
    daemonDeploymentArn: row.arn,
    daemonArn: row.daemonArn,
    clusterArn: row.clusterArn,
    status: row.status,
    createdAt: new Date(row.createdAtMs),
    ...(row.statusReason === undefined ? {} : { statusReason: row.statusReason }),
    ...(row.targetRevisionArn === undefined ? {} : { targetDaemonRevisionArn: row.targetRevisionArn }),
    ...(row.startedAtMs === undefined ? {} : { startedAt: new Date(row.startedAtMs) }),
    ...(row.stoppedAtMs === undefined ? {} : { stoppedAt: new Date(row.stoppedAtMs) }),
    ...(row.finishedAtMs === undefined ? {} : { finishedAt: new Date(row.finishedAtMs) }),
  };
}

export async function daemonDeploymentView(tx: ReadTx, row: DaemonDeploymentRow): Promise<DaemonDeployment> {
  const { targetDaemonRevisionArn, daemonArn: _daemon, ...summary } = daemonDeploymentSummary(row);
  const daemon = await tx.get(daemons, row.daemonArn);
  const facts = daemon && (await observeDaemon(tx, daemon, await registeredInstances(tx, row.clusterArn)));
  const providers = daemon?.capacityProviders ?? [];
  const detail = (arn: string) => deploymentRevision(facts, providers, arn);
  const { drainPercent, bakeTimeInMinutes, alarmNames } = row.configuration;
  const enable = alarmNames.length > 0;
  return {
    ...summary,
    ...(targetDaemonRevisionArn && { targetDaemonRevision: detail(targetDaemonRevisionArn) }),
    sourceDaemonRevisions: row.sourceRevisionArns.map(detail),
    circuitBreaker: {
      status: monitorStatus(row, row.failure === 'breaker'),
      failureCount: row.failureCount,
      threshold: row.threshold,
    },
    alarms: enable
      ? {
          status: monitorStatus(row, row.failure === 'alarms'),
          alarmNames: [...alarmNames],
          triggeredAlarmNames: [...(row.alarms?.triggered ?? [])],
        }
      : { status: 'DISABLED' },
    deploymentConfiguration: {
      drainPercent,
      bakeTimeInMinutes,
      ...(enable && { alarms: { enable, alarmNames: [...alarmNames] } }),
    },
    ...(row.rollback && {
      rollback: {
        reason: row.rollback.reason,
        startedAt: new Date(row.rollback.startedAtMs),
        rollbackTargetDaemonRevisionArn: row.rollback.revisionArn,
        rollbackCapacityProviders: [...providers],
      },
    }),
  };
}

function deploymentRevision(
  facts: DaemonFacts | undefined,
  providers: readonly string[],
  arn: string,
): DaemonDeploymentRevisionDetail {
  const counts = providers.map((provider) => countsOf(facts, provider, arn));
  return {
    arn,
    capacityProviders: providers.map((provider, i) => {
      const { running = 0, without = 0, draining = 0 } = counts[i] ?? {};
      return {
        arn: provider,
        runningInstanceCount: running,
        withoutDaemonInstanceCount: without,
        drainingInstanceCount: draining,
      };
    }),
    totalRunningInstanceCount: sum(counts, 'running'),
    totalWithoutDaemonInstanceCount: sum(counts, 'without'),
    totalDrainingInstanceCount: sum(counts, 'draining'),
  };
}

function monitorStatus(row: DaemonDeploymentRow, isTriggered: boolean): DaemonDeploymentRollbackMonitorsStatus {
  if (isTriggered) return 'TRIGGERED';
  return isEnded(row) || row.rollback ? 'MONITORING_COMPLETE' : 'MONITORING';
}

/** The digests are those that its tasks have pulled. */
export async function daemonRevisionView(tx: ReadTx, row: DaemonRevisionRow): Promise<DaemonRevision> {
  const own = (await tx.list(tasks, { where: ['daemon', row.daemonArn] })).filter(
    (task) => task.daemon?.revisionArn === row.arn,
  );
  const pulled = new Map(
    own.flatMap((task) => task.containers).flatMap((one) => (one.imageDigest ? [[one.name, one.imageDigest]] : [])),
  );
  return {
    daemonRevisionArn: row.arn,
    clusterArn: row.clusterArn,
    daemonArn: row.daemonArn,
    daemonTaskDefinitionArn: row.taskDefinitionArn,
    createdAt: new Date(row.createdAtMs),
    containerImages: Object.entries(row.images).map(([containerName, image]) => {
      const imageDigest = pulled.get(containerName);
      return { containerName, image, ...(imageDigest === undefined ? {} : { imageDigest }) };
    }),
    propagateTags: row.propagateTags,
    enableECSManagedTags: row.enableEcsManagedTags,
    enableExecuteCommand: row.enableExecuteCommand,
    critical: row.critical,
  };
}
