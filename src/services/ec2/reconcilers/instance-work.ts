import type { ServiceEnvironment } from '../../../api/service.ts';
import type { InstanceSeen, InstanceSpec } from '../../../instances/instance-driver.ts';
import { messageOf, RuntimeError } from '../../../kernel/errors.ts';
import type { Stored, WriteTx } from '../../../store/store.ts';
import { releaseFrom } from '../associations.ts';
import { unassignPublicAddress } from '../auto-assigned-address.ts';
import { inState, stateReason } from '../domain/instance-state.ts';
import { instances, type InstanceRow, type InstanceState } from '../instance-tables.ts';
import type { Ec2Ports, InstanceHost } from '../ports.ts';
import { returnSubnetAddress } from '../subnet-addresses.ts';
import { networkInterfaces, resourceKey } from '../tables.ts';

/** An orderly shutdown gets so long before it is cut short. */
const SHUTDOWN_MS = 20_000;

/** What can be done about an instance; each may be done again. */
export type InstanceAction =
  | { readonly type: 'start'; readonly row: InstanceRow; readonly spec: InstanceSpec }
  | { readonly type: 'check'; readonly row: InstanceRow }
  | { readonly type: 'interrupt'; readonly row: InstanceRow }
  | { readonly type: 'stop'; readonly row: InstanceRow }
  | { readonly type: 'terminate'; readonly row: InstanceRow }
  | { readonly type: 'forget'; readonly row: InstanceRow }
  | { readonly type: 'remove-orphan'; readonly instanceId: string };

type Known = Extract<InstanceAction, { row: InstanceRow }>;

/** Does what is planned for an instance on its host, and writes down what came of it. */
export class InstanceWork {
  readonly #env: ServiceEnvironment<Ec2Ports>;
  readonly #host: InstanceHost;

  constructor(env: ServiceEnvironment<Ec2Ports>, host: InstanceHost) {
    this.#env = env;
    this.#host = host;
  }

  async apply(action: InstanceAction): Promise<void> {
    if (action.type === 'remove-orphan') return this.#host.driver.terminate(action.instanceId);
    return this.#applyKnown(action);
  }

  async #applyKnown(action: Known): Promise<void> {
    const { row } = action;
    switch (action.type) {
      case 'start':
        return this.#start(row, action.spec);
      case 'check':
        return this.#check(row);
      case 'interrupt':
        return this.#interrupt(row);
      case 'stop':
        await this.#host.driver.stop(row.id, SHUTDOWN_MS);
        return this.#stopped(row);
      case 'terminate':
        await this.#host.driver.terminate(row.id);
        return this.#terminated(row);
      case 'forget':
        return this.#env.store.write((tx) => tx.delete(instances, instances.key(row)));
    }
  }

  async #start(row: InstanceRow, spec: InstanceSpec): Promise<void> {
    const { driver } = this.#host;
    try {
      await driver.start(spec);
    } catch (error) {
      if (error instanceof RuntimeError && error.kind === 'rejected') return this.#cannotStart(row, error);
      throw error;
    }
    const seen = await driver.inspect(row.id);
    if (seen?.state !== 'running') throw new RuntimeError('temporary', `${row.id} ended while it started`);
    await this.#plug(row, seen);
    await this.#move(row, 'pending', async (tx, current) => {
      await tx.put<InstanceRow>(instances, { ...inState(current, 'running'), bootId: seen.bootId });
    });
  }

  /** One that ran before stays; a new one goes. */
  async #cannotStart(row: InstanceRow, error: RuntimeError): Promise<void> {
    this.#env.log.warn('an instance cannot start', { instanceId: row.id, reason: messageOf(error) });
    const reason = stateReason('Server.InternalError');
    await this.#move(row, 'pending', async (tx, current) => {
      await tx.put<InstanceRow>(
        instances,
        inState(current, row.stoppedBefore ? 'stopping' : 'shutting-down', { reason }),
      );
    });
  }

  async #check(row: InstanceRow): Promise<void> {
    const seen = await this.#host.driver.inspect(row.id);
    if (seen?.state !== 'running') return this.#endedByItself(row, seen);
    if (row.rebootFrom !== undefined && row.rebootFrom === seen.bootId) {
      await this.#host.driver.reboot(row.id);
      const after = await this.#host.driver.inspect(row.id);
      if (after?.state !== 'running') throw new RuntimeError('temporary', `${row.id} is still booting`);
      return this.#runs(row, after);
    }
    return this.#runs(row, seen);
  }

  /** Its address goes with the namespace of the boot before. */
  async #runs(row: InstanceRow, seen: InstanceSeen): Promise<void> {
    await this.#plug(row, seen);
    if (row.bootId === seen.bootId && row.rebootFrom === undefined) return;
    await this.#move(row, 'running', async (tx, current) => {
      const { rebootFrom, ...rest } = current;
      // Asked for again meanwhile: that reboot is still to come.
      const again = rebootFrom === seen.bootId ? { rebootFrom } : {};
      await tx.put<InstanceRow>(instances, { ...rest, ...again, bootId: seen.bootId });
    });
  }

  async #plug(row: InstanceRow, seen: InstanceSeen): Promise<void> {
    const { network } = this.#env.ports;
    if (seen.pid === undefined) throw new RuntimeError('temporary', `${row.id} has no process yet`);
    // Of a boot that is not written down nobody knows how far it was plugged.
    const isKnown = row.bootId === seen.bootId;
    if (isKnown && (await network.isPlugged(row.vpcId, row.networkInterfaceId, seen.pid))) return;
    await network.plug(row.vpcId, row.networkInterfaceId, seen.pid);
  }

  /** Its own shutdown, or a kill from outside; one that the host lost with its disk is gone. */
  async #endedByItself(row: InstanceRow, seen: InstanceSeen | undefined): Promise<void> {
    // A reboot that was cut off between its end and its start.
    const isRebooting = row.rebootFrom !== undefined && row.rebootFrom === seen?.bootId;
    if (isRebooting || seen?.isInterrupted) return this.#recover(row);
    const goes = seen === undefined || row.shutdownBehavior === 'terminate' || row.spot?.type === 'one-time';
    const reason = stateReason(seen ? 'Client.InstanceInitiatedShutdown' : 'Server.InternalError');
    await this.#move(row, 'running', async (tx, current) => {
      await tx.put<InstanceRow>(instances, inState(current, goes ? 'shutting-down' : 'stopping', { reason }));
    });
  }

  /**
   * It boots again, with all that it has: the rest of a reboot, or what AWS does for an instance whose host has failed.
   * https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-configuration-recovery.html
   */
  async #recover(row: InstanceRow): Promise<void> {
    this.#env.log.info('an instance ended without being stopped, and boots again', { instanceId: row.id });
    await this.#move(row, 'running', async (tx, current) => {
      await tx.put<InstanceRow>(instances, { ...inState(current, 'pending'), stoppedBefore: true });
    });
  }

  async #interrupt(row: InstanceRow): Promise<void> {
    const stops = row.spot?.behavior === 'stop';
    const code = stops ? 'Server.SpotInstanceShutdown' : 'Server.SpotInstanceTermination';
    await this.#move(row, 'running', async (tx, current) => {
      const why = { reason: stateReason(code), transition: code };
      await tx.put<InstanceRow>(instances, inState(current, stops ? 'stopping' : 'shutting-down', why));
    });
  }

  /** What EC2 gave it of public addresses goes back; the disk, the interface and elastic addresses stay. */
  async #stopped(row: InstanceRow): Promise<void> {
    await this.#env.ports.network.unplug(row.vpcId, row.networkInterfaceId);
    await this.#move(row, 'stopping', async (tx, current) => {
      const own = await tx.get(networkInterfaces, resourceKey(row, row.networkInterfaceId));
      if (own) await unassignPublicAddress(tx, own);
      const { bootId: _, ...rest } = current;
      await tx.put<InstanceRow>(instances, { ...rest, state: 'stopped' });
    });
  }

  async #terminated(row: InstanceRow): Promise<void> {
    const terminatedAt = this.#env.clock.now();
    await this.#move(row, 'shutting-down', async (tx, current) => {
      await letGo(tx, row);
      const { bootId: _, userData: _secret, profile: _profile, ...rest } = current;
      await tx.put<InstanceRow>(instances, { ...rest, state: 'terminated', terminatedAt });
    });
  }

  /** Only from the state that the work was done in: a call may have changed it meanwhile. */
  async #move(
    row: InstanceRow,
    from: InstanceState,
    write: (tx: WriteTx, current: Stored<InstanceRow>) => Promise<void>,
  ): Promise<void> {
    await this.#env.store.write(async (tx) => {
      const current = await tx.get(instances, instances.key(row));
      if (current?.state === from) await write(tx, current);
    });
  }
}

/** Its interface goes with it, or stays without an instance and without the address that EC2 gave the instance. */
async function letGo(tx: WriteTx, row: InstanceRow): Promise<void> {
  const own = await tx.get(networkInterfaces, resourceKey(row, row.networkInterfaceId));
  if (own?.attachment?.instanceId !== row.id) return;
  if (own.attachment.deleteOnTermination) {
    await releaseFrom(tx, row, own);
    await returnSubnetAddress(tx, resourceKey(row, row.subnetId));
    await tx.delete(networkInterfaces, resourceKey(row, own.id));
    return;
  }
  const { attachment: _, ...free } = await unassignPublicAddress(tx, own);
  await tx.put(networkInterfaces, free);
}
