import type { Ids } from '../kernel/ids.ts';

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';
const ACCESS_KEY_ID = /^(?:AKIA|ASIA)([A-Z2-7]{16})$/;
/** 16 letters and digits of 5 bits each: one that is not used, 40 for the account, 39 of chance. */
const CHANCE_BITS = 39n;
const ACCOUNT_MASK = (1n << 40n) - 1n;

/**
 * An access key id as AWS forms it: the account can be read off it, as GetAccessKeyInfo and tools that look for leaked
 * keys do.
 * @param account twelve digits
 */
export function accessKeyId(prefix: 'AKIA' | 'ASIA', account: string, ids: Ids): string {
  const random = BigInt(`0x${ids.hex(20)}`);
  const unused = (random >> 79n) << 79n;
  const bits = unused | (BigInt(account) << CHANCE_BITS) | (random & ((1n << CHANCE_BITS) - 1n));
  const digits = Array.from({ length: 16 }, (_, place) => Number((bits >> BigInt(75 - 5 * place)) & 31n));
  return prefix + digits.map((digit) => BASE32[digit]).join('');
}

/** The account that an access key id says it is of; undefined for what is not an access key id. */
export function accountOfAccessKey(id: string): string | undefined {
  const digits = ACCESS_KEY_ID.exec(id)?.[1];
  if (digits === undefined) return undefined;
  const bits = Array.from(digits).reduce((sum, digit) => (sum << 5n) | BigInt(BASE32.indexOf(digit)), 0n);
  const account = ((bits >> CHANCE_BITS) & ACCOUNT_MASK).toString().padStart(12, '0');
  return account.length === 12 ? account : undefined;
}
