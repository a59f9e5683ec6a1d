import { DeleteCertificateCommand } from '@aws-sdk/client-acm';
import { DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteSecurityGroupCommand } from '@aws-sdk/client-ec2';
import { DeleteRepositoryCommand } from '@aws-sdk/client-ecr';
import {
  DeleteClusterCommand,
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  DescribeServicesCommand,
  ListTaskDefinitionsCommand,
} from '@aws-sdk/client-ecs';
import { DeleteLoadBalancerCommand, DeleteTargetGroupCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  ChangeResourceRecordSetsCommand,
  DeleteHostedZoneCommand,
  ListResourceRecordSetsCommand,
} from '@aws-sdk/client-route-53';
import type { Clients, SiteParts } from './site-parts.ts';
import { until } from './until.ts';

export async function teardown(clients: Clients, parts: SiteParts): Promise<void> {
  const { acm, ec2, ecr, ecs, elbv2, logs } = clients;
  const { name, placement } = parts;
  await deleteService(clients, name);
  await elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: parts.balancer.LoadBalancerArn }));
  await free('ResourceInUse', () => elbv2.send(new DeleteTargetGroupCommand({ TargetGroupArn: parts.targetGroupArn })));
  await free('ResourceInUse', () => acm.send(new DeleteCertificateCommand({ CertificateArn: parts.certificateArn })));
  await deleteHostedZone(clients, parts.hostedZoneId);
  for (const GroupId of [placement.taskGroupId, placement.balancerGroupId]) {
    await free('DependencyViolation', () => ec2.send(new DeleteSecurityGroupCommand({ GroupId })));
  }
  const { taskDefinitionArns = [] } = await ecs.send(new ListTaskDefinitionsCommand({}));
  for (const taskDefinition of taskDefinitionArns) {
    await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
  }
  await ecs.send(new DeleteClusterCommand({ cluster: name }));
  await logs.send(new DeleteLogGroupCommand({ logGroupName: `/ecs/${name}` }));
  await ecr.send(new DeleteRepositoryCommand({ repositoryName: name, force: true }));
}

/** With `--force`, and waits until it is INACTIVE. */
export async function deleteService({ ecs }: Clients, name: string): Promise<void> {
  const describe = async () => {
    const { services } = await ecs.send(new DescribeServicesCommand({ cluster: name, services: [name] }));
    return services?.[0]?.status ?? 'INACTIVE';
  };
  if ((await describe()) === 'ACTIVE') {
    await ecs.send(new DeleteServiceCommand({ cluster: name, service: name, force: true }));
  }
  await until('the service is INACTIVE', async () => (await describe()) === 'INACTIVE');
}

/** A zone goes when only its own NS and SOA records are left in it. */
async function deleteHostedZone({ route53 }: Clients, zoneId: string): Promise<void> {
  const { ResourceRecordSets = [] } = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId }));
  const Changes = ResourceRecordSets.filter(({ Type }) => Type !== 'NS' && Type !== 'SOA').map((record) => ({
    Action: 'DELETE' as const,
    ResourceRecordSet: record,
  }));
  if (Changes.length > 0) {
    await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes } }));
  }
  await route53.send(new DeleteHostedZoneCommand({ Id: zoneId }));
}

/** Deletes something that may still be in use for a moment. */
async function free(whileInUse: string, remove: () => Promise<unknown>): Promise<void> {
  await until(`it is free to be deleted (${whileInUse})`, async () => {
    try {
      await remove();
      return true;
    } catch (error) {
      if (error instanceof Error && error.name.startsWith(whileInUse)) return false;
      throw error;
    }
  });
}
