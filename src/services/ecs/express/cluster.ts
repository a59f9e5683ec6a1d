import type { Context } from '../../../api/context.ts';
import type { WriteTx } from '../../../store/store.ts';
import { clusterArn } from '../domain/references.ts';
import { activeCluster } from '../lookups.ts';
import { clusterSettings } from '../settings.ts';
import { clusters } from '../tables.ts';
import type { ClusterRow } from '../tables.ts';

/** The cluster, which must be ACTIVE; `default` is made where it is not there, with Fargate's capacity provider. */
export async function ensureDefaultCluster(
  tx: WriteTx,
  ctx: Pick<Context, 'account' | 'region' | 'principal'>,
  reference: string | undefined,
): Promise<ClusterRow> {
  const arn = clusterArn(ctx, reference);
  const found = await tx.get(clusters, arn);
  if (arn !== clusterArn(ctx, 'default') || found?.status === 'ACTIVE') return activeCluster(tx, ctx, reference);
  return tx.put(clusters, {
    ...(found && { revision: found.revision }),
    account: ctx.account,
    region: ctx.region,
    arn,
    name: 'default',
    status: 'ACTIVE' as const,
    settings: await clusterSettings(tx, ctx, ctx.principal),
    capacityProviders: ['FARGATE'],
    defaultCapacityProviderStrategy: [],
    tags: {},
  });
}
