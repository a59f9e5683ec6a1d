import type { TaskContainer, TaskSpec } from './executor.ts';
import { restartsNext } from './restart-policy.ts';
import { hasStarted, type StartState } from './start-order.ts';
import { hasPause, interfaceOf } from './task-network.ts';
import { isStarting, type TaskAction } from './task-action.ts';
import { type ContainerSeen, type TaskSeen, UNTOUCHED } from './task-seen.ts';
import { volumesOf } from './task-volumes.ts';

/** The part of a plan that both ways, up and down, decide for themselves. */
export interface Steps {
  readonly actions: readonly TaskAction[];
  readonly wakeAt?: number;
  readonly why: string;
}

/**
 * What brings a task up. The pause container starts while images are pulled, secrets fetched and containers created;
 * then the interface is plugged, and containers start as their dependencies allow.
 */
export function planStart(spec: TaskSpec, seen: TaskSeen, starts: ReadonlyMap<string, StartState>): Steps {
  const anew = hasPause(spec) ? planAnew(seen) : undefined;
  if (anew) return anew;
  const isConnected = hasNetwork(spec, seen);
  const actions = [...taskSteps(spec, seen, starts), ...(hasPause(spec) ? pauseSteps(seen, isConnected) : [])];
  const waits: string[] = [];
  let wakeAt = Infinity;
  for (const container of spec.containers) {
    const own = seen.containers.get(container.name) ?? UNTOUCHED;
    const start = starts.get(container.name);
    actions.push(...containerSteps(container, own, start, { spec, seen, isConnected }));
    if (start?.is === 'waiting') {
      waits.push(`${container.name} waits for ${start.on}`);
      wakeAt = Math.min(wakeAt, start.untilMs ?? Infinity);
    }
  }
  return { actions, why: whyOf(actions, waits), ...(wakeAt === Infinity ? {} : { wakeAt }) };
}

/** Whether what a container needs to start is there: the interface, or the pause container alone where it has none. */
function hasNetwork(spec: TaskSpec, seen: TaskSeen): boolean {
  if (interfaceOf(spec)) return !seen.isCutOff && (seen.plugged || [...seen.containers.values()].some(hasStarted));
  return !hasPause(spec) || seen.pause?.status === 'running';
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

/** What containers that are still to be created need of the task as a whole: an adopted task needs none of it. */
function taskSteps(spec: TaskSpec, seen: TaskSeen, starts: ReadonlyMap<string, StartState>): TaskAction[] {
  const missing = spec.containers.filter(({ name }) => {
    const start = starts.get(name);
    return start?.is !== 'started' && start?.is !== 'failed' && seen.containers.get(name)?.state === undefined;
  });
  const actions: TaskAction[] = [];
  if (!seen.cgroup && (missing.length > 0 || (hasPause(spec) && !seen.pause))) actions.push({ do: 'ensure-cgroup' });
  if (!seen.hasSecrets && missing.some(needsSecrets)) actions.push({ do: 'resolve-secrets' });
  const volumes = new Set(missing.flatMap((container) => volumesOf(spec, container).map(({ name }) => name)));
  for (const volume of volumes) if (!seen.volumes.has(volume)) actions.push({ do: 'create-volume', volume });
  return actions;
}

function needsSecrets({ secrets, environmentFiles }: TaskContainer): boolean {
  return secrets.length > 0 || environmentFiles.length > 0;
}

function pauseSteps({ pause, cgroup }: TaskSeen, isConnected: boolean): TaskAction[] {
  if (pause === undefined) return cgroup ? [{ do: 'create-pause' }] : [];
  if (pause.status === 'created') return [{ do: 'start-pause', id: pause.id }];
  // One without an interface is connected once it runs.
  return isConnected || pause.pid === undefined ? [] : [{ do: 'plug', pid: pause.pid }];
}

interface Task {
  readonly spec: TaskSpec;
  readonly seen: TaskSeen;
  readonly isConnected: boolean;
}

function containerSteps(
  container: TaskContainer,
  own: ContainerSeen,
  start: StartState | undefined,
  task: Task,
): TaskAction[] {
  const { name } = container;
  if (start === undefined || start.is === 'failed') return [];
  if (start.is === 'started') {
    const again: TaskAction[] =
      own.state && restartsNext(container, own) ? [{ do: 'restart', container: name, id: own.state.id }] : [];
    return [...followSteps(container, own), ...again];
  }
  const actions: TaskAction[] = [];
  if (container.logs && own.logs === 'closed') actions.push({ do: 'open-logs', container: name });
  if (own.state === undefined) {
    if (!own.image) actions.push({ do: 'pull', container: name });
    else if (isPrepared(container, task)) {
      const { pause } = task.seen;
      actions.push({ do: 'create', container: name, ...(pause ? { pauseId: pause.id } : {}) });
    }
  } else if (start.is === 'ready' && task.isConnected && (!container.logs || own.logs === 'opened')) {
    actions.push({ do: 'start', container: name, id: own.state.id });
  }
  return actions;
}

/** Whether all that a container is created with is there. */
function isPrepared(container: TaskContainer, { spec, seen }: Task): boolean {
  const sources = [...container.volumesFrom, ...(container.links ?? [])];
  const hasSources = sources.every(({ container: name }) => seen.containers.get(name)?.state);
  return (
    (seen.pause !== undefined || !hasPause(spec)) &&
    seen.cgroup !== undefined &&
    (seen.hasSecrets || !needsSecrets(container)) &&
    hasSources &&
    volumesOf(spec, container).every(({ name }) => seen.volumes.has(name))
  );
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
