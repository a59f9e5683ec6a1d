import { onMedium, writeAll } from './files.ts';
import type { WritableFile } from './files.ts';
import type { Room } from './room.ts';

const BATCH_BYTES = 1024 * 1024;

/**
 * Writes what comes in pieces, some pieces at a time, while the next come in: at most one batch is on its way to the disk
 * and one is gathered, whatever the size of the whole.
 */
export class BatchWriter {
  readonly #handle: WritableFile;
  readonly #room: Room;
  #position: number;
  #batch: Uint8Array[] = [];
  #batchBytes = 0;
  #writing: Promise<void> = Promise.resolve();

  constructor(handle: WritableFile, position: number, room: Room) {
    this.#handle = handle;
    this.#position = position;
    this.#room = room;
  }

  /** Resolves when the next piece may come. The bytes must not change any more. @throws RuntimeError */
  async write(piece: Uint8Array): Promise<void> {
    this.#batch.push(piece);
    this.#batchBytes += piece.length;
    if (this.#batchBytes >= BATCH_BYTES) await this.#send();
  }

  /** Resolves when all is written. @throws RuntimeError */
  async end(): Promise<void> {
    await this.#send();
    await this.#writing;
  }

  async #send(): Promise<void> {
    await this.#writing;
    const [batch, bytes, position] = [this.#batch, this.#batchBytes, this.#position];
    this.#batch = [];
    this.#batchBytes = 0;
    this.#position += bytes;
    this.#writing = this.#writeAt(position, bytes, batch);
    // Its failure is thrown to the next who waits for it.
    this.#writing.catch(() => {});
  }

  async #writeAt(position: number, bytes: number, batch: readonly Uint8Array[]): Promise<void> {
    if (bytes === 0) return;
    await onMedium(this.#room.take(bytes));
    const { bytesWritten } = await onMedium(this.#handle.writev(batch, position));
    if (bytesWritten < bytes) {
      const rest = Buffer.concat(batch).subarray(bytesWritten);
      await onMedium(writeAll(this.#handle, rest, position + bytesWritten));
    }
  }
}
