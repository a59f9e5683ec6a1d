import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';

/**
 * The checksums that S3 knows and this server can make, in base64 as they stand on the wire.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity-upload.html
 */
export const CHECKSUM_ALGORITHMS = ['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256', 'SHA512', 'MD5'] as const;
export type ChecksumAlgorithm = (typeof CHECKSUM_ALGORITHMS)[number];
/** Those of which the whole's follows from its parts'. */
export type CrcAlgorithm = 'CRC32' | 'CRC32C' | 'CRC64NVME';

export function checksumOf(algorithm: ChecksumAlgorithm, bytes: Uint8Array): string {
  switch (algorithm) {
    case 'CRC32':
      return wordsToBase64([crc32(bytes)]);
    case 'CRC32C':
      return wordsToBase64([crc32c(bytes)]);
    case 'CRC64NVME':
      return wordsToBase64(crc64(bytes));
    default:
      return createHash(algorithm.toLowerCase()).update(bytes).digest('base64');
  }
}

export function isCrc(algorithm: string): algorithm is CrcAlgorithm {
  return algorithm === 'CRC32' || algorithm === 'CRC32C' || algorithm === 'CRC64NVME';
}

/** The checksum of the parts' bytes one after another, from the checksum of each. */
export function combineCrcs(
  algorithm: CrcAlgorithm,
  parts: readonly { readonly checksum: string; readonly sizeBytes: number }[],
): string {
  const { width, polynomial } = POLYNOMIALS[algorithm];
  let whole = 0n;
  for (const { checksum, sizeBytes } of parts) {
    const shift = powerOfX(BigInt(sizeBytes) * 8n, width, polynomial);
    whole = multiply(shift, whole, width, polynomial) ^ BigInt(`0x${Buffer.from(checksum, 'base64').toString('hex')}`);
  }
  return Buffer.from(whole.toString(16).padStart(width / 4, '0'), 'hex').toString('base64');
}

/** Reflected: the highest bit stands for x to the power of 0. */
const POLYNOMIALS = {
  CRC32: { width: 32, polynomial: 0xedb88320n },
  CRC32C: { width: 32, polynomial: 0x82f63b78n },
  CRC64NVME: { width: 64, polynomial: 0x9a6c9329ac4bc9b5n },
} as const;

/** a * b modulo the polynomial, all reflected, as zlib's crc32_combine does it. */
function multiply(a: bigint, b: bigint, width: number, polynomial: bigint): bigint {
  let product = 0n;
  let factor = b;
  for (let bit = 1n << BigInt(width - 1); bit !== 0n; bit >>= 1n) {
    if (a & bit) product ^= factor;
    factor = factor & 1n ? (factor >> 1n) ^ polynomial : factor >> 1n;
  }
  return product;
}

function powerOfX(exponent: bigint, width: number, polynomial: bigint): bigint {
  let power = 1n << BigInt(width - 1);
  let square = 1n << BigInt(width - 2);
  for (let rest = exponent; rest !== 0n; rest >>= 1n) {
    if (rest & 1n) power = multiply(square, power, width, polynomial);
    square = multiply(square, square, width, polynomial);
  }
  return power;
}

/** Table k holds the CRC of a byte that k zero bytes follow, so that eight bytes are taken at once. */
const SLICES = 8;
let crc32cTable: Int32Array | undefined;

function crc32c(bytes: Uint8Array): number {
  const table = (crc32cTable ??= sliceTables('CRC32C').low);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const at = (slice: number, byte: number) => table[(slice << 8) | (byte & 0xff)] ?? 0;
  let crc = -1;
  let position = 0;
  for (; position + SLICES <= bytes.length; position += SLICES) {
    const first = view.getInt32(position, true) ^ crc;
    const second = view.getInt32(position + 4, true);
    crc = at(7, first) ^ at(6, first >>> 8) ^ at(5, first >>> 16) ^ at(4, first >>> 24);
    crc ^= at(3, second) ^ at(2, second >>> 8) ^ at(1, second >>> 16) ^ at(0, second >>> 24);
  }
  for (; position < bytes.length; position++) crc = (crc >>> 8) ^ at(0, crc ^ (bytes[position] ?? 0));
  return ~crc >>> 0;
}

let crc64Tables: SliceTables | undefined;

/** The upper and the lower half: a number has 53 bits, and a BigInt is slow. */
function crc64(bytes: Uint8Array): readonly [number, number] {
  const { high, low } = (crc64Tables ??= sliceTables('CRC64NVME'));
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let upper = -1;
  let lower = -1;
  let position = 0;
  for (; position + SLICES <= bytes.length; position += SLICES) {
    const first = view.getInt32(position, true) ^ lower;
    const second = view.getInt32(position + 4, true) ^ upper;
    upper = 0;
    lower = 0;
    for (let slice = 0; slice < SLICES; slice++) {
      const word = slice < 4 ? second : first;
      const index = (slice << 8) | ((word >>> ((3 - (slice & 3)) << 3)) & 0xff);
      upper ^= high[index] ?? 0;
      lower ^= low[index] ?? 0;
    }
  }
  for (; position < bytes.length; position++) {
    const index = (lower ^ (bytes[position] ?? 0)) & 0xff;
    lower = ((lower >>> 8) | (upper << 24)) ^ (low[index] ?? 0);
    upper = (upper >>> 8) ^ (high[index] ?? 0);
  }
  return [~upper >>> 0, ~lower >>> 0];
}

interface SliceTables {
  readonly high: Int32Array;
  readonly low: Int32Array;
}

function sliceTables(algorithm: CrcAlgorithm): SliceTables {
  const { polynomial } = POLYNOMIALS[algorithm];
  const high = new Int32Array(SLICES * 256);
  const low = new Int32Array(SLICES * 256);
  for (let byte = 0; byte < 256; byte++) {
    let value = BigInt(byte);
    for (let slice = 0; slice < SLICES; slice++) {
      for (let bit = 0; bit < 8; bit++) value = value & 1n ? (value >> 1n) ^ polynomial : value >> 1n;
      high[(slice << 8) | byte] = Number(BigInt.asIntN(32, value >> 32n));
      low[(slice << 8) | byte] = Number(BigInt.asIntN(32, value));
    }
  }
  return { high, low };
}

function wordsToBase64(words: readonly number[]): string {
  const bytes = Buffer.alloc(words.length * 4);
  for (const [index, word] of words.entries()) bytes.writeUInt32BE(word, index * 4);
  return bytes.toString('base64');
}
