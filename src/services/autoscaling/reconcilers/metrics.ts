import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { measure } from '../domain/group-metrics.ts';
import type { AutoscalingPorts } from '../operation.ts';
import { groupKey, groups, members, type GroupRow, type MemberRow } from '../tables.ts';

const MINUTE_MS = 60_000;

interface Observed {
  readonly group: GroupRow;
  readonly members: readonly MemberRow[];
}

interface Measure extends Observed {
  readonly type: 'measure';
}

/** A minute's metrics of each group whose collection is enabled. */
export function metricsReconciler({ ports }: ServiceEnvironment<AutoscalingPorts>): Reconciler<Observed, Measure> {
  return {
    name: 'autoscaling.metrics',
    resyncEveryMs: MINUTE_MS,
    keys: () => [],
    allKeys: async (tx) => (await tx.list(groups)).filter((row) => row.metrics.length > 0).map(groupKey),
    async observe(tx, key) {
      const group = await tx.get(groups, key);
      if (!group || group.metrics.length === 0) return undefined;
      return { group, members: await tx.list(members, { where: ['group', key] }) };
    },
    plan: (observed) => ({
      actions: [{ type: 'measure', ...observed }],
      why: `${observed.group.metrics.length} metrics are collected each minute.`,
    }),
    async apply({ group, members: all }) {
      await ports.metrics?.put(
        group,
        'AWS/AutoScaling',
        group.metrics.map((name) => ({
          name,
          dimensions: { AutoScalingGroupName: group.name },
          value: measure(name, group, all),
        })),
      );
    },
  };
}
