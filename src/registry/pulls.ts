import type { Log } from '../kernel/log.ts';
import { messageOf } from '../kernel/errors.ts';
import type { ReadTx, Store, WriteTx } from '../store/store.ts';
import { atDigest, manifests, pulls } from './tables.ts';
import type { ManifestRow } from './tables.ts';

/** An image that is pulled all the time is written down so often: nobody asks more exactly, and a disk write is dear. */
const WRITE_EVERY_MS = 60 * 1000;
const MOST_REMEMBERED = 10_000;

/** When the image was last pulled, to the minute; undefined if it never was. */
export async function pulledAt(tx: ReadTx, manifest: ManifestRow): Promise<number | undefined> {
  return (await tx.get(pulls, atDigest(manifest.repository, manifest.digest)))?.pulledAtMs;
}

/**
 * Writes down when images are pulled, behind the back of those who pull: what a crash takes is a time of the last
 * moments, no more.
 */
export class Pulls {
  readonly #store: Store;
  readonly #log: Log;
  /** When each key was last noted. A Map keeps the order of insertion, so the oldest come first. */
  readonly #notedAtMs = new Map<string, number>();
  readonly #pending = new Map<string, PulledImage>();
  #flushing: Promise<void> | undefined;

  constructor(options: { store: Store; log: Log }) {
    this.#store = options.store;
    this.#log = options.log;
  }

  /** Whether the last pull that was noted is so recent that one of now would not be written down. */
  isFresh({ repository, digest }: ManifestRow, now: number): boolean {
    return now - (this.#notedAtMs.get(atDigest(repository, digest)) ?? -Infinity) < WRITE_EVERY_MS;
  }

  /** Returns at once. */
  note(manifest: ManifestRow, now: number): void {
    if (this.isFresh(manifest, now)) return;
    const { repository, digest } = manifest;
    const key = atDigest(repository, digest);
    this.#notedAtMs.delete(key);
    this.#notedAtMs.set(key, now);
    const oldest = this.#notedAtMs.keys().next().value;
    if (this.#notedAtMs.size > MOST_REMEMBERED && oldest !== undefined) this.#notedAtMs.delete(oldest);
    this.#pending.set(key, { repository, digest, pulledAtMs: now });
    this.#flushing ??= this.#flush();
  }

  /** When all that was noted is written down. */
  async settled(): Promise<void> {
    await this.#flushing;
  }

  async #flush(): Promise<void> {
    // All notes of one moment go in one transaction.
    await Promise.resolve();
    while (this.#pending.size > 0) {
      const images = [...this.#pending.values()];
      this.#pending.clear();
      try {
        await this.#store.write((tx) => writeDown(tx, images));
      } catch (error) {
        this.#log.warn('the times of pulls were not written down', { reason: messageOf(error) });
      }
    }
    this.#flushing = undefined;
  }
}

interface PulledImage {
  readonly repository: string;
  readonly digest: string;
  readonly pulledAtMs: number;
}

async function writeDown(tx: WriteTx, images: readonly PulledImage[]): Promise<void> {
  for (const image of images) {
    const key = atDigest(image.repository, image.digest);
    // Deleted meanwhile: its time went with it.
    if (await tx.get(manifests, key)) await tx.put(pulls, { ...(await tx.get(pulls, key)), ...image });
  }
}
