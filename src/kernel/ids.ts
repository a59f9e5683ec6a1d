import { randomBytes, randomUUID } from 'node:crypto';

/** Randomness is an argument: only this file draws it. */
export interface Ids {
  /** `length` lower-case hexadecimal digits. */
  hex(length: number): string;
  /** `length` random bytes. */
  bytes(length: number): Buffer;
  /** A version 4 UUID. */
  uuid(): string;
}

function idsFrom(bytes: (length: number) => Buffer): Ids {
  const hex = (length: number) =>
    bytes(Math.ceil(length / 2))
      .toString('hex')
      .slice(0, length);
  return {
    hex,
    bytes,
    uuid() {
      const variant = '89ab'[(bytes(1)[0] ?? 0) & 3];
      return `${hex(8)}-${hex(4)}-4${hex(3)}-${variant}${hex(3)}-${hex(12)}`;
    },
  };
}

export const systemIds: Ids = { ...idsFrom(randomBytes), uuid: () => randomUUID() };

/** The same sequence for the same seed (mulberry32): tests and simulations. */
export function seededIds(seed: number): Ids {
  let state = seed >>> 0;
  const nextByte = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return (mixed ^ (mixed >>> 14)) & 0xff;
  };
  return idsFrom((length) => Buffer.from(Array.from({ length }, nextByte)));
}
