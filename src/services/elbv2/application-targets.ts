import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import { inUse, invalid, invalidTarget } from './errors.ts';
import { kindOfArn } from './domain/names.ts';
import { inScope } from './lookup.ts';
import {
  listeners,
  loadBalancers,
  targets,
  type ListenerRow,
  type LoadBalancerRow,
  type TargetGroupRow,
  type TargetRow,
} from './tables.ts';

/**
 * An application load balancer may be the target of a group: it is in the group's VPC, and listens on the port.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/network/application-load-balancer-target.html
 */
export async function checkApplicationTarget(
  tx: ReadTx,
  scope: Scope,
  group: Pick<TargetGroupRow, 'vpcId'>,
  { arn, port }: { readonly arn: string; readonly port: number },
): Promise<void> {
  const row = kindOfArn(arn) === 'loadbalancer' ? await tx.get(loadBalancers, arn) : undefined;
  if (!row || row.deleted || !inScope(row, scope))
    throw invalidTarget(`The target '${arn}' is not a valid load balancer ARN`);
  if (row.type === 'network') throw invalidTarget(`The target '${arn}' is not an Application Load Balancer`);
  if (row.vpcId !== group.vpcId) throw invalidTarget(`The target '${arn}' is not in the VPC of the target group`);
  const own = await tx.list(listeners, { where: ['loadBalancer', arn] });
  if (!own.some((listener) => listener.port === port)) {
    throw invalid(
      'If the target type is ALB, the target must have at least one listener that matches the target group port or any specified port overrides',
    );
  }
}

/** A load balancer that is a target must be deregistered first. One that drains goes with its addresses. */
export async function checkNoTarget(tx: ReadTx, arn: string): Promise<void> {
  if ((await registeredAs(tx, arn)).length > 0) {
    throw inUse(`Load balancer '${arn}' cannot be deleted because it is registered as a target in a target group`);
  }
}

async function registeredAs(tx: ReadTx, arn: string): Promise<readonly TargetRow[]> {
  const rows = await tx.list(targets, { where: ['loadBalancer', arn] });
  return rows.filter((row) => row.drainsUntilMs === undefined);
}

/** A listener stays where it is while its load balancer is a target on its port. */
export async function checkPortIsFree(tx: ReadTx, { loadBalancerArn, port }: ListenerRow): Promise<void> {
  const registered = await registeredAs(tx, loadBalancerArn);
  if (registered.some((target) => target.port === port)) {
    throw inUse(`Listener port '${port}' is in use by registered target '${loadBalancerArn}' and cannot be removed.`);
  }
}

/** The load balancers among targets. */
export async function applicationsOf(tx: ReadTx, rows: readonly TargetRow[]): Promise<readonly LoadBalancerRow[]> {
  const arns = new Set(rows.map((row) => row.ip).filter((ip) => ip.startsWith('arn:')));
  const found = await Promise.all([...arns].map((arn) => tx.get(loadBalancers, arn)));
  return found.filter((row) => row !== undefined);
}
