import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';

const NAME = /^events-(\d{10})\.jsonl$/;
const DIGITS = 10;
const NEWLINE = 10;
/** Read at once; between two reads the process does other things. */
const CHUNK_BYTES = 64 * 1024;

/**
 * A folder of append-only files, one line for each event. One is being written; those before it are whole and wait to
 * be moved. A write() is in the kernel's hands once it returns, so the process may be killed at any time after.
 */
export class JournalFiles {
  readonly #folder: string;
  #number: number;
  #descriptor: number | undefined;
  /** A write that failed may have left half a line. */
  #torn = false;

  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.#folder = folder;
    this.#number = Number(NAME.exec(this.closed().at(-1) ?? '')?.[1] ?? 0);
  }

  /** @throws what the file system throws, e.g. ENOSPC: the line is lost then */
  append(line: string): void {
    this.#descriptor ??= this.#open();
    const bytes = Buffer.from(this.#torn ? `\n${line}\n` : `${line}\n`);
    this.#torn = true;
    // Only a disk that is almost full takes no more than a part.
    for (let at = 0; at < bytes.length;) at += writeSync(this.#descriptor, bytes, at);
    this.#torn = false;
  }

  /** Closes the file that is being written; the next line begins another. */
  rotate(): void {
    if (this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
    this.#torn = false;
  }

  /** The names of the files that are no longer written, oldest first. */
  closed(): readonly string[] {
    const current = this.#descriptor === undefined ? undefined : this.#name(this.#number);
    return readdirSync(this.#folder)
      .filter((name) => NAME.test(name) && name !== current)
      .toSorted();
  }

  /**
   * Line by line: memory does not grow with the file. Half a line at the end is left out. Not by node:readline, which
   * takes U+2028 for the end of a line: a caller could hide its call behind one.
   */
  async *lines(name: string): AsyncGenerator<string> {
    const file = await open(join(this.#folder, name));
    try {
      let rest: Buffer = Buffer.alloc(0);
      for (;;) {
        const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(CHUNK_BYTES), 0, CHUNK_BYTES);
        if (bytesRead === 0) return;
        rest = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
        let from = 0;
        for (let at = rest.indexOf(NEWLINE); at >= 0; at = rest.indexOf(NEWLINE, from)) {
          yield rest.toString('utf8', from, at);
          from = at + 1;
        }
        rest = rest.subarray(from);
      }
    } finally {
      await file.close();
    }
  }

  remove(name: string): void {
    rmSync(join(this.#folder, name), { force: true });
  }

  #open(): number {
    this.#number += 1;
    return openSync(join(this.#folder, this.#name(this.#number)), 'a', 0o600);
  }

  #name(number: number): string {
    return `events-${String(number).padStart(DIGITS, '0')}.jsonl`;
  }
}
