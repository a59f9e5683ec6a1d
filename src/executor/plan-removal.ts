import type { TaskSpec } from './executor.ts';
import type { TaskAction } from './task-action.ts';
import type { TaskSeen } from './task-seen.ts';
import { endsWithTask } from './task-volumes.ts';

export interface Removal {
  readonly actions: readonly TaskAction[];
  /** Nothing of the task is left. */
  readonly done: boolean;
  readonly why: string;
}

/** Once the control plane knows the end, the proof of it can go: containers, then what they held. */
export function planRemoval(spec: TaskSpec, seen: TaskSeen): Removal {
  const actions: TaskAction[] = [];
  for (const [container, { state }] of seen.containers) {
    if (state) actions.push({ do: 'remove', container, id: state.id });
  }
  if (seen.pause) actions.push({ do: 'remove-pause', id: seen.pause.id });
  if (actions.length > 0) return { actions, done: false, why: 'the task is stopped: removing its containers' };
  if (!seen.volumesRemoved && spec.volumes.some(endsWithTask)) actions.push({ do: 'remove-volumes' });
  if (!seen.cgroupRemoved) actions.push({ do: 'remove-cgroup' });
  const done = actions.length === 0;
  const why = done ? 'the task is stopped, and nothing is left' : 'the task is stopped: removing what it held';
  return { actions, done, why };
}
