import type { Clock } from '../kernel/clock.ts';
import { messageOf } from '../kernel/errors.ts';
import type { Log } from '../kernel/log.ts';
import type { Change, Store } from '../store/store.ts';
import { backoffMs } from './backoff.ts';
import type { AnyReconciler, Printable } from './reconciler.ts';

const MOST_KEYS_AT_ONCE = 32;

/** What an operator sees of one key: what the last pass decided, and when it will be looked at again. */
export interface KeyStatus {
  readonly key: string;
  readonly why: string;
  readonly actions: readonly string[];
  readonly failures: number;
  readonly error?: string;
  readonly lastPassAtMs: number;
  readonly nextPassAtMs?: number;
}

/**
 * One reconciler's queue. A key that is due runs when no other worker has it; a key that is nudged while it runs, runs
 * once more afterwards: no nudge is lost and no key runs twice at the same time.
 */
export class ReconcileLoop {
  readonly reconciler: AnyReconciler;
  readonly #store: Store;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #due = new Set<string>();
  readonly #running = new Set<string>();
  readonly #wakes = new Map<string, { atMs: number; cancel: () => void }>();
  readonly #failures = new Map<string, number>();
  readonly #statuses = new Map<string, KeyStatus>();
  #cancelResync: (() => void) | undefined;
  #whenQuiet: (() => void)[] = [];
  #stopped = false;

  constructor(reconciler: AnyReconciler, deps: { store: Store; clock: Clock; log: Log }) {
    this.reconciler = reconciler;
    this.#store = deps.store;
    this.#clock = deps.clock;
    this.#log = deps.log.with({ reconciler: reconciler.name });
  }

  /** Looks at every key, now and at each resync. */
  async resync(): Promise<void> {
    this.#cancelResync?.();
    if (this.#stopped) return;
    this.#cancelResync = this.#clock.after(this.reconciler.resyncEveryMs, () => void this.resync());
    try {
      this.nudge(await this.#store.read((tx) => this.reconciler.allKeys(tx)));
    } catch (error) {
      if (!this.#stopped) this.#log.error('resync failed', { error });
    }
  }

  changed(changes: readonly Change[]): void {
    for (const change of changes) this.nudge(this.reconciler.keys(change));
  }

  nudge(keys: readonly string[]): void {
    if (this.#stopped) return;
    for (const key of keys) this.#due.add(key);
    this.#startDue();
  }

  status(): readonly KeyStatus[] {
    return [...this.#statuses.values()];
  }

  isQuiet(): boolean {
    return this.#due.size === 0 && this.#running.size === 0;
  }

  /** Resolves when no key is due or running; timers may still be set. */
  async quiet(): Promise<void> {
    if (this.isQuiet()) return;
    await new Promise<void>((resolve) => this.#whenQuiet.push(resolve));
  }

  /** Stops taking keys and waits for those that run. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#cancelResync?.();
    for (const wake of this.#wakes.values()) wake.cancel();
    this.#due.clear();
    await this.quiet();
  }

  #startDue(): void {
    for (const key of this.#due) {
      if (this.#running.size >= MOST_KEYS_AT_ONCE) return;
      if (this.#running.has(key)) continue;
      this.#due.delete(key);
      this.#running.add(key);
      void this.#run(key);
    }
  }

  async #run(key: string): Promise<void> {
    this.#cancelWake(key);
    try {
      await this.#pass(key);
      this.#failures.delete(key);
    } catch (error) {
      this.#failed(key, error);
    } finally {
      this.#running.delete(key);
      this.#startDue();
      if (this.isQuiet()) for (const resolve of this.#whenQuiet.splice(0)) resolve();
    }
  }

  async #pass(key: string): Promise<void> {
    const { reconciler } = this;
    const observed: unknown = await this.#store.read((tx) => reconciler.observe(tx, key));
    if (observed === undefined) {
      this.#statuses.delete(key);
      return;
    }
    const now = this.#clock.now();
    const plan = reconciler.plan(observed, now);
    const actions = plan.actions.map(describeAction);
    this.#statuses.set(key, {
      key,
      why: plan.why,
      actions,
      failures: this.#failures.get(key) ?? 0,
      lastPassAtMs: now,
      ...(plan.wakeAt === undefined ? {} : { nextPassAtMs: plan.wakeAt }),
    });
    if (actions.length > 0) this.#log.debug(plan.why, { key, actions });
    for (const action of plan.actions) await reconciler.apply(action);
    if (plan.wakeAt !== undefined) this.#wake(key, plan.wakeAt);
  }

  #failed(key: string, error: unknown): void {
    if (this.#stopped) return;
    const failures = (this.#failures.get(key) ?? 0) + 1;
    this.#failures.set(key, failures);
    const now = this.#clock.now();
    const nextPassAtMs = now + backoffMs(failures);
    const before = this.#statuses.get(key);
    this.#statuses.set(key, {
      key,
      why: before?.why ?? 'the pass failed',
      actions: before?.actions ?? [],
      failures,
      error: messageOf(error),
      lastPassAtMs: now,
      nextPassAtMs,
    });
    this.#log[failures < 4 ? 'debug' : 'warn']('pass failed, will try again', { key, failures, error });
    this.#wake(key, nextPassAtMs);
  }

  #wake(key: string, atMs: number): void {
    this.#cancelWake(key);
    if (this.#stopped) return;
    const cancel = this.#clock.after(Math.max(0, atMs - this.#clock.now()), () => {
      this.#wakes.delete(key);
      this.nudge([key]);
    });
    this.#wakes.set(key, { atMs, cancel });
  }

  #cancelWake(key: string): void {
    this.#wakes.get(key)?.cancel();
    this.#wakes.delete(key);
  }
}

/** Never the whole action: it may carry rows. */
function describeAction(action: Printable): string {
  return typeof action === 'string' ? action : action.type;
}
