import type { Plan } from '../../../reconcile/reconciler.ts';
import type { DeliveredTrail } from './delivered-trail.ts';

export interface Deliver {
  readonly type: 'deliver';
  readonly key: string;
}

/** Both destinations have the same rhythm. */
export function planDelivery({ row, trail }: DeliveredTrail, key: string, now: number): Plan<Deliver> {
  if (row.windows.length === 0) return { actions: [], why: `Trail ${trail.name} is not logging.` };
  if (now < row.nextAtMs) {
    return { actions: [], wakeAt: row.nextAtMs, why: `Trail ${trail.name} delivers every few minutes.` };
  }
  return { actions: [{ type: 'deliver', key }], why: `It is time for trail ${trail.name} to deliver.` };
}
