import type { Answer, StringAnswer } from 'dns-packet';
import { systemIds, type Ids } from '../../kernel/ids.ts';
import { Client, NOWHERE } from './client.ts';
import type { NameAnswer, NameAnswers, NameLookup, NameZone, Names, Places } from './names.ts';
import { prefixedAddress } from './prefixed-address.ts';
import { toAnswer, wireType } from './record-values.ts';
import { chooseSets } from './routing.ts';
import { Zone, parentOf } from './zone.ts';
import type { Delegation, RecordSet } from './zone.ts';

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
  /** The authorities are the name servers of a part that the zone has given over: they know the answer. */
  readonly delegated?: true;
  /** Others, at another place, may hear something else. */
  readonly tailored?: true;
}

/** With the value as it was published, which the wire does not take. */
type TextAnswer = Answer & { readonly text?: string };

interface Asker {
  readonly vpcId: string | undefined;
  readonly client: Client;
  /** Asks this zone alone. */
  readonly only?: Zone;
}

const MAX_HOPS = 8;

/** The names this server knows, in memory. A question is answered from the zone with the longest origin. */
export class NameTable implements Names, NameAnswers {
  readonly #ids: Pick<Ids, 'bytes'>;
  readonly #places: Places;
  readonly #byId = new Map<string, Zone>();
  readonly #byOrigin = new Map<string, Zone[]>();
  /** How often each set has been answered. */
  readonly #turns = new WeakMap<RecordSet, number>();

  /**
   * @param ids what routing policies draw from
   * @param places where those are that routing policies by place answer for
   */
  constructor(ids: Pick<Ids, 'bytes'> = systemIds, places: Places = NOWHERE) {
    this.#ids = ids;
    this.#places = places;
  }

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
   * @param address of the client, as far as it is known
   * @returns undefined for names that are not ours: ask others
   */
  answer(question: NameQuestion, vpcId: string | undefined, address?: string): Resolution | undefined {
    const asker = this.#asker(vpcId, address);
    const resolution = this.#resolve(normalName(question.name), question.type, asker, 0);
    return resolution && asker.client.wasLocated ? { ...resolution, tailored: true } : resolution;
  }

  lookUp({ name, type, client }: NameLookup, vpcId?: string): NameAnswer | undefined {
    return answerOf(this.#resolve(normalName(name), wireType(type), this.#asker(vpcId, client), 0));
  }

  lookUpIn(zoneId: string, question: NameLookup): NameAnswer | undefined {
    const only = this.#byId.get(zoneId);
    if (!only) return undefined;
    const { visibility } = only;
    const vpcId = visibility === 'public' ? undefined : visibility.vpcIds[0];
    const asker = { ...this.#asker(vpcId, question.client), only };
    return answerOf(this.#resolve(normalName(question.name), wireType(question.type), asker, 0));
  }

  #asker(vpcId: string | undefined, address: string | undefined): Asker {
    const region = () => (vpcId === undefined ? undefined : this.#regionOf(vpcId));
    return { vpcId, client: new Client(() => this.#places.of(address, region())) };
  }

  #regionOf(vpcId: string): string | undefined {
    for (const zone of this.#byId.values()) {
      if (zone.vpcRegion !== undefined && zone.visibility !== 'public' && zone.isVisibleTo(vpcId))
        return zone.vpcRegion;
    }
    return undefined;
  }

  #resolve(name: string, type: string, asker: Asker, hops: number): Resolution | undefined {
    if (hops > MAX_HOPS) return { rcode: 'SERVFAIL', answers: [], authorities: [] };
    const zone = this.#zoneOf(name, asker);
    if (!zone) return isLocalhost(name) ? localhostAnswer(name, type) : prefixedAnswer(name, type);
    const cut = zone.delegation(name);
    if (cut && !(cut.name === name && (type === 'NS' || type === 'DS'))) return referral(cut);
    const sets = zone.find(name);
    if (!sets) return { rcode: 'NXDOMAIN', answers: [], authorities: [zone.soa()] };
    const expand = (wanted: string) =>
      this.#chosen(sets, wanted, asker).flatMap((set) => this.#answersOf(name, set, asker, hops));
    const [cname] = type === 'CNAME' || type === 'ANY' ? [] : expand('CNAME');
    if (cname?.type === 'CNAME') return this.#follow(cname, type, asker, hops);
    const answers = expand(type);
    return { rcode: 'NOERROR', answers, authorities: answers.length > 0 ? [] : [zone.soa()] };
  }

  /** The sets of a type, or of each type, that answer this time. */
  #chosen(sets: readonly RecordSet[], wanted: string, asker: Asker): readonly RecordSet[] {
    const types = wanted === 'ANY' ? [...new Set(sets.map((set) => wireType(set.type)))] : [wanted];
    return types.flatMap((type) =>
      chooseSets(
        sets.filter((set) => wireType(set.type) === type),
        (set) => this.#isHealthy(set, asker, 0),
        this.#ids,
        asker.client,
      ),
    );
  }

  /** Whether a set may answer; an alias that follows its target is healthy while anything there is. */
  #isHealthy(set: RecordSet, asker: Asker, hops: number): boolean {
    if (set.healthy === false) return false;
    if (!set.followsHealth || set.aliasOf === undefined || hops > MAX_HOPS) return true;
    const target = this.#zoneOf(set.aliasOf, asker);
    // Of what others answer nothing is known here.
    if (!target) return true;
    const sets = target.find(set.aliasOf)?.filter((one) => one.type === set.type) ?? [];
    return sets.some((one) => this.#isHealthy(one, asker, hops + 1));
  }

  #follow(cname: StringAnswer, type: string, asker: Asker, hops: number): Resolution {
    const rest = this.#resolve(cname.data, type, asker, hops + 1);
    if (!rest || rest.delegated) return { rcode: 'NOERROR', answers: [cname], authorities: [], continueAt: cname.data };
    return { ...rest, answers: [cname, ...rest.answers] };
  }

  /** The records of a set under the asked name; an alias answers what its target answers for the same type. */
  #answersOf(name: string, set: RecordSet, asker: Asker, hops: number): Answer[] {
    if (set.aliasOf === undefined) return this.#inTurn(set).map((at) => answerAt(name, set, at));
    const type = wireType(set.type);
    const target = this.#resolve(set.aliasOf, type, asker, hops + 1);
    return (target?.answers ?? []).filter((answer) => answer.type === type).map((answer) => ({ ...answer, name }));
  }

  /** Where in the set each value stands; each answer begins with another, for clients that take the first. */
  #inTurn(set: RecordSet): readonly number[] {
    const { length } = set.values;
    const turn = length < 2 ? 0 : (this.#turns.get(set) ?? 0);
    if (length > 1) this.#turns.set(set, turn + 1);
    return set.values.map((_value, at) => (at + turn) % length);
  }

  #zoneOf(name: string, { vpcId, only }: Asker): Zone | undefined {
    // Aliases and CNAMEs may lead out of the zone, as they do for everybody.
    if (only && (name === only.origin || name.endsWith(`.${only.origin}`))) return only;
    for (let origin = name; origin !== ''; origin = parentOf(origin)) {
      const zone = this.#byOrigin.get(origin)?.find((one) => one.isVisibleTo(vpcId));
      if (zone) return zone;
    }
    return undefined;
  }
}

function answerAt(name: string, set: RecordSet, at: number): TextAnswer {
  const answer = toAnswer(name, set.type, set.ttlSeconds, set.values[at] ?? '');
  return { ...answer, text: set.texts[at] ?? '' };
}

function answerOf(resolution: Resolution | undefined): NameAnswer | undefined {
  if (!resolution) return undefined;
  const values = resolution.answers.map((answer: TextAnswer) => answer.text ?? textOf(answer));
  return { rcode: resolution.rcode, values };
}

/** Of what was not published: the names of localhost. */
function textOf(answer: Answer): string {
  return 'data' in answer && typeof answer.data === 'string' ? answer.data : '';
}

function referral({ name, servers }: Delegation): Resolution {
  const authorities = servers.values.map((_value, at) => answerAt(name, servers, at));
  return { rcode: 'NOERROR', answers: [], authorities, delegated: true };
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

function prefixedAnswer(name: string, type: string): Resolution | undefined {
  const address = prefixedAddress(name);
  if (address === undefined) return undefined;
  const isAsked = type === 'A' || type === 'ANY';
  return { rcode: 'NOERROR', answers: isAsked ? [toAnswer(name, 'A', 60, address)] : [], authorities: [] };
}
