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
import { demandFor, needsOf, openPlacer, placeIn } from './instance-placement.ts';
import type { PlacedCluster } from './instance-placement.ts';
import { taskDefinitions, tasks } from './tables.ts';
import type { ClusterRow, TaskRow } from './tables.ts';

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
  let room = MOST_WAITING - (await tx.list(tasks, { where: ['waiting', cluster.arn] })).length;
  let opened: PlacedCluster | undefined;
  const rows: TaskRow[] = [];
  for (let i = 0; i < count; i++) {
    const name = nextProvider(strategy, [...wish.peers, ...rows.map((row) => row.capacityProviderName)]);
    const named = { ...common, capacityProviderName: name };
    const demand = demandFor(
      { definition, overrides, network, group, ...wait, capacityProvider: name },
      placing.registryHost,
    );
    if (await isScaled(tx, cluster, name)) {
      if (room-- <= 0) return { rows, failures: [tooMany(cluster, name)], refused: [] };
      rows.push(
        newTask({ ...named, subnetId: '', wait: { ...wait, reserved: needsOf(demand) } }, placing.ids, placing.now),
      );
      continue;
    }
    opened ??= await openPlacer(tx, cluster.arn, placing.ids);
    const { placer, instances } = opened;
    const chosen = instances.get(placer.place(`new/${i}`, demand) ?? '');
    if (!chosen) return { rows, failures: refusals(cluster, name, placer.why(demand)), refused: placer.why(demand) };
    rows.push(newTask({ ...named, ...placeIn(chosen, demand, network, rows) }, placing.ids, placing.now));
  }
  return { rows, failures: [] };
}

async function isScaled(tx: ReadTx, cluster: ClusterRow, name: string): Promise<boolean> {
  const provider = await tx.get(capacityProviders, capacityProviderArn(cluster, name));
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
  const own = refused.filter(({ refusals: why }) => why.every(({ reason }) => reason !== 'CAPACITY PROVIDER'));
  if (own.length > 0) return placementFailures(own);
  return [{ arn: capacityProviderArn(cluster, name), reason: 'EMPTY CAPACITY PROVIDER' }];
}

/** Puts the tasks that wait on instances of their providers, the oldest first, as far as there is room; answers how many. */
export async function placeWaiting(tx: WriteTx, cluster: ClusterRow, ids: Ids, registryHost: string): Promise<number> {
  const waiting = await tx.list(tasks, { where: ['waiting', cluster.arn] });
  if (waiting.length === 0) return 0;
  const placed = await openPlacer(tx, cluster.arn, ids);
  if (placed.instances.size === 0) return 0;
  let count = 0;
  for (const task of waiting.toSorted((a, b) => a.createdAtMs - b.createdAtMs)) {
    const row = await placedRow(tx, placed, task, registryHost);
    if (!row) continue;
    await tx.put(tasks, row);
    count += 1;
  }
  return count;
}

async function placedRow(
  tx: ReadTx,
  { placer, instances }: PlacedCluster,
  task: Stored<TaskRow>,
  registryHost: string,
): Promise<Stored<TaskRow> | undefined> {
  const definition = await tx.get(taskDefinitions, task.taskDefinitionArn);
  const { wait, ...rest } = task;
  if (!definition || !wait) return undefined;
  const { overrides, network, group, capacityProviderName: capacityProvider } = task;
  const demand = demandFor({ definition, overrides, network, group, ...wait, capacityProvider }, registryHost);
  const instance = instances.get(placer.place(task.arn, demand) ?? '');
  if (!instance) return undefined;
  const peers = await tx.list(tasks, { where: ['instance', instance.arn] });
  const place = placeIn(instance, demand, network, peers);
  return { ...rest, ...placeOf({ definition, overrides, network, ...place }), version: task.version + 1 };
}
