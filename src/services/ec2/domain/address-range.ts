import { type Cidr, sizeOf } from './cidr.ts';

/** Numbers to hand out, both ends included. */
interface NumberRange {
  readonly first: number;
  readonly last: number;
}

/** In every subnet: network, router, resolver, one for later use; and the last, which would be broadcast. */
const RESERVED_AT_START = 4;
const RESERVED_AT_END = 1;

/** The addresses of a subnet that interfaces can have. */
export function interfaceRange(subnet: Cidr): NumberRange {
  return { first: subnet.base + RESERVED_AT_START, last: subnet.base + sizeOf(subnet) - 1 - RESERVED_AT_END };
}

/** The addresses of the public range that can be allocated: its first and last stay unused. */
export function publicRange(pool: Cidr): NumberRange {
  return { first: pool.base + 1, last: pool.base + sizeOf(pool) - 2 };
}

export function countOf(range: NumberRange): number {
  return Math.max(0, range.last - range.first + 1);
}

export function isInRange(range: NumberRange, value: number): boolean {
  return value >= range.first && value <= range.last;
}

/**
 * The first free number after `cursor`, going round once. Going on from where the last search ended keeps the search
 * short, and an address that was just given back rests before somebody else gets it.
 */
export async function nextFree(
  range: NumberRange,
  cursor: number | undefined,
  isTaken: (value: number) => Promise<boolean>,
): Promise<number | undefined> {
  const count = countOf(range);
  const start = cursor === undefined || !isInRange(range, cursor) ? 0 : cursor - range.first + 1;
  for (let step = 0; step < count; step++) {
    const value = range.first + ((start + step) % count);
    if (!(await isTaken(value))) return value;
  }
  return undefined;
}
