import { invalidInput } from '../errors.ts';
import { checkKey, healthStatuses } from '../health-tables.ts';
import { observationsView } from '../health-views.ts';
import { healthCheckOf } from '../lookup.ts';
import { checkArn, operation } from '../operation.ts';

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHealthCheckStatus.html: one checker, this host. */
export const GetHealthCheckStatus = operation('GetHealthCheckStatus', {
  resources: (input) => [checkArn(input.HealthCheckId)],
  readOnly: true,
  handle: async (ctx, input) => {
    const status = await ctx.read(async (tx) => {
      const row = await healthCheckOf(tx, ctx.account, input.HealthCheckId);
      if (row.config.calculated) throw calculatedHasNone('GetHealthCheckStatus');
      return tx.get(healthStatuses, checkKey(row));
    });
    return { HealthCheckObservations: observationsView(status) };
  },
});

export const GetHealthCheckLastFailureReason = operation('GetHealthCheckLastFailureReason', {
  resources: (input) => [checkArn(input.HealthCheckId)],
  readOnly: true,
  handle: async (ctx, input) => {
    const status = await ctx.read(async (tx) => {
      const row = await healthCheckOf(tx, ctx.account, input.HealthCheckId);
      if (row.config.calculated) throw calculatedHasNone('GetHealthCheckLastFailureReason');
      return tx.get(healthStatuses, checkKey(row));
    });
    return { HealthCheckObservations: observationsView(status?.lastFailure) };
  },
});

const calculatedHasNone = (operationName: string) =>
  invalidInput(`Invalid request: ${operationName} is not for CALCULATED health checks`);
