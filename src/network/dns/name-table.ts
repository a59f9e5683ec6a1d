import type { Answer, StringAnswer } from 'dns-packet';
import type { NameZone, Names } from './names.ts';
import { toAnswer } from './record-values.ts';
import { Zone, parentOf } from './zone.ts';
import type { RecordSet } from './zone.ts';

export interface NameQuestion {
  readonly name: string;
  /** `A`, `AAAA`, ..., or `ANY`. */
  readonly type: string;
}

export interface Resolution {
  readonly rcode: 'NOERROR' | 'NXDOMAIN' | 'SERVFAIL';
  readonly answers: readonly Answer[];
  readonly authorities: readonly Answer[];
  /** A CNAME led out of the table: whoever resolves other names has the rest of the answer. */
  readonly continueAt?: string;
}

const MAX_HOPS = 8;

/** The names this server knows, in memory. A question is answered from the zone with the longest origin. */
export class NameTable implements Names {
  readonly #byId = new Map<string, Zone>();
  readonly #byOrigin = new Map<string, Zone[]>();

  publish(zone: NameZone): void {
    const made = new Zone(zone);
    this.withdraw(zone.zoneId);
    this.#byId.set(zone.zoneId, made);
    // A VPC's own zone comes before a public one of the same name.
    const zones = [...(this.#byOrigin.get(zone.origin) ?? []), made];
    this.#byOrigin.set(
      zone.origin,
      zones.toSorted((a, b) => Number(a.visibility === 'public') - Number(b.visibility === 'public')),
    );
  }

  withdraw(zoneId: string): void {
    const zone = this.#byId.get(zoneId);
    if (!zone) return;
    this.#byId.delete(zoneId);
    const left = (this.#byOrigin.get(zone.origin) ?? []).filter((other) => other !== zone);
    if (left.length > 0) this.#byOrigin.set(zone.origin, left);
    else this.#byOrigin.delete(zone.origin);
  }

  /**
   * Answers from the zones that the VPC sees; without a VPC, from the public ones.
   * @returns undefined for names that are not ours: ask others
   */
  answer(question: NameQuestion, vpcId: string | undefined): Resolution | undefined {
    return this.#resolve(normalName(question.name), question.type, vpcId, 0);
  }

  #resolve(name: string, type: string, vpcId: string | undefined, hops: number): Resolution | undefined {
    if (hops > MAX_HOPS) return { rcode: 'SERVFAIL', answers: [], authorities: [] };
    const zone = this.#zoneOf(name, vpcId);
    if (!zone) return isLocalhost(name) ? localhostAnswer(name, type) : undefined;
    const sets = zone.find(name);
    if (!sets) return { rcode: 'NXDOMAIN', answers: [], authorities: [zone.soa()] };
    const expand = (wanted: string) =>
      sets
        .filter((set) => wanted === 'ANY' || set.type === wanted)
        .flatMap((set) => this.#answersOf(name, set, vpcId, hops));
    const [cname] = type === 'CNAME' || type === 'ANY' ? [] : expand('CNAME');
    if (cname?.type === 'CNAME') return this.#follow(cname, type, vpcId, hops);
    const answers = expand(type);
    return { rcode: 'NOERROR', answers, authorities: answers.length > 0 ? [] : [zone.soa()] };
  }

  #follow(cname: StringAnswer, type: string, vpcId: string | undefined, hops: number): Resolution {
    const rest = this.#resolve(cname.data, type, vpcId, hops + 1);
    if (!rest) return { rcode: 'NOERROR', answers: [cname], authorities: [], continueAt: cname.data };
    return { ...rest, answers: [cname, ...rest.answers] };
  }

  /** The records of a set under the asked name; an alias answers what its target answers for the same type. */
  #answersOf(name: string, set: RecordSet, vpcId: string | undefined, hops: number): Answer[] {
    if (set.aliasOf === undefined) return set.values.map((value) => toAnswer(name, set.type, set.ttlSeconds, value));
    const target = this.#resolve(set.aliasOf, set.type, vpcId, hops + 1);
    return (target?.answers ?? []).filter((answer) => answer.type === set.type).map((answer) => ({ ...answer, name }));
  }

  #zoneOf(name: string, vpcId: string | undefined): Zone | undefined {
    for (let origin = name; origin !== ''; origin = parentOf(origin)) {
      const zone = this.#byOrigin.get(origin)?.find((one) => one.isVisibleTo(vpcId));
      if (zone) return zone;
    }
    return undefined;
  }
}

/** Lower case, without the final dot. */
export function normalName(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}

function isLocalhost(name: string): boolean {
  return name === 'localhost' || name.endsWith('.localhost');
}

/** RFC 6761, 6.3: loopback for all below localhost, and nobody else is asked. */
function localhostAnswer(name: string, type: string): Resolution {
  const zone = new Zone({ zoneId: 'localhost', origin: 'localhost', visibility: 'public', records: [] });
  const answers = [
    ...(type === 'A' || type === 'ANY' ? [toAnswer(name, 'A', 60, '127.0.0.1')] : []),
    ...(type === 'AAAA' || type === 'ANY' ? [toAnswer(name, 'AAAA', 60, '::1')] : []),
  ];
  return { rcode: 'NOERROR', answers, authorities: answers.length > 0 ? [] : [zone.soa()] };
}
