import type { TaskRow } from '../tables.ts';
import { zoneOfTask } from './zones.ts';

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-scale-in-protection.html */
export function isProtected(task: TaskRow, now: number): boolean {
  return task.protectedUntilMs !== undefined && task.protectedUntilMs > now;
}

export interface ScaleIn {
  /** All that count for the balance of zones. */
  readonly tasks: readonly TaskRow[];
  /** Those that may go. */
  readonly candidates: readonly TaskRow[];
  readonly healthy: ReadonlySet<string>;
  readonly count: number;
  /** Which of equals goes. */
  readonly first: 'newest' | 'oldest';
}

/**
 * Which tasks leave: what is not healthy first; then, one after the other, from the zone that has the most tasks left.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-rebalancing.html
 */
export function tasksToStop({ tasks, candidates, healthy, count, first }: ScaleIn): TaskRow[] {
  const zone = (task: TaskRow) => zoneOfTask(task.network, task);
  const sign = first === 'newest' ? -1 : 1;
  const ranked = candidates.toSorted((a, b) => sign * (a.createdAtMs - b.createdAtMs));
  const left = new Map<string, number>();
  for (const task of tasks) left.set(zone(task), (left.get(zone(task)) ?? 0) + 1);
  const chosen: TaskRow[] = [];
  while (chosen.length < count && ranked.length > 0) {
    const isSick = ranked.some((task) => !healthy.has(task.arn));
    const pool = ranked.filter((task) => isSick !== healthy.has(task.arn));
    const most = Math.max(...pool.map((task) => left.get(zone(task)) ?? 0));
    const next = pool.find((task) => left.get(zone(task)) === most);
    if (!next) break;
    ranked.splice(ranked.indexOf(next), 1);
    left.set(zone(next), most - 1);
    chosen.push(next);
  }
  return chosen;
}

export interface Surplus {
  readonly tasks: readonly TaskRow[];
  readonly spared: ReadonlySet<string>;
  readonly healthy: ReadonlySet<string>;
  readonly wanted: number;
}

/**
 * More tasks than wanted, but for those that are spared. Where one of these is not healthy yet, a healthy one stays in its
 * stead: as many as are wanted are healthy still.
 */
export function surplusOf({ tasks, spared, healthy, wanted }: Surplus): TaskRow[] {
  const candidates = tasks.filter((task) => !spared.has(task.arn));
  const ill = candidates.filter((task) => !healthy.has(task.arn)).length;
  const well = tasks.filter((task) => healthy.has(task.arn)).length;
  const count = Math.min(tasks.length - wanted, ill + Math.max(0, well - wanted));
  return tasksToStop({ tasks, candidates, healthy, count: Math.max(0, count), first: 'newest' });
}
