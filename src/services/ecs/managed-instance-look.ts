import type { Ids } from '../../kernel/ids.ts';
import type { ReadTx, Stored, WriteTx } from '../../store/store.ts';
import { capacityProviders } from './capacity-provider-tables.ts';
import type { ManagedProviderRow } from './capacity-provider-tables.ts';
import { tasksOn } from './container-instance-lookup.ts';
import { containerInstances } from './container-instance-tables.ts';
import type { ContainerInstanceRow } from './container-instance-tables.ts';
import { daemonNeeds } from './daemons/gate.ts';
import { planLaunches } from './domain/managed-instances.ts';
import type { WaitingTask } from './domain/managed-instances.ts';
import { needsOf } from './domain/placement/demand.ts';
import type { InstanceFacts, Needs } from './domain/placement/instance.ts';
import { clusterNameOf } from './domain/references.ts';
import { demandFor } from './instance-placement.ts';
import { expectedFacts, keptFacts, launchRequest } from './managed-instance-offers.ts';
import type { ManagedOffer } from './managed-instance-offers.ts';
import { managedInstances } from './managed-instance-tables.ts';
import type { ManagedInstanceRow } from './managed-instance-tables.ts';
import { services, taskDefinitions, tasks } from './tables.ts';

/** A managed instance, with what it is in the cluster. */
export interface ManagedInstance {
  readonly row: Stored<ManagedInstanceRow>;
  /** Once it has registered. */
  readonly container?: Stored<ContainerInstanceRow>;
  /** It has tasks that keep it: not those of managed daemons, or of services that have one on every instance. */
  readonly isBusy: boolean;
}

/** All that were launched, or are to be launched, for the providers of a cluster. */
export async function managedOf(tx: ReadTx, clusterArn: string): Promise<ManagedInstance[]> {
  const rows = await tx.list(managedInstances, { where: ['cluster', clusterArn] });
  if (rows.length === 0) return [];
  const daemons = await daemonsOf(tx, clusterArn);
  return Promise.all(rows.map((row) => lookAt(tx, row, daemons)));
}

async function lookAt(
  tx: ReadTx,
  row: Stored<ManagedInstanceRow>,
  daemons: ReadonlySet<string>,
): Promise<ManagedInstance> {
  const known =
    row.ec2InstanceId === undefined ? [] : await tx.list(containerInstances, { where: ['ec2', row.ec2InstanceId] });
  const container = known.find((one) => one.clusterArn === row.clusterArn);
  const held = container ? await tasksOn(tx, container.arn) : [];
  return {
    row,
    isBusy: held.some((task) => !task.daemon && !daemons.has(task.serviceArn ?? '')),
    ...(container && { container }),
  };
}

/** The services whose tasks do not keep an instance. */
async function daemonsOf(tx: ReadTx, clusterArn: string): Promise<ReadonlySet<string>> {
  const rows = await tx.list(services, { where: ['cluster', clusterArn] });
  return new Set(rows.flatMap((row) => (row.schedulingStrategy === 'DAEMON' ? [row.arn] : [])));
}

export async function managedProviders(tx: ReadTx, arns: readonly string[]): Promise<Stored<ManagedProviderRow>[]> {
  const rows = await Promise.all(arns.map((arn) => tx.get(capacityProviders, arn)));
  return rows.flatMap((row) => (row?.managedInstances && row.status === 'ACTIVE' ? [row] : []));
}

interface Growing {
  readonly ids: Ids;
  readonly registryHost: string;
  readonly now: number;
}

/**
 * Writes down which instances the tasks need that wait for a provider; answers how many. What is written is launched
 * once: whoever looks after it finds it on its way.
 */
export async function writeLaunches(
  tx: WriteTx,
  providerArn: string,
  offers: readonly ManagedOffer[],
  { ids, registryHost, now }: Growing,
): Promise<number> {
  const [provider] = await managedProviders(tx, [providerArn]);
  if (!provider || provider.updateStatus === 'DELETE_IN_PROGRESS') return 0;
  const waiting = await waitingFor(tx, provider, registryHost);
  if (waiting.length === 0) return 0;
  const own = (await managedOf(tx, provider.clusterArn)).filter(
    ({ row }) => row.providerArn === providerArn && !row.isLeaving,
  );
  const subnets = new Map<string, number>();
  for (const { row } of own) subnets.set(row.subnetId, (subnets.get(row.subnetId) ?? 0) + 1);
  // An empty one that a task did not go to, though it seems to fit, is not tried twice.
  const coming = own.filter(({ container, isBusy }) => !isBusy && container?.status !== 'DRAINING');
  const needs = [
    await daemonNeeds(tx, provider.clusterArn, providerArn),
    ...(await serviceNeeds(tx, provider.clusterArn)),
  ];
  const launches = planLaunches({
    waiting,
    coming: coming.map(({ row }) => ({ facts: expectedFacts(row), tasks: row.tasks })),
    offers: offers.map((offer) => lessDaemons(offer, needs)),
    subnets,
  });
  for (const { offer, tasks: wanted } of launches) {
    const id = ids.hex(32);
    await tx.put(managedInstances, {
      account: provider.account,
      region: provider.region,
      id,
      providerArn,
      providerName: provider.name,
      clusterArn: provider.clusterArn,
      instanceType: offer.type.name,
      size: { vcpus: offer.type.vcpus, memoryMiB: offer.type.memoryMiB },
      subnetId: offer.subnetId,
      availabilityZone: offer.availabilityZone,
      roleArn: provider.managedInstances.infrastructureRoleArn,
      request: launchRequest(provider, clusterNameOf(provider.clusterArn), offer, id),
      tasks: wanted,
      expected: keptFacts(offer.facts),
      createdAtMs: now,
    });
  }
  return launches.length;
}

/** What daemons take, which start first, is for no other task. */
function lessDaemons({ facts, ...offer }: ManagedOffer, needs: readonly Partial<Needs>[]): ManagedOffer {
  const sum = (of: 'cpu' | 'memory' | 'interfaces') => needs.reduce((total, one) => total + (one[of] ?? 0), 0);
  const ports = (of: 'tcp' | 'udp') => [
    ...new Set([...facts.reservedPorts[of], ...needs.flatMap((one) => one.ports?.[of] ?? [])]),
  ];
  const left: InstanceFacts = {
    ...facts,
    cpu: facts.cpu - sum('cpu'),
    memory: facts.memory - sum('memory'),
    interfaces: facts.interfaces - sum('interfaces'),
    reservedPorts: { tcp: ports('tcp'), udp: ports('udp') },
  };
  return { ...offer, facts: left };
}

/** Of the services that have a task on every instance, wherever their constraints let them. */
async function serviceNeeds(tx: ReadTx, clusterArn: string): Promise<Needs[]> {
  const rows = await tx.list(services, { where: ['cluster', clusterArn] });
  const daemons = rows.filter((row) => row.schedulingStrategy === 'DAEMON' && row.status === 'ACTIVE');
  const definitions = await Promise.all(daemons.map((row) => tx.get(taskDefinitions, row.taskDefinitionArn)));
  return definitions.flatMap((row) => (row ? [needsOf(row.definition)] : []));
}

async function waitingFor(tx: ReadTx, provider: ManagedProviderRow, registryHost: string): Promise<WaitingTask[]> {
  const rows = (await tx.list(tasks, { where: ['waiting', provider.clusterArn] })).filter(
    (task) => task.capacityProviderName === provider.name,
  );
  const found: WaitingTask[] = [];
  const demands = new Map<string, WaitingTask['demand']>();
  for (const task of rows.toSorted((a, b) => a.createdAtMs - b.createdAtMs)) {
    const { overrides, network, group, wait, taskDefinitionArn } = task;
    const definition = await tx.get(taskDefinitions, taskDefinitionArn);
    if (!definition || !wait) continue;
    const kind = JSON.stringify([taskDefinitionArn, overrides, network, group, wait]);
    const demand =
      demands.get(kind) ??
      demandFor({ definition, overrides, network, group, ...wait, capacityProvider: provider.name }, registryHost);
    demands.set(kind, demand);
    found.push({ id: task.arn, kind, demand });
  }
  return found;
}
