import type { ContainerState, ImageInfo } from '../runtime/runtime.ts';
import type { StopCode } from './executor.ts';
import type { TaskAction } from './task-action.ts';

/** All that `planTask` looks at: what the engine says, and what this process remembers. */
export interface TaskSeen {
  /** The container that holds the task's network namespace. */
  readonly pause?: ContainerState;
  /** By name in the task definition; a name that is missing has not been touched. */
  readonly containers: ReadonlyMap<string, ContainerSeen>;
  /** The interface was put into the pause container, or taken out, by this process. */
  readonly plugged: boolean;
  readonly unplugged: boolean;
  /** Something of the task as a whole failed for good: the full reason, as ECS says it. */
  readonly failure?: string;
  /** What earlier plans decided: the first cause stays. */
  readonly cause?: StopCause;
  /** Begun and not ended. */
  readonly inFlight: readonly TaskAction[];
  /** The control plane knows that the task is STOPPED. */
  readonly stoppedAccepted: boolean;
}

export interface ContainerSeen {
  readonly state?: ContainerState;
  /** Set once it was pulled by this process. */
  readonly image?: ImageInfo;
  /** Pull, create or start failed for good: the full reason, as ECS says it. */
  readonly failure?: string;
  /** This process has seen it run, whether or not it is there now. */
  readonly hasRun: boolean;
  /** Where the log driver stands: `opened` means that lines can be stored, `drained` that the last one is. */
  readonly logs: 'closed' | 'opened' | 'following' | 'drained';
}

/** Why a task stops; empty when the control plane wants it. */
export interface StopCause {
  readonly stopCode?: StopCode;
  readonly stoppedReason?: string;
}

export const UNTOUCHED: ContainerSeen = { hasRun: false, logs: 'closed' };
