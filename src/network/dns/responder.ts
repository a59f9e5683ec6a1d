import { RECURSION_DESIRED, decode } from 'dns-packet';
import type { Answer, DecodedPacket } from 'dns-packet';
import type { Forwarder } from './forwarder.ts';
import {
  clientSubnetOf,
  encodeFailure,
  encodeQuery,
  encodeReply,
  isAnswerTo,
  isTruncated,
  rcodeOf,
  readQuery,
} from './message.ts';
import type { Reply } from './message.ts';
import type { NameTable, Resolution } from './name-table.ts';

export interface ResponderOptions {
  readonly names: NameTable;
  readonly forwarder: Pick<Forwarder, 'ask'>;
  /** The VPC behind a source address; undefined for an address that is no VPC's. */
  readonly vpcOf: (sourceAddress: string) => string | undefined;
}

type Transport = 'udp' | 'tcp';

const OPCODE_BITS = 0x78_00;

/** One DNS message in, one out: from the table what is in it, from upstream the rest. */
export class Responder {
  readonly #options: ResponderOptions;

  constructor(options: ResponderOptions) {
    this.#options = options;
  }

  /** Undefined for what deserves no answer. `source` is the address of the client. */
  async respond(message: Buffer, source: string, transport: Transport): Promise<Buffer | undefined> {
    const query = readQuery(message);
    if (query === undefined) return undefined;
    if (query === 'malformed') return encodeFailure(message, 'FORMERR');
    const reply = (content: Reply) => encodeReply(query, content, transport);

    const client = source.replace(/^::ffff:/, '');
    const vpcId = this.#options.vpcOf(client);
    if (vpcId === undefined && !isLoopback(client)) return reply({ rcode: 'REFUSED' });
    if ((message.readUInt16BE(2) & OPCODE_BITS) !== 0) return reply({ rcode: 'NOTIMP' });
    const [question, ...more] = query.questions ?? [];
    if (!question || more.length > 0) return reply({ rcode: 'FORMERR' });
    if (question.class !== undefined && question.class !== 'IN') return reply({ rcode: 'NOTIMP' });

    const subnet = clientSubnetOf(query);
    // A subnet of no bits tells nothing.
    const resolution = this.#options.names.answer(question, vpcId, subnet?.sourcePrefixLength ? subnet.ip : client);
    const recursive = (message.readUInt16BE(2) & RECURSION_DESIRED) !== 0;
    if (resolution?.delegated && !recursive) return reply(resolution);
    if (resolution && !resolution.delegated) return reply(await this.#complete(query, resolution, transport));
    return (await this.#options.forwarder.ask(message, transport)) ?? reply({ rcode: 'SERVFAIL' });
  }

  /** Follows a CNAME that leads out of the table. */
  async #complete(query: DecodedPacket, resolution: Resolution, transport: Transport): Promise<Reply> {
    const type = query.questions?.[0]?.type;
    if (resolution.continueAt === undefined || type === undefined) return { ...resolution, authoritative: true };
    const onward = encodeQuery(query, resolution.continueAt, type);
    const answer = await this.#askWhole(onward, transport);
    if (!answer || !isAnswerTo(onward, answer)) return { rcode: 'SERVFAIL', answers: resolution.answers };
    const { tailored = false } = resolution;
    return { rcode: rcodeOf(answer), answers: [...resolution.answers, ...answersOf(answer)], tailored };
  }

  /** Where TCP does not lead to upstream, what did fit a packet; one that nothing fitted is no answer. */
  async #askWhole(query: Buffer, transport: Transport): Promise<Buffer | undefined> {
    const answer = await this.#options.forwarder.ask(query, transport);
    if (!answer || !isTruncated(answer)) return answer;
    const whole = await this.#options.forwarder.ask(query, 'tcp');
    return whole ?? (answersOf(answer).length > 0 ? answer : undefined);
  }
}

function answersOf(message: Buffer): Answer[] {
  return decode(message).answers ?? [];
}

function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}
