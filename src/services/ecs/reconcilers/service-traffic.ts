import { isDeepStrictEqual } from 'node:util';
import type { LoadBalancer } from '@aws-sdk/client-ecs';
import type { Action } from '@aws-sdk/client-elastic-load-balancing-v2';
import type { Call } from '../../../api/context.ts';
import type { ServiceEnvironment } from '../../../api/service.ts';
import { ruleWeights } from '../domain/traffic-shift.ts';
import { infrastructureCall } from '../infrastructure-role.ts';
import type { EcsPorts } from '../operation.ts';
import { putService } from '../service-records.ts';
import { services } from '../tables.ts';
import type { ServiceRow } from '../tables.ts';

/** Changes the listener rules of a service to the shares that are wanted, and writes down that they are. */
export async function shiftTraffic(env: ServiceEnvironment<EcsPorts>, service: ServiceRow): Promise<void> {
  const wanted = service.traffic?.wanted;
  if (!wanted) return;
  for (const balancer of service.deployments[0]?.loadBalancers ?? []) {
    const { advancedConfiguration: advanced } = balancer;
    if (!advanced) continue;
    const call = infrastructureCall(env, service, advanced.roleArn ?? '');
    await changeRule(call, advanced.productionListenerRule ?? '', balancer, wanted.production);
    if (advanced.testListenerRule) await changeRule(call, advanced.testListenerRule, balancer, wanted.test);
  }
  await env.store.write(async (tx) => {
    const row = await tx.get(services, service.arn);
    if (!row?.traffic || isDeepStrictEqual(row.traffic.applied, wanted)) return;
    const now = env.clock.now();
    await putService(tx, { ...row, traffic: { ...row.traffic, applied: wanted, appliedAtMs: now } }, now);
  });
}

/** A rule keeps all else that it says: how long a client sticks to a group, who is asked to sign in. */
async function changeRule(call: Call, ruleArn: string, balancer: LoadBalancer, share: number): Promise<void> {
  const { Rules = [] } = await call('elbv2', 'DescribeRules', { RuleArns: [ruleArn] });
  const [rule] = Rules;
  const forward = rule?.Actions?.find((action) => action.Type === 'forward');
  if (!rule || isDeepStrictEqual(weightsOf(forward), wantedWeights(balancer, share))) return;
  const Actions = [
    ...(rule.Actions ?? []).filter((action) => action !== forward),
    forwarding(forward, balancer, share),
  ];
  if (rule.IsDefault) {
    await call('elbv2', 'ModifyListener', { ListenerArn: listenerOfRule(ruleArn), DefaultActions: Actions });
  } else {
    await call('elbv2', 'ModifyRule', { RuleArn: ruleArn, Actions });
  }
}

function forwarding(before: Action | undefined, balancer: LoadBalancer, share: number): Action {
  const { TargetGroupStickinessConfig: stickiness } = before?.ForwardConfig ?? {};
  const weights = wantedWeights(balancer, share);
  return {
    Type: 'forward',
    ...(before?.Order !== undefined && { Order: before.Order }),
    ForwardConfig: {
      TargetGroups: Object.entries(weights).map(([TargetGroupArn, Weight]) => ({ TargetGroupArn, Weight })),
      ...(stickiness && { TargetGroupStickinessConfig: stickiness }),
    },
  };
}

function wantedWeights({ targetGroupArn = '', advancedConfiguration }: LoadBalancer, share: number) {
  const { own, alternate } = ruleWeights(share);
  return { [targetGroupArn]: own, [advancedConfiguration?.alternateTargetGroupArn ?? '']: alternate };
}

function weightsOf(forward: Action | undefined): Record<string, number | undefined> {
  const groups = forward?.ForwardConfig?.TargetGroups ?? [];
  return Object.fromEntries(groups.map((group) => [group.TargetGroupArn ?? '', group.Weight]));
}

/** `...:listener-rule/app/NAME/ID/LISTENER/RULE` is a rule of `...:listener/app/NAME/ID/LISTENER`. */
function listenerOfRule(ruleArn: string): string {
  return ruleArn.replace(':listener-rule/', ':listener/').replace(/\/[^/]+$/, '');
}
