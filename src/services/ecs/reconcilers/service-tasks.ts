import type { ServiceEnvironment } from '../../../api/service.ts';
import type { WriteTx } from '../../../store/store.ts';
import { nextProvider } from '../domain/capacity-provider-strategy.ts';
import { newTask } from '../domain/new-task.ts';
import { targetGroupOf } from '../domain/traffic-shift.ts';
import { taskConnect } from '../domain/service-connect.ts';
import { nextSubnet } from '../domain/zones.ts';
import type { EcsPorts } from '../operation.ts';
import { taskRegistry } from '../service-registries.ts';
import { clusters, taskDefinitions, tasks } from '../tables.ts';
import type { ClusterRow, DeploymentRow, ServiceRow, TaskDefinitionRow, TaskRow } from '../tables.ts';

/** Writes new tasks of a deployment, spread over its zones. */
export async function startTasks(
  env: ServiceEnvironment<EcsPorts>,
  tx: WriteTx,
  service: ServiceRow,
  deployment: DeploymentRow | undefined,
  count: number,
  now: number,
): Promise<TaskRow[]> {
  const cluster = await tx.get(clusters, service.clusterArn);
  const definition = deployment && (await tx.get(taskDefinitions, deployment.taskDefinitionArn));
  if (count === 0 || !deployment || !cluster || !definition) return [];
  const live = (await tx.list(tasks, { where: ['service', service.arn] })).filter(
    (task) => task.desiredStatus === 'RUNNING',
  );
  const common = commonOf(service, deployment, cluster, definition);
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
  return started;
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
