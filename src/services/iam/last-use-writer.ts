import type { KeyUse } from '../../identity/directory.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Store } from '../../store/store.ts';
import { lastUses, type LastUseRow } from './tables.ts';

/** A first use is on disk after so long. */
const FLUSH_EVERY_MS = 5_000;
/** A row is written no more often than this, however often its key is used. */
const REWRITE_AFTER_MS = 60_000;

/** Gathers last uses in memory and writes them together, so that a call does not wait for its own trace. */
export class LastUseWriter {
  readonly #store: Store;
  readonly #clock: Clock;
  #pending = new Map<string, LastUseRow>();
  /** When each row was last written. */
  readonly #written = new Map<string, number>();
  #cancelTimer: (() => void) | undefined;
  #flushing: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(store: Store, clock: Clock) {
    this.#store = store;
    this.#clock = clock;
  }

  note(use: KeyUse): void {
    if (this.#closed) return;
    for (const row of rowsOf(use)) this.#pending.set(row.id, row);
    if (this.#pending.size > 0) this.#arm();
  }

  /** Writes what is left. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelTimer?.();
    await this.#flushing;
    await this.#flush([...this.#pending.values()]);
  }

  #arm(): void {
    this.#cancelTimer ??= this.#clock.after(FLUSH_EVERY_MS, () => {
      this.#cancelTimer = undefined;
      this.#flushing = this.#flushDue();
    });
  }

  async #flushDue(): Promise<void> {
    const now = this.#clock.now();
    for (const [id, at] of this.#written) if (now - at >= REWRITE_AFTER_MS) this.#written.delete(id);
    await this.#flush([...this.#pending.values()].filter(({ id }) => !this.#written.has(id)));
    if (this.#pending.size > 0 && !this.#closed) this.#arm();
  }

  async #flush(rows: readonly LastUseRow[]): Promise<void> {
    if (rows.length === 0) return;
    try {
      await this.#store.write(async (tx) => {
        for (const row of rows) {
          const before = await tx.get(lastUses, row.id);
          if (!before || before.atMs < row.atMs) await tx.put(lastUses, { ...before, ...row });
        }
      });
    } catch {
      // They stay pending, and are written with the next: nothing is decided by last uses.
      return;
    }
    for (const row of rows) {
      this.#written.set(row.id, this.#clock.now());
      if (this.#pending.get(row.id) === row) this.#pending.delete(row.id);
    }
  }
}

/** The rows that one use moves on: the key's, the role's, and the principal's for the service of the action. */
function rowsOf({ principal, accessKeyId, service, region, at, action }: KeyUse): LastUseRow[] {
  const { account, session } = principal;
  const role = session?.issuer.type === 'Role' ? session.issuer.id : undefined;
  const who = role ?? (principal.kind === 'user' ? principal.userId : undefined);
  const row = (id: string, name: string): LastUseRow => ({ id, account, atMs: at, region, service: name });
  const namespace = action?.split(':')[0];
  return [
    ...(accessKeyId.startsWith('AKIA') ? [row(accessKeyId, service)] : []),
    ...(role === undefined ? [] : [row(role, service)]),
    ...(who === undefined || namespace === undefined ? [] : [row(`${who}/${namespace}`, namespace)]),
  ];
}
