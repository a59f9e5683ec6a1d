import type { TaskSpec } from './executor.ts';
import { followSteps, type Steps } from './plan-start.ts';
import { hasStarted } from './start-order.ts';
import { dependenciesOf, interfaceOf } from './task-network.ts';
import { isStarting, type TaskAction } from './task-action.ts';
import { type TaskSeen, UNTOUCHED } from './task-seen.ts';

/**
 * What brings a task down: containers in the reverse order of `dependsOn`, each with its own timeout; then the
 * interface, the pause container and the last lines of the logs.
 */
export function planStop(spec: TaskSpec, seen: TaskSeen): Steps & { readonly over: boolean } {
  if (seen.inFlight.some(isStarting)) {
    return { actions: [], over: false, why: 'stopping: waiting for what was being started' };
  }
  const running = new Set(
    spec.containers.map(({ name }) => name).filter((name) => seen.containers.get(name)?.state?.status === 'running'),
  );
  const actions = spec.containers.flatMap((container) => {
    const own = seen.containers.get(container.name) ?? UNTOUCHED;
    return hasStarted(own) ? followSteps(container, own) : [];
  });
  if (running.size > 0) {
    actions.push(...stopSteps(spec, seen, running));
    return { actions, over: false, why: `stopping: ${[...running].join(', ')} still running` };
  }
  actions.push(...networkSteps(spec, seen));
  for (const container of spec.containers) {
    const own = seen.containers.get(container.name) ?? UNTOUCHED;
    if (container.logs && own.logs === 'following') actions.push({ do: 'drain-logs', container: container.name });
  }
  const over = actions.length === 0;
  return { actions, over, why: over ? 'every container has ended' : 'every container has ended: cleaning up' };
}

/** Those that no running container depends on. */
function stopSteps(spec: TaskSpec, seen: TaskSeen, running: ReadonlySet<string>): TaskAction[] {
  const needed = new Set(
    spec.containers.flatMap((one) =>
      running.has(one.name) ? dependenciesOf(one).map(({ container }) => container) : [],
    ),
  );
  const free = spec.containers.filter(({ name }) => running.has(name) && !needed.has(name));
  // A circle would never come down.
  const stoppable = free.length > 0 ? free : spec.containers.filter(({ name }) => running.has(name));
  return stoppable.map(({ name, stopTimeoutMs }) => ({
    do: 'stop',
    container: name,
    id: seen.containers.get(name)?.state?.id ?? '',
    timeoutMs: stopTimeoutMs,
  }));
}

function networkSteps(spec: TaskSpec, { unplugged, pause }: TaskSeen): TaskAction[] {
  if (!unplugged && interfaceOf(spec)) return [{ do: 'unplug' }];
  // Created and never started, it is no more than a name.
  return pause?.status === 'running' ? [{ do: 'stop-pause', id: pause.id }] : [];
}
