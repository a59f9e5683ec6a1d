import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { checkedContainers } from '../domain/checked-containers.ts';
import { belongs } from '../domain/registry-plan.ts';
import { planConnect } from '../domain/service-connect-plan.ts';
import type { ConnectAction, ConnectObserved } from '../domain/service-connect-plan.ts';
import type { EcsPorts } from '../operation.ts';
import { connectVpc } from '../service-connect-tables.ts';
import { taskDefinitions, tasks } from '../tables.ts';

type Env = ServiceEnvironment<EcsPorts>;

/** Leads connections to the endpoints of each VPC to the tasks behind them. Keys are ids of VPCs. */
export function connectReconciler(env: Env): Reconciler<ConnectObserved, ConnectAction> {
  return {
    name: 'ecs.service-connect',
    resyncEveryMs: 60_000,
    keys: (change) => (change.table === tasks.name ? (change.indexes['connect'] ?? []) : []),
    allKeys: async (tx) => {
      const all = await tx.list(tasks);
      return [...new Set(all.flatMap((task) => connectVpc(task) ?? []))];
    },
    async observe(tx, vpcId) {
      const rows = await tx.list(tasks, { where: ['connect', vpcId] });
      const observed = rows.map(async (task) => ({
        task,
        checked: checkedContainers(await tx.get(taskDefinitions, task.taskDefinitionArn)),
      }));
      return { vpcId, tasks: await Promise.all(observed) };
    },
    plan: planConnect,
    async apply({ vpcId, endpoints, joining, leaving }) {
      if (!(await join(env, joining))) return;
      await env.ports.network.connect(vpcId, endpoints);
      await leave(env, leaving);
    },
  };
}

/** Only tasks that still serve join: where one is about to stop meanwhile, its change asks for another pass. */
async function join(env: Env, arns: readonly string[]): Promise<boolean> {
  if (arns.length === 0) return true;
  return env.store.write(async (tx) => {
    const rows = (await Promise.all(arns.map((arn) => tx.get(tasks, arn)))).filter((row) => row !== undefined);
    if (rows.length < arns.length || !rows.every(belongs)) return false;
    for (const row of rows) await tx.put(tasks, { ...row, connection: { state: 'JOINED' } });
    return true;
  });
}

async function leave(env: Env, arns: readonly string[]): Promise<void> {
  if (arns.length === 0) return;
  const leftAtMs = env.clock.now();
  await env.store.write(async (tx) => {
    for (const arn of arns) {
      const row = await tx.get(tasks, arn);
      if (row) await tx.put(tasks, { ...row, connection: { state: 'LEFT', leftAtMs } });
    }
  });
}
