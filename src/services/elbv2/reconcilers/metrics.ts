import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Traffic } from '../../../loadbalancer/load-balancer.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { measurementsOf, networkMeasurementsOf, type MeasuredLoadBalancer } from '../domain/load-balancer-metrics.ts';
import { groupsOfLoadBalancer } from '../lookup.ts';
import { NO_METRICS } from '../metrics.ts';
import type { Elbv2Ports } from '../operation.ts';
import { listeners, loadBalancers, targetGroups, type LoadBalancerRow } from '../tables.ts';

interface Observed extends MeasuredLoadBalancer {
  readonly row: LoadBalancerRow;
}

export interface Measure {
  readonly type: 'measure';
  readonly loadBalancer: Observed;
}

const MINUTE_MS = 60_000;

/** Tells CloudWatch each minute what each load balancer did in it. The first look only remembers where counting began. */
export function metricsReconciler(env: ServiceEnvironment<Elbv2Ports>): Reconciler<Observed, Measure> {
  const seen = new Map<string, { readonly minute: number; readonly traffic: Traffic }>();
  return {
    name: 'elbv2.metrics',
    resyncEveryMs: MINUTE_MS,
    keys: (change) => (change.table === loadBalancers.name ? [change.key] : []),
    allKeys: async (tx) => (await tx.list(loadBalancers)).map((row) => row.arn),
    async observe(tx, arn) {
      const row = await tx.get(loadBalancers, arn);
      if (!row || row.deleted) {
        seen.delete(arn);
        return undefined;
      }
      const groups = await Promise.all((await groupsOfLoadBalancer(tx, arn)).map((it) => tx.get(targetGroups, it)));
      const own = await tx.list(listeners, { where: ['loadBalancer', arn] });
      return {
        row,
        arn,
        listenerIds: own.map((listener) => listener.id),
        targetGroups: groups.flatMap((group) => (group ? [{ arn: group.arn, id: group.id }] : [])),
      };
    },
    plan(loadBalancer, now) {
      const minute = Math.floor(now / MINUTE_MS);
      const wakeAt = (minute + 1) * MINUTE_MS;
      if (seen.get(loadBalancer.arn)?.minute === minute) return { actions: [], wakeAt, why: 'Its minute is not over.' };
      return { actions: [{ type: 'measure', loadBalancer }], wakeAt, why: 'A minute is over.' };
    },
    async apply({ loadBalancer }) {
      const { plane, metrics = NO_METRICS } = env.ports;
      const { row } = loadBalancer;
      const minute = Math.floor(env.clock.now() / MINUTE_MS);
      const before = seen.get(row.arn);
      if (before?.minute === minute) return;
      const traffic = await plane.traffic(row.vpcId);
      seen.set(row.arn, { minute, traffic });
      if (!before) return;
      const health = await plane.health(row.vpcId);
      const atMs = (minute - 1) * MINUTE_MS;
      const [namespace, measured] =
        row.type === 'network'
          ? (['AWS/NetworkELB', networkMeasurementsOf] as const)
          : (['AWS/ApplicationELB', measurementsOf] as const);
      await metrics.put(row, namespace, measured(loadBalancer, before.traffic, traffic, health, atMs));
    },
  };
}
