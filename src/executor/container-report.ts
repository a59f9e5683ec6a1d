import type { ContainerState } from '../runtime/runtime.ts';
import type { ContainerReport, TaskContainer, TaskSpec } from './executor.ts';
import { LABEL } from './labels.ts';
import { restartsNext } from './restart-policy.ts';
import { type StartState, hasStarted } from './start-order.ts';
import { networkBindings } from './task-network.ts';
import { type ContainerSeen, type TaskSeen, UNTOUCHED } from './task-seen.ts';

const OUT_OF_MEMORY = 'OutOfMemoryError: Container killed due to memory usage';
const VANISHED = 'ContainerVanishedError: No container matching saved ID found';

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
    const isRestarting = !isStopping && restartsNext(container, own);
    const bindings = hasStarted(own) ? networkBindings(spec, container, own.ports) : [];
    const ended = isRestarting ? undefined : endOf(own, start, isStopping);
    return {
      name: container.name,
      status: ended ? 'STOPPED' : isRestarting || own.state?.status === 'running' ? 'RUNNING' : 'PENDING',
      health: healthOf(container, own),
      ...(own.state ? { runtimeId: own.state.id } : {}),
      ...(digest ? { imageDigest: digest } : {}),
      ...(container.restart ? { restartCount: own.restarts } : {}),
      ...(bindings.length > 0 ? { networkBindings: bindings } : {}),
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
    // A restart that failed is why it does not run.
    const reason = isOutOfMemory(state, seen.wasStopped) ? OUT_OF_MEMORY : seen.failure;
    return {
      ...(state.exitCode === undefined ? {} : { exitCode: state.exitCode }),
      ...(reason === undefined ? {} : { reason }),
    };
  }
  if (state?.status === 'running') return undefined;
  if (hasStarted({ hasRun, ...seen })) return { reason: VANISHED };
  if (start?.is === 'failed') return { reason: start.reason };
  return isStopping ? {} : undefined;
}

/**
 * Where a task's control group is full, the engine says so of each of its containers: killed for it is the one that the
 * kernel ended, not those that were stopped then.
 */
export function isOutOfMemory({ oomKilled, exitCode }: ContainerState, wasStopped: boolean): boolean {
  return oomKilled === true && exitCode === 137 && !wasStopped;
}

/**
 * UNKNOWN for a container without a health check of the task definition, as in ECS; and between two runs, since the engine
 * calls whatever has ended unhealthy.
 */
function healthOf(container: TaskContainer, { state }: ContainerSeen): ContainerReport['health'] {
  if (!container.healthCheck || container.healthCheck.command[0] === 'NONE') return 'UNKNOWN';
  if (state?.status !== 'running') return 'UNKNOWN';
  if (state.health === 'healthy') return 'HEALTHY';
  return state.health === 'unhealthy' ? 'UNHEALTHY' : 'UNKNOWN';
}
