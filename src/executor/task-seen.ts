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
  /** It was plugged, and the interface is gone: a link that was deleted by hand, or went with the VPC's namespace. */
  readonly isCutOff?: boolean;
  /** Its control group was made by this process; without `parent` where this host has none. */
  readonly cgroup?: { readonly parent?: string };
  readonly hasSecrets: boolean;
  /** Names of the task's volumes that this process has made sure of. */
  readonly volumes: ReadonlySet<string>;
  /** The volumes, or the control group, that ended with the task were removed by this process. */
  readonly volumesRemoved: boolean;
  readonly cgroupRemoved: boolean;
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
  /** What it has bound, or had when it ran last. */
  readonly ports?: NonNullable<ContainerState['ports']>;
  /** This process has seen it run, whether or not it is there now. */
  readonly hasRun: boolean;
  /** This process has told it to stop. */
  readonly wasStopped: boolean;
  /** How often it was started again. */
  readonly restarts: number;
  /** Where the log driver stands: `opened` means that lines can be stored, `drained` that the last one is. */
  readonly logs: 'closed' | 'opened' | 'following' | 'drained';
}

/** Why a task stops; empty when the control plane wants it. */
export interface StopCause {
  readonly stopCode?: StopCode;
  readonly stoppedReason?: string;
}

export const UNTOUCHED: ContainerSeen = { hasRun: false, wasStopped: false, restarts: 0, logs: 'closed' };
