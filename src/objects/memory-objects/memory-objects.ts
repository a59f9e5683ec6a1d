import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Clock } from '../../kernel/clock.ts';
import { RuntimeError } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { ByteRange, ObjectStore, StoredBytes, WrittenBytes } from '../object-store.ts';

/** Bytes in memory, for tests. */
export class MemoryObjects implements ObjectStore {
  readonly #kept = new Map<string, { readonly bytes: Buffer; readonly writtenAtMs: number }>();
  readonly #clock: Clock;
  readonly #ids: Ids;

  constructor(clock: Clock, ids: Ids) {
    this.#clock = clock;
    this.#ids = ids;
  }

  async write(source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>): Promise<WrittenBytes> {
    const chunks: Uint8Array[] = [];
    for await (const chunk of source) chunks.push(chunk);
    const bytes = Buffer.concat(chunks);
    const id = this.#ids.hex(32);
    this.#kept.set(id, { bytes, writtenAtMs: this.#clock.now() });
    return { id, sizeBytes: bytes.length, md5: createHash('md5').update(bytes).digest('hex') };
  }

  async read(id: string, range?: ByteRange): Promise<Readable> {
    const kept = this.#kept.get(id);
    if (!kept) throw new RuntimeError('gone', `There are no bytes ${id}.`);
    const { bytes } = kept;
    return Readable.from([range ? bytes.subarray(range.start, range.end + 1) : bytes]);
  }

  async delete(id: string): Promise<void> {
    this.#kept.delete(id);
  }

  async stat(id: string): Promise<StoredBytes | undefined> {
    const kept = this.#kept.get(id);
    return kept && { id, sizeBytes: kept.bytes.length, writtenAtMs: kept.writtenAtMs };
  }

  async *all(): AsyncIterable<StoredBytes> {
    for (const [id, { bytes, writtenAtMs }] of this.#kept) yield { id, sizeBytes: bytes.length, writtenAtMs };
  }
}
