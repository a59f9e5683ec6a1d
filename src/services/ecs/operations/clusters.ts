import { formatArn, scopeKey } from '../../../kernel/arn.ts';
import { paginate } from '../../../kernel/pages.ts';
import type { ReadTx } from '../../../store/store.ts';
import { pageLimit } from '../domain/page-limit.ts';
import { clusterArn } from '../domain/references.ts';
import { tagsOf } from '../domain/tag-list.ts';
import { badToken, clusterContains, invalidParameter, refuseUnsupported } from '../errors.ts';
import { findCluster, getInScope } from '../lookups.ts';
import { tagOnCreate } from '../authorization.ts';
import { operation } from '../operation.ts';
import { clusters, services, tasks } from '../tables.ts';
import type { ClusterRow } from '../tables.ts';
import { clusterView } from '../views/cluster.ts';
import type { ClusterCounts } from '../views/cluster.ts';
import { countPending, countRunning } from '../views/service.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$/;
const FARGATE_PROVIDERS = ['FARGATE', 'FARGATE_SPOT'];

async function countsOf(tx: ReadTx, cluster: ClusterRow): Promise<ClusterCounts> {
  const rows = await tx.list(tasks, { where: ['cluster', cluster.arn] });
  const owned = await tx.list(services, { where: ['cluster', cluster.arn] });
  return {
    running: countRunning(rows),
    pending: countPending(rows),
    activeServices: owned.filter((service) => service.status === 'ACTIVE').length,
  };
}

const EMPTY: ClusterCounts = { running: 0, pending: 0, activeServices: 0 };
const EVERYTHING = ['TAGS', 'SETTINGS', 'CONFIGURATIONS'];

export const CreateCluster = operation('CreateCluster', {
  resources: (input, scope) => [clusterArn(scope, input.clusterName)],
  also: (input, scope) => tagOnCreate(input, 'CreateCluster', [clusterArn(scope, input.clusterName)]),
  async handle(ctx, input) {
    const name = input.clusterName ?? 'default';
    if (!NAME.test(name))
      throw invalidParameter(
        'Invalid parameter: clusterName. Up to 255 letters, numbers, hyphens and underscores are allowed.',
      );
    refuseUnsupported(input, ['serviceConnectDefaults']);
    for (const provider of input.capacityProviders ?? []) {
      if (!FARGATE_PROVIDERS.includes(provider))
        throw invalidParameter(
          `The specified capacity provider '${provider}' was not found. Specify a valid name or ARN and try again.`,
        );
    }
    const tags = tagsOf(input.tags);
    return ctx.write(async (tx) => {
      const arn = formatArn('ecs', ctx, `cluster/${name}`);
      const found = await tx.get(clusters, arn);
      // CreateCluster answers the cluster that has the name already.
      if (found?.status === 'ACTIVE') return { cluster: clusterView(found, await countsOf(tx, found), EVERYTHING) };
      const row: ClusterRow = {
        ...found,
        account: ctx.account,
        region: ctx.region,
        arn,
        name,
        status: 'ACTIVE',
        settings: input.settings ?? [{ name: 'containerInsights', value: 'disabled' }],
        capacityProviders: input.capacityProviders ?? [],
        defaultCapacityProviderStrategy: input.defaultCapacityProviderStrategy ?? [],
        tags,
        ...(input.configuration ? { configuration: input.configuration } : {}),
      };
      return { cluster: clusterView(await tx.put(clusters, row), EMPTY, EVERYTHING) };
    });
  },
});

export const DescribeClusters = operation('DescribeClusters', {
  readOnly: true,
  resources: (input, scope) =>
    (input.clusters?.length ? input.clusters : ['default']).map((name) => clusterArn(scope, name)),
  async handle(ctx, input) {
    const arns = (input.clusters?.length ? input.clusters : ['default']).map((name) => clusterArn(ctx, name));
    if (arns.length > 100) throw invalidParameter('Clusters can have at most 100 items.');
    return ctx.read(async (tx) => {
      const views = [];
      const failures = [];
      for (const arn of arns) {
        const row = await getInScope(tx, clusters, ctx, arn);
        if (row) views.push(clusterView(row, await countsOf(tx, row), input.include ?? []));
        else failures.push({ arn, reason: 'MISSING' });
      }
      return { clusters: views, failures };
    });
  },
});

export const ListClusters = operation('ListClusters', {
  readOnly: true,
  resources: () => ['*'],
  async handle(ctx, input) {
    const rows = await ctx.read((tx) => tx.list(clusters, { where: ['scope', scopeKey(ctx)] }));
    const active = rows.filter((row) => row.status === 'ACTIVE');
    const page = paginate(active, (row) => row.arn, {
      limit: pageLimit(input.maxResults, 100),
      token: input.nextToken,
      onBadToken: badToken,
    });
    return {
      clusterArns: page.items.map((row) => row.arn),
      ...(page.nextToken ? { nextToken: page.nextToken } : {}),
    };
  },
});

export const DeleteCluster = operation('DeleteCluster', {
  resources: (input, scope) => [clusterArn(scope, input.cluster)],
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const row = await findCluster(tx, ctx, input.cluster);
      const owned = await tx.list(services, { where: ['cluster', row.arn] });
      if (owned.some((service) => service.status !== 'INACTIVE')) throw clusterContains('Services');
      const running = await tx.list(tasks, { where: ['cluster', row.arn] });
      if (running.some((task) => task.lastStatus !== 'STOPPED')) throw clusterContains('Tasks');
      const gone = await tx.put(clusters, { ...row, status: 'INACTIVE' as const });
      return { cluster: clusterView(gone, EMPTY, EVERYTHING) };
    }),
});
