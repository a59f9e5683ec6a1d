import type { ServiceEnvironment } from '../../../api/service.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { ManagedProviderRow } from '../capacity-provider-tables.ts';
import { drained } from '../container-instance-states.ts';
import { awaitingDaemons } from '../daemons/gate.ts';
import { containerInstances } from '../container-instance-tables.ts';
import type { IdleChange } from '../domain/managed-instances.ts';
import { managedOf, managedProviders, writeLaunches } from '../managed-instance-look.ts';
import { ManagedOffers, managedCall } from '../managed-instance-offers.ts';
import { managedInstances } from '../managed-instance-tables.ts';
import type { ManagedInstanceRow } from '../managed-instance-tables.ts';
import type { EcsPorts } from '../operation.ts';
import { placeWaiting } from '../provider-placement.ts';
import type { ClusterRow } from '../tables.ts';

/** How long types that EC2 had no room for, or a provider whose launch was refused, are not tried again. */
const PAUSE_MS = 30_000;
/** Of ECS's second service-linked role, which ends instances: AWSServiceRoleForECSCompute. */
const COMPUTE = 'ecs-compute.amazonaws.com';
const NO_ROOM = 'InsufficientInstanceCapacity';
const GONE = 'InvalidInstanceID.NotFound';

type Size = ManagedInstanceRow['size'];

export type Action =
  | { readonly type: 'place'; readonly cluster: ClusterRow }
  | { readonly type: 'grow'; readonly provider: ManagedProviderRow }
  | { readonly type: 'launch' | 'claim' | 'look' | 'terminate'; readonly row: ManagedInstanceRow }
  | { readonly type: 'note'; readonly row: ManagedInstanceRow; readonly change: IdleChange['type'] };

/** What is done about managed instances; each of it may be done again. */
export class ManagedInstanceWork {
  readonly #env: ServiceEnvironment<EcsPorts>;
  readonly #offers: ManagedOffers;
  /** Providers, until when. Lost in a restart, as the next: then they are tried once more. */
  readonly #paused = new Map<string, number>();
  /** Sizes that EC2 had no room for: there is none for larger ones either, since all are of one host. */
  #full: readonly (Size & { readonly untilMs: number })[] = [];

  constructor(env: ServiceEnvironment<EcsPorts>) {
    this.#env = env;
    this.#offers = new ManagedOffers(env);
  }

  async apply(action: Action): Promise<void> {
    switch (action.type) {
      case 'place': {
        const { store, ids, ports } = this.#env;
        await store.write((tx) => placeWaiting(tx, action.cluster, ids, ports.registryHost));
        return;
      }
      case 'grow':
        return this.#grow(action.provider);
      case 'launch':
        return this.#launch(action.row);
      case 'claim':
        return this.#claim(action.row);
      case 'look':
        return this.#look(action.row);
      case 'terminate':
        return this.#terminate(action.row);
      case 'note':
        return this.#note(action.row, action.change);
    }
  }

  /** Instances for the tasks that found no room. */
  async #grow(provider: ManagedProviderRow): Promise<void> {
    const { store, ids, ports, clock } = this.#env;
    const now = clock.now();
    if ((this.#paused.get(provider.arn) ?? 0) > now) return;
    this.#full = this.#full.filter(({ untilMs }) => untilMs > now);
    const all = await this.#offers.of(provider);
    const isFull = ({ vcpus, memoryMiB }: Size) =>
      this.#full.some((one) => vcpus >= one.vcpus && memoryMiB >= one.memoryMiB);
    const offers = all.filter(({ type }) => !isFull(type));
    const growing = { ids, registryHost: ports.registryHost, now };
    await store.write((tx) => writeLaunches(tx, provider.arn, offers, growing));
  }

  async #launch(row: ManagedInstanceRow): Promise<void> {
    try {
      const call = managedCall(this.#env, row, row.roleArn);
      const { Instances = [] } = await call('ec2', 'RunInstances', row.request);
      const ec2InstanceId = Instances[0]?.InstanceId;
      if (ec2InstanceId !== undefined) await this.#change(row, (current) => ({ ...current, ec2InstanceId }));
    } catch (error) {
      if (!(error instanceof ServiceError) || error.httpStatus >= 500) throw error;
      // Its tasks ask for another one, by what the provider says then.
      const untilMs = this.#env.clock.now() + PAUSE_MS;
      if (error.code === NO_ROOM) this.#full = [...this.#full, { ...row.size, untilMs }];
      else this.#paused.set(row.providerArn, untilMs);
      const { instanceType, providerName } = row;
      this.#env.log.warn('EC2 refused an instance of a capacity provider', {
        capacityProvider: providerName,
        instanceType,
        error: error.message,
      });
      // EC2 may have launched it for a process that was killed before it knew.
      await this.#terminate(row);
    }
  }

  /** It joined before it was known which instance was launched. */
  async #claim(row: ManagedInstanceRow): Promise<void> {
    await this.#env.store.write(async (tx) => {
      for (const one of await tx.list(containerInstances, { where: ['ec2', row.ec2InstanceId ?? ''] })) {
        if (one.clusterArn !== row.clusterArn || one.capacityProviderName !== undefined) continue;
        const named = { ...one, capacityProviderName: row.providerName, version: one.version + 1 };
        await tx.put(containerInstances, await awaitingDaemons(tx, named));
      }
    });
  }

  /** One that ended before it joined is forgotten. */
  async #look(row: ManagedInstanceRow): Promise<void> {
    const found = await this.#find({ Name: 'instance-id', Values: [row.ec2InstanceId ?? ''] }, row);
    if (found === undefined) await this.#forget(row);
  }

  async #terminate(row: ManagedInstanceRow): Promise<void> {
    // A launch may have been cut off after EC2 heard of it.
    const id = row.ec2InstanceId ?? (await this.#find({ Name: 'client-token', Values: [row.id] }, row));
    if (id !== undefined) {
      try {
        const call = this.#env.callIn({ account: row.account, region: row.region }, { linkedTo: COMPUTE });
        await call('ec2', 'TerminateInstances', { InstanceIds: [id] });
      } catch (error) {
        if (!(error instanceof ServiceError && error.code === GONE)) throw error;
      }
    }
    await this.#forget(row);
  }

  /** The id of the instance, unless it has ended. */
  async #find(
    filter: { readonly Name: string; readonly Values: string[] },
    row: ManagedInstanceRow,
  ): Promise<string | undefined> {
    const { Reservations = [] } = await this.#env.callIn({ account: row.account, region: row.region })(
      'ec2',
      'DescribeInstances',
      { Filters: [filter] },
    );
    const [found] = Reservations.flatMap((one) => one.Instances ?? []);
    return found?.State?.Name === 'terminated' || found?.State?.Name === 'shutting-down'
      ? undefined
      : found?.InstanceId;
  }

  async #note(row: ManagedInstanceRow, change: 'busy' | 'idle' | 'leave' | 'none'): Promise<void> {
    const now = this.#env.clock.now();
    await this.#env.store.write(async (tx) => {
      const current = (await managedOf(tx, row.clusterArn)).find((one) => one.row.id === row.id);
      if (!current) return;
      const { idleSinceMs: _, ...rest } = current.row;
      if (change === 'busy') await tx.put(managedInstances, rest);
      if (change === 'idle') await tx.put(managedInstances, { ...rest, idleSinceMs: now });
      if (change !== 'leave') return;
      const [provider] = await managedProviders(tx, [row.providerArn]);
      const isKept = provider !== undefined && provider.updateStatus !== 'DELETE_IN_PROGRESS';
      // A task was placed meanwhile: it is not idle.
      if (isKept && current.isBusy && current.container?.status !== 'INACTIVE') return;
      await tx.put(managedInstances, { ...current.row, isLeaving: true });
      if (current.container?.status === 'ACTIVE') await drained(tx, current.container, now);
    });
  }

  async #change(row: ManagedInstanceRow, change: (current: ManagedInstanceRow) => ManagedInstanceRow): Promise<void> {
    await this.#env.store.write(async (tx) => {
      const current = await tx.get(managedInstances, row.id);
      if (current) await tx.put(managedInstances, { ...change(current), revision: current.revision });
    });
  }

  async #forget(row: ManagedInstanceRow): Promise<void> {
    await this.#env.store.write((tx) => tx.delete(managedInstances, row.id));
  }
}
