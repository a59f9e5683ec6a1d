import type { Scope } from '../../kernel/arn.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Store, Stored } from '../../store/store.ts';
import { wakeServices } from './container-instance-lookup.ts';
import { retire } from './container-instance-states.ts';
import { containerInstances } from './container-instance-tables.ts';
import type { ContainerInstanceRow } from './container-instance-tables.ts';

/** A container instance, as far as whoever looks after its agent must know it. */
export interface RegisteredInstance extends Scope {
  readonly arn: string;
  readonly clusterArn: string;
  readonly ec2InstanceId: string;
  readonly status: 'ACTIVE' | 'DRAINING' | 'INACTIVE';
  readonly agentConnected: boolean;
  readonly deregisteredAtMs?: number;
}

/** What happens to agents, besides their own calls. */
export interface AgentReports {
  /** Of every account and region; those that have left their cluster too. */
  list(): Promise<readonly RegisteredInstance[]>;
  /** The agent's connection is there, or is lost. */
  connection(arn: string, isConnected: boolean): Promise<void>;
  /** Its EC2 instance was terminated: it leaves its cluster. */
  terminated(arn: string): Promise<void>;
  /** One that has left its cluster is no longer shown. */
  forget(arn: string): Promise<void>;
}

export function agentReports(store: Store, clock: Clock): AgentReports {
  const change = (
    arn: string,
    write: (tx: Parameters<Parameters<Store['write']>[0]>[0], row: Row) => Promise<unknown>,
  ) =>
    store.write(async (tx) => {
      const row = await tx.get(containerInstances, arn);
      if (row && row.status !== 'INACTIVE') await write(tx, row);
    });
  return {
    list: () => store.read((tx) => tx.list(containerInstances)),
    connection: (arn, isConnected) =>
      change(arn, async (tx, row) => {
        if (row.agentConnected === isConnected) return;
        const changed = {
          ...row,
          agentConnected: isConnected,
          agentChangedAtMs: clock.now(),
          version: row.version + 1,
        };
        await tx.put(containerInstances, changed);
        await wakeServices(tx, row.clusterArn);
      }),
    terminated: (arn) =>
      change(arn, (tx, row) => retire(tx, row, `Host EC2 (instance ${row.ec2InstanceId}) terminated.`, clock.now())),
    forget: (arn) => store.write((tx) => tx.delete(containerInstances, arn)),
  };
}

type Row = Stored<ContainerInstanceRow>;
