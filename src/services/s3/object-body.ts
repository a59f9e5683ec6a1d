import { Readable } from 'node:stream';
import { buffer, text } from 'node:stream/consumers';
import type { ObjectStore } from '../../objects/object-store.ts';
import type { ByteRange } from './domain/range.ts';

/** A body as the SDK types it, so that other services read it as they would with the SDK. */
export type ObjectBody = Readable & {
  transformToByteArray(): Promise<Uint8Array>;
  transformToString(encoding?: string): Promise<string>;
  transformToWebStream(): ReadableStream;
};

/** The bytes of each piece one after another. Nothing is opened before it is read. */
export function objectBody(
  store: ObjectStore,
  pieces: readonly { readonly id: string; readonly range?: ByteRange }[],
): ObjectBody {
  const stream = Readable.from(readPieces(store, pieces), { objectMode: false });
  return Object.assign(stream, {
    transformToByteArray: async () => buffer(stream),
    transformToString: async (encoding?: string) =>
      encoding === undefined ? text(stream) : (await buffer(stream)).toString(encoding as BufferEncoding),
    transformToWebStream: () => Readable.toWeb(stream) as ReadableStream,
  });
}

export async function* readPieces(
  store: ObjectStore,
  pieces: readonly { readonly id: string; readonly range?: ByteRange }[],
): AsyncGenerator<Uint8Array> {
  for (const { id, range } of pieces) yield* (await store.read(id, range)) as AsyncIterable<Uint8Array>;
}

/** What stands in a request's body: bytes, by the time it is here, or a text from another service of this server. */
export function bodyChunks(body: unknown): readonly Uint8Array[] {
  if (body === undefined) return [];
  if (typeof body === 'string') return [Buffer.from(body)];
  if (body instanceof Uint8Array) return [body];
  throw new TypeError('The body of an object must be bytes or text.');
}
