import { ListCertificatesCommand } from '@aws-sdk/client-acm';
import { DescribeScalableTargetsCommand } from '@aws-sdk/client-application-auto-scaling';
import { DescribeAlarmsCommand } from '@aws-sdk/client-cloudwatch';
import { DescribeLogGroupsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeNetworkInterfacesCommand, DescribeSecurityGroupsCommand } from '@aws-sdk/client-ec2';
import {
  DescribeClustersCommand,
  DescribeExpressGatewayServiceCommand,
  ListTaskDefinitionsCommand,
  ListTasksCommand,
} from '@aws-sdk/client-ecs';
import type { ECSExpressGatewayService } from '@aws-sdk/client-ecs';
import { DescribeLoadBalancersCommand, DescribeTargetGroupsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AttachRolePolicyCommand, CreateRoleCommand } from '@aws-sdk/client-iam';
import { ListHostedZonesCommand } from '@aws-sdk/client-route-53';
import type { Longshore } from './longshore.ts';
import { getPage } from './page.ts';
import type { PageRequest } from './page.ts';
import { trusting } from './roles.ts';
import { given } from './site-parts.ts';
import type { Clients } from './site-parts.ts';
import { until } from './until.ts';

export const EXPRESS_POLICY =
  'arn:aws:iam::aws:policy/service-role/AmazonECSInfrastructureRoleforExpressGatewayServices';

/** The role that Express Mode builds with: only what AWS's managed policy allows. Answers its ARN. */
export async function infrastructureRole({ iam }: Clients): Promise<string> {
  const RoleName = 'ecsInfrastructureRoleForExpressServices';
  const AssumeRolePolicyDocument = trusting({ Service: 'ecs.amazonaws.com' });
  const { Role } = await iam.send(new CreateRoleCommand({ RoleName, AssumeRolePolicyDocument }));
  await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: EXPRESS_POLICY }));
  return given(Role?.Arn, 'Role.Arn');
}

export async function describeExpress({ ecs }: Clients, serviceArn: string): Promise<ECSExpressGatewayService> {
  const { service } = await ecs.send(new DescribeExpressGatewayServiceCommand({ serviceArn, include: ['TAGS'] }));
  return given(service, 'service');
}

/** How the service's endpoint is asked, trusting the server's CA alone. */
export async function endpointRequest(
  server: Longshore,
  service: ECSExpressGatewayService,
  path: string,
): Promise<PageRequest> {
  const endpoint = given(service.activeConfigurations?.[0]?.ingressPaths?.[0]?.endpoint, 'endpoint');
  return { port: server.httpsPort, hostname: new URL(endpoint).hostname, path, ca: await server.file('ca.pem') };
}

/** Waits until the endpoint answers 200. */
export async function answered(request: PageRequest, clients: Clients, serviceArn: string): Promise<string> {
  let last = '';
  try {
    return await until(
      `${request.hostname} answers`,
      async () => {
        const page = await getPage(request).catch((error: unknown) => ({ status: 0, body: String(error) }));
        last = `${page.status}: ${page.body}`;
        return page.status === 200 && page.body.trim();
      },
      90_000,
    );
  } catch (error) {
    const { status } = await describeExpress(clients, serviceArn);
    throw new Error(`${String(error)} It says ${last}; the service: ${JSON.stringify(status)}`, { cause: error });
  }
}

/** Names of all that Express Mode makes, whoever made it. */
export async function whatIsThere(clients: Clients): Promise<string[]> {
  const { acm, autoscaling, cloudwatch, ec2, ecs, elbv2, logs, route53 } = clients;
  const Includes = { keyTypes: ['EC_prime256v1' as const, 'RSA_2048' as const] };
  const balancers = await elbv2.send(new DescribeLoadBalancersCommand({}));
  const groups = await elbv2.send(new DescribeTargetGroupsCommand({}));
  const security = await ec2.send(new DescribeSecurityGroupsCommand({}));
  const interfaces = await ec2.send(new DescribeNetworkInterfacesCommand({}));
  const certificates = await acm.send(new ListCertificatesCommand({ Includes }));
  const zones = await route53.send(new ListHostedZonesCommand({}));
  const logGroups = await logs.send(new DescribeLogGroupsCommand({}));
  const targets = await autoscaling.send(new DescribeScalableTargetsCommand({ ServiceNamespace: 'ecs' }));
  const alarms = await cloudwatch.send(new DescribeAlarmsCommand({}));
  const definitions = await ecs.send(new ListTaskDefinitionsCommand({ status: 'ACTIVE' }));
  const { clusters = [] } = await ecs.send(new DescribeClustersCommand({}));
  const { taskArns = [] } = clusters.length > 0 ? await ecs.send(new ListTasksCommand({})) : { taskArns: [] };
  return [
    ...(balancers.LoadBalancers ?? []).map((one) => `load balancer ${one.LoadBalancerName}`),
    ...(groups.TargetGroups ?? []).map((one) => `target group ${one.TargetGroupName}`),
    ...(security.SecurityGroups ?? []).map((one) => `security group ${one.GroupName} of ${one.VpcId}`),
    ...(interfaces.NetworkInterfaces ?? []).map((one) => `interface ${one.NetworkInterfaceId}`),
    ...(certificates.CertificateSummaryList ?? []).map((one) => `certificate ${one.DomainName}`),
    ...(zones.HostedZones ?? []).map((one) => `zone ${one.Name}`),
    ...(logGroups.logGroups ?? []).map((one) => `log group ${one.logGroupName}`),
    ...(targets.ScalableTargets ?? []).map((one) => `scalable target ${one.ResourceId}`),
    ...(alarms.MetricAlarms ?? []).map((one) => `alarm ${one.AlarmName}`),
    ...(definitions.taskDefinitionArns ?? []),
    ...taskArns,
  ].toSorted((a, b) => (a < b ? -1 : 1));
}
