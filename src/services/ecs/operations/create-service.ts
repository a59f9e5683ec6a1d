import type { CreateServiceCommandInput } from '@aws-sdk/client-ecs';
import type { Context } from '../../../api/context.ts';
import { serviceResource, tagOnCreate } from '../authorization.ts';
import { requestHash } from '../domain/client-token.ts';
import { deploymentConfigurationOf } from '../domain/deployment-configuration.ts';
import { launchNetwork, launchOf } from '../domain/launch.ts';
import type { Launch } from '../domain/launch.ts';
import { beginDeployment } from '../domain/lifecycle.ts';
import { platformVersionOf } from '../domain/platform-version.ts';
import { serviceArn } from '../domain/references.ts';
import { daemonConfiguration, servicePlacement } from '../domain/service-placement.ts';
import { checkCreateService, checkLoadBalancers, checkServiceExec, rebalancingOf } from '../domain/service-input.ts';
import { monitoringOf } from '../domain/service-monitoring.ts';
import { newRevisionArn, newServiceDeploymentArn } from '../domain/service-deployment.ts';
import { newDeployment } from '../domain/service-step.ts';
import { checkTagCount, tagsOf } from '../domain/tag-list.ts';
import { invalidParameter } from '../errors.ts';
import { createExternal } from '../external-service.ts';
import { activeCluster, activeDefinition } from '../lookups.ts';
import { operation } from '../operation.ts';
import { checkShift, passShiftRoles } from '../shift-input.ts';
import { serviceConditions } from '../service-conditions.ts';
import { putDeploying } from '../service-records.ts';
import { checkClaims, connectOf } from '../service-connect.ts';
import type { ConnectRow } from '../service-connect-tables.ts';
import { checkServiceRegistries } from '../service-registries.ts';
import { describeService } from '../service-view.ts';
import { services } from '../tables.ts';
import type { AwsVpcRow, ClusterRow, ServiceRow, TaskDefinitionRow } from '../tables.ts';

interface Checked {
  readonly launch: Launch;
  readonly placement: ReturnType<typeof servicePlacement>;
  readonly cluster: ClusterRow;
  readonly definition: TaskDefinitionRow;
  readonly network: AwsVpcRow;
  readonly connect?: ConnectRow;
}

function newService(ctx: Context, input: CreateServiceCommandInput, checked: Checked): ServiceRow {
  const { cluster, definition, network, launch, placement, connect } = checked;
  const { strategy, launchType } = launch;
  const { account, region } = ctx;
  const arn = serviceArn(ctx, cluster.name, input.serviceName ?? '');
  const deploymentConfiguration = deploymentConfigurationOf(daemonConfiguration(input));
  const monitoring = monitoringOf(input.monitoring);
  const tags = tagsOf(input.tags);
  checkTagCount(tags);
  const workload = {
    taskDefinitionArn: definition.arn,
    network,
    platformVersion: platformVersionOf(input.platformVersion),
    loadBalancers: input.loadBalancers ?? [],
    serviceRegistries: input.serviceRegistries ?? [],
    ...(connect && { connect }),
    ...(monitoring && { monitoring }),
    revisionArn: newRevisionArn({ arn, account, region }, ctx.ids),
    serviceDeploymentArn: newServiceDeploymentArn({ arn, account, region }, ctx.ids),
  };
  return {
    account,
    region,
    arn,
    name: input.serviceName ?? '',
    clusterArn: cluster.arn,
    status: 'ACTIVE',
    desiredCount: input.desiredCount ?? 0,
    launchType,
    ...placement,
    platformVersion: workload.platformVersion,
    ...(strategy && { capacityProviderStrategy: strategy }),
    taskDefinitionArn: definition.arn,
    network,
    loadBalancers: workload.loadBalancers,
    serviceRegistries: workload.serviceRegistries,
    ...(connect && { connect }),
    ...(monitoring && { monitoring }),
    deploymentConfiguration,
    availabilityZoneRebalancing: rebalancingOf(input.availabilityZoneRebalancing, {
      ...placement,
      deploymentConfiguration,
    }),
    enableExecuteCommand: input.enableExecuteCommand ?? false,
    propagateTags: input.propagateTags ?? 'NONE',
    enableEcsManagedTags: input.enableECSManagedTags ?? false,
    deployments: [newDeployment(workload, ctx.ids, ctx.now)],
    events: [],
    steady: false,
    tags,
    createdAtMs: ctx.now,
    createdBy: ctx.principal.arn,
    ...(input.clientToken ? { clientToken: input.clientToken, requestHash: requestHash(input) } : {}),
    ...(input.loadBalancers?.length ? { healthCheckGracePeriodSeconds: input.healthCheckGracePeriodSeconds ?? 0 } : {}),
  };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_CreateService.html */
export const CreateService = operation('CreateService', {
  resources: ({ cluster, serviceName }, scope) => serviceResource({ cluster, service: serviceName }, scope),
  conditions: serviceConditions,
  also: (input, scope) => [
    ...passShiftRoles(input),
    ...tagOnCreate(input, 'CreateService', serviceResource({ ...input, service: input.serviceName }, scope)),
  ],
  async handle(ctx, input) {
    if (input.deploymentController?.type === 'EXTERNAL') return { service: await createExternal(ctx, input) };
    checkCreateService(input);
    const cluster = await ctx.read((tx) => activeCluster(tx, ctx, input.cluster));
    const definition = await ctx.read((tx) => activeDefinition(tx, ctx, input.taskDefinition ?? ''));
    const launch = launchOf(input, cluster, definition);
    const placement = servicePlacement(input, launch, definition);
    checkServiceExec(input.enableExecuteCommand ?? false, definition, 'created');
    const network = await launchNetwork(ctx.call, launch, definition, input.networkConfiguration);
    await checkLoadBalancers(ctx.call, input.loadBalancers ?? [], definition);
    await checkShift(ctx, input, deploymentConfigurationOf(daemonConfiguration(input)), input.loadBalancers ?? []);
    await checkServiceRegistries(ctx.call, input.serviceRegistries ?? [], definition);
    const arn = serviceArn(ctx, cluster.name, input.serviceName ?? '');
    const connect = await connectOf(ctx, input.serviceConnectConfiguration, { serviceArn: arn, cluster, definition });
    const checked = { cluster, definition, network, launch, placement, ...(connect && { connect }) };
    const wanted = newService(ctx, input, checked);
    return ctx.write(async (tx) => {
      const now = await activeCluster(tx, ctx, input.cluster);
      const found = await tx.get(services, wanted.arn);
      if (found && found.status !== 'INACTIVE') {
        if (isSameRequest(found, wanted)) return { service: await describeService(tx, found, ['TAGS']) };
        if (found.status === 'DRAINING') throw invalidParameter('Unable to Start a service that is still Draining.');
        throw invalidParameter('Creation of service was not idempotent.');
      }
      // What was found good may have changed while others were asked.
      launchOf(input, now, await activeDefinition(tx, ctx, definition.arn));
      if (connect) await checkClaims(tx, arn, connect);
      const begun = beginDeployment(wanted, ctx.ids, ctx.now);
      const row = found ? { ...begun, revision: found.revision } : begun;
      return { service: await describeService(tx, await putDeploying(tx, row, definition, ctx.now), ['TAGS']) };
    });
  },
});

function isSameRequest(found: ServiceRow, wanted: ServiceRow): boolean {
  return (
    wanted.clientToken !== undefined &&
    found.clientToken === wanted.clientToken &&
    found.requestHash === wanted.requestHash
  );
}
