import type { TaskContainer, TaskSpec } from './executor.ts';
import { hasStarted, type StartState } from './start-order.ts';
import { isStarting, type TaskAction } from './task-action.ts';
import { type ContainerSeen, type TaskSeen, UNTOUCHED } from './task-seen.ts';

/** The part of a plan that both ways, up and down, decide for themselves. */
export interface Steps {
  readonly actions: readonly TaskAction[];
  readonly wakeAt?: number;
  readonly why: string;
}

/**
 * What brings a task up. The pause container starts while images are pulled and containers created; then the
 * interface is plugged, and containers start as their dependencies allow.
 */
export function planStart(spec: TaskSpec, seen: TaskSeen, starts: ReadonlyMap<string, StartState>): Steps {
  const anew = planAnew(seen);
  if (anew) return anew;
  const isConnected = seen.plugged || [...seen.containers.values()].some(hasStarted);
  const actions = [...pauseSteps(seen, isConnected)];
  const waits: string[] = [];
  let wakeAt = Infinity;
  for (const container of spec.containers) {
    const own = seen.containers.get(container.name) ?? UNTOUCHED;
    const start = starts.get(container.name);
    actions.push(...containerSteps(container, own, start, seen, isConnected));
    if (start?.is === 'waiting') {
      waits.push(`${container.name} waits for ${start.on}`);
      wakeAt = Math.min(wakeAt, start.untilMs ?? Infinity);
    }
  }
  return { actions, why: whyOf(actions, waits), ...(wakeAt === Infinity ? {} : { wakeAt }) };
}

/** A pause container that ended before anything ran: what was made upon it goes, and the task begins anew. */
function planAnew(seen: TaskSeen): Steps | undefined {
  const containers = [...seen.containers];
  const isPauseThere = seen.pause !== undefined && seen.pause.status !== 'exited';
  const made = containers.filter(([, { state }]) => state !== undefined);
  if (isPauseThere || containers.some(([, own]) => hasStarted(own))) return undefined;
  if (seen.pause === undefined && made.length === 0) return undefined;
  const why = 'the pause container ended before anything ran: beginning anew';
  if (seen.inFlight.some(isStarting)) return { actions: [], why };
  const actions: TaskAction[] = made.map(([container, { state }]) => ({
    do: 'remove',
    container,
    id: state?.id ?? '',
  }));
  if (seen.pause) actions.push({ do: 'remove-pause', id: seen.pause.id });
  return { actions, why };
}

function pauseSteps({ pause }: TaskSeen, isConnected: boolean): TaskAction[] {
  if (pause === undefined) return [{ do: 'create-pause' }];
  if (pause.status === 'created') return [{ do: 'start-pause', id: pause.id }];
  return isConnected || pause.pid === undefined ? [] : [{ do: 'plug', pid: pause.pid }];
}

function containerSteps(
  container: TaskContainer,
  own: ContainerSeen,
  start: StartState | undefined,
  seen: TaskSeen,
  isConnected: boolean,
): TaskAction[] {
  const { name } = container;
  if (start === undefined || start.is === 'failed') return [];
  if (start.is === 'started') return followSteps(container, own);
  const actions: TaskAction[] = [];
  if (container.logs && own.logs === 'closed') actions.push({ do: 'open-logs', container: name });
  if (own.state === undefined) {
    if (!own.image) actions.push({ do: 'pull', container: name });
    else if (seen.pause) actions.push({ do: 'create', container: name, pauseId: seen.pause.id });
  } else if (start.is === 'ready' && isConnected && (!container.logs || own.logs === 'opened')) {
    actions.push({ do: 'start', container: name, id: own.state.id });
  }
  return actions;
}

/** The engine keeps what a container printed, so following may begin after its start, or its end. */
export function followSteps(container: TaskContainer, own: ContainerSeen): TaskAction[] {
  const isUnheard = own.logs === 'closed' || own.logs === 'opened';
  return container.logs && own.state && isUnheard
    ? [{ do: 'follow-logs', container: container.name, id: own.state.id }]
    : [];
}

function whyOf(actions: readonly TaskAction[], waits: readonly string[]): string {
  const steps = [...new Set(actions.map((action) => action.do))];
  if (steps.length > 0) return `starting: ${[...steps, ...waits].join(', ')}`;
  return waits.length > 0 ? waits.join(', ') : 'every container that should run has been started';
}
