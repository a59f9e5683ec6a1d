import type { Reconciler } from '../../../reconcile/reconciler.ts';
import {
  deliveredTrail,
  failDelivery,
  finishDelivery,
  startOf,
  type DeliveredTrail,
} from '../delivery/delivered-trail.ts';
import { planDelivery, type Deliver } from '../delivery/delivery-plan.ts';
import type { CloudTrailEnvironment } from '../operation.ts';
import { lastBatch } from '../stored-batch.ts';
import { deliveries } from '../tables.ts';

const RESYNC_MS = 600_000;

/** What is to be delivered in one round: the batches after `from`, up to `until`. */
export interface Round extends DeliveredTrail {
  readonly key: string;
  readonly from: number;
  readonly until: number;
}

interface Delivery {
  readonly name: string;
  /** The kind of its rows, and the end of their keys. */
  readonly kind: 'files' | 'logs';
  /** Delivers some, and moves the row's position on. Answers whether more is waiting. */
  readonly deliverSome: (env: CloudTrailEnvironment, round: Round) => Promise<boolean>;
}

/** One of a trail's destinations: from where it stands to what the journal holds when it begins. */
export function deliveryReconciler(
  env: CloudTrailEnvironment,
  { name, kind, deliverSome }: Delivery,
): Reconciler<DeliveredTrail & { key: string }, Deliver> {
  return {
    name,
    resyncEveryMs: RESYNC_MS,
    keys: (change) => (change.table === deliveries.name && change.key.endsWith(`/${kind}`) ? [change.key] : []),
    allKeys: async (tx) => (await tx.list(deliveries)).filter((row) => row.kind === kind).map(deliveries.key),
    async observe(tx, key) {
      const found = await deliveredTrail(tx, key);
      return found && { ...found, key };
    },
    plan: (observed, now) => planDelivery(observed, observed.key, now),
    async apply({ key }) {
      const beganAtMs = env.clock.now();
      const until = await lastBatch(env.ports.events);
      try {
        for (;;) {
          const found = await env.store.read((tx) => deliveredTrail(tx, key));
          const from = found && startOf(found.row, until);
          if (!found || from === undefined || from === until) break;
          if (!(await deliverSome(env, { ...found, key, from, until }))) break;
        }
      } catch (error) {
        return failDelivery(env, key, error);
      }
      await finishDelivery(env, key, beganAtMs);
    },
  };
}
