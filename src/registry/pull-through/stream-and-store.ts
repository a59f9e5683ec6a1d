import { once } from 'node:events';
import { PassThrough } from 'node:stream';
import type { KeyedLock } from '../keyed-lock.ts';

export interface Storing {
  /** Whoever holds `key` stores the same bytes: then they are passed on only. */
  readonly lock: KeyedLock;
  readonly key: string;
  store(bytes: AsyncIterable<Uint8Array>): Promise<void>;
  /** After the bytes are stored. */
  stored(): Promise<void>;
  /** They are not; the reader gets them all the same. */
  failed(error: unknown): void;
}

/**
 * Passes bytes on and stores them on the way, at the pace of the slower one. When the reader leaves or the source
 * fails, nothing is stored; when storing fails, the reader goes on.
 */
export async function* streamAndStore(
  source: AsyncGenerator<Uint8Array, void>,
  storing: Storing,
): AsyncGenerator<Uint8Array, void> {
  if (storing.lock.isHeld(storing.key)) {
    yield* source;
    return;
  }
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const holding = storing.lock.hold(storing.key, () => released);
  const sink = new PassThrough({ highWaterMark: 1024 * 1024 });
  // A sink that is destroyed must not bring the process down.
  sink.on('error', () => {});
  let isStoring = true;
  const stored = storing.store(sink).catch((error: unknown) => {
    isStoring = false;
    storing.failed(error);
  });
  try {
    for await (const chunk of source) {
      if (isStoring && !sink.write(chunk)) await Promise.race([once(sink, 'drain').catch(() => {}), stored]);
      yield chunk;
    }
    sink.end();
    await stored;
    if (isStoring) await storing.stored();
  } finally {
    if (!sink.writableEnded) sink.destroy(new Error('the client left, or the upstream registry failed'));
    await stored;
    release();
    await holding;
  }
}
