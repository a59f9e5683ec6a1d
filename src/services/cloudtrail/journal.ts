import type { AuditRecord, AuditSink } from '../../api/audit.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import type { Store } from '../../store/store.ts';
import { buildEvent } from './domain/event.ts';
import { eventIdAt } from './domain/event-id.ts';
import { MOST_SPAN_MS, type StoredEvent } from './event-tables.ts';
import { JournalFiles } from './journal-files.ts';
import { storeBatch } from './stored-batch.ts';

/** Takes records at once; rows follow. */
export interface AuditJournal extends AuditSink {
  /** Resolves when all that was recorded before is in rows. */
  flush(): Promise<void>;
  /** Moves what is left and closes the file. What could not be moved waits there for the next start. */
  close(): Promise<void>;
}

export interface AuditJournalOptions {
  /** Made if missing; of this journal alone. */
  readonly folder: string;
  /** What CloudTrail reads as `ports.events`. */
  readonly store: Store;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

/** The first line waits this long for others, so that they share a commit. */
const MOVE_AFTER_MS = 250;
const RETRY_AFTER_MS = 5_000;
const COMPLAIN_EVERY_MS = 10_000;
/** A batch is written without a pause: more would hold up the calls that come meanwhile. */
const MOST_EVENTS = 50;
const MOST_CHARACTERS = 256 * 1024;

/**
 * The audit trail's way to disk:
 *
 *   record() -> one line in an append-only file -> (250 ms later, in batches) -> rows of a store
 *
 * A line survives the process from the moment that record() returns; a row also survives the machine. A file goes once
 * all of it is in rows. A crash before that makes it be read again, and cut into the same batches, so that what is in
 * rows already is known.
 */
export async function openAuditJournal(options: AuditJournalOptions): Promise<AuditJournal> {
  const journal = new Journal(options);
  journal.wake();
  return journal;
}

class Journal implements AuditJournal {
  readonly #options: AuditJournalOptions;
  readonly #files: JournalFiles;
  #lost = 0;
  #complainedAtMs = -Infinity;
  #cancelMove: (() => void) | undefined;
  #moving: Promise<void> | undefined;
  #closed = false;

  constructor(options: AuditJournalOptions) {
    this.#options = options;
    this.#files = new JournalFiles(options.folder);
  }

  record(record: AuditRecord): void {
    try {
      this.#files.append(JSON.stringify(this.#line(record)));
      if (this.#lost > 0) this.#complain();
      this.#schedule(MOVE_AFTER_MS);
    } catch (error) {
      this.#lost += 1;
      this.#complain(error);
    }
  }

  /** Moves what an earlier process has left. */
  wake(): void {
    if (this.#files.closed().length > 0) this.#schedule(0);
  }

  async flush(): Promise<void> {
    await this.#moving?.catch(() => {});
    await this.#move();
  }

  async close(): Promise<void> {
    try {
      await this.flush();
    } catch (error) {
      this.#options.log.warn('the audit journal is left for the next start', { error });
    }
    this.#closed = true;
    this.#cancelMove?.();
    this.#files.rotate();
  }

  #line(record: AuditRecord): StoredEvent {
    const { clock, ids } = this.#options;
    const timeMs = clock.now();
    return { timeMs, ...buildEvent(record, eventIdAt(timeMs, ids.uuid()), timeMs) };
  }

  #schedule(afterMs: number): void {
    if (this.#closed) return;
    this.#cancelMove ??= this.#options.clock.after(afterMs, () => {
      this.#cancelMove = undefined;
      // Also what came while a move was under way.
      this.flush().catch((error: unknown) => {
        this.#options.log.error('the audit journal cannot be moved', { error });
        this.#schedule(RETRY_AFTER_MS);
      });
    });
  }

  #move(): Promise<void> {
    this.#moving ??= this.#moveAll().finally(() => {
      this.#moving = undefined;
    });
    return this.#moving;
  }

  async #moveAll(): Promise<void> {
    this.#files.rotate();
    for (const name of this.#files.closed()) {
      await this.#moveFile(name);
      this.#files.remove(name);
    }
  }

  async #moveFile(name: string): Promise<void> {
    const { store, log } = this.#options;
    let batch: StoredEvent[] = [];
    let characters = 0;
    let unreadable = 0;
    for await (const line of this.#files.lines(name)) {
      const event = parse(line);
      if (!event) {
        unreadable += line === '' ? 0 : 1;
        continue;
      }
      const spanMs = Math.abs(event.timeMs - (batch[0]?.timeMs ?? event.timeMs));
      if (batch.length >= MOST_EVENTS || characters >= MOST_CHARACTERS || spanMs > MOST_SPAN_MS) {
        await storeBatch(store, batch);
        batch = [];
        characters = 0;
      }
      batch.push(event);
      characters += line.length;
    }
    if (batch.length > 0) await storeBatch(store, batch);
    if (unreadable > 0) log.warn('lines of the audit journal are unreadable', { name, unreadable });
  }

  /** Not for each call: a disk that is full is full for all of them. */
  #complain(error?: unknown): void {
    const now = this.#options.clock.now();
    if (now - this.#complainedAtMs < COMPLAIN_EVERY_MS) return;
    this.#complainedAtMs = now;
    this.#options.log.error('calls are missing in the audit trail', { lost: this.#lost, error });
    this.#lost = 0;
  }
}

/** Undefined for half a line, which a kill or a full disk may leave. */
function parse(line: string): StoredEvent | undefined {
  try {
    const stored: StoredEvent = JSON.parse(line);
    return typeof stored?.timeMs === 'number' && typeof stored.event === 'object' ? stored : undefined;
  } catch {
    return undefined;
  }
}
