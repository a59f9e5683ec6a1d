import type { PlacementConstraint, PlacementStrategy, TaskOverride } from '@aws-sdk/client-ecs';
import type { Ids } from '../../kernel/ids.ts';
import type { ReadTx } from '../../store/store.ts';
import { containerInstances } from './container-instance-tables.ts';
import type { ContainerInstanceRow } from './container-instance-tables.ts';
import type { TaskPlace } from './domain/new-task.ts';
import { compileConstraints } from './domain/placement/constraints.ts';
import { demandOf } from './domain/placement/demand.ts';
import type { Demand, Needs } from './domain/placement/instance.ts';
import type { RefusedInstance } from './domain/placement/reasons.ts';
import { compileStrategies } from './domain/placement/strategies.ts';
import { requiredAttributes } from './domain/task-definition-attributes.ts';
import type { Definition } from './domain/task-definition-rules.ts';
import { zoneOf, nextSubnet } from './domain/zones.ts';
import { withPlacer } from './placed-clusters.ts';
import type { AwsVpcRow, TaskDefinitionRow } from './tables.ts';

/** Instances for tasks, in their order. */
export interface ChosenInstances {
  readonly rows: readonly ContainerInstanceRow[];
  /** Where there are fewer than tasks: why the next one can be on none. */
  readonly refused?: readonly RefusedInstance[];
}

/** Chooses an instance for each of the tasks, one after the other, up to the first that finds none. */
export async function chooseInstances(
  tx: ReadTx,
  clusterArn: string,
  ids: Ids,
  demands: readonly Demand[],
): Promise<ChosenInstances> {
  const { chosen, ...rest } = await withPlacer(tx, clusterArn, ids, (placer) => {
    const found: string[] = [];
    for (const demand of demands) {
      const instance = placer.place(`new/${found.length}`, demand);
      if (instance === undefined) return { chosen: found, refused: placer.why(demand) };
      found.push(instance);
    }
    return { chosen: found };
  });
  return { ...rest, rows: await instanceRows(tx, chosen) };
}

/** Of instances that are there, in the same order. */
export async function instanceRows(tx: ReadTx, arns: readonly string[]): Promise<ContainerInstanceRow[]> {
  const rows: ContainerInstanceRow[] = [];
  for (const arn of arns) {
    const row = await tx.get(containerInstances, arn);
    if (!row) throw new Error(`The container instance ${arn} was chosen, and is not there.`);
    rows.push(row);
  }
  return rows;
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
