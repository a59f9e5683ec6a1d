import type { ServiceRow, TaskRow } from '../tables.ts';
import { taskHealth } from './task-report.ts';

/** Names of essential containers with a health check, by task definition. */
export type CheckedContainers = ReadonlyMap<string, ReadonlySet<string>>;

/** A task that a health check has found unhealthy. */
export interface Sickness {
  readonly task: TaskRow;
  /** The task's `stoppedReason`. */
  readonly reason: string;
  /** What the service's events say of it. */
  readonly event: string;
}

function healthOf(task: TaskRow, checks: CheckedContainers): 'HEALTHY' | 'UNHEALTHY' | 'UNKNOWN' | 'UNCHECKED' {
  const checked = checks.get(task.taskDefinitionArn);
  if (!checked || checked.size === 0) return 'UNCHECKED';
  return taskHealth(task.containers, checked);
}

/** It counts towards the minimum: it runs, and every health check that there is has found it healthy. */
export function isHealthy(task: TaskRow, checks: CheckedContainers): boolean {
  if (task.lastStatus !== 'RUNNING') return false;
  const health = healthOf(task, checks);
  if (health === 'UNHEALTHY' || health === 'UNKNOWN') return false;
  return task.targets.length === 0 || task.targetHealth === 'healthy';
}

/** Whether anything but its running tells that it is healthy. */
export function isChecked(task: TaskRow, checks: CheckedContainers): boolean {
  return task.targets.length > 0 || healthOf(task, checks) !== 'UNCHECKED';
}

/**
 * What is wrong with a task, once its grace period is over.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-unhealthy-event-messages.html
 */
export function sicknessOf(
  task: TaskRow,
  service: Pick<ServiceRow, 'healthCheckGracePeriodSeconds'>,
  checks: CheckedContainers,
  now: number,
): Sickness | undefined {
  if (task.lastStatus !== 'RUNNING' || now < graceEndsAt(task, service, now)) return undefined;
  const name = `(task ${task.id})`;
  if (healthOf(task, checks) === 'UNHEALTHY') {
    return {
      task,
      reason: 'Task failed container health checks',
      event: `${name} failed container health checks.`,
    };
  }
  if (task.targetHealth !== 'unhealthy') return undefined;
  const target = task.targets.find((one) => one.targetGroupArn === task.unhealthyTargetGroup) ?? task.targets[0];
  const group = `(target-group ${target?.targetGroupArn ?? ''})`;
  const why = task.targetHealthReason ?? 'Health checks failed';
  return {
    task,
    reason: `Task failed ELB health checks in ${group}`,
    event: `${name} (port ${target?.port ?? 0}) is unhealthy in ${group} due to (reason ${why}).`,
  };
}

/** When unhealthy checks begin to count. */
export function graceEndsAt(
  task: TaskRow,
  service: Pick<ServiceRow, 'healthCheckGracePeriodSeconds'>,
  now: number,
): number {
  return (task.startedAtMs ?? now) + (service.healthCheckGracePeriodSeconds ?? 0) * 1000;
}
