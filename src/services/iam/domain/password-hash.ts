import { scrypt, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify<string, Buffer, number, Buffer>(scrypt);
const SALT_BYTES = 16;
const HASH_BYTES = 32;

/** Answers `SALT.HASH` in base64url. @param salt 16 random bytes */
export async function hashPassword(password: string, salt: Buffer): Promise<string> {
  const hash = await derive(password, salt, HASH_BYTES);
  return `${salt.toString('base64url')}.${hash.toString('base64url')}`;
}

export async function isPassword(password: string, hashed: string): Promise<boolean> {
  const [salt, hash] = hashed.split('.').map((part) => Buffer.from(part, 'base64url'));
  if (!salt || !hash || salt.length !== SALT_BYTES || hash.length !== HASH_BYTES) return false;
  return timingSafeEqual(await derive(password, salt, HASH_BYTES), hash);
}

export const newSalt = (ids: { bytes(length: number): Buffer }): Buffer => ids.bytes(SALT_BYTES);
