import { AsyncLocalStorage } from 'node:async_hooks';
import type { Change, ReadTx, Store, WriteTx } from '../store.ts';
import { Projections } from '../projections.ts';
import { Connection } from './connection.ts';
import { migrate } from './migration.ts';
import { SqliteReadTx, SqliteWriteTx } from './transaction.ts';

const READERS = 4;
const MOST_WRITES_IN_ONE_COMMIT = 64;
const CHANGES_KEPT = 10_000;

interface QueuedWrite {
  run(tx: WriteTx): Promise<unknown>;
  resolve(value: unknown): void;
  reject(error: unknown): void;
}

/**
 * The default store: one file, one queued writer, separate readers.
 *
 * Writes that wait together share one commit, hence one fsync: each runs in a savepoint of its own, so that one may fail
 * alone, and none is answered before the commit is durable.
 */
export class SqliteStore implements Store {
  readonly #path: string;
  readonly #writer: Connection;
  readonly #idleReaders: Connection[] = [];
  readonly #waitingReaders: ((reader: Connection) => void)[] = [];
  readonly #listeners = new Set<(changes: readonly Change[]) => void>();
  readonly #insideWrite = new AsyncLocalStorage<true>();
  #queue: QueuedWrite[] = [];
  #draining: Promise<void> | undefined;
  #sequence: number;
  #closed = false;
  readonly #projections: Projections;
  /** The write that runs. */
  #running: SqliteWriteTx | undefined;

  /** @param path a file, made if missing, or `:memory:` */
  constructor(path: string) {
    this.#path = path;
    this.#writer = new Connection(path);
    migrate(this.#writer);
    const last = this.#writer.prepare('SELECT max(sequence) AS last FROM changes').get()?.['last'];
    this.#sequence = typeof last === 'number' ? last : 0;
    this.#projections = new Projections(this.#sequence);
    if (path !== ':memory:') {
      for (let i = 0; i < READERS; i++) this.#idleReaders.push(new Connection(path));
    }
  }

  async read<T>(fn: (tx: ReadTx) => Promise<T>): Promise<T> {
    // A private in-memory database has one connection only, so its reads wait in line with the writes.
    if (this.#path === ':memory:' && !this.#insideWrite.getStore()) return this.#enqueue(fn);
    if (this.#path === ':memory:') return fn(this.#insideRead());
    const reader = await this.#acquireReader();
    const tx = new SqliteReadTx(reader, { projections: this.#projections });
    try {
      // Prepared: compiled each time, these two are a good part of a small read.
      reader.prepare('BEGIN').run();
      return await fn(tx);
    } finally {
      tx.end();
      reader.prepare('COMMIT').run();
      this.#releaseReader(reader);
    }
  }

  async write<T>(fn: (tx: WriteTx) => Promise<T>): Promise<T> {
    if (this.#insideWrite.getStore()) throw new Error('A write inside a write would wait for itself for ever.');
    return this.#enqueue(fn);
  }

  watch(onCommit: (changes: readonly Change[]) => void): () => void {
    this.#listeners.add(onCommit);
    return () => this.#listeners.delete(onCommit);
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#draining;
    this.#writer.close();
    for (const reader of this.#idleReaders) reader.close();
  }

  #enqueue<T>(fn: (tx: WriteTx) => Promise<T>): Promise<T> {
    if (this.#closed) return Promise.reject(new Error('The store is closed.'));
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ run: fn, resolve: (value) => resolve(value as T), reject });
      this.#draining ??= this.#drain();
    });
  }

  async #drain(): Promise<void> {
    while (this.#queue.length > 0) {
      const batch = this.#queue.slice(0, MOST_WRITES_IN_ONE_COMMIT);
      this.#queue = this.#queue.slice(batch.length);
      await this.#commit(batch);
    }
    // In the same tick as the last look at the queue: a write that comes a moment later must start a new drain.
    this.#draining = undefined;
  }

  async #commit(batch: readonly QueuedWrite[]): Promise<void> {
    const sequenceBefore = this.#sequence;
    const answers: (() => void)[] = [];
    const changes: Change[] = [];
    try {
      this.#writer.exec('BEGIN IMMEDIATE');
      for (const write of batch) answers.push(await this.#runOne(write, sequenceBefore, changes));
      if (changes.length > 0) this.#forgetOldChanges(sequenceBefore);
      this.#writer.exec('COMMIT');
    } catch (error) {
      this.#sequence = sequenceBefore;
      this.#rollBack();
      for (const write of batch) write.reject(error);
      return;
    }
    this.#projections.commit(changes);
    for (const answer of answers) answer();
    if (changes.length > 0) for (const listener of this.#listeners) listener(changes);
  }

  async #runOne(write: QueuedWrite, committed: number, changes: Change[]): Promise<() => void> {
    this.#writer.exec('SAVEPOINT one');
    const sequenceBefore = this.#sequence;
    const before = { committed, pending: changes };
    const tx = new SqliteWriteTx(this.#writer, () => ++this.#sequence, this.#projections, before);
    this.#running = tx;
    let value: unknown;
    try {
      value = await this.#insideWrite.run(true, () => write.run(tx));
      this.#writer.exec('RELEASE one');
    } catch (error) {
      this.#writer.exec('ROLLBACK TO one; RELEASE one');
      this.#sequence = sequenceBefore;
      return () => write.reject(error);
    } finally {
      tx.end();
    }
    // They may be more than a call takes arguments.
    for (const change of tx.changes) changes.push(change);
    return () => write.resolve(value);
  }

  /** Sees what the write around it sees. */
  #insideRead(): SqliteReadTx {
    const running = this.#running;
    if (!running) throw new Error('There is no write to read inside.');
    return new SqliteReadTx(this.#writer, { projections: this.#projections, seen: () => running.seen() });
  }

  #rollBack(): void {
    try {
      this.#writer.exec('ROLLBACK');
    } catch {
      // The commit that failed has ended the transaction itself.
    }
  }

  #forgetOldChanges(sequenceBefore: number): void {
    if (Math.floor(this.#sequence / 1000) === Math.floor(sequenceBefore / 1000)) return;
    this.#writer.prepare('DELETE FROM changes WHERE sequence <= ?').run(this.#sequence - CHANGES_KEPT);
  }

  #acquireReader(): Promise<Connection> {
    if (this.#closed) return Promise.reject(new Error('The store is closed.'));
    const idle = this.#idleReaders.pop();
    if (idle) return Promise.resolve(idle);
    return new Promise((resolve) => this.#waitingReaders.push(resolve));
  }

  #releaseReader(reader: Connection): void {
    const next = this.#waitingReaders.shift();
    if (next) next(reader);
    else if (this.#closed) reader.close();
    else this.#idleReaders.push(reader);
  }
}
