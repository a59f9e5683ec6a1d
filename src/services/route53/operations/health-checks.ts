import { isDeepStrictEqual } from 'node:util';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { healthCheckConfig, updatedInput } from '../domain/health-check-input.ts';
import {
  healthCheckAlreadyExists,
  healthCheckInUse,
  healthCheckVersionMismatch,
  invalidInput,
  tooManyHealthChecks,
} from '../errors.ts';
import { isForbiddenAddress } from '../health-probe.ts';
import { checkKey, healthChecks, type HealthCheckConfig, type HealthCheckRow } from '../health-tables.ts';
import { configView, healthCheckView } from '../health-views.ts';
import { ACCOUNT_LIMITS } from '../limits.ts';
import { healthCheckOf } from '../lookup.ts';
import { bareId, checkArn, operation } from '../operation.ts';

const MAX_REFERENCE = 64;
const MAX_ITEMS = 100;

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_CreateHealthCheck.html; probed by the reconciler. */
export const CreateHealthCheck = operation('CreateHealthCheck', {
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const callerReference = input.CallerReference ?? '';
    if (callerReference.length < 1 || callerReference.length > MAX_REFERENCE) {
      throw invalidInput(`Invalid request: CallerReference must have 1 to ${MAX_REFERENCE} characters`);
    }
    const config = healthCheckConfig(input.HealthCheckConfig ?? {}, isForbiddenAddress);
    const row = await ctx.write(async (tx) => {
      const others = await tx.list(healthChecks, { where: ['account', ctx.account] });
      const same = others.find((other) => other.callerReference === callerReference);
      if (same && isDeepStrictEqual(same.config, config)) return same;
      if (same) throw healthCheckAlreadyExists();
      if (others.length >= ACCOUNT_LIMITS.MAX_HEALTH_CHECKS_BY_OWNER) throw tooManyHealthChecks();
      const made = { account: ctx.account, checkId: ctx.ids.uuid(), callerReference, version: 1, config };
      await refuseChildren(tx, made);
      return tx.put(healthChecks, { ...made, createdAtMs: ctx.now, tags: {} });
    });
    const Location = `${ctx.endpoint}/2013-04-01/healthcheck/${row.checkId}`;
    return { HealthCheck: healthCheckView(row), Location };
  },
});

export const GetHealthCheck = operation('GetHealthCheck', {
  resources: (input) => [checkArn(input.HealthCheckId)],
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => healthCheckOf(tx, ctx.account, input.HealthCheckId));
    return { HealthCheck: healthCheckView(row) };
  },
});

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_ListHealthChecks.html; a marker is the first one's id. */
export const ListHealthChecks = operation('ListHealthChecks', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    if (input.MaxItems !== undefined && input.MaxItems < 1) {
      throw invalidInput('Invalid request: MaxItems must be at least 1');
    }
    const limit = Math.min(input.MaxItems ?? MAX_ITEMS, MAX_ITEMS);
    const rows = await ctx.read((tx) => tx.list(healthChecks, { where: ['account', ctx.account] }));
    const from = rows.filter((row) => row.checkId >= (input.Marker ?? ''));
    const next = from[limit];
    return {
      HealthChecks: from.slice(0, limit).map(healthCheckView),
      Marker: input.Marker ?? '',
      IsTruncated: next !== undefined,
      ...(next && { NextMarker: next.checkId }),
      MaxItems: limit,
    };
  },
});

export const GetHealthCheckCount = operation('GetHealthCheckCount', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx) => {
    const rows = await ctx.read((tx) => tx.list(healthChecks, { where: ['account', ctx.account] }));
    return { HealthCheckCount: rows.length };
  },
});

/** https://docs.aws.amazon.com/Route53/latest/APIReference/API_UpdateHealthCheck.html: what is left out stays. */
export const UpdateHealthCheck = operation('UpdateHealthCheck', {
  resources: (input) => [checkArn(input.HealthCheckId)],
  handle: async (ctx, input) => {
    const row = await ctx.write(async (tx) => {
      const before = await healthCheckOf(tx, ctx.account, input.HealthCheckId);
      if (input.HealthCheckVersion !== undefined && input.HealthCheckVersion !== before.version) {
        throw healthCheckVersionMismatch(before.version);
      }
      const config = healthCheckConfig(updatedInput(configView(before), input), isForbiddenAddress);
      await refuseChildren(tx, { ...before, config });
      return tx.put(healthChecks, { ...before, config, version: before.version + 1 });
    });
    return { HealthCheck: healthCheckView(row) };
  },
});

/** Record sets that name it go on, without a check; only a calculated check that counts it holds it. */
export const DeleteHealthCheck = operation('DeleteHealthCheck', {
  resources: (input) => [checkArn(input.HealthCheckId)],
  handle: async (ctx, input) => {
    await ctx.write(async (tx) => {
      const row = await healthCheckOf(tx, ctx.account, input.HealthCheckId);
      const others = await tx.list(healthChecks, { where: ['account', ctx.account] });
      const parent = others.find((other) => other.config.calculated?.children.includes(row.checkId));
      if (parent) throw healthCheckInUse(row.checkId, parent.checkId);
      await tx.delete(healthChecks, checkKey(row));
    });
    return {};
  },
});

/** Children must be there, and none may count its parent, at whatever depth. */
async function refuseChildren(
  tx: ReadTx,
  parent: Pick<HealthCheckRow, 'account' | 'checkId'> & { readonly config: HealthCheckConfig },
): Promise<void> {
  const seen = new Set<string>();
  const open = [...(parent.config.calculated?.children ?? [])];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (bareId(id) === parent.checkId) throw invalidInput('Invalid request: a health check cannot count itself');
    if (seen.has(id)) continue;
    seen.add(id);
    const child: Stored<HealthCheckRow> | undefined = await tx.get(healthChecks, `${parent.account}/${id}`);
    if (!child) throw invalidInput(`Invalid request: child health check ${id} does not exist`);
    open.push(...(child.config.calculated?.children ?? []));
  }
}
