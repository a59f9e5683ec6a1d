import type { ConnectEndpoint } from '../../../network/network.ts';
import type { Plan } from '../../../reconcile/reconciler.ts';
import type { TaskRow } from '../tables.ts';
import { belongs, healthOf } from './registry-plan.ts';

/** So long a task that no connection is led to any more may end those it has, before it is stopped. */
export const CONNECT_DRAIN_MS = 5000;

/** The tasks of a VPC that serve by Service Connect, with the names of containers whose health is the task's. */
export interface ConnectObserved {
  readonly vpcId: string;
  readonly tasks: readonly { readonly task: TaskRow; readonly checked: ReadonlySet<string> }[];
}

export interface ConnectAction {
  readonly type: 'lead';
  readonly vpcId: string;
  readonly endpoints: readonly ConnectEndpoint[];
  /** ARNs of tasks that connections are led to from now on: written down before. */
  readonly joining: readonly string[];
  /** And of those that get none any more: written down after. */
  readonly leaving: readonly string[];
}

/**
 * All endpoints of a VPC and the tasks behind them: those that run, shall run and are healthy. One state for all, so
 * that the last old task leaves with the coming of the first new one. Pure.
 */
export function planConnect({ vpcId, tasks }: ConnectObserved): Plan<ConnectAction> {
  const serving = tasks.filter((one) => belongs(one.task) && healthOf(one) === 'HEALTHY').map(({ task }) => task);
  const isServing = new Set(serving.map((task) => task.arn));
  const isJoined = ({ connection }: TaskRow) => connection?.state === 'JOINED';
  const action: ConnectAction = {
    type: 'lead',
    vpcId,
    endpoints: endpointsOf(serving),
    joining: serving.filter((task) => !isJoined(task)).map((task) => task.arn),
    leaving: tasks.flatMap(({ task }) => (isJoined(task) && !isServing.has(task.arn) ? [task.arn] : [])),
  };
  return { actions: [action], why: `${serving.length} tasks of ${vpcId} serve by Service Connect` };
}

function endpointsOf(tasks: readonly TaskRow[]): ConnectEndpoint[] {
  const endpoints = new Map<
    string,
    { address: string; port: number; targets: { privateIp: string; port: number }[] }
  >();
  for (const { connect, interface: own } of tasks.toSorted((a, b) => (a.arn < b.arn ? -1 : 1))) {
    for (const server of connect?.servers ?? []) {
      for (const { address, port } of server.endpoints) {
        const key = `${address}:${port}`;
        const endpoint = endpoints.get(key) ?? { address, port, targets: [] };
        endpoint.targets.push({ privateIp: own?.privateIp ?? '', port: server.port });
        endpoints.set(key, endpoint);
      }
    }
  }
  return [...endpoints].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, endpoint]) => endpoint);
}

/** When the containers of a task may be stopped; undefined while connections are still led to it. */
export function stopsFrom(task: TaskRow): number | undefined {
  const { connection, stopCode } = task;
  if (!connection) return 0;
  if (connection.state === 'JOINED') return undefined;
  // Its containers have ended by themselves, or its Spot capacity is taken away: there is nothing to wait for.
  return stopCode === 'ServiceSchedulerInitiated' || stopCode === 'UserInitiated'
    ? connection.leftAtMs + CONNECT_DRAIN_MS
    : 0;
}
