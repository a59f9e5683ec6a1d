import type { Plan } from '../../../reconcile/reconciler.ts';
import type { LoadBalancerRow } from '../tables.ts';

export type LoadBalancerAction =
  | { readonly type: 'attach'; readonly arn: string; readonly subnetId: string }
  | { readonly type: 'detach'; readonly arn: string; readonly subnetId: string; readonly interfaceId: string }
  | { readonly type: 'regroup'; readonly arn: string; readonly interfaceId: string }
  | { readonly type: 'activate'; readonly arn: string }
  | { readonly type: 'publish'; readonly arn: string }
  | { readonly type: 'release'; readonly arn: string };

/**
 *   provisioning --an interface in each subnet--> active --deleted--> (interfaces go) --> the row goes
 */
export function planLoadBalancer(row: LoadBalancerRow): Plan<LoadBalancerAction> {
  const { arn } = row;
  if (row.deleted) return { actions: [{ type: 'release', arn }], why: 'It was deleted: its interfaces go.' };
  const wanted = row.subnets.map((subnet) => subnet.subnetId);
  const isDone = (subnetId: string) =>
    row.addresses.some((it) => it.subnetId === subnetId && (row.scheme === 'internal' || it.publicIp !== undefined));
  const actions: LoadBalancerAction[] = [
    ...wanted.filter((id) => !isDone(id)).map((subnetId) => ({ type: 'attach', arn, subnetId }) as const),
    ...row.addresses
      .filter((address) => !wanted.includes(address.subnetId))
      .map(({ subnetId, interfaceId }) => ({ type: 'detach', arn, subnetId, interfaceId }) as const),
    ...row.addresses
      .filter((address) => wanted.includes(address.subnetId) && !sameGroups(address.securityGroupIds, row))
      .map(({ interfaceId }) => ({ type: 'regroup', arn, interfaceId }) as const),
  ];
  if (actions.length > 0) {
    return { actions: [...actions, { type: 'publish', arn }], why: 'Its interfaces are not yet as they should be.' };
  }
  if (row.state === 'provisioning') {
    return {
      actions: [
        { type: 'publish', arn },
        { type: 'activate', arn },
      ],
      why: 'Its interfaces stand: it becomes active.',
    };
  }
  return { actions: [{ type: 'publish', arn }], why: 'It is active.' };
}

/** One that was created without security groups lets everyone in. */
export function isOpen(row: Pick<LoadBalancerRow, 'type' | 'securityGroupIds'>): boolean {
  return row.type === 'network' && row.securityGroupIds.length === 0;
}

function sameGroups(groups: readonly string[], row: LoadBalancerRow): boolean {
  if (isOpen(row)) return true;
  return groups.toSorted().join() === row.securityGroupIds.toSorted().join();
}
