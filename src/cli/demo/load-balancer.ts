import {
  CreateListenerCommand,
  type CreateListenerCommandInput,
  CreateLoadBalancerCommand,
  CreateTargetGroupCommand,
  DescribeListenersCommand,
  DescribeLoadBalancersCommand,
  DescribeTargetGroupsCommand,
  type LoadBalancer,
  ModifyTargetGroupAttributesCommand,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { unless } from '../clients.ts';
import type { Placement } from './security-groups.ts';
import { type SiteSession, must, sessionWait } from './session.ts';
import { HEALTH_PATH, SITE_PORT, type Site } from './site.ts';

const ACTIVE_TIMEOUT_MS = 60_000;

/** An internet-facing load balancer over the two subnets; answers when it is active. */
export async function ensureLoadBalancer(session: SiteSession, placement: Placement): Promise<LoadBalancer> {
  if (!(await findLoadBalancer(session))) {
    await session.clients.elbv2.send(
      new CreateLoadBalancerCommand({
        Name: session.site.loadBalancer,
        Type: 'application',
        Scheme: 'internet-facing',
        Subnets: [...placement.subnetIds],
        SecurityGroups: [placement.balancerGroupId],
      }),
    );
  }
  return sessionWait(session, 'the load balancer is active', ACTIVE_TIMEOUT_MS, async () => {
    const balancer = await findLoadBalancer(session);
    return balancer?.State?.Code === 'active' ? balancer : undefined;
  });
}

export async function findLoadBalancer({ clients, site }: SiteSession): Promise<LoadBalancer | undefined> {
  const described = await unless(
    ['LoadBalancerNotFoundException', 'LoadBalancerNotFound'],
    clients.elbv2.send(new DescribeLoadBalancersCommand({ Names: [site.loadBalancer] })),
  );
  return described?.LoadBalancers?.[0];
}

/** Targets are the tasks' addresses, or the instances with the tasks' ports; asked often so that the demo need not wait long. */
export async function ensureTargetGroup(session: SiteSession, vpcId: string): Promise<string> {
  const found = await findTargetGroup(session);
  if (found) return found;
  const { TargetGroups } = await session.clients.elbv2.send(
    new CreateTargetGroupCommand({
      Name: session.site.targetGroup,
      Protocol: 'HTTP',
      Port: SITE_PORT,
      VpcId: vpcId,
      TargetType: targetTypeOf(session.site),
      HealthCheckPath: HEALTH_PATH,
      HealthCheckIntervalSeconds: 5,
      HealthCheckTimeoutSeconds: 2,
      HealthyThresholdCount: 2,
      UnhealthyThresholdCount: 2,
    }),
  );
  const arn = must(TargetGroups?.[0]?.TargetGroupArn, 'TargetGroupArn');
  await session.clients.elbv2.send(
    new ModifyTargetGroupAttributesCommand({
      TargetGroupArn: arn,
      Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '2' }],
    }),
  );
  return arn;
}

export async function findTargetGroup({ clients, site }: SiteSession): Promise<string | undefined> {
  const described = await unless(
    ['TargetGroupNotFoundException', 'TargetGroupNotFound'],
    clients.elbv2.send(new DescribeTargetGroupsCommand({ Names: [site.targetGroup] })),
  );
  return described?.TargetGroups?.[0]?.TargetGroupArn;
}

/** Port 80 sends to HTTPS; port 443 ends TLS with the certificate and forwards to the tasks. */
export async function ensureListeners(
  session: SiteSession,
  balancerArn: string,
  targetGroupArn: string,
  certificateArn: string,
): Promise<void> {
  const { Listeners = [] } = await session.clients.elbv2.send(
    new DescribeListenersCommand({ LoadBalancerArn: balancerArn }),
  );
  const wanted: readonly CreateListenerCommandInput[] = [
    {
      LoadBalancerArn: balancerArn,
      Protocol: 'HTTP',
      Port: 80,
      DefaultActions: [
        { Type: 'redirect', RedirectConfig: { Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' } },
      ],
    },
    {
      LoadBalancerArn: balancerArn,
      Protocol: 'HTTPS',
      Port: 443,
      Certificates: [{ CertificateArn: certificateArn }],
      DefaultActions: [{ Type: 'forward', TargetGroupArn: targetGroupArn }],
    },
  ];
  for (const listener of wanted) {
    if (Listeners.some((existing) => existing.Port === listener.Port)) continue;
    await session.clients.elbv2.send(new CreateListenerCommand(listener));
  }
}

export function targetTypeOf(site: Site): 'ip' | 'instance' {
  return site.launchType === 'EC2' ? 'instance' : 'ip';
}
