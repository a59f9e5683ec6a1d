import type { Ids } from '../../kernel/ids.ts';
import type { ReadTx } from '../../store/store.ts';
import type { DaemonObserved } from './domain/daemon.ts';
import type { Demand } from './domain/placement/instance.ts';
import { SERVICE_STRATEGY } from './domain/placement/strategies.ts';
import { demandFor } from './instance-placement.ts';
import { withPlacer } from './placed-clusters.ts';
import { taskDefinitions } from './tables.ts';
import type { AwsVpcRow, ServiceRow, TaskDefinitionRow } from './tables.ts';

/** What a task of a service asks of its container instance: spread over zones where no strategy is given. */
export function serviceDemand(
  service: ServiceRow,
  { definition, network }: { readonly definition: TaskDefinitionRow; readonly network: AwsVpcRow },
  registryHost: string,
): Demand {
  const { placementConstraints: constraints, placementStrategy = [] } = service;
  const strategy = placementStrategy.length > 0 ? placementStrategy : SERVICE_STRATEGY;
  return demandFor({ definition, network, group: `service:${service.name}`, constraints, strategy }, registryHost);
}

/** Where a DAEMON service should have tasks, and has not; undefined for other services. */
export async function observeDaemon(
  tx: ReadTx,
  service: ServiceRow,
  { ids, registryHost }: { readonly ids: Ids; readonly registryHost: string },
): Promise<DaemonObserved | undefined> {
  const [primary] = service.deployments;
  if (service.schedulingStrategy !== 'DAEMON' || !primary) return undefined;
  const definition = await tx.get(taskDefinitions, primary.taskDefinitionArn);
  if (!definition) return undefined;
  const demand = serviceDemand(service, { definition, network: primary.network }, registryHost);
  return withPlacer(tx, service.clusterArn, ids, (placer) => ({
    lacking: placer.daemonTargets(demand).length + placer.daemonRefusals(demand).length,
    strays: new Set(placer.daemonStrays(demand)),
  }));
}
