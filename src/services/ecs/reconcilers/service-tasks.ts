import type { ServiceEnvironment } from '../../../api/service.ts';
import type { WriteTx } from '../../../store/store.ts';
import { nextProvider } from '../domain/capacity-provider-strategy.ts';
import { newTask } from '../domain/new-task.ts';
import { SERVICE_STRATEGY } from '../domain/placement/strategies.ts';
import type { RefusedInstance } from '../domain/placement/reasons.ts';
import { targetGroupOf } from '../domain/traffic-shift.ts';
import { taskConnect } from '../domain/service-connect.ts';
import { nextSubnet } from '../domain/zones.ts';
import type { Demand } from '../domain/placement/instance.ts';
import { chooseInstances, instanceRows, placeIn } from '../instance-placement.ts';
import type { ChosenInstances } from '../instance-placement.ts';
import { withPlacer } from '../placed-clusters.ts';
import { onProviders } from '../provider-placement.ts';
import { serviceDemand } from '../service-demand.ts';
import type { EcsPorts } from '../operation.ts';
import { taskRegistry } from '../service-registries.ts';
import { taskSettings } from '../settings.ts';
import type { TaskSettingsRow } from '../account-setting-tables.ts';
import { clusters, taskDefinitions, tasks } from '../tables.ts';
import type { ClusterRow, DeploymentRow, ServiceRow, TaskDefinitionRow, TaskRow } from '../tables.ts';

export interface Started {
  readonly rows: readonly TaskRow[];
  /** Of tasks on container instances, where not all found one. */
  readonly refused?: readonly RefusedInstance[];
}

/** Writes new tasks of a deployment, spread over its zones, or placed on its cluster's instances. */
export async function startTasks(
  env: ServiceEnvironment<EcsPorts>,
  tx: WriteTx,
  service: ServiceRow,
  deployment: DeploymentRow | undefined,
  count: number,
  now: number,
): Promise<Started> {
  const cluster = await tx.get(clusters, service.clusterArn);
  const definition = deployment && (await tx.get(taskDefinitions, deployment.taskDefinitionArn));
  if (count === 0 || !deployment || !cluster || !definition) return { rows: [] };
  const common = { ...commonOf(service, deployment, cluster, definition), ...(await taskSettings(tx, cluster)) };
  if (service.launchType === 'EC2' && service.capacityProviderStrategy) {
    return startOnProviders(env, tx, { service, common, count, now });
  }
  if (service.launchType === 'EC2') return startOnInstances(env, tx, { service, common, count, now });
  const live = (await tx.list(tasks, { where: ['service', service.arn] })).filter(
    (task) => task.desiredStatus === 'RUNNING',
  );
  const peers = live.filter((task) => task.deploymentId === deployment.id);
  const started: TaskRow[] = [];
  for (let i = 0; i < count; i++) {
    const placed = [...peers, ...started];
    const { capacityProviderStrategy: strategy } = service;
    const row = newTask(
      {
        ...common,
        // Old tasks are about to leave: the new ones are spread evenly by themselves.
        subnetId: nextSubnet(deployment.network, placed),
        capacityProviderName:
          strategy &&
          nextProvider(
            strategy,
            placed.map((task) => task.capacityProviderName),
          ),
      },
      env.ids,
      now,
    );
    started.push(await tx.put(tasks, row));
  }
  return { rows: started };
}

interface OnInstances {
  readonly service: ServiceRow;
  readonly common: ReturnType<typeof commonOf> & TaskSettingsRow;
  readonly count: number;
  readonly now: number;
}

/** As many as find a place; of the others, why none of the instances is one. */
async function startOnInstances(
  env: ServiceEnvironment<EcsPorts>,
  tx: WriteTx,
  { service, common, count, now }: OnInstances,
): Promise<Started> {
  const demand = serviceDemand(service, common, env.ports.registryHost);
  const isDaemon = service.schedulingStrategy === 'DAEMON';
  const chosen = isDaemon
    ? await daemonInstances(env, tx, service, demand, count)
    : await chooseInstances(tx, service.clusterArn, env.ids, Array<Demand>(count).fill(demand));
  const rows: TaskRow[] = [];
  for (const instance of chosen.rows) {
    const row = newTask({ ...common, ...placeIn(instance, demand, common.network, rows) }, env.ids, now);
    rows.push(await tx.put(tasks, row));
  }
  return { rows, ...(chosen.refused && { refused: chosen.refused }) };
}

async function daemonInstances(
  { ids }: ServiceEnvironment<EcsPorts>,
  tx: WriteTx,
  { clusterArn }: ServiceRow,
  demand: Demand,
  count: number,
): Promise<Pick<ChosenInstances, 'rows' | 'refused'>> {
  const { targets, refused } = await withPlacer(tx, clusterArn, ids, (placer) => {
    const all = placer.daemonTargets(demand).slice(0, count);
    return { targets: all, ...(all.length < count && { refused: placer.daemonRefusals(demand) }) };
  });
  return { rows: await instanceRows(tx, targets), ...(refused && { refused }) };
}

/** Each task waits for room with its provider, where that scales. */
async function startOnProviders(
  env: ServiceEnvironment<EcsPorts>,
  tx: WriteTx,
  { service, common, count, now }: OnInstances,
): Promise<Started> {
  const { capacityProviderStrategy: strategy = [], placementConstraints = [], placementStrategy = [] } = service;
  const live = await tx.list(tasks, { where: ['service', service.arn] });
  const peers = live.filter((task) => task.desiredStatus === 'RUNNING' && task.deploymentId === common.deploymentId);
  const placing = { ids: env.ids, registryHost: env.ports.registryHost, now };
  const { rows, refused } = await onProviders(tx, placing, {
    common,
    strategy,
    count,
    peers: peers.map((task) => task.capacityProviderName),
    wait: {
      constraints: placementConstraints,
      strategy: placementStrategy.length > 0 ? placementStrategy : SERVICE_STRATEGY,
    },
  });
  const started: TaskRow[] = [];
  for (const row of rows) started.push(await tx.put(tasks, row));
  return { rows: started, ...(refused && { refused }) };
}

/** What all tasks of a deployment have in common. */
function commonOf(service: ServiceRow, deployment: DeploymentRow, cluster: ClusterRow, definition: TaskDefinitionRow) {
  return {
    cluster,
    definition,
    network: deployment.network,
    group: `service:${service.name}`,
    startedBy: deployment.id,
    serviceArn: service.arn,
    deploymentId: deployment.id,
    imageDigests: deployment.imageDigests,
    platformVersion: deployment.platformVersion,
    enableExecuteCommand: service.enableExecuteCommand,
    registry: taskRegistry(deployment.serviceRegistries),
    connect: taskConnect(deployment.connect),
    targets: deployment.loadBalancers.map((balancer) => ({
      targetGroupArn: targetGroupOf(balancer, deployment),
      ...(service.launchType === 'EC2' && balancer.containerName && { containerName: balancer.containerName }),
      port: balancer.containerPort ?? 0,
    })),
    tags: {
      ...(service.propagateTags === 'SERVICE' ? service.tags : {}),
      ...(service.propagateTags === 'TASK_DEFINITION' ? definition.tags : {}),
      ...(service.enableEcsManagedTags
        ? { 'aws:ecs:clusterName': cluster.name, 'aws:ecs:serviceName': service.name }
        : {}),
    },
  };
}
