import type { InstanceFacts, Demand } from './placement/instance.ts';
import { Instance } from './placement/instance.ts';
import { isEligible } from './placement/filters.ts';

/** An instance that could be launched, as it would be in the cluster: empty. */
export interface Offer {
  readonly facts: InstanceFacts;
  readonly subnetId: string;
  /** Of an hour: only compared. */
  readonly cost: number;
}

export interface WaitingTask {
  readonly id: string;
  /** Tasks of one kind have the same demand. */
  readonly kind: string;
  readonly demand: Demand;
}

export interface PlannedLaunch<O extends Offer> {
  readonly offer: O;
  /** The tasks that it is launched for: at least one. */
  readonly tasks: readonly string[];
}

export interface ComingInstance {
  /** As it is, or will be, in the cluster. */
  readonly facts: InstanceFacts;
  /** What it was launched for. */
  readonly tasks: readonly string[];
}

export interface LaunchFacts<O extends Offer> {
  /** The oldest first. */
  readonly waiting: readonly WaitingTask[];
  /** Instances that are launched, and empty. */
  readonly coming: readonly ComingInstance[];
  readonly offers: readonly O[];
  /** How many instances each subnet has. */
  readonly subnets: ReadonlyMap<string, number>;
}

interface Kind {
  readonly demand: Demand;
  /** Of the cheapest offer for one such task. */
  readonly alone: number;
  readonly ids: string[];
}

interface Packed<O> {
  readonly offer: O;
  readonly taken: ReadonlyMap<Kind, number>;
  readonly count: number;
  readonly thrift: number;
}

/**
 * Which instances to launch for tasks that wait.
 *
 * First the tasks fill what is on its way: each instance with those that it was launched for, then with others. So who
 * plans again asks for nothing twice. For the rest an instance is chosen, filled, and the next one chosen: each time
 * the one that saves the largest part of its cost over an instance for each of its tasks; among equals the one that takes
 * more tasks, then the cheaper one, then the one in the emptier subnet. So every task gets an instance that it fits on,
 * no instance is launched empty, and all together cost no more than an instance for each task. A task that fits on none
 * is passed over.
 */
export function planLaunches<O extends Offer>(facts: LaunchFacts<O>): PlannedLaunch<O>[] {
  const loads = new Map(facts.subnets);
  const byPrice = (a: O, b: O) =>
    a.cost - b.cost || (loads.get(a.subnetId) ?? 0) - (loads.get(b.subnetId) ?? 0) || compare(a.facts.id, b.facts.id);
  let offers = facts.offers.toSorted(byPrice);
  const kinds = kindsOf(facts.waiting, offers);
  fillComing(facts.coming, kinds);
  const launches: PlannedLaunch<O>[] = [];
  for (;;) {
    const left = kinds.filter((kind) => kind.ids.length > 0);
    const chosen = cheapest(left, offers);
    if (!chosen) return launches;
    const { offer, taken } = chosen;
    launches.push({ offer, tasks: [...taken].flatMap(([kind, count]) => kind.ids.splice(0, count)) });
    loads.set(offer.subnetId, (loads.get(offer.subnetId) ?? 0) + 1);
    offers = offers.toSorted(byPrice);
  }
}

/** The largest first: they are the hardest to place. */
function kindsOf(waiting: readonly WaitingTask[], offers: readonly Offer[]): Kind[] {
  const kinds = new Map<string, Kind>();
  for (const { id, kind, demand } of waiting) {
    const known = kinds.get(kind);
    if (known) known.ids.push(id);
    else {
      const fitting = offers.find((offer) => isEligible(new Instance(offer.facts), demand));
      if (fitting) kinds.set(kind, { demand, alone: fitting.cost, ids: [id] });
    }
  }
  return [...kinds.values()].toSorted((a, b) => b.alone - a.alone || sizeOf(b.demand) - sizeOf(a.demand));
}

const sizeOf = ({ cpu, memory }: Demand) => cpu + memory / 4;
const compare = (a: string, b: string) => (a < b ? -1 : Number(a > b));

function cheapest<O extends Offer>(left: readonly Kind[], offers: readonly O[]): Packed<O> | undefined {
  const [first] = left;
  if (!first) return undefined;
  const most = left.reduce((sum, { alone, ids }) => sum + alone * ids.length, 0);
  const tried = new Set<string>();
  let best: Packed<O> | undefined;
  for (const offer of offers) {
    // A dearer one would take no more than all of them.
    if (offer.cost > most + ROUNDING) break;
    const { cpu, memory, interfaces } = offer.facts;
    const shape = `${cpu} ${memory} ${interfaces}`;
    if (tried.has(shape) || !isEligible(new Instance(offer.facts), first.demand)) continue;
    tried.add(shape);
    const packed = pack(offer, left);
    if (
      !best ||
      packed.thrift > best.thrift + ROUNDING ||
      (packed.thrift > best.thrift - ROUNDING && packed.count > best.count)
    )
      best = packed;
  }
  return best;
}

const ROUNDING = 1e-9;

function pack<O extends Offer>(offer: O, left: readonly Kind[]): Packed<O> {
  const instance = new Instance(offer.facts);
  const taken = new Map<Kind, number>();
  let saved = -offer.cost;
  for (const kind of left) {
    const count = takeOf(instance, kind);
    if (count === 0) continue;
    taken.set(kind, count);
    saved += count * kind.alone;
  }
  return { offer, taken, count: instance.taskIds.size, thrift: saved / offer.cost };
}

function fillComing(coming: readonly ComingInstance[], kinds: readonly Kind[]): void {
  const instances = coming.map(({ facts, tasks }) => ({ instance: new Instance(facts), own: new Set(tasks) }));
  const others = () => true;
  for (const { instance, own } of instances) fill(instance, kinds, (id) => own.has(id));
  for (const { instance } of instances) fill(instance, kinds, others);
}

function fill(instance: Instance, kinds: readonly Kind[], isMeant: (id: string) => boolean): void {
  for (const { demand, ids } of kinds) {
    const meant = ids.filter(isMeant);
    const taken = new Set(meant.slice(0, takeOf(instance, { demand, ids: meant })));
    if (taken.size > 0) ids.splice(0, ids.length, ...ids.filter((id) => !taken.has(id)));
  }
}

/** Puts as many tasks of a kind on the instance as fit. */
function takeOf(instance: Instance, { demand, ids }: Pick<Kind, 'demand' | 'ids'>): number {
  let count = 0;
  for (const id of ids) {
    if (!isEligible(instance, demand)) break;
    const { group, cpu, memory, ports, interfaces } = demand;
    instance.take({ id, instanceId: instance.facts.id, group, cpu, memory, ports, interfaces });
    count += 1;
  }
  return count;
}

/** AWS does not say how long it waits: five minutes. */
const DEFAULT_SCALE_IN_SECONDS = 300;

export type IdleChange =
  | { readonly type: 'none' }
  /** It has a task (again). */
  | { readonly type: 'busy' }
  /** It has none any more. */
  | { readonly type: 'idle' }
  /** It had none for long enough. */
  | { readonly type: 'leave' };

/**
 * What becomes of an instance that is in the cluster.
 * @param scaleInAfter seconds that it may be idle; -1: for ever
 */
export function idleChange(
  { isBusy, idleSinceMs }: { readonly isBusy: boolean; readonly idleSinceMs?: number | undefined },
  scaleInAfter: number | undefined,
  now: number,
): IdleChange {
  if (isBusy) return { type: idleSinceMs === undefined ? 'none' : 'busy' };
  const endMs = idleEndMs(idleSinceMs ?? now, scaleInAfter);
  if (endMs <= now) return { type: 'leave' };
  return { type: idleSinceMs === undefined ? 'idle' : 'none' };
}

/** When an idle instance leaves; Infinity for never. */
export function idleEndMs(idleSinceMs: number, scaleInAfter: number | undefined): number {
  const seconds = scaleInAfter ?? DEFAULT_SCALE_IN_SECONDS;
  return seconds < 0 ? Infinity : idleSinceMs + seconds * 1000;
}
