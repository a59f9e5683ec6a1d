import type { HealthStatus } from '@aws-sdk/client-servicediscovery';
import { paginate } from '../../../kernel/pages.ts';
import { createdBy, ofService } from '../condition-keys.ts';
import { badToken, pageLimit } from '../domain/filters.ts';
import { customHealthNotFound, instanceNotFound, invalidInput } from '../errors.ts';
import { instanceOf, serviceOf } from '../lookup.ts';
import { operation, serviceArn } from '../operation.ts';
import { instances } from '../tables.ts';

/** https://docs.aws.amazon.com/cloud-map/latest/api/API_GetInstancesHealthStatus.html */
export const GetInstancesHealthStatus = operation('GetInstancesHealthStatus', {
  resources: (input, scope) => [serviceArn(scope, input.ServiceId)],
  conditions: (input, scope) => ofService(scope, input.ServiceId),
  readOnly: true,
  handle: async (ctx, input) => {
    const limit = pageLimit(input.MaxResults);
    const wanted = input.Instances && new Set(input.Instances);
    if (wanted?.size === 0) throw invalidInput('Instances must have at least one member.');
    return ctx.read(async (tx) => {
      const service = await serviceOf(tx, ctx, input.ServiceId);
      const all = await tx.list(instances, { where: ['service', service.arn] });
      const missing = [...(wanted ?? [])].find((id) => !all.some((row) => row.id === id));
      if (missing !== undefined) throw instanceNotFound(missing);
      const rows = all.filter((row) => wanted?.has(row.id) ?? true);
      const page = paginate(rows, (row) => row.id, { limit, token: input.NextToken, onBadToken: badToken });
      const Status: Record<string, HealthStatus> = Object.fromEntries(
        page.items.map((row) => [row.id, row.health ?? 'UNKNOWN']),
      );
      return { Status, ...(page.nextToken !== undefined && { NextToken: page.nextToken }) };
    });
  },
});

/** Holds at once. https://docs.aws.amazon.com/cloud-map/latest/api/API_UpdateInstanceCustomHealthStatus.html */
export const UpdateInstanceCustomHealthStatus = operation('UpdateInstanceCustomHealthStatus', {
  resources: (input, scope) => [serviceArn(scope, input.ServiceId)],
  conditions: (input, scope) => ({ ...ofService(scope, input.ServiceId), ...createdBy(scope) }),
  handle: async (ctx, input) => {
    const health = input.Status;
    if (health !== 'HEALTHY' && health !== 'UNHEALTHY') {
      throw invalidInput(`Status must be one of HEALTHY, UNHEALTHY, but was ${String(health)}`);
    }
    await ctx.write(async (tx) => {
      const service = await serviceOf(tx, ctx, input.ServiceId);
      const row = await instanceOf(tx, service, input.InstanceId);
      if (!service.customHealth) throw customHealthNotFound();
      if (row.health !== health) await tx.put(instances, { ...row, health });
    });
    return {};
  },
});
