import type { ContainerReport, TaskContainer, TaskSpec } from './executor.ts';
import { LABEL } from './container-spec.ts';
import { type StartState, hasStarted } from './start-order.ts';
import { type ContainerSeen, type TaskSeen, UNTOUCHED } from './task-seen.ts';

/** What each container is, in the order of the task definition. */
export function containerReports(
  spec: TaskSpec,
  seen: TaskSeen,
  starts: ReadonlyMap<string, StartState>,
  isStopping: boolean,
): readonly ContainerReport[] {
  return spec.containers.map((container) => {
    const own = seen.containers.get(container.name) ?? UNTOUCHED;
    const start = starts.get(container.name);
    const digest = own.image?.digest ?? own.state?.labels[LABEL.imageDigest];
    const ended = endOf(own, start, isStopping);
    return {
      name: container.name,
      status: ended ? 'STOPPED' : own.state?.status === 'running' ? 'RUNNING' : 'PENDING',
      health: healthOf(container, own),
      ...(own.state ? { runtimeId: own.state.id } : {}),
      ...(digest ? { imageDigest: digest } : {}),
      ...ended,
    };
  });
}

/** The exit code and reason of a container that does not run and will not; undefined for others. */
function endOf(
  { state, hasRun, ...seen }: ContainerSeen,
  start: StartState | undefined,
  isStopping: boolean,
): Pick<ContainerReport, 'exitCode' | 'reason'> | undefined {
  if (state?.status === 'exited') {
    return {
      ...(state.exitCode === undefined ? {} : { exitCode: state.exitCode }),
      ...(state.oomKilled ? { reason: 'OutOfMemoryError: Container killed due to memory usage' } : {}),
    };
  }
  if (state?.status === 'running') return undefined;
  if (hasStarted({ hasRun, ...seen }))
    return { reason: 'ContainerVanishedError: No container matching saved ID found' };
  if (start?.is === 'failed') return { reason: start.reason };
  return isStopping ? {} : undefined;
}

/** UNKNOWN for a container without a health check of the task definition, as in ECS. */
function healthOf(container: TaskContainer, { state }: ContainerSeen): ContainerReport['health'] {
  if (!container.healthCheck || container.healthCheck.command[0] === 'NONE') return 'UNKNOWN';
  if (state?.health === 'healthy') return 'HEALTHY';
  return state?.health === 'unhealthy' ? 'UNHEALTHY' : 'UNKNOWN';
}
