import { compileConstraints } from './constraints.ts';
import { isEligible } from './filters.ts';
import { Instance } from './instance.ts';
import type { Demand, InstanceFacts, PlacedTask } from './instance.ts';
import { ownRank, rankingOf, valueOf } from './ranks.ts';

const NO_PORTS = { tcp: [], udp: [] };

/** An instance of 2 vCPU and 4 GiB in us-east-1a. */
export function instanceFacts(
  id: string,
  changes: Partial<InstanceFacts> = {},
  attributes: Record<string, string> = {},
) {
  const all = { 'ecs.availability-zone': 'us-east-1a', 'ecs.instance-type': 't3.medium', ...attributes };
  return {
    id,
    status: 'ACTIVE',
    agentConnected: true,
    agentVersion: '1.89.0',
    registeredAtMs: 0,
    attributes: new Map(Object.entries(all)),
    cpu: 2048,
    memory: 4096,
    interfaces: 2,
    reservedPorts: NO_PORTS,
    ...changes,
  } satisfies InstanceFacts;
}

export function demand(changes: Partial<Demand> = {}): Demand {
  return {
    group: 'service:web',
    cpu: 256,
    memory: 512,
    ports: NO_PORTS,
    interfaces: 0,
    requiredAttributes: [],
    constraints: compileConstraints(),
    strategies: [],
    ...changes,
  };
}

/** Places as the documentation says it, by looking at every instance: what the placer must answer. */
export class NaivePlacer {
  readonly instances = new Map<string, Instance>();
  readonly tasks = new Map<string, { task: PlacedTask; isStopping: boolean }>();

  setInstance(facts: InstanceFacts): void {
    const known = this.instances.get(facts.id);
    if (known) known.update(facts);
    else this.instances.set(facts.id, new Instance(facts));
  }

  removeInstance(id: string): void {
    for (const { task } of this.tasks.values()) if (task.instanceId === id) this.tasks.delete(task.id);
    this.instances.delete(id);
  }

  addTask(task: PlacedTask): void {
    this.tasks.set(task.id, { task, isStopping: false });
    this.instances.get(task.instanceId)?.take(task);
  }

  stopTask(id: string): void {
    const held = this.tasks.get(id);
    if (!held || held.isStopping) return;
    held.isStopping = true;
    this.instances.get(held.task.instanceId)?.join(held.task.group, -1);
  }

  removeTask(id: string): void {
    const held = this.tasks.get(id);
    if (!held) return;
    this.tasks.delete(id);
    this.instances.get(held.task.instanceId)?.release(held.task, held.isStopping);
  }

  eligible(wanted: Demand): Instance[] {
    return [...this.instances.values()].filter((instance) => isEligible(instance, wanted));
  }

  /** All that are equally good, by their IDs. */
  best(wanted: Demand): string[] {
    let candidates = this.eligible(wanted);
    for (const level of rankingOf(wanted.strategies).levels) {
      const ranks = candidates.map((one) =>
        level.kind === 'value'
          ? this.tasksWith(wanted.group, level.attribute, valueOf(one, level.attribute))
          : ownRank(one, level, wanted.group),
      );
      const least = Math.min(...ranks);
      candidates = candidates.filter((_, index) => ranks[index] === least);
    }
    return candidates.map(({ facts }) => facts.id);
  }

  /** Tasks of the group on all instances that have this value. */
  tasksWith(group: string, attribute: string, value: string): number {
    let count = 0;
    for (const instance of this.instances.values()) {
      if (valueOf(instance, attribute) === value) count += instance.groups.get(group) ?? 0;
    }
    return count;
  }
}
