import { UDP, portKeys } from './instance.ts';
import type { Demand, Instance } from './instance.ts';

/**
 * Why a task cannot be on an instance: as RunTask's failures name it, but for the first three. These explain why the
 * instance was not asked at all.
 */
export type RefusalReason =
  | 'DRAINING'
  | 'REGISTERING'
  | 'CAPACITY PROVIDER'
  | 'AGENT'
  | 'RESOURCE:CPU'
  | 'RESOURCE:MEMORY'
  | 'RESOURCE:PORTS'
  | 'RESOURCE:ENI'
  | 'ATTRIBUTE'
  | 'MemberOf placement constraint unsatisfied.'
  | 'DistinctInstance placement constraint unsatisfied.';

export interface Refusal {
  readonly reason: RefusalReason;
  /** What was wanted and what there is, for `longshore why`. */
  readonly detail: string;
}

/** Reserved ones included; those that are given to containers are not counted. */
const MOST_PORTS = 100;

/** Whether every requirement holds: those of attributes and those of all else. */
export function isEligible(instance: Instance, demand: Demand): boolean {
  return hasRoom(instance, demand) && suits(instance, demand);
}

/** The requirements that follow from an instance's attributes. */
export function suits(instance: Instance, demand: Demand): boolean {
  return (
    missingAttribute(instance, demand) === undefined &&
    demand.constraints.ofAttributes.every((query) => query(instance))
  );
}

/** The other requirements: what changes with each task. */
export function hasRoom(instance: Instance, demand: Demand): boolean {
  return (
    instance.freeCpu >= demand.cpu &&
    instance.freeMemory >= demand.memory &&
    instance.freeInterfaces >= demand.interfaces &&
    instance.facts.status === 'ACTIVE' &&
    instance.facts.agentConnected &&
    isOfProvider(instance, demand) &&
    !(demand.constraints.isDistinct && instance.groups.has(demand.group)) &&
    hasPorts(instance, demand) &&
    demand.constraints.ofState.every((query) => query(instance))
  );
}

/** Every reason for which a task cannot be there, in the order in which ECS looks. */
export function refusalsOf(instance: Instance, demand: Demand): Refusal[] {
  const { facts } = instance;
  const lacks = (reason: RefusalReason, what: string, wanted: number, free: number): Refusal[] =>
    wanted > free ? [{ reason, detail: `it needs ${wanted} ${what}, and ${free} are left` }] : [];
  const missing = missingAttribute(instance, demand);
  return [
    ...(facts.status === 'ACTIVE' ? [] : [{ reason: facts.status, detail: `its status is ${facts.status}` }]),
    ...(isOfProvider(instance, demand) ? [] : [otherProvider(instance, demand)]),
    ...(facts.agentConnected ? [] : [{ reason: 'AGENT' as const, detail: 'its agent is not connected' }]),
    ...lacks('RESOURCE:CPU', 'CPU units', demand.cpu, instance.freeCpu),
    ...lacks('RESOURCE:MEMORY', 'MiB of memory', demand.memory, instance.freeMemory),
    ...portRefusals(instance, demand),
    ...lacks('RESOURCE:ENI', 'network interfaces', demand.interfaces, instance.freeInterfaces),
    ...(missing === undefined ? [] : [{ reason: 'ATTRIBUTE' as const, detail: `it has no attribute ${missing}` }]),
    ...constraintRefusals(instance, demand),
  ];
}

/** Whether a task that is there may stay: what it takes itself is no matter. */
export function mayStay(instance: Instance, demand: Demand): boolean {
  return (
    instance.facts.status !== 'DRAINING' &&
    isOfProvider(instance, demand) &&
    missingAttribute(instance, demand) === undefined &&
    demand.constraints.memberOf.every((query) => query(instance))
  );
}

function isOfProvider({ facts }: Instance, { capacityProvider }: Demand): boolean {
  return capacityProvider === undefined || facts.capacityProvider === capacityProvider;
}

function otherProvider({ facts }: Instance, { capacityProvider }: Demand): Refusal {
  const has =
    facts.capacityProvider === undefined ? 'no capacity provider' : `capacity provider ${facts.capacityProvider}`;
  return { reason: 'CAPACITY PROVIDER', detail: `it is of ${has}, not ${capacityProvider}` };
}

function hasPorts(instance: Instance, { ports }: Demand): boolean {
  const count = ports.tcp.length + ports.udp.length;
  if (count === 0) return true;
  return (
    instance.ports.size + count <= MOST_PORTS &&
    ports.tcp.every((port) => !instance.ports.has(port)) &&
    ports.udp.every((port) => !instance.ports.has(port + UDP))
  );
}

function portRefusals(instance: Instance, demand: Demand): Refusal[] {
  if (hasPorts(instance, demand)) return [];
  const taken = portKeys(demand.ports).filter((port) => instance.ports.has(port));
  const names = taken.map((port) => (port < UDP ? `${port}/tcp` : `${port - UDP}/udp`));
  const detail = names.length > 0 ? `in use: ${names.join(', ')}` : `it would reserve more than ${MOST_PORTS} ports`;
  return [{ reason: 'RESOURCE:PORTS', detail }];
}

function missingAttribute({ attributes }: Instance, { requiredAttributes }: Demand): string | undefined {
  for (const { name, value } of requiredAttributes) {
    const held = attributes.get(name);
    if (held === undefined) return name;
    if (value !== undefined && held !== value) return `${name} of value ${value}`;
  }
  return undefined;
}

function constraintRefusals(instance: Instance, { constraints, group }: Demand): Refusal[] {
  const isMember = constraints.memberOf.every((query) => query(instance));
  const isAlone = !constraints.isDistinct || !instance.groups.has(group);
  return [
    ...(isMember
      ? []
      : [{ reason: 'MemberOf placement constraint unsatisfied.' as const, detail: 'no member of what it asks for' }]),
    ...(isAlone
      ? []
      : [
          {
            reason: 'DistinctInstance placement constraint unsatisfied.' as const,
            detail: `a task of ${group} is there already`,
          },
        ]),
  ];
}
