import { Readable } from 'node:stream';
import { crc32 } from 'node:zlib';
import { ServiceError } from '../kernel/errors.ts';
import { jsonStructure } from './encode-json.ts';
import type { Protocol } from './protocol.ts';
import type { Member, StructureShape } from './schema.ts';

/** The answer's content type; each event's own is that of the protocol. */
export const EVENT_STREAM_TYPE = 'application/vnd.amazon.eventstream';

const PRELUDE_BYTES = 12;
const CRC_BYTES = 4;
const STRING = 7;

/** The member of an output whose events come one after another, if it has one. */
export function eventStreamMember(output: StructureShape | undefined): Member | undefined {
  return output?.members.find(({ shape }) => shape.kind === 'structure' && shape.eventStream);
}

/**
 * An output of a JSON service as a stream of messages: `initial-response` with its other members, then its events as
 * they come, each `{ [name of the event]: value }`. What the source throws ends it: an error of the union as that
 * event, any other as an error of the stream. Destroyed, it ends the source.
 */
export function eventStream(output: StructureShape, member: Member, value: object, protocol: Protocol): Readable {
  const { [member.name]: events, ...others } = value as Readonly<Record<string, unknown>>;
  const contentType = protocol === 'awsJson1_0' ? 'application/x-amz-json-1.0' : 'application/x-amz-json-1.1';
  const initial = event('initial-response', contentType, jsonStructure(output, others));
  const messages = messagesOf(initial, member, events as AsyncIterable<Readonly<Record<string, object>>>, contentType);
  return Readable.from(messages, { objectMode: false, highWaterMark: 1 });
}

async function* messagesOf(
  initial: Buffer,
  { shape }: Member,
  events: AsyncIterable<Readonly<Record<string, object>>>,
  contentType: string,
): AsyncGenerator<Buffer> {
  const shapes = new Map((shape.kind === 'structure' ? shape.members : []).map((each) => [each.name, each.shape]));
  yield initial;
  try {
    for await (const given of events) {
      for (const [name, content] of Object.entries(given)) {
        const known = shapes.get(name);
        if (known?.kind === 'structure') yield event(name, contentType, jsonStructure(known, content));
      }
    }
  } catch (error) {
    yield failure(error, shapes, contentType);
  }
}

function event(type: string, contentType: string, content: object): Buffer {
  return encodeMessage(
    { ':message-type': 'event', ':event-type': type, ':content-type': contentType },
    Buffer.from(JSON.stringify(content)),
  );
}

/** A bug's own words stay here. */
function failure(error: unknown, shapes: ReadonlyMap<string, unknown>, contentType: string): Buffer {
  const known =
    error instanceof ServiceError ? error : new ServiceError('InternalFailure', 'An internal error occurred.');
  if (!shapes.has(known.code)) {
    return encodeMessage(
      { ':message-type': 'error', ':error-code': known.code, ':error-message': known.message },
      Buffer.alloc(0),
    );
  }
  return encodeMessage(
    { ':message-type': 'exception', ':exception-type': known.code, ':content-type': contentType },
    Buffer.from(JSON.stringify({ message: known.message })),
  );
}

/**
 * One message of `vnd.amazon.eventstream`: its length, that of its headers, a checksum of both, headers, payload, a
 * checksum of all. https://docs.aws.amazon.com/transcribe/latest/dg/streaming-setting-up.html
 */
export function encodeMessage(headers: Readonly<Record<string, string>>, payload: Buffer): Buffer {
  const head = Buffer.concat(Object.entries(headers).map(([name, text]) => encodeHeader(name, text)));
  const message = Buffer.alloc(PRELUDE_BYTES + head.length + payload.length + CRC_BYTES);
  message.writeUInt32BE(message.length, 0);
  message.writeUInt32BE(head.length, 4);
  message.writeUInt32BE(crc32(message.subarray(0, 8)), 8);
  head.copy(message, PRELUDE_BYTES);
  payload.copy(message, PRELUDE_BYTES + head.length);
  message.writeUInt32BE(crc32(message.subarray(0, message.length - CRC_BYTES)), message.length - CRC_BYTES);
  return message;
}

function encodeHeader(name: string, text: string): Buffer {
  const value = Buffer.from(text);
  const sizes = Buffer.alloc(3);
  sizes.writeUInt8(STRING, 0);
  sizes.writeUInt16BE(value.length, 1);
  return Buffer.concat([Buffer.from([Buffer.byteLength(name)]), Buffer.from(name), sizes, value]);
}
