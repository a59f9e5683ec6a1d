import type { Change, ReadTx } from '../store/store.ts';

/**
 * One loop that brings the world to what the rows say. The driver feeds it keys, never events: a happy start, a
 * restart and a failover are the same path. Running twice changes nothing.
 */
export interface Reconciler<Observed, Action extends Printable> {
  readonly name: string;
  /** Every key is looked at again after this long, whatever happened. */
  readonly resyncEveryMs: number;
  /** The keys that a change concerns. */
  keys(change: Change): readonly string[];
  /** Every key there is: for the start and for each resync. */
  allKeys(tx: ReadTx): Promise<readonly string[]>;
  /** All that `plan` needs to know; undefined when there is nothing (left) to do for the key. */
  observe(tx: ReadTx, key: string): Promise<Observed | undefined>;
  /** Pure. `wakeAt` is in ms since the epoch; `why` is one sentence for an operator. */
  plan(observed: Observed, now: number): Plan<Action>;
  /** Idempotent, and the only effect. A throw means: again later, with backoff. */
  apply(action: Action): Promise<void>;
}

/** What an action is called in logs and in status; its other members are never shown. */
export type Printable = string | { readonly type: string };

export interface Plan<Action extends Printable> {
  readonly actions: readonly Action[];
  readonly wakeAt?: number;
  readonly why: string;
}

export type AnyReconciler = Reconciler<any, any>;
