import type {
  DeploymentLifecycleHookDetail,
  ServiceDeployment,
  ServiceDeploymentAlarms,
  ServiceDeploymentBrief,
  ServiceDeploymentCircuitBreaker,
  ServiceDeploymentLifecycleStage,
  ServiceDeploymentRollbackMonitorsStatus,
  ServiceRevisionSummary,
} from '@aws-sdk/client-ecs';
import { isEnded } from '../domain/service-deployment.ts';
import type { ServiceDeploymentRow } from '../service-tables.ts';
import type { DeploymentRow, ServiceRow, TaskRow } from '../tables.ts';
import type { HookRunRow, LifecycleStage } from '../traffic-tables.ts';
import { countPending, countRunning, requestedCount, weightsView } from './service.ts';

export function serviceDeploymentBrief(row: ServiceDeploymentRow): ServiceDeploymentBrief {
  return {
    serviceDeploymentArn: row.arn,
    serviceArn: row.serviceArn,
    clusterArn: row.clusterArn,
    createdAt: new Date(row.createdAtMs),
    startedAt: new Date(row.createdAtMs),
    targetServiceRevisionArn: row.targetRevisionArn,
    status: row.status,
    ...(row.statusReason === undefined ? {} : { statusReason: row.statusReason }),
    ...(row.finishedAtMs === undefined ? {} : { finishedAt: new Date(row.finishedAtMs) }),
  };
}

/** @param service its service, with the tasks that it has now */
export function serviceDeploymentView(
  row: ServiceDeploymentRow,
  service: ServiceRow | undefined,
  tasks: readonly TaskRow[],
): ServiceDeployment {
  const { targetServiceRevisionArn: _target, ...brief } = serviceDeploymentBrief(row);
  const summary = (arn: string) => revisionSummary(arn, service, tasks);
  return {
    ...brief,
    updatedAt: new Date(row.updatedAtMs),
    sourceServiceRevisions: row.sourceRevisionArns.map(summary),
    targetServiceRevision: summary(row.targetRevisionArn),
    deploymentConfiguration: row.deploymentConfiguration,
    deploymentCircuitBreaker: circuitBreakerView(row),
    alarms: alarmsView(row),
    lifecycleStage: stageOf(row),
    ...(row.hooks?.length && { lifecycleHookDetails: row.hooks.map((run) => hookView(row, run)) }),
    ...(row.stoppedAtMs === undefined ? {} : { stoppedAt: new Date(row.stoppedAtMs) }),
    ...(row.rollback && {
      rollback: {
        reason: row.rollback.reason,
        startedAt: new Date(row.rollback.startedAtMs),
        serviceRevisionArn: row.rollback.revisionArn,
      },
    }),
  };
}

/** How many tasks of a revision there are, and are asked for: all its deployments together. */
function revisionSummary(
  arn: string,
  service: ServiceRow | undefined,
  tasks: readonly TaskRow[],
): ServiceRevisionSummary {
  const deployments = service?.deployments.filter((one) => one.revisionArn === arn) ?? [];
  const ids = new Set(deployments.map((one) => one.id));
  const own = tasks.filter((task) => ids.has(task.deploymentId ?? ''));
  return {
    arn,
    requestedTaskCount: requestedOf(service, deployments, own),
    runningTaskCount: countRunning(own),
    pendingTaskCount: countPending(own),
    ...(service && weightsView(service, arn)),
  };
}

/** What a rolling deployment replaces is asked for no more: it shows what is left. */
function requestedOf(
  service: ServiceRow | undefined,
  deployments: readonly DeploymentRow[],
  own: readonly TaskRow[],
): number {
  const counts = deployments.map((one) => (service ? requestedCount(service, one) : 0));
  return Math.max(0, ...counts) || own.filter((one) => one.desiredStatus === 'RUNNING').length;
}

function circuitBreakerView(row: ServiceDeploymentRow): ServiceDeploymentCircuitBreaker {
  const isOn = row.deploymentConfiguration.deploymentCircuitBreaker?.enable === true;
  if (!isOn) return { status: 'DISABLED', failureCount: 0, threshold: 0 };
  return {
    status: monitorStatus(row, row.failure === 'breaker'),
    failureCount: row.failureCount,
    threshold: row.threshold ?? 0,
  };
}

function alarmsView(row: ServiceDeploymentRow): ServiceDeploymentAlarms {
  const { alarms } = row.deploymentConfiguration;
  if (!alarms?.enable) return { status: 'DISABLED' };
  return {
    status: monitorStatus(row, row.failure === 'alarms'),
    alarmNames: alarms.alarmNames,
    triggeredAlarmNames: [...row.triggeredAlarms],
  };
}

function monitorStatus(row: ServiceDeploymentRow, isTriggered: boolean): ServiceDeploymentRollbackMonitorsStatus {
  if (isTriggered) return 'TRIGGERED';
  return isEnded(row) || row.rollback ? 'MONITORING_COMPLETE' : 'MONITORING';
}

function stageOf(row: ServiceDeploymentRow): ServiceDeploymentLifecycleStage {
  if (isEnded(row)) return 'CLEAN_UP';
  if (row.stage) return row.rollback ? 'CLEAN_UP' : shownStage(row.stage);
  return row.isBaking && !row.rollback ? 'BAKE_TIME' : 'SCALE_UP';
}

/** A hook before a shift of production traffic is one of that shift. */
function shownStage(stage: LifecycleStage): ServiceDeploymentLifecycleStage {
  return stage === 'PRE_PRODUCTION_TRAFFIC_SHIFT' ? 'PRODUCTION_TRAFFIC_SHIFT' : stage;
}

function hookView({ deploymentConfiguration }: ServiceDeploymentRow, run: HookRunRow): DeploymentLifecycleHookDetail {
  const hook = deploymentConfiguration.lifecycleHooks?.[run.hook];
  return {
    hookId: run.id,
    // A target that is no Lambda function has no type in AWS's words.
    ...(hook?.targetType && { targetType: hook.targetType }),
    status: run.status,
    expiresAt: new Date(run.expiresAtMs),
    timeoutAction: run.timeoutAction,
    ...(hook?.hookTargetArn && { targetArn: hook.hookTargetArn }),
  };
}
