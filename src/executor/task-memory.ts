import type { ContainerState, ImageInfo } from '../runtime/runtime.ts';
import type { TaskContainer, TaskReport, TaskSpec } from './executor.ts';
import { LABEL } from './labels.ts';
import type { LogFollower } from './log-follower.ts';
import type { TaskPlan } from './plan-task.ts';
import type { ResolvedSecrets } from './secrets.ts';
import type { TaskAction } from './task-action.ts';
import type { ContainerSeen, StopCause, TaskSeen } from './task-seen.ts';

/** What a process remembers of one container beside what the engine says. */
export interface ContainerMemory {
  image?: ImageInfo;
  failure?: string;
  hasRun: boolean;
  wasStopped: boolean;
  /** Since this process looks. */
  restarts: number;
  /** Of the run that was seen last. */
  startedAtMs?: number;
  ports?: NonNullable<ContainerState['ports']>;
  logs: ContainerSeen['logs'];
  follower?: LogFollower;
  /** The run whose last line is stored. */
  drainedAtMs?: number;
}

/**
 * What a process remembers of one task. Nothing here need survive: a new process learns it again from the engine, or
 * does the (idempotent) step again.
 */
export class TaskMemory {
  plugged = false;
  unplugged = false;
  cgroup: { readonly parent?: string } | undefined;
  /** By container; never in a log or a report. */
  secrets: ReadonlyMap<string, ResolvedSecrets> | undefined;
  readonly volumes = new Set<string>();
  volumesRemoved = false;
  cgroupRemoved = false;
  failure: string | undefined;
  cause: StopCause | undefined;
  /** How often a pause container ended before anything ran. */
  pauseEnds = 0;
  readonly inFlight = new Map<string, TaskAction>();
  readonly #containers = new Map<string, ContainerMemory>();
  #pullStartedAtMs: number | undefined;
  #pullStoppedAtMs: number | undefined;

  of(container: string): ContainerMemory {
    const known = this.#containers.get(container) ?? { hasRun: false, wasStopped: false, restarts: 0, logs: 'closed' };
    this.#containers.set(container, known);
    return known;
  }

  get followers(): LogFollower[] {
    return [...this.#containers.values()].map(({ follower }) => follower).filter((one) => one !== undefined);
  }

  pullStarted(now: number): void {
    this.#pullStartedAtMs ??= now;
  }

  pullStopped(now: number): void {
    this.#pullStoppedAtMs = now;
  }

  /** Joins it with what the engine lists for the task. */
  seen(spec: TaskSpec, states: readonly ContainerState[], stoppedAccepted: boolean): TaskSeen {
    const pause = states.find(({ labels }) => labels[LABEL.role] === 'pause');
    const containers = new Map<string, ContainerSeen>();
    for (const container of spec.containers) {
      const { name } = container;
      const state = states.find(({ labels }) => labels[LABEL.role] === 'container' && labels[LABEL.container] === name);
      containers.set(name, this.#containerSeen(container, state));
    }
    return {
      containers,
      plugged: this.plugged,
      unplugged: this.unplugged,
      hasSecrets: this.secrets !== undefined,
      volumes: this.volumes,
      volumesRemoved: this.volumesRemoved,
      cgroupRemoved: this.cgroupRemoved,
      inFlight: [...this.inFlight.values()],
      stoppedAccepted,
      ...(pause ? { pause } : {}),
      ...(this.cgroup ? { cgroup: this.cgroup } : {}),
      ...(this.failure === undefined ? {} : { failure: this.failure }),
      ...(this.cause ? { cause: this.cause } : {}),
    };
  }

  #containerSeen(container: TaskContainer, state: ContainerState | undefined): ContainerSeen {
    const memory = this.of(container.name);
    if (container.hasRun || state?.startedAtMs !== undefined) memory.hasRun = true;
    if (container.failure !== undefined) memory.failure ??= container.failure;
    noteRun(container, memory, state);
    if (state?.ports) memory.ports = state.ports;
    return {
      hasRun: memory.hasRun,
      wasStopped: memory.wasStopped,
      restarts: (container.restartCount ?? 0) + memory.restarts,
      logs: memory.logs,
      ...(state ? { state } : {}),
      ...(memory.ports ? { ports: memory.ports } : {}),
      ...(memory.image ? { image: memory.image } : {}),
      ...(memory.failure === undefined ? {} : { failure: memory.failure }),
    };
  }

  report(spec: TaskSpec, plan: TaskPlan): TaskReport {
    const isPulling = [...this.inFlight.values()].some((action) => action.do === 'pull');
    return {
      taskArn: spec.taskArn,
      status: plan.status,
      containers: plan.containers,
      ...plan.cause,
      ...(this.#pullStartedAtMs === undefined ? {} : { pullStartedAtMs: this.#pullStartedAtMs }),
      ...(this.#pullStoppedAtMs === undefined || isPulling ? {} : { pullStoppedAtMs: this.#pullStoppedAtMs }),
      ...(plan.executionStoppedAtMs === undefined ? {} : { executionStoppedAtMs: plan.executionStoppedAtMs }),
    };
  }
}

/** A later start of the same container is a restart, whoever asked for it; its lines are to be followed again. */
function noteRun(container: TaskContainer, memory: ContainerMemory, state: ContainerState | undefined): void {
  if (state?.startedAtMs === undefined) return;
  if (memory.startedAtMs !== undefined && memory.startedAtMs !== state.startedAtMs) memory.restarts += 1;
  memory.startedAtMs = state.startedAtMs;
  const isHeard = state.status !== 'running' && memory.drainedAtMs === state.startedAtMs;
  if (container.restart && memory.logs === 'drained' && !isHeard) memory.logs = 'opened';
}
