import type { Failure } from '@aws-sdk/client-ecs';
import type { Ids } from '../../kernel/ids.ts';
import type { ReadTx, Stored, WriteTx } from '../../store/store.ts';
import { capacityProviderArn } from './authorization.ts';
import { capacityProviders } from './capacity-provider-tables.ts';
import type { WaitRow } from './container-instance-tables.ts';
import { nextProvider } from './domain/capacity-provider-strategy.ts';
import type { Launch } from './domain/launch.ts';
import { newTask, placeOf } from './domain/new-task.ts';
import type { NewTask } from './domain/new-task.ts';
import { placementFailures } from './domain/placement/reasons.ts';
import type { RefusedInstance } from './domain/placement/reasons.ts';
import type { Demand } from './domain/placement/instance.ts';
import { chooseInstances, demandFor, instanceRows, needsOf, placeIn } from './instance-placement.ts';
import { withPlacer } from './placed-clusters.ts';
import { taskDefinitions, tasks } from './tables.ts';
import type { ClusterRow, TaskDefinitionRow, TaskRow } from './tables.ts';

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-quotas.html: of one cluster. */
export const MOST_WAITING = 500;

/** Tasks that a strategy spreads over capacity providers of Auto Scaling groups. */
export interface ProviderWish {
  readonly common: Omit<NewTask, 'subnetId'> & { readonly group: string };
  readonly strategy: NonNullable<Launch['strategy']>;
  readonly count: number;
  /** The providers of tasks that are there already. */
  readonly peers: readonly (string | undefined)[];
  readonly wait: WaitRow;
}

export interface OnProviders {
  /** Not written yet. */
  readonly rows: readonly TaskRow[];
  readonly failures: readonly Failure[];
  readonly refused?: readonly RefusedInstance[];
}

interface Placing {
  readonly ids: Ids;
  readonly registryHost: string;
  readonly now: number;
}

/**
 * New tasks, each of its provider. One whose provider scales waits for room, in PROVISIONING; another must find it at once.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/cluster-auto-scaling.html
 */
export async function onProviders(tx: ReadTx, placing: Placing, wish: ProviderWish): Promise<OnProviders> {
  const { common, strategy, count, wait } = wish;
  const { cluster, definition, overrides, network, group } = common;
  const names: string[] = [];
  while (names.length < count) names.push(nextProvider(strategy, [...wish.peers, ...names]));
  const kinds = new Map<string, { readonly demand: Demand; readonly waits: boolean }>();
  for (const name of new Set(names)) {
    const given = { definition, overrides, network, group, ...wait, capacityProvider: name };
    kinds.set(name, { demand: demandFor(given, placing.registryHost), waits: await isScaled(tx, cluster, name) });
  }
  const kindsInOrder = names.flatMap((name) => kinds.get(name) ?? []);
  const demands = kindsInOrder.flatMap(({ demand, waits }) => (waits ? [] : [demand]));
  const chosen = demands.length > 0 ? await chooseInstances(tx, cluster.arn, placing.ids, demands) : undefined;
  const places = [...(chosen?.rows ?? [])];
  let room = MOST_WAITING - (await tx.list(tasks, { where: ['waiting', cluster.arn] })).length;
  const rows: TaskRow[] = [];
  for (const [index, { demand, waits }] of kindsInOrder.entries()) {
    const name = names[index] ?? '';
    const named = { ...common, capacityProviderName: name };
    if (waits) {
      if (room-- <= 0) return { rows, failures: [tooMany(cluster, name)], refused: [] };
      const waiting = { ...named, subnetId: '', wait: { ...wait, reserved: needsOf(demand) } };
      rows.push(newTask(waiting, placing.ids, placing.now));
      continue;
    }
    const instance = places.shift();
    const refused = chosen?.refused ?? [];
    if (!instance) return { rows, failures: refusals(cluster, name, refused), refused };
    rows.push(newTask({ ...named, ...placeIn(instance, demand, network, rows) }, placing.ids, placing.now));
  }
  return { rows, failures: [] };
}

async function isScaled(tx: ReadTx, cluster: ClusterRow, name: string): Promise<boolean> {
  const provider = await tx.get(capacityProviders, capacityProviderArn(cluster, name));
  if (provider?.managedInstances) return true;
  return provider?.settings.managedScaling.status === 'ENABLED';
}

function tooMany(cluster: ClusterRow, name: string): Failure {
  return {
    arn: capacityProviderArn(cluster, name),
    reason: 'PROVISIONING',
    detail: `${MOST_WAITING} tasks of the cluster wait for capacity already.`,
  };
}

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/api_failures_messages.html */
function refusals(cluster: ClusterRow, name: string, refused: readonly RefusedInstance[]): Failure[] {
  const failures = placementFailures(refused);
  if (failures.length > 0) return failures;
  return [{ arn: capacityProviderArn(cluster, name), reason: 'EMPTY CAPACITY PROVIDER' }];
}

/** Puts the tasks that wait on instances of their providers, the oldest first, as far as there is room; answers how many. */
export async function placeWaiting(tx: WriteTx, cluster: ClusterRow, ids: Ids, registryHost: string): Promise<number> {
  const waiting = await tx.list(tasks, { where: ['waiting', cluster.arn] });
  if (waiting.length === 0) return 0;
  const wishes: Wish[] = [];
  for (const task of waiting.toSorted((a, b) => a.createdAtMs - b.createdAtMs)) {
    wishes.push(...(await wishOf(tx, task, registryHost)));
  }
  const chosen = await withPlacer(tx, cluster.arn, ids, (placer) =>
    wishes.flatMap((wish) => {
      const instance = placer.place(wish.task.arn, wish.demand);
      return instance === undefined ? [] : [{ wish, instance }];
    }),
  );
  for (const { wish, instance } of chosen) await tx.put(tasks, await placedRow(tx, wish, instance));
  return chosen.length;
}

interface Wish {
  readonly task: Stored<TaskRow>;
  readonly definition: TaskDefinitionRow;
  readonly demand: Demand;
}

async function wishOf(tx: ReadTx, task: Stored<TaskRow>, registryHost: string): Promise<Wish[]> {
  const definition = await tx.get(taskDefinitions, task.taskDefinitionArn);
  const { wait, overrides, network, group, capacityProviderName: capacityProvider } = task;
  if (!definition || !wait) return [];
  const demand = demandFor({ definition, overrides, network, group, ...wait, capacityProvider }, registryHost);
  return [{ task, definition, demand }];
}

async function placedRow(tx: ReadTx, { task, definition, demand }: Wish, arn: string): Promise<Stored<TaskRow>> {
  const [instance] = await instanceRows(tx, [arn]);
  const { wait: _over, ...rest } = task;
  if (!instance) return task;
  const { overrides, network } = task;
  const peers = await tx.list(tasks, { where: ['instance', arn] });
  const place = placeIn(instance, demand, network, peers);
  return { ...rest, ...placeOf({ definition, overrides, network, ...place }), version: task.version + 1 };
}
