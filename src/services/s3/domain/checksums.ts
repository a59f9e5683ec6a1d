import {
  CHECKSUM_ALGORITHMS,
  checksumOf,
  combineCrcs,
  isCrc,
  type ChecksumAlgorithm,
} from '../../../kernel/checksums.ts';
import { invalidRequest } from '../errors.ts';
import type { Checksums, ChecksumType, PartRow } from '../tables.ts';

/** The members of inputs and outputs that hold checksums. */
export type ChecksumMembers = { [A in ChecksumAlgorithm as `Checksum${A}`]?: string };

/** Of an input whose body has been checked against them. */
export function checksumsIn(input: { [Name in keyof ChecksumMembers]?: string | undefined }): Checksums | undefined {
  const given = CHECKSUM_ALGORITHMS.flatMap((algorithm) => {
    const value = input[`Checksum${algorithm}`];
    return value === undefined ? [] : [[algorithm, value] as const];
  });
  return given.length === 0 ? undefined : Object.fromEntries(given);
}

export function checksumMembers(checksums: Checksums | undefined): ChecksumMembers {
  return Object.fromEntries(
    Object.entries(checksums ?? {}).map(([algorithm, value]) => [`Checksum${algorithm}`, value]),
  );
}

/** @throws ServiceError for an algorithm that S3 does not know or this server cannot make */
export function checksumAlgorithm(name: string | undefined): ChecksumAlgorithm | undefined {
  if (name === undefined) return undefined;
  const known = CHECKSUM_ALGORITHMS.find((algorithm) => algorithm === name);
  if (known === undefined) {
    throw invalidRequest(
      `Checksum algorithm provided is unsupported. Please try again with any of the valid types: [${CHECKSUM_ALGORITHMS.join(', ')}]`,
    );
  }
  return known;
}

/** What an upload's checksum will be of, where the client does not say. */
export function checksumType(algorithm: ChecksumAlgorithm, asked: string | undefined): ChecksumType {
  const type = asked ?? (algorithm === 'CRC64NVME' ? 'FULL_OBJECT' : 'COMPOSITE');
  const fits = type === 'FULL_OBJECT' ? isCrc(algorithm) : type === 'COMPOSITE' && algorithm !== 'CRC64NVME';
  if (!fits) {
    throw invalidRequest(
      `The ${type} checksum type cannot be used with the ${algorithm.toLowerCase()} checksum algorithm.`,
    );
  }
  return type === 'FULL_OBJECT' ? 'FULL_OBJECT' : 'COMPOSITE';
}

/** The checksum of an object of parts; undefined where a part has none. */
export function wholeChecksum(
  algorithm: ChecksumAlgorithm,
  type: ChecksumType,
  parts: readonly PartRow[],
): string | undefined {
  const each = parts.flatMap(({ checksums, sizeBytes }) => {
    const checksum = checksums?.[algorithm];
    return checksum === undefined ? [] : [{ checksum, sizeBytes }];
  });
  if (each.length < parts.length) return undefined;
  if (type === 'FULL_OBJECT') return isCrc(algorithm) ? combineCrcs(algorithm, each) : undefined;
  const joined = Buffer.concat(each.map(({ checksum }) => Buffer.from(checksum, 'base64')));
  return `${checksumOf(algorithm, joined)}-${parts.length}`;
}
