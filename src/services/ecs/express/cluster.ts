import type { Scope } from '../../../kernel/arn.ts';
import type { WriteTx } from '../../../store/store.ts';
import { clusterArn } from '../domain/references.ts';
import { activeCluster } from '../lookups.ts';
import { effectiveSetting } from '../settings.ts';
import { clusters } from '../tables.ts';
import type { ClusterRow } from '../tables.ts';

/** The cluster, which must be ACTIVE; `default` is made where it is not there, with Fargate's capacity provider. */
export async function ensureDefaultCluster(
  tx: WriteTx,
  scope: Scope,
  reference: string | undefined,
): Promise<ClusterRow> {
  const arn = clusterArn(scope, reference);
  const found = await tx.get(clusters, arn);
  if (arn !== clusterArn(scope, 'default') || found?.status === 'ACTIVE') return activeCluster(tx, scope, reference);
  return tx.put(clusters, {
    ...found,
    account: scope.account,
    region: scope.region,
    arn,
    name: 'default',
    status: 'ACTIVE' as const,
    settings: [{ name: 'containerInsights' as const, value: await effectiveSetting(tx, scope, 'containerInsights') }],
    capacityProviders: ['FARGATE'],
    defaultCapacityProviderStrategy: [],
    tags: {},
  });
}
