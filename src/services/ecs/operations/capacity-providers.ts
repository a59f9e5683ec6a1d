import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { Call, Context } from '../../../api/context.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { capacityProviderArn, tagOnCreate } from '../authorization.ts';
import { ownProviders } from '../capacity-attachments.ts';
import { capacityAttachments, capacityProviders } from '../capacity-provider-tables.ts';
import type { CapacityProviderRow, GroupProviderRow, GroupSettingsRow } from '../capacity-provider-tables.ts';
import { checkProviderName, groupSettings } from '../domain/capacity-provider-input.ts';
import { isFargateProvider } from '../domain/capacity-provider-strategy.ts';
import { pageOf } from '../domain/pages.ts';
import { clusterNameOf } from '../domain/references.ts';
import { checkTagCount, tagsOf } from '../domain/tag-list.ts';
import { clientError, invalidParameter, providerBusy, providerNotFound } from '../errors.ts';
import { findCluster } from '../lookups.ts';
import { operation } from '../operation.ts';
import { FARGATE_PROVIDERS } from '../tables.ts';
import {
  createManaged,
  deleteManaged,
  isManaged,
  managedConditions,
  passInfrastructureRole,
  updateManaged,
} from './managed-providers.ts';
import { capacityProviderView, fargateProviderView } from '../views/capacity-provider.ts';

const nameOf = (reference: string) => reference.split('capacity-provider/').at(-1) ?? reference;
const arnsOf = (scope: Scope, name: string | undefined) => [capacityProviderArn(scope, name ?? '')];

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateCapacityProvider.html */
export const CreateCapacityProvider = operation('CreateCapacityProvider', {
  resources: (input, scope) => arnsOf(scope, input.name),
  conditions: managedConditions,
  also: (input, scope) => [
    ...tagOnCreate(input, 'CreateCapacityProvider', arnsOf(scope, input.name)),
    ...passInfrastructureRole(input),
  ],
  async handle(ctx, input) {
    if (isManaged(input)) return { capacityProvider: capacityProviderView(await createManaged(ctx, input), ['TAGS']) };
    const { name = '', autoScalingGroupProvider: given } = input;
    checkProviderName(name);
    if (!given) throw unspecified();
    const settings = groupSettings(given);
    const tags = tagsOf(input.tags);
    checkTagCount(tags);
    const group = await findGroup(ctx.call, given.autoScalingGroupArn ?? '');
    checkGroup(group, settings);
    const row: GroupProviderRow = {
      account: ctx.account,
      region: ctx.region,
      arn: capacityProviderArn(ctx, name),
      name,
      status: 'ACTIVE',
      groupArn: group.AutoScalingGroupARN ?? '',
      groupName: group.AutoScalingGroupName ?? '',
      settings,
      tags,
    };
    await ctx.read((tx) => creatable(tx, row));
    await tagGroup(ctx, row, group);
    return ctx.write(async (tx) => {
      const before = await creatable(tx, row);
      if (before?.status === 'ACTIVE') return { capacityProvider: capacityProviderView(before, ['TAGS']) };
      const made = await tx.put(capacityProviders, before ? { ...row, revision: before.revision } : row);
      return { capacityProvider: capacityProviderView(made, ['TAGS']) };
    });
  },
});

/** What has the name already: the same provider, or one that was deleted. */
async function creatable(tx: ReadTx, row: GroupProviderRow): Promise<Stored<CapacityProviderRow> | undefined> {
  const before = await tx.get(capacityProviders, row.arn);
  const wish = ({ groupArn, settings }: GroupProviderRow) => JSON.stringify([groupArn, settings]);
  if (before?.status === 'ACTIVE') {
    if (before.updateStatus === 'DELETE_IN_PROGRESS') throw providerBusy();
    if (!before.managedInstances && wish(before) === wish(row)) return before;
    throw clientError(
      'The specified capacity provider already exists. To change the configuration of an existing capacity provider, ' +
        'update the capacity provider.',
    );
  }
  if ((await tx.list(capacityProviders, { where: ['group', row.groupArn] })).length > 0) {
    throw clientError(
      'The specified Auto Scaling group ARN is already being used by another capacity provider. Specify a unique Auto ' +
        'Scaling group ARN and try again.',
    );
  }
  return before;
}

/** @param reference an ARN, or a name */
async function findGroup(call: Call, reference: string): Promise<AutoScalingGroup> {
  const name = reference.split(':autoScalingGroupName/').at(-1) ?? reference;
  const { AutoScalingGroups = [] } = await call('autoscaling', 'DescribeAutoScalingGroups', {
    AutoScalingGroupNames: [name],
  });
  const group = AutoScalingGroups.find((one) =>
    [one.AutoScalingGroupName, one.AutoScalingGroupARN].includes(reference),
  );
  if (group) return group;
  throw clientError('The specified Auto Scaling group ARN does not exist. Specify a valid ARN and try again.');
}

function checkGroup(group: AutoScalingGroup, { managedTerminationProtection }: GroupSettingsRow): void {
  if (managedTerminationProtection === 'DISABLED' || group.NewInstancesProtectedFromScaleIn) return;
  throw clientError(
    'The managed termination protection setting for the capacity provider is invalid. To enable managed termination ' +
      'protection for a capacity provider, the Auto Scaling group must have instance protection from scale in enabled.',
  );
}

/** In the caller's name: the tag is what lets ECS's own role change the group. One that is there keeps its value. */
async function tagGroup(
  ctx: Context,
  { groupName, settings }: GroupProviderRow,
  group: AutoScalingGroup,
): Promise<void> {
  if (settings.managedScaling.status === 'DISABLED' && settings.managedDraining === 'DISABLED') return;
  if (group.Tags?.some((tag) => tag.Key === 'AmazonECSManaged')) return;
  await ctx.callAsCaller('autoscaling', 'CreateOrUpdateTags', {
    Tags: [
      {
        ResourceId: groupName,
        ResourceType: 'auto-scaling-group',
        Key: 'AmazonECSManaged',
        Value: '',
        PropagateAtLaunch: true,
      },
    ],
  });
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateCapacityProvider.html */
export const UpdateCapacityProvider = operation('UpdateCapacityProvider', {
  resources: (input, scope) => arnsOf(scope, input.name),
  conditions: managedConditions,
  also: passInfrastructureRole,
  async handle(ctx, input) {
    const { name = '', autoScalingGroupProvider: given } = input;
    if (isManaged(input)) {
      const changed = await updateManaged(ctx, input, (tx) => changeable(tx, ctx, name));
      return { capacityProvider: capacityProviderView(changed, ['TAGS']) };
    }
    if (!given) throw unspecified();
    const found = await ctx.read((tx) => changeableGroup(tx, ctx, name));
    const group = await findGroup(ctx.call, found.groupName);
    const settingsIn = (row: GroupProviderRow) => {
      const settings = groupSettings(given, row.settings);
      checkGroup(group, settings);
      return settings;
    };
    await tagGroup(ctx, { ...found, settings: settingsIn(found) }, group);
    return ctx.write(async (tx) => {
      const row = await changeableGroup(tx, ctx, name);
      const settings = settingsIn(row);
      const { updateStatusReason: _, ...rest } = row;
      const attachments = await tx.list(capacityAttachments, { where: ['provider', row.arn] });
      for (const { failure: _failure, ...attachment } of attachments) {
        await tx.put(capacityAttachments, { ...attachment, isDue: true });
      }
      const updateStatus = attachments.length > 0 ? ('UPDATE_IN_PROGRESS' as const) : ('UPDATE_COMPLETE' as const);
      const put = await tx.put<CapacityProviderRow>(capacityProviders, { ...rest, settings, updateStatus });
      return { capacityProvider: capacityProviderView(put, ['TAGS']) };
    });
  },
});

const unspecified = () => invalidParameter('autoScalingGroupProvider or managedInstancesProvider must be specified.');

async function changeableGroup(tx: ReadTx, scope: Scope, name: string): Promise<Stored<GroupProviderRow>> {
  const row = await changeable(tx, scope, name);
  if (row.managedInstances) throw invalidParameter('The capacity provider uses Managed Instances.');
  return row;
}

/** @throws UpdateInProgressException for one that a change is under way on */
async function changeable(tx: ReadTx, scope: Scope, reference: string): Promise<Stored<CapacityProviderRow>> {
  const row = await tx.get(capacityProviders, capacityProviderArn(scope, reference));
  if (row?.status !== 'ACTIVE') throw providerNotFound(nameOf(reference));
  if (row.updateStatus === 'UPDATE_IN_PROGRESS' || row.updateStatus === 'DELETE_IN_PROGRESS') throw providerBusy();
  return row;
}

/** It is gone once what it has on its group is. */
export const DeleteCapacityProvider = operation('DeleteCapacityProvider', {
  resources: (input, scope) => arnsOf(scope, input.capacityProvider),
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const reference = input.capacityProvider ?? '';
      if (isFargateProvider(nameOf(reference))) {
        throw clientError('The FARGATE and FARGATE_SPOT capacity providers are reserved and cannot be deleted.');
      }
      const row = await changeable(tx, ctx, reference);
      if (row.managedInstances) {
        const leaving = await deleteManaged(tx, ctx, row, input.cluster);
        return { capacityProvider: capacityProviderView(leaving, ['TAGS']) };
      }
      if (input.cluster !== undefined) throw invalidParameter('The capacity provider uses an Auto Scaling group.');
      const attachments = await tx.list(capacityAttachments, { where: ['provider', row.arn] });
      const holder = attachments.find((one) => !one.isLeaving);
      if (holder) {
        throw clientError(
          'The capacity provider cannot be deleted because it is associated with cluster: ' +
            `${clusterNameOf(holder.clusterArn)}. Remove the capacity provider from the cluster and try again.`,
        );
      }
      const { updateStatusReason: _, ...rest } = row;
      const put = await tx.put(capacityProviders, { ...rest, updateStatus: 'DELETE_IN_PROGRESS' });
      return { capacityProvider: capacityProviderView(put, ['TAGS']) };
    }),
});

/** Fargate's two, which every account has, and its own; with a cluster, those that are associated with it. */
export const DescribeCapacityProviders = operation('DescribeCapacityProviders', {
  readOnly: true,
  resources: (input, scope) =>
    (input.capacityProviders?.length ? input.capacityProviders : ['*']).map((one) => capacityProviderArn(scope, one)),
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const cluster = input.cluster === undefined ? undefined : await findCluster(tx, ctx, input.cluster);
      const wanted = input.capacityProviders ?? [];
      if (wanted.length > 100) throw invalidParameter('Capacity providers can have at most 100 items.');
      const arns = wanted.map((one) => capacityProviderArn(ctx, one));
      const own = arns.length > 0 ? await named(tx, arns) : await ownProviders(tx, ctx);
      const known = [
        ...FARGATE_PROVIDERS.map((name) => fargateProviderView(ctx, name)),
        ...own.map((row) => capacityProviderView(row, input.include ?? [])),
      ].filter(({ name = '' }) => cluster?.capacityProviders.includes(name) ?? true);
      const found = known
        .filter(({ capacityProviderArn: arn = '' }) => arns.length === 0 || arns.includes(arn))
        .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
      const missing = arns.filter((arn) => !found.some((one) => one.capacityProviderArn === arn));
      const page = pageOf(found, keyOf, input, { size: 10 });
      return {
        capacityProviders: page.items,
        failures: missing.map((arn) => ({ arn, reason: 'MISSING' })),
        ...page.next,
      };
    }),
});

const keyOf = ({ name = '' }: { readonly name?: string | undefined }) => name;

/** INACTIVE ones too. */
async function named(tx: ReadTx, arns: readonly string[]): Promise<CapacityProviderRow[]> {
  return (await Promise.all(arns.map((arn) => tx.get(capacityProviders, arn)))).filter((row) => row !== undefined);
}
