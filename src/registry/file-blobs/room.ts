import { statfs } from 'node:fs/promises';
import { StorageFull } from '../blob-store.ts';

const MIB = 1024 * 1024;
const MOST_KEPT_BYTES = 64 * MIB;
const LONGEST_UNCHECKED_BYTES = 16 * MIB;

/**
 * Refuses a push while there is still room for what must go on: the store usually lies on the same disk, and a server
 * that cannot write a row can neither end an upload nor delete an image.
 */
export class Room {
  readonly #folder: string;
  /** How much may be written before the disk is asked again. */
  #allowance = 0;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Call it before so many bytes are written. @throws StorageFull */
  async take(bytes: number): Promise<void> {
    this.#allowance -= bytes;
    if (this.#allowance >= 0) return;
    const { bavail, blocks, bsize } = await statfs(this.#folder);
    const left = bavail * bsize - Math.min(MOST_KEPT_BYTES, (blocks * bsize) / 10);
    if (left < bytes) throw new StorageFull(undefined);
    // Half of it: others write as well.
    this.#allowance = Math.min(LONGEST_UNCHECKED_BYTES, left / 2);
  }
}
