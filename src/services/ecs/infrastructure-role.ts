import type { Call } from '../../api/context.ts';
import type { CallAs } from '../../api/service.ts';
import type { Scope } from '../../kernel/arn.ts';

export const ECS = 'ecs.amazonaws.com';

/**
 * Calls under a role that a service was handed: AmazonECSInfrastructureRolePolicyForLoadBalancers.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AmazonECSInfrastructureRolePolicyForLoadBalancers.html
 */
export function infrastructureCall(
  env: { readonly callIn: (scope: Scope, as?: CallAs) => Call },
  { account, region }: Scope,
  roleArn: string,
): Call {
  return env.callIn(
    { account, region },
    { role: { arn: roleArn, sessionName: 'ecs-service-deployment', service: ECS } },
  );
}
