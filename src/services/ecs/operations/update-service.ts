import { isDeepStrictEqual } from 'node:util';
import type { UpdateServiceCommandInput } from '@aws-sdk/client-ecs';
import type { Context } from '../../../api/context.ts';
import { Conflict } from '../../../kernel/errors.ts';
import type { ReadTx } from '../../../store/store.ts';
import { serviceResource } from '../authorization.ts';
import { deploymentConfigurationOf } from '../domain/deployment-configuration.ts';
import { launchNetwork, launchOf } from '../domain/launch.ts';
import type { Launch } from '../domain/launch.ts';
import { beginDeployment } from '../domain/lifecycle.ts';
import { platformVersionOf } from '../domain/platform-version.ts';
import { servicePlacement } from '../domain/service-placement.ts';
import {
  checkContainerPort,
  checkLoadBalancers,
  checkServiceExec,
  checkUpdateService,
  rebalancingOf,
} from '../domain/service-input.ts';
import { newRevisionArn, newServiceDeploymentArn } from '../domain/service-deployment.ts';
import { monitoringOf } from '../domain/service-monitoring.ts';
import { newDeployment } from '../domain/service-step.ts';
import { clientError, serviceNotActive } from '../errors.ts';
import { activeCluster, activeDefinition, findService } from '../lookups.ts';
import { updateExternal } from '../external-service.ts';
import { operation } from '../operation.ts';
import type { EcsPorts } from '../operation.ts';
import { checkShift, checkShiftChange, passShiftRoles } from '../shift-input.ts';
import { serviceConditions } from '../service-conditions.ts';
import { putDeploying, putService } from '../service-records.ts';
import { checkClaims, connectOf } from '../service-connect.ts';
import type { ConnectRow } from '../service-connect-tables.ts';
import { checkServiceRegistries } from '../service-registries.ts';
import { describeService } from '../service-view.ts';
import { services, taskDefinitions } from '../tables.ts';
import type { AwsVpcRow, ClusterRow, ServiceRow, TaskDefinitionRow } from '../tables.ts';

interface Checked {
  readonly definition: TaskDefinitionRow;
  readonly network: AwsVpcRow | undefined;
  /** Where it may change: what it is then, and what was asked for. */
  readonly connect?: { readonly is: ConnectRow | undefined; readonly asked: ConnectRow['configuration'] | undefined };
}

async function check(
  ctx: Context<EcsPorts>,
  input: UpdateServiceCommandInput,
): Promise<Checked & { readonly arn: string }> {
  const cluster = await ctx.read((tx) => activeCluster(tx, ctx, input.cluster));
  const before = await ctx.read((tx) => findService(tx, ctx, cluster, input.service));
  if (before.status !== 'ACTIVE') throw serviceNotActive();
  const loadBalancers = input.loadBalancers ?? before.loadBalancers;
  checkUpdateService(input, loadBalancers);
  const definition = await ctx.read((tx) =>
    input.taskDefinition === undefined
      ? tx.get(taskDefinitions, before.taskDefinitionArn)
      : activeDefinition(tx, ctx, input.taskDefinition),
  );
  if (!definition) throw clientError('TaskDefinition not found.');
  const { launch } = placedBy(input, before, cluster, definition);
  checkServiceExec(input.enableExecuteCommand ?? before.enableExecuteCommand, definition, 'updated');
  const network =
    input.networkConfiguration && (await launchNetwork(ctx.call, launch, definition, input.networkConfiguration));
  await checkLoadBalancers(ctx.call, input.loadBalancers ?? [], definition);
  const shift = deploymentConfigurationOf(input.deploymentConfiguration, before.deploymentConfiguration);
  await checkShift(ctx, input, shift, loadBalancers);
  await checkServiceRegistries(ctx.call, input.serviceRegistries ?? [], definition);
  if (input.taskDefinition) loadBalancers.forEach((balancer) => checkContainerPort(balancer, definition));
  const connect = await connectChange(ctx, input, { before, cluster, definition });
  return { arn: before.arn, definition, network, ...(connect && { connect }) };
}

interface Placed {
  readonly launch: Launch;
  readonly placement: ReturnType<typeof servicePlacement>;
}

/** How its tasks are launched and placed: what is not asked for is as the row has it. */
function placedBy(
  input: UpdateServiceCommandInput,
  row: ServiceRow,
  cluster: ClusterRow,
  definition: TaskDefinitionRow,
): Placed {
  const strategy = input.capacityProviderStrategy ?? row.capacityProviderStrategy;
  const launch = launchOf(
    strategy?.length ? { capacityProviderStrategy: [...strategy] } : { launchType: row.launchType },
    cluster,
    definition,
  );
  return { launch, placement: servicePlacement(input, launch, definition, row) };
}

/** A deployment begins with the names of its time: what cannot begin one asks nobody for them. */
async function connectChange(
  ctx: Context,
  input: UpdateServiceCommandInput,
  {
    before,
    ...wanted
  }: { readonly before: ServiceRow; readonly cluster: ClusterRow; readonly definition: TaskDefinitionRow },
): Promise<Checked['connect']> {
  const { deploymentConfiguration: _how, ...rest } = input;
  const { desiredCount: _count, service: _service, cluster: _cluster, ...changes } = rest;
  if (Object.values(changes).every((value) => value === undefined)) return undefined;
  const asked = input.serviceConnectConfiguration ?? before.connect?.configuration;
  return { is: await connectOf(ctx, asked, { serviceArn: before.arn, ...wanted }), asked };
}

/**
 * What a deployment would have was looked at before the service is written: somebody else may have been first meanwhile. A
 * call that can begin none, as those that only scale it, cares for nothing of this.
 * @throws Conflict
 */
async function checkUnmoved(
  tx: ReadTx,
  row: ServiceRow,
  input: UpdateServiceCommandInput,
  { definition, connect }: Checked,
): Promise<void> {
  if (!connect) return;
  const hasMoved = input.taskDefinition === undefined && row.taskDefinitionArn !== definition.arn;
  const wanted = input.serviceConnectConfiguration ?? row.connect?.configuration;
  if (hasMoved || !isDeepStrictEqual(wanted, connect.asked)) throw new Conflict('Another update came first.');
  if (connect.is) await checkClaims(tx, row.arn, connect.is);
}

/** What is not asked for stays as it is now: the row may have moved on since it was checked. */
function updated(
  row: ServiceRow,
  input: UpdateServiceCommandInput,
  checked: Checked,
  { launch, placement }: Placed,
): ServiceRow {
  const {
    capacityProviderStrategy: before,
    isRebalancing: _rebalancing,
    connect: kept,
    monitoring: measured,
    unplaced: _unplaced,
    ...rest
  } = row;
  const connect = checked.connect ? checked.connect.is : kept;
  const monitoring = input.monitoring ? monitoringOf(input.monitoring) : measured;
  const strategy = input.capacityProviderStrategy === undefined ? before : launch.strategy;
  const deploymentConfiguration = deploymentConfigurationOf(input.deploymentConfiguration, row.deploymentConfiguration);
  const loadBalancers = input.loadBalancers ?? row.loadBalancers;
  const grace = input.healthCheckGracePeriodSeconds ?? row.healthCheckGracePeriodSeconds ?? 0;
  return {
    ...rest,
    launchType: launch.launchType,
    ...placement,
    ...(strategy && { capacityProviderStrategy: strategy }),
    desiredCount: input.desiredCount ?? row.desiredCount,
    platformVersion: input.platformVersion ? platformVersionOf(input.platformVersion) : row.platformVersion,
    taskDefinitionArn: input.taskDefinition === undefined ? row.taskDefinitionArn : checked.definition.arn,
    network: checked.network ?? row.network,
    loadBalancers,
    serviceRegistries: input.serviceRegistries ?? row.serviceRegistries ?? [],
    ...(connect && { connect }),
    ...(monitoring && { monitoring }),
    deploymentConfiguration,
    availabilityZoneRebalancing: rebalancingOf(
      input.availabilityZoneRebalancing,
      { ...placement, deploymentConfiguration },
      row.availabilityZoneRebalancing,
    ),
    enableExecuteCommand: input.enableExecuteCommand ?? row.enableExecuteCommand,
    propagateTags: input.propagateTags ?? row.propagateTags,
    enableEcsManagedTags: input.enableECSManagedTags ?? row.enableEcsManagedTags,
    steady: false,
    ...(loadBalancers.length > 0 && { healthCheckGracePeriodSeconds: grace }),
  };
}

/** Only what a revision holds makes a new deployment, where it differs; the rest takes effect as tasks are started. */
function isDeployment(before: ServiceRow, after: ServiceRow, { forceNewDeployment }: UpdateServiceCommandInput) {
  const workload = ({
    taskDefinitionArn,
    platformVersion,
    loadBalancers,
    network,
    serviceRegistries = [],
    connect,
    monitoring,
  }: ServiceRow) => ({
    taskDefinitionArn,
    platformVersion,
    loadBalancers,
    serviceRegistries,
    network,
    monitoring,
    // Not the names that it knows: those of others come to it with its next deployment.
    connect: connect && { configuration: connect.configuration, services: connect.services },
  });
  return forceNewDeployment === true || !isDeepStrictEqual(workload(before), workload(after));
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_UpdateService.html */
export const UpdateService = operation('UpdateService', {
  resources: serviceResource,
  conditions: serviceConditions,
  also: (input) => passShiftRoles(input),
  async handle(ctx, input) {
    const external = await updateExternal(ctx, input);
    if (external) return { service: external };
    const { arn, ...checked } = await check(ctx, input);
    return ctx.write(async (tx) => {
      const row = await tx.get(services, arn);
      if (row?.status !== 'ACTIVE') throw serviceNotActive();
      await checkUnmoved(tx, row, input, checked);
      const cluster = await activeCluster(tx, ctx, row.clusterArn);
      const definition =
        input.taskDefinition === undefined
          ? await tx.get(taskDefinitions, row.taskDefinitionArn)
          : await activeDefinition(tx, ctx, checked.definition.arn);
      if (!definition) throw clientError('TaskDefinition not found.');
      const placed = placedBy(input, row, cluster, definition);
      const after = { ...updated(row, input, checked, placed), revision: row.revision };
      checkShiftChange(row, after);
      if (!isDeployment(row, after, input)) {
        return { service: await describeService(tx, await putService(tx, after, ctx.now), ['TAGS']) };
      }
      const names = {
        revisionArn: newRevisionArn(row, ctx.ids),
        serviceDeploymentArn: newServiceDeploymentArn(row, ctx.ids),
      };
      const others = row.deployments.map((one) => ({ ...one, status: 'ACTIVE' as const, updatedAtMs: ctx.now }));
      const deployments = [newDeployment({ ...after, ...names }, ctx.ids, ctx.now), ...others];
      const begun = beginDeployment({ ...after, deployments }, ctx.ids, ctx.now);
      const stored = await putDeploying(tx, { ...begun, revision: row.revision }, definition, ctx.now);
      return { service: await describeService(tx, stored, ['TAGS']) };
    });
  },
});
