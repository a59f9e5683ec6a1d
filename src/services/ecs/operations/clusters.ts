import type { Context } from '../../../api/context.ts';
import { formatArn, scopeKey } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx } from '../../../store/store.ts';
import {
  attachProviders,
  attachmentsOf,
  checkNotBusy,
  checkNotPlacing,
  ownProviders,
} from '../capacity-attachments.ts';
import { registeredInstances } from '../container-instance-lookup.ts';
import { checkProviders, checkStrategy } from '../domain/capacity-provider-strategy.ts';
import { checkConfiguration, settingsOf, storageKeyCondition } from '../domain/cluster-input.ts';
import { pageOf } from '../domain/pages.ts';
import { clusterArn } from '../domain/references.ts';
import { tagsOf } from '../domain/tag-list.ts';
import { clusterContains, invalidParameter } from '../errors.ts';
import { activeCluster, findCluster, getInScope } from '../lookups.ts';
import { clusterSettings } from '../settings.ts';
import { capacityProviderConditions, tagOnCreate } from '../authorization.ts';
import { operation } from '../operation.ts';
import { defaultNamespace, withNamespace } from '../service-connect-defaults.ts';
import { clusters, services, tasks } from '../tables.ts';
import type { ClusterRow, LaunchTypeRow, ServiceRow } from '../tables.ts';
import { clusterView } from '../views/cluster.ts';
import type { ClusterCounts, LaunchTypeCounts } from '../views/cluster.ts';
import { countPending, countRunning } from '../views/service.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,254}$/;

async function countsOf(tx: ReadTx, cluster: ClusterRow): Promise<ClusterCounts> {
  const rows = await tx.list(tasks, { where: ['cluster', cluster.arn] });
  const owned = await tx.list(services, { where: ['cluster', cluster.arn] });
  const of = (launchType: LaunchTypeRow): LaunchTypeCounts => {
    const own = rows.filter((task) => task.launchType === launchType);
    const ofServices = (status: ServiceRow['status']) =>
      owned.filter((service) => service.status === status && service.launchType === launchType).length;
    return {
      running: countRunning(own),
      pending: countPending(own),
      activeServices: ofServices('ACTIVE'),
      drainingServices: ofServices('DRAINING'),
    };
  };
  const instances = (await registeredInstances(tx, cluster.arn)).length;
  return { instances, fargate: of('FARGATE'), ec2: of('EC2'), attachments: await attachmentsOf(tx, cluster.arn) };
}

const NONE: LaunchTypeCounts = { running: 0, pending: 0, activeServices: 0, drainingServices: 0 };
const EMPTY: ClusterCounts = { instances: 0, fargate: NONE, ec2: NONE, attachments: [] };
const EVERYTHING = ['TAGS', 'SETTINGS', 'CONFIGURATIONS'];
const INCLUDED = [...EVERYTHING, 'ATTACHMENTS', 'STATISTICS'];

export const CreateCluster = operation('CreateCluster', {
  resources: (input, scope) => [clusterArn(scope, input.clusterName)],
  conditions: (input, scope) => ({
    ...capacityProviderConditions(scope, input.capacityProviders),
    ...storageKeyCondition(input.configuration),
  }),
  also: (input, scope) => tagOnCreate(input, 'CreateCluster', [clusterArn(scope, input.clusterName)]),
  async handle(ctx, input) {
    const name = input.clusterName ?? 'default';
    if (!NAME.test(name))
      throw invalidParameter(
        'Invalid parameter: clusterName. Up to 255 letters, numbers, hyphens and underscores are allowed.',
      );
    const capacityProviders = [...new Set(input.capacityProviders)];
    const { defaultCapacityProviderStrategy = [] } = input;
    const checkCapacity = async (tx: ReadTx) => {
      const known = await shareableProviders(tx, ctx, capacityProviders);
      checkStrategy(defaultCapacityProviderStrategy, capacityProviders, { known });
    };
    await ctx.read(checkCapacity);
    checkConfiguration(input.configuration);
    const settings = settingsOf(input.settings);
    const tags = tagsOf(input.tags);
    const namespaceArn = await defaultNamespace(ctx, input.serviceConnectDefaults);
    return ctx.write(async (tx) => {
      const arn = formatArn('ecs', ctx, `cluster/${name}`);
      const found = await tx.get(clusters, arn);
      // CreateCluster answers the cluster that has the name already.
      if (found?.status === 'ACTIVE') return { cluster: clusterView(found, await countsOf(tx, found), EVERYTHING) };
      // A provider may have begun to leave since it was looked at.
      await checkCapacity(tx);
      const row: ClusterRow = {
        account: ctx.account,
        region: ctx.region,
        arn,
        name,
        status: 'ACTIVE',
        settings: settings ?? (await clusterSettings(tx, ctx, ctx.principal)),
        capacityProviders,
        defaultCapacityProviderStrategy,
        tags,
        ...(namespaceArn && { serviceConnectNamespaceArn: namespaceArn }),
        ...(input.configuration ? { configuration: input.configuration } : {}),
      };
      // Of a deleted cluster of the name nothing is kept.
      const made = await tx.put(clusters, { ...row, ...(found && { revision: found.revision }) });
      await attachProviders(tx, made, ctx.ids);
      return { cluster: clusterView(made, EMPTY, EVERYTHING) };
    });
  },
});

export const UpdateCluster = operation('UpdateCluster', {
  resources: (input, scope) => [clusterArn(scope, input.cluster)],
  conditions: (input) => storageKeyCondition(input.configuration),
  async handle(ctx, input) {
    checkConfiguration(input.configuration);
    const settings = settingsOf(input.settings);
    await ctx.read((tx) => activeCluster(tx, ctx, input.cluster));
    const namespaceArn = await defaultNamespace(ctx, input.serviceConnectDefaults);
    return changeCluster(ctx, input.cluster, (row) => ({
      ...withNamespace(row, namespaceArn),
      ...(settings && { settings }),
      ...(input.configuration && { configuration: { ...row.configuration, ...input.configuration } }),
    }));
  },
});

export const UpdateClusterSettings = operation('UpdateClusterSettings', {
  resources: (input, scope) => [clusterArn(scope, input.cluster)],
  async handle(ctx, input) {
    const settings = settingsOf(input.settings);
    if (!settings?.length) throw invalidParameter('Settings cannot be empty.');
    return changeCluster(ctx, input.cluster, (row) => ({ ...row, settings }));
  },
});

/**
 * The names that strategies may have; those of Managed Instances are in their cluster from the start.
 * @throws InvalidParameterException where one of these is to be put into a cluster, or one is not known
 */
async function shareableProviders(tx: ReadTx, scope: Scope, wanted: readonly string[]): Promise<string[]> {
  const own = await ownProviders(tx, scope);
  if (own.some((row) => row.managedInstances && wanted.includes(row.name))) {
    throw invalidParameter(
      'Cannot associate Managed Instances capacity provider to clusters using this API. Managed Instances capacity ' +
        'providers are already associated with the cluster that they were created with.',
    );
  }
  const names = own.map((row) => row.name);
  checkProviders(wanted, names);
  return names;
}

/** A provider leaves a cluster only when no task of the cluster runs on it. */
export const PutClusterCapacityProviders = operation('PutClusterCapacityProviders', {
  resources: (input, scope) => [clusterArn(scope, input.cluster)],
  conditions: (input, scope) => capacityProviderConditions(scope, input.capacityProviders),
  async handle(ctx, input) {
    const { capacityProviders = [], defaultCapacityProviderStrategy = [] } = input;
    return ctx.write(async (tx) => {
      const known = await shareableProviders(tx, ctx, capacityProviders);
      const row = await activeCluster(tx, ctx, input.cluster);
      const { managedProviders = [] } = row;
      const named = [...new Set(capacityProviders), ...managedProviders];
      checkStrategy(defaultCapacityProviderStrategy, named, { known, managed: managedProviders });
      await checkNotBusy(tx, row);
      const left = row.capacityProviders.filter((name) => !named.includes(name));
      await checkNotPlacing(tx, row, left);
      const changed = await tx.put(clusters, {
        ...row,
        capacityProviders: named,
        defaultCapacityProviderStrategy,
      });
      await attachProviders(tx, changed, ctx.ids);
      return { cluster: clusterView(changed, await countsOf(tx, changed), [...EVERYTHING, 'ATTACHMENTS']) };
    });
  },
});

async function changeCluster(ctx: Context, reference: string | undefined, change: (row: ClusterRow) => ClusterRow) {
  return ctx.write(async (tx) => {
    const row = await activeCluster(tx, ctx, reference);
    const changed = await tx.put(clusters, change(row));
    return { cluster: clusterView(changed, await countsOf(tx, changed), EVERYTHING) };
  });
}

export const DescribeClusters = operation('DescribeClusters', {
  readOnly: true,
  resources: (input, scope) =>
    (input.clusters?.length ? input.clusters : ['default']).map((name) => clusterArn(scope, name)),
  async handle(ctx, input) {
    const arns = (input.clusters?.length ? input.clusters : ['default']).map((name) => clusterArn(ctx, name));
    const unknown = (input.include ?? []).find((one) => !INCLUDED.includes(one));
    if (unknown) throw invalidParameter(`Invalid include value: ${unknown}.`);
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
    const page = pageOf(active, (row) => row.arn, input, { size: 100 });
    return {
      clusterArns: page.items.map((row) => row.arn),
      ...page.next,
    };
  },
});

export const DeleteCluster = operation('DeleteCluster', {
  resources: (input, scope) => [clusterArn(scope, input.cluster)],
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const row = await findCluster(tx, ctx, input.cluster);
      if ((await registeredInstances(tx, row.arn)).length > 0) throw clusterContains('ContainerInstances');
      const owned = await tx.list(services, { where: ['cluster', row.arn] });
      if (owned.some((service) => service.status !== 'INACTIVE')) throw clusterContains('Services');
      const running = await tx.list(tasks, { where: ['cluster', row.arn] });
      if (running.some((task) => task.lastStatus !== 'STOPPED')) throw clusterContains('Tasks');
      if (row.managedProviders?.length) throw clusterContains('CapacityProvider');
      await checkNotBusy(tx, row);
      const gone = await tx.put(clusters, {
        ...row,
        status: 'INACTIVE' as const,
        capacityProviders: [],
        defaultCapacityProviderStrategy: [],
      });
      await attachProviders(tx, gone, ctx.ids);
      return { cluster: clusterView(gone, EMPTY, EVERYTHING) };
    }),
});
