import { createHash } from 'node:crypto';

/**
 * One frame of Session Manager's data channel, as AWS's session-manager-plugin writes and reads it: a header of 116
 * bytes, the payload's length, the payload. Integers are big-endian.
 *
 *   | header length 4 | type 32 | version 4 | created 8 | sequence 8 | flags 8 | id 16 | digest 32 | payload type 4 |
 *   | payload length 4 | payload |
 *
 * https://github.com/aws/session-manager-plugin
 */
export interface ChannelMessage {
  readonly type: MessageType;
  readonly createdAtMs: number;
  readonly sequence: number;
  readonly flags: bigint;
  /** A UUID. */
  readonly id: string;
  readonly payloadType: number;
  readonly payload: Buffer;
}

export type MessageType = 'input_stream_data' | 'output_stream_data' | 'acknowledge' | 'channel_closed';

export const PAYLOAD = {
  none: 0,
  output: 1,
  error: 2,
  size: 3,
  parameter: 4,
  handshakeRequest: 5,
  handshakeResponse: 6,
  handshakeComplete: 7,
  flag: 10,
  standardError: 11,
  exitCode: 12,
} as const;

/** Payloads of `PAYLOAD.flag`. */
export const TERMINATE_SESSION = 2;
/** Bits of `flags`. */
export const SYN = 1n;

const HEADER_BYTES = 116;
const TYPE_BYTES = 32;
const AT = { type: 4, version: 36, created: 40, sequence: 48, flags: 56, id: 64, digest: 80, payloadType: 112 };
const SCHEMA_VERSION = 1;

export function encodeMessage(message: ChannelMessage): Buffer {
  const { payload } = message;
  const bytes = Buffer.alloc(HEADER_BYTES + 4 + payload.length);
  bytes.writeUInt32BE(HEADER_BYTES, 0);
  bytes.fill(' ', AT.type, AT.type + TYPE_BYTES);
  bytes.write(message.type, AT.type, 'utf8');
  bytes.writeUInt32BE(SCHEMA_VERSION, AT.version);
  bytes.writeBigUInt64BE(BigInt(message.createdAtMs), AT.created);
  bytes.writeBigInt64BE(BigInt(message.sequence), AT.sequence);
  bytes.writeBigUInt64BE(message.flags, AT.flags);
  halvesSwapped(Buffer.from(message.id.replaceAll('-', ''), 'hex')).copy(bytes, AT.id);
  digestOf(payload).copy(bytes, AT.digest);
  bytes.writeUInt32BE(message.payloadType, AT.payloadType);
  bytes.writeUInt32BE(payload.length, HEADER_BYTES);
  payload.copy(bytes, HEADER_BYTES + 4);
  return bytes;
}

/** @throws Error for what is no whole frame, or whose payload is not what its digest says */
export function decodeMessage(bytes: Buffer): ChannelMessage {
  const headerLength = bytes.length < HEADER_BYTES + 4 ? 0 : bytes.readUInt32BE(0);
  // Acknowledgements may leave out the payload type.
  const hasPayloadType = headerLength >= AT.payloadType + 4;
  if (headerLength < AT.payloadType || headerLength + 4 > bytes.length) {
    throw new Error(`A frame of ${bytes.length} bytes with a header of ${headerLength} is not whole`);
  }
  const length = bytes.readUInt32BE(headerLength);
  const payload = bytes.subarray(headerLength + 4, headerLength + 4 + length);
  if (payload.length !== length)
    throw new Error(`A frame promises ${length} bytes of payload and has ${payload.length}`);
  const digest = bytes.subarray(AT.digest, AT.digest + 32);
  if (length > 0 && !digestOf(payload).equals(digest))
    throw new Error('The digest of a frame is not that of its payload');
  const type = bytes.toString('utf8', AT.type, AT.type + TYPE_BYTES).replace(/[\0 ]+$/, '');
  return {
    type: messageType(type),
    createdAtMs: Number(bytes.readBigUInt64BE(AT.created)),
    sequence: Number(bytes.readBigInt64BE(AT.sequence)),
    flags: bytes.readBigUInt64BE(AT.flags),
    id: uuidText(halvesSwapped(bytes.subarray(AT.id, AT.id + 16))),
    payloadType: hasPayloadType ? bytes.readUInt32BE(AT.payloadType) : PAYLOAD.none,
    payload,
  };
}

const TYPES: readonly string[] = ['input_stream_data', 'output_stream_data', 'acknowledge', 'channel_closed'];

function messageType(text: string): MessageType {
  if (!TYPES.includes(text)) throw new Error(`A frame has the unknown type '${text}'`);
  return text as MessageType;
}

function digestOf(payload: Buffer): Buffer {
  return createHash('sha256').update(payload).digest();
}

/** The lower half of a UUID comes first on the wire. */
function halvesSwapped(uuid: Buffer): Buffer {
  return Buffer.concat([uuid.subarray(8, 16), uuid.subarray(0, 8)]);
}

function uuidText(uuid: Buffer): string {
  return uuid.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
