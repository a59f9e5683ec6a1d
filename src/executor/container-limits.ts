import type { ContainerSpec } from '../runtime/runtime.ts';
import type { TaskContainer, TaskSpec } from './executor.ts';

/**
 * A container's own limits. The task's bound all of its containers together, by the task's control group; where the host
 * has none, they bound each container.
 */
export function containerLimits(
  spec: TaskSpec,
  container: TaskContainer,
  hasTaskCgroup: boolean,
): Pick<ContainerSpec, 'cpuShares' | 'cpuLimit' | 'memoryLimitBytes' | 'memoryReservationBytes'> {
  const task = hasTaskCgroup ? {} : { cpuLimit: spec.cpuUnits, memoryBytes: spec.memoryBytes };
  const memoryLimitBytes = container.memoryBytes ?? task.memoryBytes;
  const cpuShares = sharesOf(spec, container);
  return {
    ...(cpuShares === undefined ? {} : { cpuShares }),
    ...(task.cpuLimit === undefined ? {} : { cpuLimit: task.cpuLimit }),
    ...(memoryLimitBytes === undefined ? {} : { memoryLimitBytes }),
    ...(container.memoryReservationBytes === undefined
      ? {}
      : { memoryReservationBytes: container.memoryReservationBytes }),
  };
}

/** As the ECS agent has it on an instance: the least there is. */
const LEAST_SHARES = 2;

/** What a container asks for; those that ask for nothing share what the others leave of the task's, on Fargate. */
function sharesOf(spec: TaskSpec, container: TaskContainer): number | undefined {
  if (container.cpuUnits) return container.cpuUnits;
  if (spec.instanceId !== undefined) return LEAST_SHARES;
  if (spec.cpuUnits === undefined) return undefined;
  const asked = spec.containers.reduce((sum, { cpuUnits }) => sum + (cpuUnits ?? 0), 0);
  const silent = spec.containers.filter(({ cpuUnits }) => !cpuUnits).length;
  return Math.max(LEAST_SHARES, Math.floor((spec.cpuUnits - asked) / silent));
}
