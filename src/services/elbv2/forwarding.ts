import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import { fits } from './domain/protocols.ts';
import { groupsOfAnother, invalidConfiguration } from './errors.ts';
import { targetGroupOf, usersOfGroup } from './lookup.ts';
import { groupsOf, type ActionRow } from './tables.ts';

/** The groups of an action exist, are in the load balancer's VPC, and no other load balancer uses them. */
export async function checkForwarding(
  tx: ReadTx,
  scope: Scope,
  action: ActionRow,
  loadBalancer: { readonly arn: string; readonly vpcId: string },
  protocol: string,
): Promise<void> {
  const arns = groupsOf(action);
  const taken = [];
  for (const arn of arns) {
    const group = await targetGroupOf(tx, scope, arn);
    if (group.vpcId !== loadBalancer.vpcId) {
      throw invalidConfiguration(
        `The following target groups are not in the VPC of the load balancer '${loadBalancer.arn}': ${arn}`,
      );
    }
    if (!fits(protocol, group.protocol)) {
      throw invalidConfiguration(
        `Listener protocol '${protocol}' is not supported with a target group with the protocol '${group.protocol}'`,
      );
    }
    if (group.targetType === 'alb' && protocol !== 'TCP') {
      throw invalidConfiguration(
        `Listener protocol '${protocol}' is not supported with a target group with the target-type 'alb'`,
      );
    }
    if (group.protocolVersion === 'GRPC' && protocol !== 'HTTPS') {
      throw invalidConfiguration(
        `Listener protocol '${protocol}' is not supported with a target group with the protocol-version 'GRPC'`,
      );
    }
    if ((await usersOfGroup(tx, arn)).some((user) => user !== loadBalancer.arn)) taken.push(arn);
  }
  if (taken.length > 0) throw groupsOfAnother(taken);
}
