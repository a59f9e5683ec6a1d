import type { Ids } from '../../kernel/ids.ts';
import type { ReadTx } from '../../store/store.ts';
import { nextProvider } from './domain/capacity-provider-strategy.ts';
import { movesInto } from './domain/zones.ts';
import { instanceRows } from './instance-placement.ts';
import { withPlacer } from './placed-clusters.ts';
import { serviceDemand } from './service-demand.ts';
import { taskDefinitions } from './tables.ts';
import type { DeploymentRow, ServiceRow, TaskRow } from './tables.ts';

/** So many change their zones at once. */
const MOST_MOVES = 20;

interface Placing {
  readonly ids: Ids;
  readonly registryHost: string;
}

/**
 * The zones where a service's next tasks would be placed now, in that order, as far as that evens its zones out: of a
 * service whose tasks all run on container instances and may change their zones. One decision, where they are even.
 */
export async function observeRoom(
  tx: ReadTx,
  service: ServiceRow,
  tasks: readonly TaskRow[],
  placing: Placing,
): Promise<readonly string[] | undefined> {
  const [primary] = service.deployments;
  if (service.launchType !== 'EC2' || service.availabilityZoneRebalancing !== 'ENABLED') return undefined;
  if (service.status !== 'ACTIVE' || primary?.rolloutState !== 'COMPLETED') return undefined;
  const live = tasks.filter((task) => task.desiredStatus === 'RUNNING');
  const isRunning = (task: TaskRow) => task.lastStatus === 'RUNNING' && task.deploymentId === primary.id;
  if (live.length < 2 || !live.every(isRunning)) return undefined;
  const [next] = await nextZones(tx, service, primary, live, 1, placing);
  if (next === undefined || movesInto([next], live, live).length === 0) return [];
  return nextZones(tx, service, primary, live, Math.min(live.length, MOST_MOVES), placing);
}

async function nextZones(
  tx: ReadTx,
  service: ServiceRow,
  primary: DeploymentRow,
  live: readonly TaskRow[],
  count: number,
  { ids, registryHost }: Placing,
): Promise<string[]> {
  const definition = await tx.get(taskDefinitions, primary.taskDefinitionArn);
  if (!definition) return [];
  const demand = serviceDemand(service, { definition, network: primary.network }, registryHost);
  const strategy = service.capacityProviderStrategy;
  const providers = live.map((task) => task.capacityProviderName);
  const chosen = await withPlacer(tx, service.clusterArn, ids, (placer) => {
    const found: string[] = [];
    while (found.length < count) {
      const capacityProvider = strategy && nextProvider(strategy, providers);
      providers.push(capacityProvider);
      const wanted = capacityProvider === undefined ? demand : { ...demand, capacityProvider };
      const instance = placer.place(`move/${found.length}`, wanted);
      if (instance === undefined) break;
      found.push(instance);
    }
    return found;
  });
  return (await instanceRows(tx, chosen)).map(({ availabilityZone }) => availabilityZone);
}
