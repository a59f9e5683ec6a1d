import type { Clock } from '../kernel/clock.ts';
import type { Log } from '../kernel/log.ts';
import type { Store } from '../store/store.ts';
import { ReconcileLoop } from './loop.ts';
import type { KeyStatus } from './loop.ts';
import type { AnyReconciler } from './reconciler.ts';

/** Turns committed changes into passes of every reconciler. It knows nothing about any of them. */
export class ReconcileDriver {
  readonly #loops: readonly ReconcileLoop[];
  readonly #store: Store;
  #unwatch: (() => void) | undefined;

  constructor(reconcilers: readonly AnyReconciler[], deps: { store: Store; clock: Clock; log: Log }) {
    this.#store = deps.store;
    this.#loops = reconcilers.map((reconciler) => new ReconcileLoop(reconciler, deps));
  }

  /** Watches the store and looks at every key once. */
  async start(): Promise<void> {
    this.#unwatch = this.#store.watch((changes) => {
      for (const loop of this.#loops) loop.changed(changes);
    });
    await this.resync();
  }

  /** Looks at every key of every reconciler. */
  async resync(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.resync()));
  }

  /** Looks at keys of one reconciler now, e.g. because the world below said that something happened. */
  nudge(reconcilerName: string, keys: readonly string[]): void {
    for (const loop of this.#loops) if (loop.reconciler.name === reconcilerName) loop.nudge(keys);
  }

  status(): Readonly<Record<string, readonly KeyStatus[]>> {
    return Object.fromEntries(this.#loops.map((loop) => [loop.reconciler.name, loop.status()]));
  }

  /** Resolves when nothing is due or running anywhere; what waits for a time does not count. */
  async quiet(): Promise<void> {
    for (;;) {
      await Promise.all(this.#loops.map((loop) => loop.quiet()));
      if (this.#loops.every((loop) => loop.isQuiet())) return;
    }
  }

  async stop(): Promise<void> {
    this.#unwatch?.();
    await Promise.all(this.#loops.map((loop) => loop.stop()));
  }
}
