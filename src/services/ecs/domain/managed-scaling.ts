import type { ManagedScalingRow } from '../capacity-provider-tables.ts';

/** What an instance has, or a task takes of one: CPU units, MiB, network interfaces. */
export interface Amounts {
  readonly cpu: number;
  readonly memory: number;
  readonly interfaces: number;
}

/** An instance of the group that is not on its way out. */
export interface GroupInstance {
  /** It is in the cluster, and not draining: tasks that wait found no room on it. */
  readonly isRegistered: boolean;
  /** It has tasks, not counting daemons. */
  readonly isBusy: boolean;
  readonly launchedAtMs: number;
}

export interface ScalingFacts {
  readonly scaling: ManagedScalingRow;
  /** The desired capacity of the group: how many instances run, once those on their way have come. */
  readonly desired: number;
  readonly instances: readonly GroupInstance[];
  /** Tasks that wait for room. */
  readonly waiting: readonly Amounts[];
  /** The smallest and the largest of each amount over the group's instance types; undefined where they are not known. */
  readonly sizes?: { readonly smallest: Amounts; readonly largest: Amounts } | undefined;
}

export interface Reservation {
  /** M: so many instances the tasks need that are placed, and those that wait. */
  readonly needed: number;
  /** CapacityProviderReservation, in percent. */
  readonly percent: number;
}

/**
 * How much of a capacity provider is taken: M / N x 100.
 *
 *   nothing waits        M = instances with a task            below 100 where whole instances are free
 *   tasks wait           M = N + instances for them           above 100; the number is kept within the step sizes
 *   N = 0                the target where nothing waits, else 200
 *
 * Instances that were asked for and have not come yet are room for the tasks that wait, until their warm-up ends: who
 * waits for them asks for no more. Tasks that the smallest instance type cannot run are passed over, as ECS does.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/managed-scaling-behavior.html
 * https://aws.amazon.com/blogs/containers/deep-dive-on-amazon-ecs-cluster-auto-scaling/
 */
export function reservationOf(facts: ScalingFacts, now: number): Reservation {
  const { desired, instances } = facts;
  const needed = neededOf(facts, now);
  if (desired === 0 && instances.length === 0)
    return { needed, percent: needed > 0 ? 200 : facts.scaling.targetCapacity };
  return { needed, percent: (needed / Math.max(1, desired)) * 100 };
}

function neededOf({ scaling, desired, instances, waiting, sizes }: ScalingFacts, now: number): number {
  const busy = instances.filter((one) => one.isBusy).length;
  const fitting = sizes ? waiting.filter((task) => fits(task, sizes.smallest)) : waiting;
  const isComing = (one: GroupInstance) =>
    !one.isRegistered && !one.isBusy && now < one.launchedAtMs + scaling.instanceWarmupPeriod * 1000;
  const coming = Math.max(0, desired - instances.length) + instances.filter(isComing).length;
  // Without sizes one instance more is a try that tells them.
  const wanted = sizes ? binsFor(fitting, sizes.largest) : Math.min(1, fitting.length);
  if (wanted <= coming) return busy + wanted;
  const step = Math.min(scaling.maximumScalingStepSize, Math.max(scaling.minimumScalingStepSize, wanted - coming));
  return Math.max(desired, instances.length) + step;
}

/** How many instances of a size these tasks fill, each put on the first that it fits on, the largest first. */
function binsFor(tasks: readonly Amounts[], size: Amounts): number {
  const share = (task: Amounts) => Math.max(task.cpu / (size.cpu || 1), task.memory / (size.memory || 1));
  const bins: Amounts[] = [];
  for (const task of tasks.toSorted((a, b) => share(b) - share(a))) {
    const index = bins.findIndex((free) => fits(task, free));
    const free = bins[index] ?? size;
    bins[index < 0 ? bins.length : index] = {
      cpu: free.cpu - task.cpu,
      memory: free.memory - task.memory,
      interfaces: free.interfaces - task.interfaces,
    };
  }
  return bins.length;
}

function fits(task: Amounts, free: Amounts): boolean {
  return task.cpu <= free.cpu && task.memory <= free.memory && task.interfaces <= free.interfaces;
}

/** The smallest and the largest of each amount. */
export function rangeOf(sizes: readonly Amounts[]): ScalingFacts['sizes'] {
  if (sizes.length === 0) return undefined;
  const each = (pick: (...values: number[]) => number): Amounts => ({
    cpu: pick(...sizes.map((one) => one.cpu)),
    memory: pick(...sizes.map((one) => one.memory)),
    interfaces: pick(...sizes.map((one) => one.interfaces)),
  });
  return { smallest: each(Math.min), largest: each(Math.max) };
}
