import type { Call } from '../../api/context.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { RoleUse } from './deletion-tasks.ts';

/** Where the services of this server are asked what they still have; a page of it is enough to say no. */
const IN_USE: Readonly<Record<string, (call: Call) => Promise<readonly (string | undefined)[]>>> = {
  'ecs.amazonaws.com': async (call) => (await call('ecs', 'ListClusters', {})).clusterArns ?? [],
  'elasticloadbalancing.amazonaws.com': async (call) =>
    ((await call('elbv2', 'DescribeLoadBalancers', {})).LoadBalancers ?? []).map((one) => one.LoadBalancerArn),
};

/** Which resources a service-linked role's service still has, in every region; none for a service that is not asked. */
export async function roleUses(
  account: string,
  servicePrincipal: string,
  callIn: (scope: Scope) => Call,
): Promise<readonly RoleUse[]> {
  const ask = IN_USE[servicePrincipal];
  if (!ask) return [];
  const { Regions = [] } = await callIn({ account, region: 'us-east-1' })('ec2', 'DescribeRegions', {});
  const uses: RoleUse[] = [];
  for (const { RegionName: region } of Regions) {
    if (region === undefined) continue;
    const resources = (await ask(callIn({ account, region }))).filter((arn) => arn !== undefined);
    if (resources.length > 0) uses.push({ region, resources });
  }
  return uses;
}
