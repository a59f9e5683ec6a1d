import { mkdir, open, readdir, readFile, rm } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecLogging } from '../services/ecs/index.ts';
import { writeWhole } from './home.ts';

const OWNER_ONLY = 0o600;
const DESTINATION = '.json';
const TRANSCRIPT = '.log';

/** What a session has printed, in a file, until it is logged. */
export interface KeptTranscript {
  readonly folder: string;
  readonly sessionId: string;
  readonly logging: ExecLogging;
}

export function transcriptPath({ folder, sessionId }: Pick<KeptTranscript, 'folder' | 'sessionId'>): string {
  return join(folder, `${sessionId}${TRANSCRIPT}`);
}

/** Writes where it is still to be logged: after a crash the next process goes on there. */
export async function keepDestination({ folder, sessionId, logging }: KeptTranscript): Promise<void> {
  await writeWhole(join(folder, `${sessionId}${DESTINATION}`), JSON.stringify(logging));
}

export async function forgetTranscript(kept: Pick<KeptTranscript, 'folder' | 'sessionId'>): Promise<void> {
  await rm(transcriptPath(kept), { force: true });
  await rm(join(kept.folder, `${kept.sessionId}${DESTINATION}`), { force: true });
}

/** Those of a process that ended before it had logged them. Makes the folder, and clears it of halves. */
export async function leftTranscripts(folder: string): Promise<readonly KeptTranscript[]> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const names = new Set(await readdir(folder));
  const kept: KeptTranscript[] = [];
  for (const name of names) {
    const sessionId = name.slice(0, -DESTINATION.length);
    const isWhole = name.endsWith(DESTINATION) && names.has(`${sessionId}${TRANSCRIPT}`);
    if (isWhole) kept.push({ folder, sessionId, logging: JSON.parse(await readFile(join(folder, name), 'utf8')) });
    else if (!name.endsWith(TRANSCRIPT)) await rm(join(folder, name), { force: true });
  }
  return kept;
}

/** The file that a session is being written to. */
export class Transcript {
  readonly kept: KeptTranscript;
  readonly #file: FileHandle;
  readonly #mostBytes: number;
  #bytes = 0;
  #isClosed = false;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(kept: KeptTranscript, file: FileHandle, mostBytes: number) {
    this.kept = kept;
    this.#file = file;
    this.#mostBytes = mostBytes;
  }

  static async create(kept: KeptTranscript, mostBytes: number): Promise<Transcript> {
    await keepDestination(kept);
    return new Transcript(kept, await open(transcriptPath(kept), 'wx', OWNER_ONLY), mostBytes);
  }

  /**
   * What comes after the close is left out.
   * @throws Error at its most bytes, with a last line that says so: the session must not go on unlogged
   */
  async write(bytes: Buffer): Promise<void> {
    if (this.#isClosed) return;
    const room = this.#mostBytes - this.#bytes;
    this.#bytes += bytes.length;
    await this.#append(bytes.subarray(0, Math.max(0, room)));
    if (bytes.length <= room) return;
    const why = `The session was ended: its log may have ${this.#mostBytes} bytes.`;
    await this.#append(Buffer.from(`\r\n${why}\r\n`));
    throw new Error(why);
  }

  /** Once all is written. */
  async close(): Promise<void> {
    this.#isClosed = true;
    await this.#last.catch(() => {});
    await this.#file.close();
  }

  #append(bytes: Buffer): Promise<unknown> {
    const written = this.#last.then(() => this.#file.appendFile(bytes));
    this.#last = written;
    return written;
  }
}
