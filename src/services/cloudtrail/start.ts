import type { Start } from './deliveries.ts';
import { deliveryIntervalMs, digestIntervalMs, type CloudTrailContext } from './operation.ts';
import { lastBatch } from './stored-batch.ts';

/** What `followTrail` needs besides the trail, for a call that may start logging. */
export async function startOf(ctx: CloudTrailContext): Promise<Start> {
  return {
    now: ctx.now,
    requestId: ctx.requestId,
    lastBatch: await lastBatch(ctx.ports.events),
    deliveryIntervalMs: deliveryIntervalMs(ctx.ports),
    digestIntervalMs: digestIntervalMs(ctx.ports),
  };
}
