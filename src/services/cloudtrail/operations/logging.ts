import type { GetTrailStatusResponse } from '@aws-sdk/client-cloudtrail';
import { followTrail } from '../deliveries.ts';
import { isoSeconds } from '../domain/times.ts';
import { operation } from '../operation.ts';
import { startOf } from '../start.ts';
import {
  chainKey,
  deliveries,
  deliveryKey,
  digestChains,
  trails,
  type DeliveryRow,
  type DigestChainRow,
  type TrailRow,
} from '../tables.ts';
import { homeTrailOf, requestedArn, trailOf } from '../trails.ts';

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StartLogging.html */
export const StartLogging = operation('StartLogging', {
  resources: (input, scope) => [requestedArn(input.Name, scope)],
  handle: async (ctx, input) => {
    const start = await startOf(ctx);
    await ctx.write(async (tx) => {
      const trail = await homeTrailOf(tx, ctx, input.Name ?? '');
      if (trail.logging) return;
      await followTrail(tx, await tx.put(trails, { ...trail, logging: true, startedAtMs: ctx.now }), start);
    });
    return {};
  },
});

/** What came until now is still delivered. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_StopLogging.html */
export const StopLogging = operation('StopLogging', {
  resources: (input, scope) => [requestedArn(input.Name, scope)],
  handle: async (ctx, input) => {
    const start = await startOf(ctx);
    await ctx.write(async (tx) => {
      const trail = await homeTrailOf(tx, ctx, input.Name ?? '');
      if (!trail.logging) return;
      await followTrail(tx, await tx.put(trails, { ...trail, logging: false, stoppedAtMs: ctx.now }), start);
    });
    return {};
  },
});

/** https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetTrailStatus.html */
export const GetTrailStatus = operation('GetTrailStatus', {
  resources: (input, scope) => [requestedArn(input.Name, scope)],
  readOnly: true,
  handle: async (ctx, input) =>
    ctx.read(async (tx) => {
      const trail = await trailOf(tx, ctx, input.Name ?? '');
      const [files, logs] = [
        await tx.get(deliveries, deliveryKey(trail.id, 'files')),
        await tx.get(deliveries, deliveryKey(trail.id, 'logs')),
      ];
      return statusView(trail, files, logs, await tx.get(digestChains, chainKey(trail.id, ctx.region)));
    }),
});

function statusView(
  trail: TrailRow,
  files: DeliveryRow | undefined,
  logs: DeliveryRow | undefined,
  chain: DigestChainRow | undefined,
): GetTrailStatusResponse {
  const text = (ms: number | undefined) => (ms === undefined ? '' : isoSeconds(ms));
  return {
    IsLogging: trail.logging,
    ...when('LatestDeliveryTime', files?.succeededAtMs),
    ...when('LatestCloudWatchLogsDeliveryTime', logs?.succeededAtMs),
    ...when('LatestDigestDeliveryTime', chain?.succeededAtMs),
    ...when('StartLoggingTime', trail.startedAtMs),
    ...when('StopLoggingTime', trail.stoppedAtMs),
    ...(files?.error !== undefined && { LatestDeliveryError: files.error }),
    ...(logs?.error !== undefined && { LatestCloudWatchLogsDeliveryError: logs.error }),
    ...(chain?.error !== undefined && { LatestDigestDeliveryError: chain.error }),
    LatestDeliveryAttemptTime: text(files?.attemptedAtMs),
    LatestDeliveryAttemptSucceeded: text(files?.succeededAtMs),
    LatestNotificationAttemptTime: '',
    LatestNotificationAttemptSucceeded: '',
    TimeLoggingStarted: text(trail.startedAtMs),
    TimeLoggingStopped: text(trail.stoppedAtMs),
  };
}

function when<M extends string>(member: M, ms: number | undefined): { readonly [K in M]?: Date } {
  return ms === undefined ? {} : ({ [member]: new Date(ms) } as { readonly [K in M]?: Date });
}
