import type { Constraints } from './constraints.ts';
import type { QueriedInstance } from './query-subject.ts';
import type { Strategy } from './strategies.ts';

/** TCP and UDP ports are apart: `host` ports that a task names itself, not those that are given to it. */
export interface HostPorts {
  readonly tcp: readonly number[];
  readonly udp: readonly number[];
}

/** A container instance as the placer is told of it, before the tasks that are on it. */
export interface InstanceFacts {
  /** The container instance's ID or ARN: whatever the caller names it by. */
  readonly id: string;
  /** `REGISTERING`: its critical daemons do not run yet. */
  readonly status: 'ACTIVE' | 'DRAINING' | 'REGISTERING';
  readonly agentConnected: boolean;
  readonly agentVersion?: string;
  readonly ec2InstanceId?: string;
  readonly registeredAtMs: number;
  /** The one whose Auto Scaling group it came from. */
  readonly capacityProvider?: string;
  /** The registered ones and the custom ones, zone and instance type (`ecs.availability-zone`, ...) among them. */
  readonly attributes: ReadonlyMap<string, string>;
  /** Registered CPU units and MiB. */
  readonly cpu: number;
  readonly memory: number;
  /** Network interfaces that tasks in awsvpc mode can have. */
  readonly interfaces: number;
  /** Ports that no task may have: SSH's and the agent's. */
  readonly reservedPorts: HostPorts;
}

/** What a task takes of its instance. */
export interface Needs {
  /** CPU units and MiB: a task's own, or the sum of its containers'. */
  readonly cpu: number;
  readonly memory: number;
  readonly ports: HostPorts;
  /** 1 in awsvpc mode, otherwise 0. */
  readonly interfaces: number;
}

/** A task on an instance. */
export interface PlacedTask extends Needs {
  readonly id: string;
  readonly instanceId: string;
  /** `service:NAME`, `family:NAME` or what RunTask was given. */
  readonly group: string;
}

/** A task that wants an instance. */
export interface Demand extends Needs {
  readonly group: string;
  /** Only instances of this one are asked; without one, all are. */
  readonly capacityProvider?: string;
  readonly constraints: Constraints;
  /** Of the task definition: names, and a value where it must be that (os, architecture). */
  readonly requiredAttributes: readonly RequiredAttribute[];
  /** In their order: `compileStrategies` of what was given, or of the default. */
  readonly strategies: readonly Strategy[];
}

export interface RequiredAttribute {
  readonly name: string;
  readonly value?: string | undefined;
}

/** TCP and UDP in one set of numbers. */
export const UDP = 65_536;

export function portKeys({ tcp, udp }: HostPorts): number[] {
  return udp.length === 0 ? [...tcp] : [...tcp, ...udp.map((port) => port + UDP)];
}

export function isSamePorts(one: HostPorts, other: HostPorts): boolean {
  const isSame = (a: readonly number[], b: readonly number[]) =>
    a.length === b.length && a.every((port, at) => port === b[at]);
  return isSame(one.tcp, other.tcp) && isSame(one.udp, other.udp);
}

const LOOKED_AT = [
  'status',
  'agentConnected',
  'agentVersion',
  'ec2InstanceId',
  'registeredAtMs',
  'capacityProvider',
  'attributes',
  'cpu',
  'memory',
  'interfaces',
] as const satisfies readonly (keyof InstanceFacts)[];

/** A container instance with what its tasks take. */
export class Instance implements QueriedInstance {
  facts: InstanceFacts;
  freeCpu: number;
  freeMemory: number;
  freeInterfaces: number;
  readonly taskIds = new Set<string>();
  /** How often each port is taken, which may be twice where a task was there before the port was reserved. */
  readonly ports = new Map<number, number>();
  /** Tasks that are to go on running, by group. */
  readonly groups = new Map<string, number>();

  constructor(facts: InstanceFacts) {
    this.facts = facts;
    this.freeCpu = facts.cpu;
    this.freeMemory = facts.memory;
    this.freeInterfaces = facts.interfaces;
    this.#changePorts(facts.reservedPorts, 1);
  }

  get ec2InstanceId(): string | undefined {
    return this.facts.ec2InstanceId;
  }

  get agentConnected(): boolean {
    return this.facts.agentConnected;
  }

  get agentVersion(): string | undefined {
    return this.facts.agentVersion;
  }

  get registeredAtMs(): number {
    return this.facts.registeredAtMs;
  }

  get attributes(): ReadonlyMap<string, string> {
    return this.facts.attributes;
  }

  get runningTasksCount(): number {
    return this.taskIds.size;
  }

  taskGroups(): Iterable<string> {
    return this.groups.keys();
  }

  /** Whether nothing changed that the placer looks at; attributes by the map that instances with the same ones share. */
  isSame(facts: InstanceFacts): boolean {
    const isSame = LOOKED_AT.every((member) => this.facts[member] === facts[member]);
    return isSame && isSamePorts(this.facts.reservedPorts, facts.reservedPorts);
  }

  /** Keeps what its tasks take, also where that is more than there is now. */
  update(facts: InstanceFacts): void {
    this.freeCpu += facts.cpu - this.facts.cpu;
    this.freeMemory += facts.memory - this.facts.memory;
    this.freeInterfaces += facts.interfaces - this.facts.interfaces;
    this.#changePorts(this.facts.reservedPorts, -1);
    this.#changePorts(facts.reservedPorts, 1);
    this.facts = facts;
  }

  take(task: PlacedTask): void {
    this.taskIds.add(task.id);
    this.#change(task, 1);
    this.join(task.group, 1);
  }

  /** @param isStopping its group has left before */
  release(task: PlacedTask, isStopping: boolean): void {
    this.taskIds.delete(task.id);
    this.#change(task, -1);
    if (!isStopping) this.join(task.group, -1);
  }

  /** Constraints and spread look at the tasks that are to run, so that a task that stops makes room for the next one. */
  join(group: string, by: 1 | -1): void {
    const count = (this.groups.get(group) ?? 0) + by;
    if (count > 0) this.groups.set(group, count);
    else this.groups.delete(group);
  }

  #change(needs: Needs, by: 1 | -1): void {
    this.freeCpu -= by * needs.cpu;
    this.freeMemory -= by * needs.memory;
    this.freeInterfaces -= by * needs.interfaces;
    this.#changePorts(needs.ports, by);
  }

  #changePorts(ports: HostPorts, by: 1 | -1): void {
    for (const port of portKeys(ports)) {
      const count = (this.ports.get(port) ?? 0) + by;
      if (count > 0) this.ports.set(port, count);
      else this.ports.delete(port);
    }
  }
}

/** The order among equals: who has registered first. It does not depend on when a placer was told of them. */
export function compareInstances({ facts: one }: Instance, { facts: other }: Instance): number {
  return one.registeredAtMs - other.registeredAtMs || compareIds(one.id, other.id);
}

export function compareIds(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
