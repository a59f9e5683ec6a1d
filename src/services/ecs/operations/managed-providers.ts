import type { CreateCapacityProviderCommandInput, UpdateCapacityProviderCommandInput } from '@aws-sdk/client-ecs';
import type { Context } from '../../../api/context.ts';
import type { ConditionValues, Permission } from '../../../api/operation.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx, Stored, WriteTx } from '../../../store/store.ts';
import { capacityProviderArn } from '../authorization.ts';
import { checkNotPlacing } from '../capacity-attachments.ts';
import { capacityProviders } from '../capacity-provider-tables.ts';
import type { CapacityProviderRow, ManagedInstancesRow, ManagedProviderRow } from '../capacity-provider-tables.ts';
import { checkAwsVpc } from '../domain/awsvpc.ts';
import { checkProviderName } from '../domain/capacity-provider-input.ts';
import { managedInstancesOf } from '../domain/managed-instances-input.ts';
import { clusterArn } from '../domain/references.ts';
import { checkTagCount, tagsOf } from '../domain/tag-list.ts';
import { clientError, invalidParameter, providerBusy, providerInUse } from '../errors.ts';
import { ECS } from '../infrastructure-role.ts';
import { activeCluster } from '../lookups.ts';
import type { EcsPorts } from '../operation.ts';
import { clusters } from '../tables.ts';

type Ctx = Context<EcsPorts>;
type Given = Pick<
  CreateCapacityProviderCommandInput | UpdateCapacityProviderCommandInput,
  'managedInstancesProvider' | 'cluster' | 'autoScalingGroupProvider'
>;

/** The infrastructure role is handed to ECS; the instances' role is handed to EC2 by it, as they are launched. */
export function passInfrastructureRole({ managedInstancesProvider: given }: Given): Permission[] {
  if (!given?.infrastructureRoleArn) return [];
  const conditions = { 'iam:passedtoservice': ECS };
  return [{ action: 'iam:PassRole', resources: [given.infrastructureRoleArn], conditions }];
}

export function managedConditions({ managedInstancesProvider: given }: Given): ConditionValues {
  const { instanceMetadataTagsPropagation: inMetadata } = given?.instanceLaunchTemplate ?? {};
  return {
    ...(given?.propagateTags && { 'ecs:propagate-tags': given.propagateTags }),
    ...(inMetadata !== undefined && { 'ecs:instance-metadata-tags-propagation': String(inMetadata) }),
  };
}

/** Which kind a request is about. */
export function isManaged({ managedInstancesProvider: given, cluster, autoScalingGroupProvider }: Given): boolean {
  if (given && autoScalingGroupProvider) {
    throw invalidParameter('Specify either autoScalingGroupProvider or managedInstancesProvider, not both.');
  }
  if (!given && cluster !== undefined && autoScalingGroupProvider) {
    throw invalidParameter('cluster can only be specified with managedInstancesProvider.');
  }
  return given !== undefined;
}

/** It belongs to its cluster from now on, and to no other. */
export async function createManaged(ctx: Ctx, input: CreateCapacityProviderCommandInput): Promise<ManagedProviderRow> {
  const { name = '', cluster, managedInstancesProvider: given } = input;
  checkProviderName(name);
  if (!cluster) throw invalidParameter('cluster must be specified with managedInstancesProvider.');
  const tags = tagsOf(input.tags);
  checkTagCount(tags);
  const settings = managedInstancesOf(given ?? { infrastructureRoleArn: undefined, instanceLaunchTemplate: undefined });
  await checkSettings(ctx, settings);
  return ctx.write(async (tx) => {
    const { arn: owner } = await activeCluster(tx, ctx, cluster);
    const row: ManagedProviderRow = {
      account: ctx.account,
      region: ctx.region,
      arn: capacityProviderArn(ctx, name),
      name,
      status: 'ACTIVE',
      updateStatus: 'CREATE_COMPLETE',
      clusterArn: owner,
      managedInstances: settings,
      tags,
    };
    const before = await tx.get(capacityProviders, row.arn);
    if (before?.status === 'ACTIVE') return same(before, row);
    const made = await tx.put<CapacityProviderRow>(capacityProviders, {
      ...row,
      ...(before && { revision: before.revision }),
    });
    await changeCluster(tx, owner, (names) => [...names, name]);
    return made as Stored<ManagedProviderRow>;
  });
}

function same(before: Stored<CapacityProviderRow>, row: ManagedProviderRow): Stored<ManagedProviderRow> {
  if (before.updateStatus === 'DELETE_IN_PROGRESS') throw providerBusy();
  const wish = ({ clusterArn: owner, managedInstances }: ManagedProviderRow) =>
    JSON.stringify([owner, managedInstances]);
  if (before.managedInstances && wish(before) === wish(row)) return before;
  throw clientError(
    'The specified capacity provider already exists. To change the configuration of an existing capacity provider, ' +
      'update the capacity provider.',
  );
}

/** Instances that run keep what they were launched with. */
export async function updateManaged(
  ctx: Ctx,
  input: UpdateCapacityProviderCommandInput,
  changeable: (tx: ReadTx) => Promise<Stored<CapacityProviderRow>>,
): Promise<ManagedProviderRow> {
  const { managedInstancesProvider: given, cluster } = input;
  const managed = async (tx: ReadTx) => {
    const row = await changeable(tx);
    if (!row.managedInstances) throw invalidParameter('The capacity provider uses an Auto Scaling group.');
    if (cluster !== undefined) checkCluster(ctx, row, cluster);
    return row;
  };
  if (!given) throw invalidParameter('managedInstancesProvider must be specified.');
  await checkSettings(ctx, managedInstancesOf(given, (await ctx.read(managed)).managedInstances));
  return ctx.write(async (tx) => {
    const { updateStatusReason: _, ...row } = await managed(tx);
    const managedInstances = managedInstancesOf(given, row.managedInstances);
    const changed = { ...row, managedInstances, updateStatus: 'UPDATE_COMPLETE' as const };
    await tx.put<CapacityProviderRow>(capacityProviders, changed);
    return changed;
  });
}

function checkCluster(scope: Scope, row: ManagedProviderRow, cluster: string): void {
  if (clusterArn(scope, cluster) === row.clusterArn) return;
  throw invalidParameter(`The capacity provider ${row.name} does not belong to the specified cluster.`);
}

/** Its instances are terminated, and then it is gone. */
export async function deleteManaged(
  tx: WriteTx,
  scope: Scope,
  row: Stored<ManagedProviderRow>,
  cluster: string | undefined,
): Promise<ManagedProviderRow> {
  if (cluster !== undefined) checkCluster(scope, row, cluster);
  const owner = await tx.get(clusters, row.clusterArn);
  if (owner) await checkNotPlacing(tx, owner, [row.name]);
  if (owner?.defaultCapacityProviderStrategy.some((item) => item.capacityProvider === row.name)) throw providerInUse();
  await changeCluster(tx, row.clusterArn, (names) => names.filter((one) => one !== row.name));
  const { updateStatusReason: _, ...rest } = row;
  const leaving = { ...rest, updateStatus: 'DELETE_IN_PROGRESS' as const };
  await tx.put<CapacityProviderRow>(capacityProviders, leaving);
  return leaving;
}

async function changeCluster(
  tx: WriteTx,
  arn: string,
  change: (names: readonly string[]) => readonly string[],
): Promise<void> {
  const row = await tx.get(clusters, arn);
  if (!row) return;
  await tx.put(clusters, {
    ...row,
    capacityProviders: change(row.capacityProviders),
    managedProviders: change(row.managedProviders ?? []),
  });
}

/** The role is there and lets ECS in; the subnets are of one VPC, and the security groups too. */
async function checkSettings(ctx: Ctx, { infrastructureRoleArn, template }: ManagedInstancesRow): Promise<void> {
  if (!(await ctx.ports.mayAssume(infrastructureRoleArn, ctx, ECS))) {
    throw invalidParameter(
      `ECS was unable to assume the infrastructure role '${infrastructureRoleArn}'. Verify that the role exists and that ` +
        `its trust policy lets ${ECS} assume it.`,
    );
  }
  const { subnets = [], securityGroups = [] } = template.networkConfiguration ?? {};
  await checkAwsVpc(ctx.call, { awsvpcConfiguration: { subnets, securityGroups } });
}
