import { gunzipSync } from 'node:zlib';

/** How many bytes all of a user data may become: packed, 16 KiB are many packed pieces of many megabytes each. */
export class Allowance {
  readonly #most: number;
  #left: number;

  constructor(bytes: number) {
    this.#most = bytes;
    this.#left = bytes;
  }

  /** @throws Error in words for the console, where that is more than is left */
  take(bytes: number): void {
    if (bytes > this.#left) throw new Error(`all of it together is larger than ${this.#most / 1024} KiB`);
    this.#left -= bytes;
  }

  /** @throws Error as above, and for what is not packed by gzip */
  unpack(packed: Buffer): Buffer {
    if (this.#left === 0) this.take(1);
    const bytes = gunzipSync(packed, { maxOutputLength: this.#left });
    this.take(bytes.length);
    return bytes;
  }
}
