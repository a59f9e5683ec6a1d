import type { Instance, PlacedTask } from './instance.ts';
import { rankingOf, valueOf } from './ranks.ts';
import type { Level } from './ranks.ts';
import type { Strategy } from './strategies.ts';

export interface LocatedTask {
  readonly task: PlacedTask;
  readonly instance: Instance;
}

export interface ScaleIn {
  /** All of the group that are to run. */
  readonly tasks: readonly LocatedTask[];
  /** Those that may go: among equals the first does. */
  readonly candidates: readonly LocatedTask[];
  readonly strategies: readonly Strategy[];
  readonly count: number;
}

/**
 * Which tasks go, one after the other: where the strategy spreads, from where most of them are, so that the rest stays
 * balanced; where it packs, from the instance that has the most left without the task, so that it gets empty.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement-strategies.html
 */
export function scaleInOrder({ tasks, candidates, strategies, count }: ScaleIn): string[] {
  const tallies = rankingOf(strategies).levels.map((level) => new Tally(level, tasks));
  const left = [...candidates];
  const chosen: string[] = [];
  while (chosen.length < count && left.length > 0) {
    const place = highest(left, tallies);
    const [next] = left.splice(place, 1);
    if (!next) break;
    chosen.push(next.task.id);
    for (const tally of tallies) tally.stop(next);
  }
  return chosen;
}

function highest(tasks: readonly LocatedTask[], tallies: readonly Tally[]): number {
  let best = 0;
  let bestRanks: number[] = [];
  tasks.forEach((task, place) => {
    const ranks = tallies.map((tally) => tally.rank(task));
    const level = ranks.findIndex((rank, index) => rank !== bestRanks[index]);
    if (place > 0 && (level < 0 || (ranks[level] ?? 0) < (bestRanks[level] ?? 0))) return;
    best = place;
    bestRanks = ranks;
  });
  return best;
}

/** One level of the ranking, kept up to date with the tasks that were chosen. */
class Tally {
  readonly #level: Level;
  /** Tasks by value of the attribute or by instance, or what has become free on an instance. */
  readonly #amounts = new Map<string, number>();

  constructor(level: Level, tasks: readonly LocatedTask[]) {
    this.#level = level;
    if (level.kind !== 'free') for (const one of tasks) this.#add(one, 1);
  }

  /** The highest goes first. */
  rank(one: LocatedTask): number {
    const amount = this.#amounts.get(this.#key(one)) ?? 0;
    const { instance, task } = one;
    if (this.#level.kind !== 'free') return amount;
    return amount + (this.#level.resource === 'cpu' ? instance.freeCpu + task.cpu : instance.freeMemory + task.memory);
  }

  stop(one: LocatedTask): void {
    if (this.#level.kind !== 'free') this.#add(one, -1);
    else this.#add(one, this.#level.resource === 'cpu' ? one.task.cpu : one.task.memory);
  }

  #add(one: LocatedTask, by: number): void {
    const key = this.#key(one);
    this.#amounts.set(key, (this.#amounts.get(key) ?? 0) + by);
  }

  #key({ instance }: LocatedTask): string {
    return this.#level.kind === 'value' ? valueOf(instance, this.#level.attribute) : instance.facts.id;
  }
}
