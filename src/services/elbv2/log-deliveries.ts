import type { WriteTx } from '../../store/store.ts';
import { LOG_KINDS, logPlace } from './domain/log-settings.ts';
import { resourceIdOf } from './domain/names.ts';
import { logDeliveries, logDeliveryKey, type LoadBalancerRow, type LogDeliveryRow, type LogKind } from './tables.ts';

/** Makes the rows of what is delivered what the load balancer's attributes say. */
export async function setLogDeliveries(
  tx: WriteTx,
  row: LoadBalancerRow,
  { now, intervalMs }: { readonly now: number; readonly intervalMs: number },
): Promise<void> {
  for (const kind of LOG_KINDS) {
    const place = row.deleted ? undefined : logPlace(row.attributes, kind);
    const before = await tx.get(logDeliveries, logDeliveryKey({ loadBalancerArn: row.arn, kind }));
    if (place) {
      const { endedAtMs: _, ...kept } = before ?? {
        ...newDelivery(row, kind),
        sinceMs: now,
        nextAtMs: endOf(now, intervalMs),
      };
      await tx.put(logDeliveries, { ...kept, ...place });
    } else if (before && before.endedAtMs === undefined) {
      await tx.put(logDeliveries, { ...before, endedAtMs: now, nextAtMs: now });
    }
  }
}

/** Intervals begin at the full hour, as those of ELB do. */
export function endOf(now: number, intervalMs: number): number {
  return (Math.floor(now / intervalMs) + 1) * intervalMs;
}

function newDelivery(
  { account, region, arn, id, vpcId }: LoadBalancerRow,
  kind: LogKind,
): Omit<LogDeliveryRow, 'bucket' | 'prefix' | 'sinceMs' | 'nextAtMs'> {
  const loadBalancer = resourceIdOf(arn);
  return { account, region, loadBalancerArn: arn, loadBalancerId: id, loadBalancer, kind, vpcId };
}
