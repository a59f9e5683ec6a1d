import type { Answer } from 'dns-packet';
import { RuntimeError } from '../../kernel/errors.ts';
import type { NameRecord, NameZone } from './names.ts';
import { minimumOf, parseValues, toAnswer } from './record-values.ts';
import type { RecordValue } from './record-values.ts';

export interface RecordSet extends Pick<NameRecord, 'aliasOf' | 'followsHealth' | 'healthy' | 'routing' | 'type'> {
  readonly ttlSeconds: number;
  readonly values: readonly RecordValue[];
  /** As they were published. */
  readonly texts: readonly string[];
}

/** The name servers that a part of the zone is given over to. */
export interface Delegation {
  readonly name: string;
  readonly servers: RecordSet;
}

/** Of a zone that publishes no SOA record: negative answers are kept for a minute. */
const SOA_VALUES = { serial: 1, refresh: 7200, retry: 900, expire: 1_209_600, minimum: 60 };

/** A published zone, made ready for look-ups. */
export class Zone {
  readonly zoneId: string;
  readonly origin: string;
  readonly visibility: NameZone['visibility'];
  readonly vpcRegion: string | undefined;
  /** Every name that exists, those too that only lie between a record and the origin. */
  readonly #names = new Map<string, RecordSet[]>();

  /** @throws RuntimeError rejected when a record is outside the zone or a value not in its type's form */
  constructor(zone: NameZone) {
    this.zoneId = zone.zoneId;
    this.origin = zone.origin;
    this.visibility = zone.visibility;
    this.vpcRegion = zone.vpcRegion;
    this.#names.set(zone.origin, []);
    for (const record of zone.records) this.#add(record);
  }

  isVisibleTo(vpcId: string | undefined): boolean {
    return this.visibility === 'public' || (vpcId !== undefined && this.visibility.vpcIds.includes(vpcId));
  }

  /**
   * The records of a name at or below the origin, by RFC 4592: its own, else those of the wildcard at its closest existing ancestor.
   * Undefined: the name does not exist.
   */
  find(name: string): readonly RecordSet[] | undefined {
    const own = this.#names.get(name);
    if (own) return own;
    for (let ancestor = parentOf(name); ancestor.length >= this.origin.length; ancestor = parentOf(ancestor)) {
      if (this.#names.has(ancestor)) return this.#names.get(`*.${ancestor}`);
    }
    return undefined;
  }

  /** Where name servers of others answer for the name: the NS records nearest to the origin, other than the zone's own. */
  delegation(name: string): Delegation | undefined {
    let found: Delegation | undefined;
    for (let each = name; each.length > this.origin.length; each = parentOf(each)) {
      const servers = this.#names.get(each)?.find((set) => set.type === 'NS');
      if (servers) found = { name: each, servers };
    }
    return found;
  }

  /** The SOA record that goes with a negative answer; its TTL says how long to keep that (RFC 2308). */
  soa(): Answer {
    const set = this.#names.get(this.origin)?.find((one) => one.type === 'SOA');
    const value = set?.values[0] ?? { mname: `ns.${this.origin}`, rname: `hostmaster.${this.origin}`, ...SOA_VALUES };
    const ttl = Math.min(set?.ttlSeconds ?? SOA_VALUES.minimum, minimumOf(value));
    return toAnswer(this.origin, 'SOA', ttl, value);
  }

  #add(record: NameRecord): void {
    const set: RecordSet = {
      type: record.type,
      ttlSeconds: record.ttlSeconds,
      values: parseValues(record),
      texts: record.values,
      ...(record.aliasOf === undefined ? {} : { aliasOf: record.aliasOf.toLowerCase() }),
      ...(record.routing && { routing: record.routing }),
      ...(record.healthy !== undefined && { healthy: record.healthy }),
      ...(record.followsHealth && { followsHealth: true }),
    };
    const name = record.name.toLowerCase();
    if (name !== this.origin && !name.endsWith(`.${this.origin}`)) {
      throw new RuntimeError('rejected', `the record ${record.name} is outside its zone ${this.origin}`);
    }
    for (let each = name; each !== this.origin; each = parentOf(each)) {
      if (!this.#names.has(each)) this.#names.set(each, []);
    }
    this.#names.get(name)?.push(set);
  }
}

/** `b.c` for `a.b.c`; empty for a single label. */
export function parentOf(name: string): string {
  const dot = name.indexOf('.');
  return dot < 0 ? '' : name.slice(dot + 1);
}
