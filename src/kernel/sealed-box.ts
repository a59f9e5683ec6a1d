import { createCipheriv, createDecipheriv, hkdfSync } from 'node:crypto';
import type { Ids } from './ids.ts';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals secrets at rest and makes self-contained tokens: AES-256-GCM under a key derived for one purpose from the
 * server's master key, which is kept in a file outside the database. A box of one purpose cannot open another's.
 */
export class SealedBox {
  readonly #key: Buffer;
  readonly #ids: Ids;

  constructor(masterKey: Buffer, purpose: string, ids: Ids) {
    this.#key = Buffer.from(hkdfSync('sha256', masterKey, Buffer.alloc(0), `longshore/${purpose}`, 32));
    this.#ids = ids;
  }

  /** Answers base64url text. */
  seal(plain: string): string {
    const nonce = this.#ids.bytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.#key, nonce);
    const body = Buffer.concat([cipher.update(plain, 'utf8'), cipher.final()]);
    return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
  }

  /** Answers undefined for anything that this box did not seal. */
  open(sealed: string): string | undefined {
    const bytes = Buffer.from(sealed, 'base64url');
    if (bytes.length < NONCE_BYTES + TAG_BYTES) return undefined;
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#key, bytes.subarray(0, NONCE_BYTES));
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
      const body = decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES));
      return Buffer.concat([body, decipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }
}
