import type { LoadBalancer } from '@aws-sdk/client-elastic-load-balancing-v2';
import { balancerGroupName, balancerName } from '../names.ts';
import type { PartWork, Site } from '../site.ts';
import { GATEWAY_TAGS, unless } from '../site.ts';
import { expressGateways, expressServices } from '../tables.ts';
import type { ExpressServiceRow } from '../tables.ts';
import { ensureGroup, removeGroup } from './groups.ts';

const FROM_ANYWHERE = [{ CidrIp: '0.0.0.0/0' }];

/** The gateway: a load balancer with a security group, for up to 25 services. */
export const loadBalancer: PartWork = {
  wish: ({ row }) => row.gatewayId,
  async make(site) {
    const { call, gateway } = site;
    const group = await ensureGroup(
      site,
      balancerGroupName(gateway.id),
      { IpProtocol: 'tcp', FromPort: 443, ToPort: 443, IpRanges: FROM_ANYWHERE },
      GATEWAY_TAGS,
    );
    await call('elbv2', 'CreateLoadBalancer', {
      Name: balancerName(gateway.id),
      Type: 'application',
      Scheme: gateway.isPublic ? 'internet-facing' : 'internal',
      Subnets: [...gateway.subnets],
      SecurityGroups: [group],
      Tags: GATEWAY_TAGS,
    });
    return (await findBalancer(site))?.State?.Code === 'active';
  },
  /** Only with the last of its services: until then there is nothing to remove. */
  async remove(site) {
    if (!site.gateway.isClosing || (await isNeeded(site))) return true;
    const balancer = await findBalancer(site);
    if (balancer) await site.call('elbv2', 'DeleteLoadBalancer', { LoadBalancerArn: balancer.LoadBalancerArn });
    if (!(await removeGroup(site, balancerGroupName(site.gateway.id)))) return false;
    await site.env.store.write(async (tx) => {
      if (await tx.get(expressGateways, site.gateway.id)) await tx.delete(expressGateways, site.gateway.id);
    });
    return true;
  },
};

export async function findBalancer({ call, gateway }: Site): Promise<LoadBalancer | undefined> {
  const asked = call('elbv2', 'DescribeLoadBalancers', { Names: [balancerName(gateway.id)] });
  return (await unless(asked, 'LoadBalancerNotFoundException'))?.LoadBalancers?.[0];
}

/** Another service's rule may still be on it. */
async function isNeeded({ env, row }: Site): Promise<boolean> {
  const all = await env.store.read((tx) => tx.list(expressServices, { where: ['gateway', row.gatewayId] }));
  return all.some((other) => other.arn !== row.arn && !isPastListener(other));
}

function isPastListener({ status, removing }: ExpressServiceRow): boolean {
  return status === 'INACTIVE' || (removing !== undefined && PAST_LISTENER.has(removing));
}

const PAST_LISTENER: ReadonlySet<string> = new Set(['load-balancer', 'certificate', 'log-group']);
