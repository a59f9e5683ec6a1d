import type { Plan } from '../../../reconcile/reconciler.ts';
import type { TaskRegistryRow, TaskRow } from '../tables.ts';
import { taskHealth } from './task-report.ts';

export type InstanceHealth = 'HEALTHY' | 'UNHEALTHY';

export interface RegistryObserved {
  readonly task: TaskRow;
  /** Names of its containers whose health is the task's. */
  readonly checked: ReadonlySet<string>;
}

export type RegistryAction =
  | { readonly type: 'register' | 'tell-health'; readonly task: TaskRow; readonly health: InstanceHealth }
  | { readonly type: 'deregister'; readonly task: TaskRow };

/** While a task runs and shall run it is an instance of its Cloud Map service; before it stops it no longer is. Pure. */
export function planRegistry({ task, checked }: RegistryObserved): Plan<RegistryAction> {
  const { registration } = task;
  if (!belongs(task)) {
    return registration
      ? { actions: [{ type: 'deregister', task }], why: 'it stops: it leaves its service registry' }
      : { actions: [], why: 'it is in no service registry' };
  }
  const health = healthOf({ task, checked });
  if (registration?.state !== 'REGISTERED') {
    return { actions: [{ type: 'register', task, health }], why: 'it runs: it joins its service registry' };
  }
  if (registration.health !== undefined && registration.health !== health) {
    return { actions: [{ type: 'tell-health', task, health }], why: `it has become ${health}` };
  }
  return { actions: [], why: 'it is in its service registry' };
}

/** The Cloud Map services that a task is an instance of: its registry, and those of Service Connect. */
export function registriesOf({ registry, connect }: Pick<TaskRow, 'registry' | 'connect'>): TaskRegistryRow[] {
  return [...(registry ? [registry] : []), ...(connect?.servers ?? [])];
}

export function belongs(task: TaskRow): boolean {
  return (
    registriesOf(task).length > 0 &&
    task.interface !== undefined &&
    task.lastStatus === 'RUNNING' &&
    task.desiredStatus === 'RUNNING'
  );
}

/** A task without health checks is healthy as long as it runs; another once its checks say so. */
export function healthOf({ task, checked }: RegistryObserved): InstanceHealth {
  if (checked.size === 0) return 'HEALTHY';
  return taskHealth(task.containers, checked) === 'HEALTHY' ? 'HEALTHY' : 'UNHEALTHY';
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-discovery.html */
export function instanceAttributes(
  task: TaskRow,
  { port }: TaskRegistryRow,
  health: InstanceHealth | undefined,
): Record<string, string> {
  return {
    AWS_INSTANCE_IPV4: task.interface?.privateIp ?? '',
    ...(port !== undefined && { AWS_INSTANCE_PORT: String(port) }),
    ...(health && { AWS_INIT_HEALTH_STATUS: health }),
    AVAILABILITY_ZONE: task.interface?.availabilityZone ?? '',
    REGION: task.region,
    ECS_SERVICE_NAME: task.group.replace(/^service:/, ''),
    ECS_CLUSTER_NAME: task.clusterArn.split('/').at(-1) ?? '',
    ECS_TASK_DEFINITION_FAMILY: task.family,
  };
}
