import type { ContainerState, ImageInfo } from '../runtime/runtime.ts';
import { LABEL } from './container-spec.ts';
import type { TaskReport, TaskSpec } from './executor.ts';
import type { LogFollower } from './log-follower.ts';
import type { TaskPlan } from './plan-task.ts';
import type { TaskAction } from './task-action.ts';
import type { ContainerSeen, StopCause, TaskSeen } from './task-seen.ts';

/** What a process remembers of one container beside what the engine says. */
export interface ContainerMemory {
  image?: ImageInfo;
  failure?: string;
  hasRun: boolean;
  logs: ContainerSeen['logs'];
  follower?: LogFollower;
}

/**
 * What a process remembers of one task. Nothing here need survive: a new process learns it again from the engine, or
 * does the (idempotent) step again.
 */
export class TaskMemory {
  plugged = false;
  unplugged = false;
  failure: string | undefined;
  cause: StopCause | undefined;
  /** How often a pause container ended before anything ran. */
  pauseEnds = 0;
  readonly inFlight = new Map<string, TaskAction>();
  readonly #containers = new Map<string, ContainerMemory>();
  #pullStartedAtMs: number | undefined;
  #pullStoppedAtMs: number | undefined;

  of(container: string): ContainerMemory {
    const known = this.#containers.get(container) ?? { hasRun: false, logs: 'closed' };
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
    for (const { name, hasRun = false } of spec.containers) {
      const memory = this.of(name);
      const state = states.find(({ labels }) => labels[LABEL.role] === 'container' && labels[LABEL.container] === name);
      if (hasRun || state?.startedAtMs !== undefined) memory.hasRun = true;
      containers.set(name, {
        hasRun: memory.hasRun,
        logs: memory.logs,
        ...(state ? { state } : {}),
        ...(memory.image ? { image: memory.image } : {}),
        ...(memory.failure === undefined ? {} : { failure: memory.failure }),
      });
    }
    return {
      containers,
      plugged: this.plugged,
      unplugged: this.unplugged,
      inFlight: [...this.inFlight.values()],
      stoppedAccepted,
      ...(pause ? { pause } : {}),
      ...(this.failure === undefined ? {} : { failure: this.failure }),
      ...(this.cause ? { cause: this.cause } : {}),
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
