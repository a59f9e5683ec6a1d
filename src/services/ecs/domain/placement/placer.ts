import type { Ids } from '../../../../kernel/ids.ts';
import { AttributeSets } from './attribute-sets.ts';
import { mayStay, refusalsOf } from './filters.ts';
import { Instance, compareInstances, isSamePorts } from './instance.ts';
import type { Demand, InstanceFacts, PlacedTask } from './instance.ts';
import { Pool } from './pool.ts';
import { rankingOf } from './ranks.ts';
import type { RefusedInstance } from './reasons.ts';
import { scaleInOrder } from './scale-in.ts';
import type { Strategy } from './strategies.ts';

/** The order of instances is kept for so many kinds of task, whatever the cluster's size. */
const LEAST_POOLS = 16;
/** And for more while all orders together have no more entries: some 50 bytes each. */
const MOST_ENTRIES = 2_500_000;

interface Held {
  readonly task: PlacedTask;
  readonly slot: number;
  isStopping: boolean;
}

interface KeptPool {
  readonly pool: Pool;
  /** By slot: the version of the instance that it has looked at. */
  readonly versions: number[];
  /** How far it has read the changes. */
  read: number;
}

/**
 * Decides which container instance of a cluster a task goes to. It holds the cluster in memory, is told what changes, and a
 * decision costs in proportion to what changed since the last one for such a task, not to the size of the cluster.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task-placement.html
 */
export class Placer {
  readonly #ids: Pick<Ids, 'bytes'>;
  readonly #slots = new Map<string, number>();
  readonly #instances: (Instance | undefined)[] = [];
  readonly #freeSlots: number[] = [];
  readonly #attributes = new AttributeSets();
  /** By slot: goes up with each change. */
  readonly #versions: number[] = [];
  readonly #tasks = new Map<string, Held>();
  readonly #groups = new Map<string, Set<string>>();
  /** The least recently used first. */
  readonly #pools = new Map<string, KeptPool>();
  readonly #keys = new WeakMap<Demand, string>();
  /** Slots in the order in which they changed, without the first ones. */
  #changes: number[] = [];
  #forgotten = 0;
  /** What is added while something is tried. */
  #tried: string[] | undefined;

  constructor(ids: Pick<Ids, 'bytes'>) {
    this.#ids = ids;
  }

  get instanceCount(): number {
    return this.#slots.size;
  }

  get taskCount(): number {
    return this.#tasks.size;
  }

  hasInstance(id: string): boolean {
    return this.#slots.has(id);
  }

  /** Adds an instance, or takes what changed of it. */
  setInstance(given: InstanceFacts): void {
    const facts = { ...given, attributes: this.#attributes.share(given.id, given.attributes) };
    const known = this.#slots.get(facts.id);
    if (known !== undefined && this.#instances[known]?.isSame(facts)) return;
    const slot = known ?? this.#freeSlots.pop() ?? this.#instances.length;
    if (known === undefined) {
      this.#instances[slot] = new Instance(facts);
      this.#slots.set(facts.id, slot);
    } else this.#instances[slot]?.update(facts);
    this.#changed(slot);
  }

  /** Its tasks are forgotten with it. */
  removeInstance(id: string): void {
    const slot = this.#slots.get(id);
    if (slot === undefined) return;
    for (const task of this.#instances[slot]?.taskIds ?? []) this.removeTask(task);
    this.#slots.delete(id);
    this.#attributes.release(id);
    this.#instances[slot] = undefined;
    this.#freeSlots.push(slot);
    this.#changed(slot);
  }

  /** Adds a task, or takes what changed of it. It is left out where its instance is not known. */
  setTask(task: PlacedTask, isStopping: boolean): void {
    const held = this.#tasks.get(task.id);
    if (held && (!isSameTask(held.task, task) || (held.isStopping && !isStopping))) this.removeTask(task.id);
    this.addTask(task);
    if (isStopping) this.stopTask(task.id);
  }

  /** A task that is on an instance: it counts whether it fits or not. A task that is known, or an instance that is not, changes nothing. */
  addTask(task: PlacedTask): void {
    const slot = this.#slots.get(task.instanceId);
    if (slot === undefined || this.#tasks.has(task.id)) return;
    this.#tried?.push(task.id);
    this.#tasks.set(task.id, { task, slot, isStopping: false });
    this.#groups.set(task.group, (this.#groups.get(task.group) ?? new Set()).add(task.id));
    this.#instances[slot]?.take(task);
    this.#changed(slot);
  }

  /** Its desired status is STOPPED: it keeps what it takes, but constraints and spread no longer look at it. */
  stopTask(id: string): void {
    const held = this.#tasks.get(id);
    if (!held || held.isStopping) return;
    held.isStopping = true;
    this.#leave(held.task);
    this.#instances[held.slot]?.join(held.task.group, -1);
    this.#changed(held.slot);
  }

  /** It has stopped: what it took is free. */
  removeTask(id: string): void {
    const held = this.#tasks.get(id);
    if (!held) return;
    this.#tasks.delete(id);
    if (!held.isStopping) this.#leave(held.task);
    this.#instances[held.slot]?.release(held.task, held.isStopping);
    this.#changed(held.slot);
  }

  /** The ID of the instance that such a task would go to; undefined where no instance meets all of its requirements. */
  choose(demand: Demand): string | undefined {
    const slot = this.#poolOf(demand).best((below) => this.#draw(below));
    return slot === undefined ? undefined : this.#instances[slot]?.facts.id;
  }

  /** Chooses, and puts the task there. */
  place(id: string, demand: Demand): string | undefined {
    const instanceId = this.choose(demand);
    if (instanceId === undefined) return undefined;
    const { group, cpu, memory, ports, interfaces } = demand;
    this.addTask({ id, instanceId, group, cpu, memory, ports, interfaces });
    return instanceId;
  }

  /** What `does` adds is taken back at its end. */
  attempt<T>(does: () => T): T {
    const tried: string[] = [];
    this.#tried = tried;
    try {
      return does();
    } finally {
      this.#tried = undefined;
      for (const id of tried) this.removeTask(id);
    }
  }

  /** Each instance that such a task cannot go to, with every reason, in order. It looks at all of them. */
  why(demand: Demand): RefusedInstance[] {
    const present = this.#instances.filter((instance) => instance !== undefined);
    return present.sort(compareInstances).flatMap((instance) => {
      const refusals = refusalsOf(instance, demand);
      return refusals.length > 0 ? [{ id: instance.facts.id, refusals }] : [];
    });
  }

  /** Why a task cannot go to this instance (StartTask): nothing where it can, undefined where there is no such instance. */
  whyNot(instanceId: string, demand: Demand): RefusedInstance | undefined {
    const instance = this.#instances[this.#slots.get(instanceId) ?? -1];
    return instance && { id: instanceId, refusals: refusalsOf(instance, demand) };
  }

  /** The instances that a DAEMON service's next tasks go to: all that meet its requirements and have none of its tasks. */
  daemonTargets(demand: Demand): string[] {
    const instances = this.#poolOf(asDaemon(demand))
      .slots()
      .flatMap((slot) => this.#instances[slot] ?? []);
    return instances.sort(compareInstances).map(({ facts }) => facts.id);
  }

  /** The instances that a DAEMON service should have a task on, and has not and cannot have. It looks at all of them. */
  daemonRefusals(demand: Demand): RefusedInstance[] {
    const isRunning = (id: string) => this.#instances[this.#slots.get(id) ?? -1]?.groups.has(demand.group) ?? false;
    return this.why(asDaemon(demand)).filter(
      ({ id, refusals }) => !isRunning(id) && refusals.every(({ reason }) => reason.startsWith('RESOURCE:')),
    );
  }

  /** The tasks of a DAEMON service on instances that no longer meet its constraints, or drain. */
  daemonStrays(demand: Demand): string[] {
    return [...(this.#groups.get(demand.group) ?? [])].filter((id) => {
      const instance = this.#instances[this.#tasks.get(id)?.slot ?? -1];
      return instance && !mayStay(instance, demand);
    });
  }

  /**
   * Which of a group's tasks go, in this order, when it has too many: the opposite of where they would be placed.
   * @param candidates those that may go; among equals the first goes
   */
  tasksToStop(group: string, candidates: readonly string[], strategies: readonly Strategy[], count: number): string[] {
    const located = (ids: Iterable<string>) =>
      [...ids].flatMap((id) => {
        const held = this.#tasks.get(id);
        const instance = this.#instances[held?.slot ?? -1];
        return held && instance ? [{ task: held.task, instance }] : [];
      });
    const tasks = located(this.#groups.get(group) ?? []);
    return scaleInOrder({ tasks, candidates: located(candidates), strategies, count });
  }

  #leave({ id, group }: PlacedTask): void {
    const tasks = this.#groups.get(group);
    tasks?.delete(id);
    if (tasks?.size === 0) this.#groups.delete(group);
  }

  #draw(below: number): number {
    return below < 2 ? 0 : this.#ids.bytes(4).readUInt32LE() % below;
  }

  #changed(slot: number): void {
    this.#versions[slot] = (this.#versions[slot] ?? 0) + 1;
    this.#changes.push(slot);
    // Who has read nothing for so long looks at every instance, which is less.
    const most = 4 * this.#instances.length + 1024;
    if (this.#changes.length <= most) return;
    this.#forgotten += most >> 1;
    this.#changes = this.#changes.slice(most >> 1);
  }

  #poolOf(demand: Demand): Pool {
    const key = this.#keyOf(demand);
    const kept = this.#pools.get(key) ?? this.#newPool(demand);
    this.#pools.delete(key);
    this.#pools.set(key, kept);
    this.#dropPools();
    this.#catchUp(kept);
    return kept.pool;
  }

  #newPool(demand: Demand): KeptPool {
    return { pool: new Pool(this.#instances, demand), versions: [], read: -1 };
  }

  #catchUp(kept: KeptPool): void {
    if (kept.read < this.#forgotten) this.#instances.forEach((_, slot) => this.#look(kept, slot));
    else
      for (let at = kept.read - this.#forgotten; at < this.#changes.length; at++)
        this.#look(kept, this.#changes[at] ?? 0);
    kept.read = this.#forgotten + this.#changes.length;
  }

  /** An instance that changed several times is looked at once. */
  #look({ pool, versions }: KeptPool, slot: number): void {
    const version = this.#versions[slot] ?? 0;
    if (versions[slot] === version) return;
    versions[slot] = version;
    pool.refresh(slot);
  }

  #dropPools(): void {
    const most = Math.max(LEAST_POOLS, Math.floor(MOST_ENTRIES / (this.#instances.length + 1)));
    for (const key of this.#pools.keys()) {
      if (this.#pools.size <= most) return;
      this.#pools.delete(key);
    }
  }

  /** What makes the order of instances differ: the group only where something looks at it. */
  #keyOf(demand: Demand): string {
    const known = this.#keys.get(demand);
    if (known !== undefined) return known;
    const { group, capacityProvider, constraints, strategies, requiredAttributes } = demand;
    const { cpu, memory, ports, interfaces } = demand;
    const { isDistinct, expressions } = constraints;
    const { levels, isRandom } = rankingOf(strategies);
    const isOfGroup = isDistinct || levels.some(({ kind }) => kind !== 'free');
    const needs = [cpu, memory, ports.tcp, ports.udp, interfaces, requiredAttributes, capacityProvider];
    const key = JSON.stringify([needs, expressions, isDistinct, levels, isRandom, isOfGroup ? group : null]);
    this.#keys.set(demand, key);
    return key;
  }
}

function isSameTask(one: PlacedTask, other: PlacedTask): boolean {
  const isSame = (['instanceId', 'group', 'cpu', 'memory', 'interfaces'] as const).every(
    (member) => one[member] === other[member],
  );
  return isSame && isSamePorts(one.ports, other.ports);
}

/** Its strategies are passed over: every instance gets one. */
function asDaemon(demand: Demand): Demand {
  return { ...demand, strategies: [{ kind: 'random' }], constraints: { ...demand.constraints, isDistinct: true } };
}
