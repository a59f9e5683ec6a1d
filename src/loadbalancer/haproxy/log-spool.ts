import { execFile } from 'node:child_process';
import { mkdir, open, readdir, readFile, rename, rm, rmdir, stat, writeFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { messageOf } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { LogRange } from '../log-entries.ts';

const run = promisify(execFile);

/** How much of a file is read at once. */
const PAGE_BYTES = 2 * 1024 * 1024;
/** What is given back to the file system are whole blocks. */
const BLOCK_BYTES = 4096;
const DIGITS = 16;

export interface SpoolPage {
  readonly lines: readonly string[];
  readonly next?: string;
  readonly more: boolean;
}

interface Place {
  readonly file: string;
  readonly offset: number;
}

/**
 * The lines that the HAProxys of a VPC have logged, one after the other:
 *
 *   folder/TIME.log    a file for each start; HAProxy itself appends to it, so lines need no server to be kept
 *   folder/TIME.from   how much of its beginning is gone
 *
 * A file whose HAProxy runs cannot be replaced: its beginning is given back to the file system as a hole, and what is read
 * of it goes on from there.
 */
export class LogSpool {
  readonly #folder: string;
  readonly #log: Log;

  constructor(folder: string, log: Log) {
    this.#folder = folder;
    this.#log = log;
  }

  /** A new file for an HAProxy that is about to start. */
  async open(now: number): Promise<FileHandle> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    // Of processes that have ended.
    for (const file of await this.#files()) if ((await this.#size(file)) === 0) await this.#remove(file);
    return open(join(this.#folder, `${digits(now)}.log`), 'a', 0o600);
  }

  /** Adds lines to a spool that no HAProxy writes to. */
  async append(lines: readonly string[], now: number): Promise<void> {
    const last = (await this.#files()).at(-1);
    const text = lines.map((line) => `${line}\n`).join('');
    const file = last === undefined ? await this.open(now) : await open(join(this.#folder, `${last}.log`), 'a', 0o600);
    try {
      await file.appendFile(text, 'latin1');
    } finally {
      await file.close();
    }
  }

  /** Lines of a load balancer between two positions, without the id that they begin with. */
  async read(loadBalancerId: string, { after, upTo }: LogRange): Promise<SpoolPage> {
    const files = await this.#files();
    const first = files[0];
    if (first === undefined) return { lines: [], ...(after !== undefined && { next: after }), more: false };
    const from = placeOf(after);
    const file = files.find((name) => name >= (from?.file ?? '')) ?? files.at(-1) ?? first;
    const gone = await this.#gone(file);
    const offset = from?.file === file ? Math.max(from.offset, gone) : gone;
    const end = placeOf(upTo);
    const bytes = await this.#bytes(file, offset, end?.file === file ? end.offset : Infinity);
    const whole = wholeLines(bytes);
    const later = files.some((name) => name > file);
    // The process that wrote to an older file has ended: its last line may be half of one.
    if (whole === 0 && later) {
      const next = files[files.indexOf(file) + 1] ?? file;
      if (!end || end.file > file)
        return this.read(loadBalancerId, { after: positionOf({ file: next, offset: 0 }), upTo });
    }
    const lines = bytes.subarray(0, whole).toString('latin1').split('\n');
    const prefix = `${loadBalancerId} {`;
    return {
      lines: lines.filter((line) => line.startsWith(prefix)).map((line) => line.slice(prefix.length - 1)),
      next: positionOf({ file, offset: offset + whole }),
      more: later || bytes.length === PAGE_BYTES,
    };
  }

  /** Gives back what is before a position, or all that is there. */
  async forget(upTo: string | undefined): Promise<void> {
    const files = await this.#files();
    const last = files.at(-1);
    const until = placeOf(upTo);
    for (const file of files) {
      if (until && file > until.file) return;
      if (file !== last && file !== until?.file) await this.#remove(file);
      else await this.#punch(file, file === until?.file ? until.offset : await this.#size(file));
    }
  }

  /** Where nobody writes any more: files that were given back whole, and the folder that none is left in. */
  async clear(): Promise<void> {
    for (const file of await this.#files()) {
      if ((await this.#gone(file)) >= (await this.#size(file))) await this.#remove(file);
    }
    // It may not be there, or hold what somebody is yet to read.
    await rmdir(this.#folder).catch(() => {});
  }

  async #files(): Promise<readonly string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    return names.flatMap((name) => (name.endsWith('.log') ? [name.slice(0, -4)] : [])).toSorted();
  }

  async #bytes(file: string, offset: number, end: number): Promise<Buffer> {
    const length = Math.max(0, Math.min(PAGE_BYTES, end - offset));
    const handle = await open(join(this.#folder, `${file}.log`), 'r');
    try {
      const { buffer, bytesRead } = await handle.read(Buffer.allocUnsafe(length), 0, length, offset);
      return buffer.subarray(0, bytesRead);
    } finally {
      await handle.close();
    }
  }

  async #gone(file: string): Promise<number> {
    return Number(await readFile(this.#fromPath(file), 'utf8').catch(() => '0'));
  }

  async #size(file: string): Promise<number> {
    return (await stat(join(this.#folder, `${file}.log`))).size;
  }

  async #punch(file: string, offset: number): Promise<void> {
    const gone = await this.#gone(file);
    if (offset <= gone) return;
    await writeFile(`${this.#fromPath(file)}.part`, String(offset), { mode: 0o600 });
    await rename(`${this.#fromPath(file)}.part`, this.#fromPath(file));
    const length = Math.floor(offset / BLOCK_BYTES) * BLOCK_BYTES;
    if (length === 0) return;
    const words = ['--punch-hole', '--offset', '0', '--length', String(length), join(this.#folder, `${file}.log`)];
    await run('fallocate', words).catch((error: unknown) =>
      this.#log.warn('disk space of delivered logs could not be given back', { file, error: messageOf(error) }),
    );
  }

  async #remove(file: string): Promise<void> {
    await rm(join(this.#folder, `${file}.log`), { force: true });
    await rm(this.#fromPath(file), { force: true });
  }

  #fromPath(file: string): string {
    return join(this.#folder, `${file}.from`);
  }
}

function digits(count: number): string {
  return String(count).padStart(DIGITS, '0');
}

function positionOf({ file, offset }: Place): string {
  return `${file}/${digits(offset)}`;
}

function placeOf(position: string | undefined): Place | undefined {
  const [file, offset] = (position ?? '').split('/');
  return file && offset !== undefined ? { file, offset: Number(offset) } : undefined;
}

/** Bytes up to the end of the last line. More than a page without an end is no line of ours. */
function wholeLines(bytes: Buffer): number {
  const end = bytes.lastIndexOf(10) + 1;
  return end === 0 && bytes.length === PAGE_BYTES ? bytes.length : end;
}
