import type { ServiceEnvironment } from '../../../api/service.ts';
import type { TargetGroupTraffic } from '../../../loadbalancer/load-balancer.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { demandSettings, type DemandSettings } from '../domain/demand-settings.ts';
import type { Elbv2Ports } from '../operation.ts';
import { targetGroups, targets, type TargetGroupRow } from '../tables.ts';

const RESYNC_MS = 60_000;
/** While a group has no target: somebody waits for one. */
const ASLEEP_MS = 200;
const AWAKE_MS = 1000;
/** It is told again, in case that the service could not be scaled. */
const REPEAT_MS = 2000;

interface WatchedGroup extends DemandSettings {
  readonly row: TargetGroupRow;
  /** It has targets that do not drain. */
  readonly isAwake: boolean;
}

interface Observed {
  readonly vpcId: string;
  readonly groups: readonly WatchedGroup[];
}

export interface LookAtDemand extends Observed {
  readonly type: 'look-at-demand';
}

/** When a group was last seen busy, and what it had counted by then. */
interface Busy {
  readonly requests: number;
  readonly atMs: number;
}

/** Lost in a restart: then a service sleeps later, or is told of twice. */
class Memory {
  readonly busy = new Map<string, Busy>();
  /** When something was last told of a group. */
  readonly toldAtMs = new Map<string, number>();
}

/**
 * Tells Application Auto Scaling when requests wait for a service that sleeps, and when one that runs has none. Whoever
 * waits does so in HAProxy: what a crash forgets is seen again. The key is the VPC's id.
 */
export function demandReconciler(env: ServiceEnvironment<Elbv2Ports>): Reconciler<Observed, LookAtDemand> {
  const memory = new Memory();
  return {
    name: 'elbv2.demand',
    resyncEveryMs: RESYNC_MS,
    keys: (change) =>
      change.table === targetGroups.name || change.table === targets.name ? (change.indexes['vpc'] ?? []) : [],
    allKeys: async (tx) => [...new Set((await tx.list(targetGroups)).map((row) => row.vpcId))],
    async observe(tx, vpcId) {
      const where = ['vpc', vpcId] as const;
      const watched = (await tx.list(targetGroups, { where })).flatMap((row) => {
        const settings = demandSettings(row.tags);
        return settings.holdMs === undefined && settings.idleMs === undefined ? [] : [{ row, ...settings }];
      });
      if (watched.length === 0) return undefined;
      const registered = (await tx.list(targets, { where })).filter((target) => target.drainsUntilMs === undefined);
      const awake = new Set(registered.map((target) => target.targetGroupArn));
      return { vpcId, groups: watched.map((group) => ({ ...group, isAwake: awake.has(group.row.arn) })) };
    },
    plan(observed, now) {
      const asleep = observed.groups.filter((group) => group.holdMs !== undefined && !group.isAwake);
      const running = observed.groups.filter((group) => group.idleMs !== undefined && group.isAwake);
      const why = `${asleep.length} target groups wait for requests, ${running.length} may become idle.`;
      if (asleep.length + running.length === 0) return { actions: [], why };
      const wakeAt = now + (asleep.length > 0 ? ASLEEP_MS : AWAKE_MS);
      return { actions: [{ type: 'look-at-demand', ...observed }], wakeAt, why };
    },
    async apply({ vpcId, groups }) {
      const traffic = await env.ports.plane.traffic(vpcId);
      for (const group of groups) {
        const seen = traffic.targetGroups.find((it) => it.targetGroupId === group.row.id);
        if (seen) await look(env, memory, group, seen);
      }
    },
  };
}

async function look(
  env: ServiceEnvironment<Elbv2Ports>,
  { busy, toldAtMs }: Memory,
  { row, isAwake, holdMs, idleMs }: WatchedGroup,
  { requests, active, waiting }: TargetGroupTraffic,
): Promise<void> {
  const now = env.clock.now();
  const { account, region, arn } = row;
  const tell = async (kind: 'waiting' | 'idle', sinceMs: number) => {
    if (now < (toldAtMs.get(arn) ?? -Infinity) + REPEAT_MS) return;
    await env.ports.signalDemand?.({ account, region, targetGroupArn: arn, kind, sinceMs, atMs: now });
    toldAtMs.set(arn, now);
  };
  if (!isAwake) {
    // It has just gone to sleep.
    if (busy.delete(arn)) toldAtMs.delete(arn);
    return waiting > 0 && holdMs !== undefined ? tell('waiting', now) : undefined;
  }
  const before = busy.get(arn);
  if (!before || requests !== before.requests || active > 0) {
    busy.set(arn, { requests, atMs: now });
    toldAtMs.delete(arn);
    return;
  }
  if (idleMs !== undefined && now >= before.atMs + idleMs) await tell('idle', before.atMs);
}
