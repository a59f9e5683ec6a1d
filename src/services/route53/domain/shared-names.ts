import type { RecordSet, SetRouting } from '../tables.ts';
import { describeLocation } from './place-routing.ts';

/**
 * What is wrong with a record set beside the others of its name and type: all of them have one routing policy, and
 * failover has one primary and one secondary at most, and each place is one set's.
 * @param sets what the zone has become, `set` among them
 */
export function sharingProblem(sets: ReadonlyMap<string, RecordSet>, set: RecordSet): string | undefined {
  const others = [...sets.values()].filter(
    (other) =>
      other.name === set.name && other.type === set.type && other.routing?.setIdentifier !== set.routing?.setIdentifier,
  );
  const identifier = set.routing ? `, SetIdentifier ${set.routing.setIdentifier}` : '';
  const start = `RRSet with DNS name ${set.name}, type ${set.type}${identifier} cannot be created`;
  if (others.some((other) => other.routing?.policy !== set.routing?.policy || !set.routing)) {
    return `${start} as other RRSets exist with the same name and type.`;
  }
  const { routing } = set;
  const taken = routing && placeOf(routing);
  if (taken && others.some((other) => other.routing && placeOf(other.routing)?.of === taken.of)) {
    return `${start.replace(/ cannot be created$/, '')}, and ${taken.of} cannot be created because a ${taken.kind} already exists.`;
  }
  if (routing?.policy !== 'failover') return singleProblem(set);
  if (others.some((other) => other.routing?.policy === 'failover' && other.routing.role === routing.role)) {
    return `${start} as a ${routing.role.toLowerCase()} failover RRSet exists with the same name and type.`;
  }
  if (routing.role === 'PRIMARY' && !set.alias && set.healthCheckId === undefined) {
    return `${start} as a primary failover RRSet that is not an alias must have a health check.`;
  }
  return singleProblem(set);
}

/** What no other set of the name and type may have. */
function placeOf(routing: SetRouting): { readonly of: string; readonly kind: string } | undefined {
  const same = 'RRSet with the same name, type and';
  if (routing.policy === 'latency') return { of: `Region Name=${routing.region}`, kind: `latency ${same} region` };
  if (routing.policy === 'geolocation') {
    return { of: `GeoLocation ${describeLocation(routing)}`, kind: `geolocation ${same} location` };
  }
  if (routing.policy !== 'geoproximity') return undefined;
  const at = routing.region ?? `${routing.latitude},${routing.longitude}`;
  return { of: `GeoProximityLocation ${at}`, kind: `geoproximity ${same} location` };
}

function singleProblem(set: RecordSet): string | undefined {
  if (!set.routing) return undefined;
  if (set.type === 'NS' || set.type === 'SOA') {
    return `RRSet with DNS name ${set.name}, type ${set.type} cannot have a routing policy other than simple.`;
  }
  return set.routing.policy === 'multivalue' && set.type === 'CNAME'
    ? `RRSet with DNS name ${set.name}, type CNAME cannot be multivalue answer.`
    : undefined;
}
