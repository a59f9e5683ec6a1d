import type { PlacementConstraint, PlacementStrategy, TaskOverride } from '@aws-sdk/client-ecs';
import type { Ids } from '../../kernel/ids.ts';
import type { ReadTx } from '../../store/store.ts';
import { registeredInstances } from './container-instance-lookup.ts';
import type { ContainerInstanceRow } from './container-instance-tables.ts';
import type { TaskPlace } from './domain/new-task.ts';
import { instanceFacts, placedTask } from './domain/placed-instances.ts';
import { compileConstraints } from './domain/placement/constraints.ts';
import { demandOf } from './domain/placement/demand.ts';
import type { Demand, Needs } from './domain/placement/instance.ts';
import { Placer } from './domain/placement/placer.ts';
import { compileStrategies } from './domain/placement/strategies.ts';
import { requiredAttributes } from './domain/task-definition-attributes.ts';
import type { Definition } from './domain/task-definition-rules.ts';
import { zoneOf, nextSubnet } from './domain/zones.ts';
import { tasks } from './tables.ts';
import type { AwsVpcRow, TaskDefinitionRow } from './tables.ts';

/** A cluster's container instances with what runs on them, as one transaction sees them. */
export interface PlacedCluster {
  readonly placer: Placer;
  /** By ARN. */
  readonly instances: ReadonlyMap<string, ContainerInstanceRow>;
}

/** Read in the transaction that writes the tasks, so that no instance is ever promised twice. */
export async function openPlacer(tx: ReadTx, clusterArn: string, ids: Ids): Promise<PlacedCluster> {
  const placer = new Placer(ids);
  const rows = await registeredInstances(tx, clusterArn);
  for (const row of rows) placer.setInstance(instanceFacts(row));
  for (const task of rows.length > 0 ? await tx.list(tasks, { where: ['cluster', clusterArn] }) : []) {
    const placed = placedTask(task);
    if (!placed) continue;
    placer.addTask(placed);
    if (task.desiredStatus === 'STOPPED') placer.stopTask(placed.id);
  }
  return { placer, instances: new Map(rows.map((row) => [row.arn, row])) };
}

export interface PlacementWish {
  readonly definition: TaskDefinitionRow;
  readonly overrides?: TaskOverride | undefined;
  readonly group: string;
  /** Of a task in awsvpc mode: its instance must be in a zone of one of the subnets. */
  readonly network: AwsVpcRow;
  readonly constraints?: readonly PlacementConstraint[] | undefined;
  readonly strategy: readonly PlacementStrategy[];
  /** Only instances of this one. */
  readonly capacityProvider?: string | undefined;
}

/** What a task of this kind asks of its instance. */
export function demandFor(wish: PlacementWish, registryHost: string): Demand {
  const { definition, overrides, group, network, constraints, strategy } = wish;
  const own = overridden(definition.definition, overrides ?? {});
  const demand = demandOf(own, requiredAttributes(own, registryHost), {
    group,
    constraints: compileConstraints(definition.definition.placementConstraints, constraints, ofNetwork(network)),
    strategies: compileStrategies(strategy),
  });
  return wish.capacityProvider === undefined ? demand : { ...demand, capacityProvider: wish.capacityProvider };
}

/** With the sizes that the task has in the end. */
function overridden(definition: Definition, overrides: TaskOverride): Definition {
  return {
    ...definition,
    ...(overrides.cpu === undefined ? {} : { cpu: overrides.cpu }),
    ...(overrides.memory === undefined ? {} : { memory: overrides.memory }),
    containerDefinitions: (definition.containerDefinitions ?? []).map((container) => {
      const own = overrides.containerOverrides?.find(({ name }) => name === container.name) ?? {};
      const { cpu = container.cpu, memory = container.memory, memoryReservation = container.memoryReservation } = own;
      return { ...container, cpu, memory, memoryReservation };
    }),
  };
}

function ofNetwork({ subnets, zones, vpcId }: AwsVpcRow): PlacementConstraint[] {
  if (subnets.length === 0 || !zones) return [];
  const inZones = `attribute:ecs.availability-zone in [${[...new Set(Object.values(zones))].join(', ')}]`;
  const inVpc = vpcId === undefined ? '' : ` and attribute:ecs.vpc-id == ${vpcId}`;
  return [{ type: 'memberOf', expression: inZones + inVpc }];
}

export function needsOf({ cpu, memory, ports, interfaces }: Demand): Needs {
  return { cpu, memory, ports, interfaces };
}

/** What a task's row has of its place. @param peers tasks that the subnets are spread over with */
export function placeIn(
  instance: ContainerInstanceRow,
  demand: Demand,
  network: AwsVpcRow,
  peers: readonly { readonly subnetId: string }[],
): { readonly place: TaskPlace; readonly subnetId: string } {
  const near = network.subnets.filter((subnet) => zoneOf(network, subnet) === instance.availabilityZone);
  const subnetId = nextSubnet({ ...network, subnets: near }, peers);
  return { place: { instance, reserved: needsOf(demand) }, subnetId };
}
