import type { ServiceEnvironment } from '../../../api/service.ts';
import { scopeKey } from '../../../kernel/arn.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import type { Stored } from '../../../store/store.ts';
import { decideDemand, groupsOfService } from '../domain/demand.ts';
import { noteNotScaled, scale } from '../scaling.ts';
import { demands, targets, type DemandRow, type TargetRow } from '../tables.ts';
import { describeService } from '../targets.ts';

const RESYNC_MS = 60_000;
/** Requests that waited then have been answered by now, one way or the other. */
const DEMAND_LIFE_MS = 300_000;

interface Observed {
  readonly demand: Stored<DemandRow>;
  /** The services that may be scaled. */
  readonly targets: readonly TargetRow[];
}

interface Answer extends Observed {
  readonly type: 'answer';
}

type Env = ServiceEnvironment<object>;

/** Wakes the service that requests wait for, and lets one sleep that gets none. The key is the target group's ARN. */
export function demandReconciler(env: Env): Reconciler<Observed, Answer> {
  return {
    name: 'application-autoscaling.demand',
    resyncEveryMs: RESYNC_MS,
    keys: (change) => (change.table === demands.name && !change.deleted ? [change.key] : []),
    allKeys: async (tx) => (await tx.list(demands)).map(demands.key),
    async observe(tx, key) {
      const demand = await tx.get(demands, key);
      return demand && { demand, targets: await tx.list(targets, { where: ['scope', scopeKey(demand)] }) };
    },
    plan: (observed) => ({
      actions: [{ type: 'answer', ...observed }],
      why: `${observed.demand.targetGroupArn} is ${observed.demand.kind}.`,
    }),
    apply: (action) => answer(env, action),
  };
}

async function answer(env: Env, { demand, targets: scalable }: Answer): Promise<void> {
  const isFresh = env.clock.now() < demand.atMs + DEMAND_LIFE_MS;
  for (const target of isFresh ? scalable : []) {
    const service = await describeService(env.callIn(target), target.resourceId);
    if (!service || !groupsOfService(service).includes(demand.targetGroupArn)) continue;
    const decision = decideDemand(target, demand, service);
    const cause = causeOf(demand);
    const from = service.desiredCount ?? 0;
    if (decision.kind === 'scale') {
      // Policies count from the tasks that there will be: none says nothing of their load.
      await scale(env, target, { from, to: decision.to, cause, cools: true, base: decision.to });
    }
    if (decision.kind === 'stay') await noteNotScaled(env, target, cause, decision.reason);
  }
  await env.store.write(async (tx) => {
    const current = await tx.get(demands, demand.targetGroupArn);
    if (current?.revision === demand.revision) await tx.delete(demands, demand.targetGroupArn);
  });
}

function causeOf({ kind, targetGroupArn, sinceMs, atMs }: DemandRow): string {
  const group = targetGroupArn.slice(targetGroupArn.indexOf('targetgroup/'));
  return kind === 'waiting'
    ? `requests were waiting for a target of ${group}`
    : `no request came to ${group} for ${Math.floor((atMs - sinceMs) / 1000)} seconds`;
}
