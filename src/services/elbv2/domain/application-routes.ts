import type { LoadBalancerRow, TargetGroupRow, TargetRow } from '../tables.ts';
import { zonesOfAddresses } from './zones.ts';

/** A target group of type alb with the load balancer in front and the one behind. */
export interface ApplicationRoute {
  readonly group: TargetGroupRow;
  readonly front: LoadBalancerRow;
  readonly behind: LoadBalancerRow;
  /** The one behind is told the client's address. */
  readonly tellsClient: boolean;
}

interface Rows {
  readonly loadBalancers: readonly LoadBalancerRow[];
  readonly targetGroups: readonly TargetGroupRow[];
  readonly targets: readonly TargetRow[];
}

/**
 * Which load balancers stand behind others.
 *
 * Clients keep their addresses on the way: the one in front sends a PROXY header, with health checks too, which every
 * listener of the one behind expects from its addresses. Where a group of type ip leads the same way, nobody tells.
 * @param frontOf the load balancer that forwards to a group
 */
export function applicationRoutes(
  rows: Rows,
  frontOf: (groupArn: string) => LoadBalancerRow | undefined,
): readonly ApplicationRoute[] {
  return rows.targets.flatMap((target): ApplicationRoute[] => {
    const behind = rows.loadBalancers.find((it) => it.arn === target.ip && !it.deleted);
    const group = rows.targetGroups.find((it) => it.arn === target.targetGroupArn);
    const front = frontOf(target.targetGroupArn);
    if (!behind || !group || !front) return [];
    const own = new Set(behind.addresses.map((it) => it.privateIp));
    const plain = rows.targets.some((it) => own.has(it.ip) && frontOf(it.targetGroupArn)?.arn === front.arn);
    return [{ group, front, behind, tellsClient: !plain }];
  });
}

/** A target as the plane knows it: for a load balancer, each of its addresses. */
export function planeTargets(row: TargetRow, loadBalancers: readonly LoadBalancerRow[]) {
  const draining = row.drainsUntilMs !== undefined;
  const { ip, port, zoneName } = row;
  if (!ip.startsWith('arn:')) return [{ ip, port, draining, ...(zoneName === undefined ? {} : { zone: zoneName }) }];
  const behind = loadBalancers.find((it) => it.arn === ip && !it.deleted);
  return behind ? [...zonesOfAddresses(behind)].map(([address, zone]) => ({ ip: address, port, draining, zone })) : [];
}
