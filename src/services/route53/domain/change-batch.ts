import type { AliasTarget, RecordSet, RecordSetId } from '../tables.ts';
import { isInZone, isValidName } from './dns-name.ts';
import { valueProblem } from './record-values.ts';
import { sharingProblem } from './shared-names.ts';

export interface RecordChange {
  readonly action: 'CREATE' | 'UPSERT' | 'DELETE';
  readonly set: RecordSet;
}

export interface Zone {
  readonly zoneId: string;
  readonly name: string;
}

/** What a batch makes of the record sets, or all that is wrong with it. */
export type BatchResult =
  | { readonly sets: ReadonlyMap<string, RecordSet> }
  | { readonly problems: readonly [string, ...string[]] };

export const setKey = (set: RecordSetId) => `${set.name} ${set.type} ${set.routing?.setIdentifier ?? ''}`;

/**
 * Applies a batch as one, in its order, to the record sets of every name that it touches. Pure.
 * @param current by `setKey`
 */
export function applyBatch(
  zone: Zone,
  current: ReadonlyMap<string, RecordSet>,
  changes: readonly RecordChange[],
): BatchResult {
  const sets = new Map(current);
  const problems: string[] = [];
  const earlier = new Map<string, RecordChange['action']>();
  for (const change of changes) {
    const problem = repeatProblem(earlier, change) ?? changeProblem(zone, sets, change);
    if (problem !== undefined) problems.push(problem);
    else if (change.action === 'DELETE') sets.delete(setKey(change.set));
    else sets.set(setKey(change.set), change.set);
    earlier.set(setKey(change.set), change.action);
  }
  if (problems.length === 0) problems.push(...wholeProblems(zone, sets, changes));
  const [first, ...rest] = problems;
  return first === undefined ? { sets } : { problems: [first, ...rest] };
}

/** One record set may be changed once, or deleted and then made again. */
function repeatProblem(earlier: ReadonlyMap<string, string>, { action, set }: RecordChange): string | undefined {
  const before = earlier.get(setKey(set));
  if (before === undefined || (before === 'DELETE' && action !== 'DELETE')) return undefined;
  const identifier = set.routing ? ` (SetIdentifier '${set.routing.setIdentifier}')` : '';
  return `The request contains an invalid set of changes for a resource record set '${set.type} ${set.name}'${identifier}`;
}

function changeProblem(zone: Zone, sets: ReadonlyMap<string, RecordSet>, change: RecordChange): string | undefined {
  const { action, set } = change;
  const present = sets.get(setKey(set));
  if (action === 'DELETE') {
    if (!present) return `${tried('delete', set)} but it was not found`;
    if (!sameSet(present, set))
      return `${tried('delete', set)} but the values provided do not match the current values`;
    return undefined;
  }
  if (!isInZone(set.name, zone.name)) return `RRSet with DNS name ${set.name} is not permitted in zone ${zone.name}`;
  if (!isValidName(set.name)) return `The DNS name ${set.name} is not valid`;
  if (action === 'CREATE' && present) return `${tried('create', set)} but it already exists`;
  return set.alias ? aliasProblem(set, set.alias) : valuesProblem(set);
}

const tried = (verb: string, set: RecordSet) =>
  `Tried to ${verb} resource record set [name='${set.name}', type='${set.type}'` +
  `${set.routing ? `, set identifier='${set.routing.setIdentifier}'` : ''}]`;

function aliasProblem(set: RecordSet, alias: AliasTarget): string | undefined {
  if (set.type === 'NS' || set.type === 'SOA') {
    return `RRSet of type ${set.type} with DNS name ${set.name} is not permitted to be an alias`;
  }
  if (!isValidName(alias.dnsName)) return `The alias target name ${alias.dnsName} is not a valid DNS name`;
  return undefined;
}

function valuesProblem(set: RecordSet): string | undefined {
  if (set.values.length > 1 && (set.type === 'CNAME' || set.type === 'SOA')) {
    return `RRSet of type ${set.type} with DNS name ${set.name} must have exactly one resource record`;
  }
  const twice = set.values.find((value, at) => set.values.indexOf(value) !== at);
  if (twice !== undefined) return `Duplicate Resource Record: '${twice}'`;
  return set.values.map((value) => valueProblem(set.type, value)).find((problem) => problem !== undefined);
}

/** The rules that hold for what the zone has become. */
function wholeProblems(
  zone: Zone,
  sets: ReadonlyMap<string, RecordSet>,
  changes: readonly RecordChange[],
): readonly string[] {
  const problems = changes
    .filter((change) => change.action !== 'DELETE')
    .flatMap(
      ({ set }) => cnameProblem(zone, sets, set) ?? targetProblem(zone, sets, set) ?? sharingProblem(sets, set) ?? [],
    );
  const touchesApex = (type: string) => changes.some(({ set }) => set.name === zone.name && set.type === type);
  if (touchesApex('SOA') && !sets.has(setKey({ name: zone.name, type: 'SOA' }))) {
    problems.push('A HostedZone must contain exactly one SOA record.');
  }
  if (touchesApex('NS') && !sets.has(setKey({ name: zone.name, type: 'NS' }))) {
    problems.push('A HostedZone must contain at least one NS record for the zone itself.');
  }
  return problems;
}

function cnameProblem(zone: Zone, sets: ReadonlyMap<string, RecordSet>, set: RecordSet): string | undefined {
  if (set.type === 'SOA' && set.name !== zone.name) {
    return `RRSet of type SOA with DNS name ${set.name} is permitted at apex in zone ${zone.name} only`;
  }
  if (set.type !== 'CNAME') {
    return hasType(sets, set.name, 'CNAME')
      ? `RRSet of type ${set.type} with DNS name ${set.name} is not permitted because a conflicting RRSet of type CNAME with the same DNS name already exists in zone ${zone.name}`
      : undefined;
  }
  if (set.name === zone.name) {
    return `RRSet of type CNAME with DNS name ${set.name} is not permitted at apex in zone ${zone.name}`;
  }
  const conflicts = [...sets.values()].some((other) => other.name === set.name && other.type !== 'CNAME');
  return conflicts
    ? `RRSet of type CNAME with DNS name ${set.name} is not permitted as it conflicts with other records with the same DNS name in zone ${zone.name}`
    : undefined;
}

/** An alias within the zone must lead to a record set that is there. */
function targetProblem(zone: Zone, sets: ReadonlyMap<string, RecordSet>, set: RecordSet): string | undefined {
  if (set.alias?.hostedZoneId !== zone.zoneId) return undefined;
  const { dnsName } = set.alias;
  const start = `Tried to create an alias that targets ${dnsName}, type ${set.type} in zone ${zone.zoneId}, but`;
  if (!isInZone(dnsName, zone.name)) return `${start} the alias target name does not lie within the target zone`;
  if (dnsName === set.name || !hasType(sets, dnsName, set.type)) {
    return `${start} that target was not found`;
  }
  return undefined;
}

function hasType(sets: ReadonlyMap<string, RecordSet>, name: string, type: string): boolean {
  return [...sets.values()].some((set) => set.name === name && set.type === type);
}

/** The same time to live, target and values in whatever order. */
export function sameSet(one: RecordSet, other: RecordSet): boolean {
  return fingerprint(one) === fingerprint(other);
}

function fingerprint(set: RecordSet): string {
  const { alias, routing } = set;
  return JSON.stringify([
    set.ttlSeconds,
    set.values.toSorted(),
    alias && [alias.hostedZoneId, alias.dnsName, alias.evaluateTargetHealth],
    set.healthCheckId,
    Object.entries(routing ?? {}).toSorted(([one], [other]) => (one < other ? -1 : 1)),
  ]);
}
