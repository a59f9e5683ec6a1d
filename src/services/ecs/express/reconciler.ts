import { isDeepStrictEqual } from 'node:util';
import type { ServiceEnvironment } from '../../../api/service.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { EcsPorts } from '../operation.ts';
import { services } from '../tables.ts';
import { WORK } from './parts/index.ts';
import { planExpress, withoutPart } from './plan.ts';
import type { ExpressAction, ExpressObserved } from './plan.ts';
import { siteOf } from './site.ts';
import { expressGateways, expressServices } from './tables.ts';
import type { ExpressGatewayRow, ExpressServiceRow } from './tables.ts';

type Env = ServiceEnvironment<EcsPorts>;

const DONE = { make: 'made', remove: 'removed' } as const;

/** Makes the parts of each Express service, keeps them as they are wished for, and removes them with it. */
export function expressReconciler(env: Env): Reconciler<ExpressObserved, ExpressAction> {
  return {
    name: 'ecs.express-service',
    resyncEveryMs: 60_000,
    // An Express service and its ECS service have the same ARN.
    keys: ({ table, key }) => (table === expressServices.name || table === services.name ? [key] : []),
    allKeys: async (tx) => (await tx.list(expressServices)).map((row) => row.arn),
    async observe(tx, key) {
      const row = await tx.get(expressServices, key);
      if (!row || row.status === 'INACTIVE') return undefined;
      const gateway = await tx.get(expressGateways, row.gatewayId);
      // A gateway whose row is gone has been removed; what is left of the service goes without it.
      return { row, gateway: gateway ?? removedGateway(row) };
    },
    plan: planExpress,
    apply: (action) => apply(env, action),
  };
}

function removedGateway({
  account,
  region,
  vpcId,
  subnets,
  isPublic,
  gatewayId: id,
}: ExpressServiceRow): ExpressGatewayRow {
  return { account, region, id, vpcId, subnets, isPublic, isClosing: true };
}

async function apply(env: Env, { type, part, wish, row, gateway }: ExpressAction): Promise<void> {
  const site = siteOf(env, row, gateway);
  try {
    const isDone = await WORK[part][type](site);
    await note(env, row, (now) => {
      if (!isDone) return withReason(now, undefined);
      if (type === 'remove') return withoutPart(now, part, env.clock.now());
      return withReason({ ...now, made: { ...now.made, [part]: wish } }, undefined);
    });
  } catch (error) {
    if (error instanceof ServiceError && error.httpStatus < 500) {
      await note(env, row, (now) => withReason(now, `The ${part} could not be ${DONE[type]}: ${error.message}`));
    }
    throw error;
  }
}

function withReason(row: ExpressServiceRow, reason: string | undefined): ExpressServiceRow {
  const { statusReason: _before, ...rest } = row;
  return { ...rest, ...(reason !== undefined && { statusReason: reason }) };
}

/** Only in the row that was worked from: another one asks for a pass of its own. */
async function note(
  env: Env,
  seen: ExpressServiceRow & { readonly revision: number },
  change: (row: ExpressServiceRow) => ExpressServiceRow,
): Promise<void> {
  await env.store.write(async (tx) => {
    const row = await tx.get(expressServices, seen.arn);
    if (!row || row.revision !== seen.revision) return;
    const next = change(row);
    if (!isDeepStrictEqual(next, row)) await tx.put(expressServices, { ...next, revision: row.revision });
  });
}
