import type { AutoScalingGroup } from '@aws-sdk/client-auto-scaling';
import type { ServiceEnvironment } from '../../api/service.ts';
import type { ReadTx, Stored, WriteTx } from '../../store/store.ts';
import type { GroupProviderRow } from './capacity-provider-tables.ts';
import { registeredInstances, tasksOn } from './container-instance-lookup.ts';
import { containerInstances } from './container-instance-tables.ts';
import type { ContainerInstanceRow } from './container-instance-tables.ts';
import type { Amounts, GroupInstance } from './domain/managed-scaling.ts';
import type { EcsPorts } from './operation.ts';
import { services, tasks } from './tables.ts';
import type { ClusterRow, TaskRow } from './tables.ts';

type Env = ServiceEnvironment<EcsPorts>;

interface Provided {
  readonly provider: GroupProviderRow;
}

/** An instance of the group, with what it is in the cluster. */
export interface LookedInstance extends GroupInstance {
  readonly ec2InstanceId: string;
  readonly isTerminating: boolean;
  /** A lifecycle hook holds its termination. */
  readonly isHeld: boolean;
  readonly isProtected: boolean;
  /** In the cluster; of one that is held, in every cluster that it is registered in. */
  readonly rows: readonly Stored<ContainerInstanceRow>[];
}

/** A provider's group, as it stands. */
export interface CapacityLook {
  readonly provider: GroupProviderRow;
  readonly group: AutoScalingGroup;
  readonly instances: readonly LookedInstance[];
  readonly waiting: readonly Amounts[];
}

/** The groups that are there, by provider. */
export async function describeGroups(
  env: Env,
  cluster: ClusterRow,
  provided: readonly Provided[],
): Promise<ReadonlyMap<string, AutoScalingGroup>> {
  const names = provided.map(({ provider }) => provider.groupName);
  const { AutoScalingGroups = [] } = await env.callIn(cluster)('autoscaling', 'DescribeAutoScalingGroups', {
    AutoScalingGroupNames: names,
    MaxRecords: 100,
  });
  return new Map(
    provided.flatMap(({ provider }) => {
      const group = AutoScalingGroups.find((one) => one.AutoScalingGroupName === provider.groupName);
      return group ? [[provider.name, group] as const] : [];
    }),
  );
}

/** New container instances of the groups are their providers'. */
export async function claimInstances(
  env: Env,
  cluster: ClusterRow,
  groups: ReadonlyMap<string, AutoScalingGroup>,
): Promise<void> {
  const claimed = await env.store.read((tx) => unclaimed(tx, cluster, groups));
  if (claimed.length > 0) await env.store.write((tx) => claim(tx, claimed));
}

/** What each group has. */
export async function lookAt(
  env: Env,
  cluster: ClusterRow,
  provided: readonly Provided[],
  groups: ReadonlyMap<string, AutoScalingGroup>,
): Promise<CapacityLook[]> {
  const launches = await launchTimes(env, cluster, groups);
  return env.store.read(async (tx) => {
    const rows = await registeredInstances(tx, cluster.arn);
    const byId = new Map(rows.map((row) => [row.ec2InstanceId, row]));
    const daemons = await daemonsOf(tx, cluster.arn);
    const waiting = await tx.list(tasks, { where: ['waiting', cluster.arn] });
    const looks: CapacityLook[] = [];
    for (const { provider } of provided) {
      const group = groups.get(provider.name);
      if (!group) continue;
      const instances: LookedInstance[] = [];
      for (const one of group.Instances ?? []) {
        const row = byId.get(one.InstanceId ?? '');
        const launchedAtMs = launches.get(one.InstanceId ?? '') ?? env.clock.now();
        const elsewhere = isTerminationHeld(one) ? await registeredElsewhere(tx, cluster, one) : [];
        instances.push(await looked(tx, one, { own: row, elsewhere, daemons, launchedAtMs }));
      }
      const own = waiting.filter((task) => task.capacityProviderName === provider.name);
      looks.push({ provider, group, instances, waiting: own.map(amountsOf) });
    }
    return looks;
  });
}

type Claim = readonly [row: ContainerInstanceRow, provider: string];

async function unclaimed(
  tx: ReadTx,
  cluster: ClusterRow,
  groups: ReadonlyMap<string, AutoScalingGroup>,
): Promise<Claim[]> {
  const owners = new Map(
    [...groups].flatMap(([provider, group]) =>
      (group.Instances ?? []).map(({ InstanceId = '' }) => [InstanceId, provider] as const),
    ),
  );
  return (await registeredInstances(tx, cluster.arn)).flatMap((row): Claim[] => {
    const provider = owners.get(row.ec2InstanceId);
    return provider !== undefined && provider !== row.capacityProviderName ? [[row, provider]] : [];
  });
}

async function claim(tx: WriteTx, claims: readonly Claim[]): Promise<void> {
  for (const [{ arn }, capacityProviderName] of claims) {
    const row = await tx.get(containerInstances, arn);
    if (row) await tx.put(containerInstances, { ...row, capacityProviderName, version: row.version + 1 });
  }
}

/** The services whose tasks do not keep an instance. */
async function daemonsOf(tx: ReadTx, clusterArn: string): Promise<ReadonlySet<string>> {
  const rows = await tx.list(services, { where: ['cluster', clusterArn] });
  return new Set(rows.flatMap((row) => (row.schedulingStrategy === 'DAEMON' ? [row.arn] : [])));
}

/** When EC2 launched the instances that are in no cluster yet. */
async function launchTimes(
  env: Env,
  cluster: ClusterRow,
  groups: ReadonlyMap<string, AutoScalingGroup>,
): Promise<ReadonlyMap<string, number>> {
  const registered = await env.store.read((tx) => registeredInstances(tx, cluster.arn));
  const known = new Set(registered.map((row) => row.ec2InstanceId));
  const all = [...groups.values()].flatMap((group) => (group.Instances ?? []).map((one) => one.InstanceId ?? ''));
  const ids = all.filter((id) => id !== '' && !known.has(id));
  if (ids.length === 0) return new Map();
  // A filter, unlike an id, may name what is gone.
  const { Reservations = [] } = await env.callIn(cluster)('ec2', 'DescribeInstances', {
    Filters: [{ Name: 'instance-id', Values: ids.slice(0, MOST_VALUES) }],
  });
  const instances = Reservations.flatMap((one) => one.Instances ?? []);
  return new Map(instances.map((one) => [one.InstanceId ?? '', one.LaunchTime?.getTime() ?? env.clock.now()]));
}

/** As many as a filter of EC2 takes. */
const MOST_VALUES = 200;

interface Known {
  readonly own: Stored<ContainerInstanceRow> | undefined;
  readonly elsewhere: readonly Stored<ContainerInstanceRow>[];
  readonly daemons: ReadonlySet<string>;
  readonly launchedAtMs: number;
}

type Member = NonNullable<AutoScalingGroup['Instances']>[number];

export function isTerminationHeld({ LifecycleState: state }: Pick<Member, 'LifecycleState'>): boolean {
  return state === 'Terminating:Wait';
}

async function looked(
  tx: ReadTx,
  { InstanceId = '', LifecycleState: state = 'InService', ProtectedFromScaleIn = false }: Member,
  { own, elsewhere, daemons, launchedAtMs }: Known,
): Promise<LookedInstance> {
  let isBusy = own !== undefined && (await hasTasks(tx, own, daemons));
  for (const row of elsewhere) isBusy ||= await hasTasks(tx, row, await daemonsOf(tx, row.clusterArn));
  return {
    ec2InstanceId: InstanceId,
    isTerminating: !state.startsWith('Pending') && state !== 'InService',
    isHeld: isTerminationHeld({ LifecycleState: state }),
    isProtected: ProtectedFromScaleIn,
    isRegistered: own !== undefined,
    isBusy,
    launchedAtMs: own?.registeredAtMs ?? launchedAtMs,
    rows: own ? [own, ...elsewhere] : elsewhere,
  };
}

/** A provider may be in several clusters: whichever looks at its group lets go of no instance that another one uses. */
async function registeredElsewhere(
  tx: ReadTx,
  cluster: ClusterRow,
  { InstanceId = '' }: Member,
): Promise<Stored<ContainerInstanceRow>[]> {
  const rows = await tx.list(containerInstances, { where: ['ec2', InstanceId] });
  return rows.filter((row) => row.clusterArn !== cluster.arn && row.status !== 'INACTIVE');
}

/** Others than those of daemons. */
async function hasTasks(tx: ReadTx, { arn }: ContainerInstanceRow, daemons: ReadonlySet<string>): Promise<boolean> {
  return (await tasksOn(tx, arn)).some((task) => !daemons.has(task.serviceArn ?? ''));
}

/** What it has reserved when it began to wait. */
function amountsOf({ reserved, cpu, memory }: TaskRow): Amounts {
  return reserved ?? { cpu: Number(cpu), memory: Number(memory), interfaces: 1 };
}
