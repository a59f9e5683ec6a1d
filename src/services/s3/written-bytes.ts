import type { WrittenBytes } from '../../objects/object-store.ts';
import type { WriteTx } from '../../store/store.ts';
import type { S3Context } from './operation.ts';

/** Writes bytes, then the rows that name them. Bytes whose rows were refused are removed at once. */
export async function withBytes<T>(
  ctx: S3Context,
  source: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  record: (written: WrittenBytes, tx: WriteTx) => Promise<T>,
): Promise<T> {
  const { objects } = ctx.ports;
  const written = await objects.write(source);
  try {
    return await ctx.write((tx) => record(written, tx));
  } catch (error) {
    await objects.delete(written.id);
    throw error;
  }
}
