import { messageOf, RuntimeError } from '../../kernel/errors.ts';
import type { Log } from '../../kernel/log.ts';
import type { RouteTable } from '../load-balancer.ts';
import { changedLoadBalancers, keeping, withTargetsOf } from './partial-table.ts';

/** The HAProxy of a VPC. */
export interface VpcServer {
  isRunning(): Promise<boolean>;
  /** The last table that it took; undefined when nothing tells. */
  served(): Promise<RouteTable | undefined>;
  /**
   * Changes nothing.
   * @throws RuntimeError rejected where HAProxy would not take the table
   */
  check(table: RouteTable): Promise<unknown>;
  /** @throws RuntimeError rejected, while what ran before goes on */
  put(table: RouteTable): Promise<void>;
}

/**
 * Where HAProxy refuses a table: load balancers that it does take, and the new targets of those that stay as they were.
 * What cannot be done is said in the log.
 */
export async function applyRest(server: VpcServer, table: RouteTable, log: Log): Promise<void> {
  const { vpcId } = table;
  const failed = (error: unknown) =>
    log.warn('HAProxy refuses a change, and could not be given what it takes of it', {
      vpcId,
      error: messageOf(error),
    });
  try {
    const served = await server.served();
    // Nothing tells what it serves.
    if (served === undefined && (await server.isRunning())) return;
    const carried = withTargetsOf(served ?? { ...table, listeners: [], targetGroups: [] }, table);
    const refused = await refusedOf(server, carried, table);
    const rests = [...(refused.length > 0 ? [keeping(refused, carried, table)] : []), carried];
    for (const rest of rests.filter(({ listeners }) => listeners.length > 0)) {
      try {
        await server.put({ ...rest, namespacePath: table.namespacePath });
        return log.warn('HAProxy refuses a change, and got what it takes of it', { vpcId, refused });
      } catch (error) {
        failed(error);
      }
    }
  } catch (error) {
    failed(error);
  }
}

/** Load balancers that HAProxy does not take as the table has them. */
async function refusedOf(server: VpcServer, served: RouteTable, table: RouteTable): Promise<readonly string[]> {
  const changed = changedLoadBalancers(served, table);
  const refused = [];
  for (const id of changed) {
    const others = changed.filter((it) => it !== id);
    try {
      await server.check(keeping(others, served, table));
    } catch (error) {
      if (!isRejected(error)) throw error;
      refused.push(id);
    }
  }
  return refused;
}

export function isRejected(error: unknown): boolean {
  return error instanceof RuntimeError && error.kind === 'rejected';
}
