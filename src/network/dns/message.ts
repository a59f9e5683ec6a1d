import {
  AUTHORITATIVE_ANSWER,
  RECURSION_AVAILABLE,
  RECURSION_DESIRED,
  TRUNCATED_RESPONSE,
  decode,
  encode,
} from 'dns-packet';
import type { Answer, DecodedPacket, OptAnswer, Packet, PacketOpt } from 'dns-packet';

export type Rcode = 'NOERROR' | 'FORMERR' | 'SERVFAIL' | 'NXDOMAIN' | 'NOTIMP' | 'REFUSED';

const RCODES: Readonly<Record<Rcode, number>> = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
};
const RCODE_BITS = 0x0f;
const HEADER_BYTES = 12;
const MIN_UDP_BYTES = 512;
/** What fits an Ethernet frame everywhere (DNS flag day 2020). */
export const MAX_UDP_BYTES = 1232;

export interface Reply {
  readonly rcode: Rcode;
  readonly answers?: readonly Answer[];
  readonly authorities?: readonly Answer[];
  readonly authoritative?: boolean;
  /** Holds for the client's subnet alone. */
  readonly tailored?: boolean;
}

const CLIENT_SUBNET = 8;
/** By family; 0 is for those who want to tell nothing. */
const ADDRESS_BITS: Readonly<Record<number, number>> = { 0: 0, 1: 32, 2: 128 };
type ClientSubnet = Extract<PacketOpt, { code: typeof CLIENT_SUBNET }>;

/** Undefined for what is not a DNS query at all: it gets no answer. */
export function readQuery(message: Buffer): DecodedPacket | 'malformed' | undefined {
  const isResponse = message.length >= HEADER_BYTES && message.readUInt16BE(2) >= 0x80_00;
  if (message.length < HEADER_BYTES || isResponse) return undefined;
  try {
    const query = decode(message);
    return isPossible(clientSubnetOf(query)) ? query : 'malformed';
  } catch {
    return 'malformed';
  }
}

/** No more bits than an address has: RFC 7871, 6 and 7.1.2. Such an option could not be answered either. */
function isPossible(subnet: ClientSubnet | undefined): boolean {
  if (subnet === undefined) return true;
  const bits = subnet.family === undefined ? undefined : ADDRESS_BITS[subnet.family];
  return bits !== undefined && (subnet.sourcePrefixLength ?? 0) <= bits;
}

/** Encodes a reply to the query; over UDP one that is too long comes without records and marked as truncated. */
export function encodeReply(query: DecodedPacket, reply: Reply, transport: 'udp' | 'tcp'): Buffer {
  const whole = encode(packetOf(query, reply, 0));
  if (transport === 'tcp' || whole.length <= udpLimit(query)) return whole;
  return encode(packetOf(query, { rcode: reply.rcode }, TRUNCATED_RESPONSE));
}

/** The header of a query that could not be decoded, turned into a refusal. */
export function encodeFailure(message: Buffer, rcode: Rcode): Buffer {
  return encode({ type: 'response', id: message.readUInt16BE(0), flags: RCODES[rcode] });
}

/** A query of ours for one name, with the id of the client's. */
export function encodeQuery(query: DecodedPacket, name: string, type: string): Buffer {
  return encode({
    type: 'query',
    id: query.id ?? 0,
    flags: RECURSION_DESIRED,
    questions: [{ name, type: type as Answer['type'] }],
    additionals: [optAnswer()],
  });
}

/** True when `answer` is a response to `query`: a late or forged one has another id or question. */
export function isAnswerTo(query: Buffer, answer: Buffer): boolean {
  if (answer.length < HEADER_BYTES || answer.readUInt16BE(0) !== query.readUInt16BE(0)) return false;
  if (answer.readUInt16BE(2) < 0x80_00) return false;
  try {
    const [asked, answered] = [decode(query).questions?.[0], decode(answer).questions?.[0]];
    return !answered || (answered.name.toLowerCase() === asked?.name.toLowerCase() && answered.type === asked.type);
  } catch {
    return false;
  }
}

/** True for an answer that left records out: over TCP it has them all. */
export function isTruncated(message: Buffer): boolean {
  return (message.readUInt16BE(2) & TRUNCATED_RESPONSE) !== 0;
}

/** Which rcode an upstream answered with. */
export function rcodeOf(message: Buffer): Rcode {
  const code = message.readUInt16BE(2) & RCODE_BITS;
  const known = (Object.keys(RCODES) as Rcode[]).find((name) => RCODES[name] === code);
  return known ?? 'SERVFAIL';
}

function packetOf(query: DecodedPacket, reply: Reply, extraFlags: number): Packet {
  const flags =
    ((query.flags ?? 0) & RECURSION_DESIRED) |
    RECURSION_AVAILABLE |
    (reply.authoritative ? AUTHORITATIVE_ANSWER : 0) |
    extraFlags |
    RCODES[reply.rcode];
  return {
    type: 'response',
    id: query.id ?? 0,
    flags,
    questions: query.questions ?? [],
    answers: [...(reply.answers ?? [])],
    authorities: [...(reply.authorities ?? [])],
    additionals: optOf(query) ? [optAnswer(subnetAnswer(query, reply))] : [],
  };
}

/** For whom the question is asked, where a resolver says it: RFC 7871. */
export function clientSubnetOf(query: DecodedPacket): ClientSubnet | undefined {
  return optOf(query)?.options.find((option): option is ClientSubnet => option.code === CLIENT_SUBNET);
}

/** An answer says for which part of the subnet's address it holds: all that was told of it, or nothing (RFC 7871, 7.2.1). */
function subnetAnswer(query: DecodedPacket, { tailored }: Reply): PacketOpt[] {
  const asked = clientSubnetOf(query);
  if (!asked) return [];
  const { code, family, ip, sourcePrefixLength = 0 } = asked;
  return [{ code, family, ip, sourcePrefixLength, scopePrefixLength: tailored ? sourcePrefixLength : 0 }];
}

function udpLimit(query: DecodedPacket): number {
  return Math.min(MAX_UDP_BYTES, Math.max(MIN_UDP_BYTES, optOf(query)?.udpPayloadSize ?? 0));
}

function optOf(query: DecodedPacket): OptAnswer | undefined {
  return query.additionals?.find((answer): answer is OptAnswer => answer.type === 'OPT');
}

function optAnswer(options: PacketOpt[] = []): OptAnswer {
  return {
    type: 'OPT',
    name: '.',
    udpPayloadSize: MAX_UDP_BYTES,
    extendedRcode: 0,
    ednsVersion: 0,
    flags: 0,
    flag_do: false,
    options,
  };
}
