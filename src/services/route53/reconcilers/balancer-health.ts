import type { ServiceEnvironment } from '../../../api/service.ts';
import type { Call } from '../../../api/context.ts';
import type { Reconciler } from '../../../reconcile/reconciler.ts';
import { balancerHealth, balancerKey, type BalancerHealthRow } from '../health-tables.ts';
import { BALANCED, balancerOf, recordSets } from '../tables.ts';

const LOOK_EVERY_MS = 10_000;

type Observed = { readonly account: string; readonly dnsName: string };
type Action = Observed & { readonly type: 'look' };

/**
 * Asks the load balancers to which aliases with EvaluateTargetHealth lead whether they are healthy: whether each of
 * their target groups has a healthy target.
 */
export function balancerHealthReconciler({
  store,
  callIn,
}: Pick<ServiceEnvironment<unknown>, 'callIn' | 'store'>): Reconciler<Observed, Action> {
  return {
    name: 'route53.balancer-health',
    resyncEveryMs: LOOK_EVERY_MS,
    keys: () => [],
    async allKeys(tx) {
      const sets = await tx.list(recordSets, { where: ['balanced', BALANCED] });
      const found = sets.map((set) => balancerKey({ account: set.account, dnsName: balancerOf(set) ?? '' }));
      return [...new Set([...found, ...(await tx.list(balancerHealth)).map(balancerKey)])];
    },
    async observe(_tx, key) {
      const [account = '', dnsName = ''] = key.split('/');
      return { account, dnsName };
    },
    plan: (observed) => ({
      actions: [{ type: 'look', ...observed }],
      why: 'Aliases take the health of this load balancer.',
    }),
    async apply({ account, dnsName }) {
      const healthy = await isHealthy(callIn({ account, region: regionOf(dnsName) }), dnsName);
      await store.write(async (tx) => {
        const row: BalancerHealthRow = { account, dnsName, healthy };
        const before = await tx.get(balancerHealth, balancerKey(row));
        if (healthy && before) await tx.delete(balancerHealth, balancerKey(row));
        if (!healthy && !before) await tx.put(balancerHealth, row);
      });
    },
  };
}

/** `web-1.us-east-1.elb.localhost`, or as a Network Load Balancer's `web-1.elb.us-east-1.localhost`. */
function regionOf(dnsName: string): string {
  const region = '[a-z]{2}(?:-[a-z]+)+-\\d+';
  const found = new RegExp(`\\.(?:(${region})\\.elb|elb\\.(${region}))\\.`).exec(dnsName);
  return found?.[1] ?? found?.[2] ?? 'us-east-1';
}

/** A load balancer that is not there is not judged: its name answers nothing anyway. */
async function isHealthy(call: Call, dnsName: string): Promise<boolean> {
  const arn = await arnOf(call, dnsName);
  if (arn === undefined) return true;
  const { TargetGroups = [] } = await call('elbv2', 'DescribeTargetGroups', { LoadBalancerArn: arn });
  for (const { TargetGroupArn } of TargetGroups) {
    const { TargetHealthDescriptions = [] } = await call('elbv2', 'DescribeTargetHealth', { TargetGroupArn });
    if (!TargetHealthDescriptions.some((one) => one.TargetHealth?.State === 'healthy')) return false;
  }
  return TargetGroups.length > 0;
}

async function arnOf(call: Call, dnsName: string): Promise<string | undefined> {
  let marker: string | undefined;
  do {
    const page = await call('elbv2', 'DescribeLoadBalancers', marker === undefined ? {} : { Marker: marker });
    const found = page.LoadBalancers?.find((one) => one.DNSName?.toLowerCase() === dnsName);
    if (found) return found.LoadBalancerArn;
    marker = page.NextMarker;
  } while (marker);
  return undefined;
}
