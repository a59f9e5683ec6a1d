import { DeleteCertificateCommand } from '@aws-sdk/client-acm';
import { DeleteLogGroupCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DeleteSecurityGroupCommand } from '@aws-sdk/client-ec2';
import { DeleteRepositoryCommand } from '@aws-sdk/client-ecr';
import {
  DeleteClusterCommand,
  DeleteServiceCommand,
  DeregisterTaskDefinitionCommand,
  UpdateServiceCommand,
  paginateListTaskDefinitions,
} from '@aws-sdk/client-ecs';
import { DeleteLoadBalancerCommand, DeleteTargetGroupCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import {
  ChangeResourceRecordSetsCommand,
  DeleteHostedZoneCommand,
  ListResourceRecordSetsCommand,
} from '@aws-sdk/client-route-53';
import { unless } from '../clients.ts';
import { deleteAutoScalingGroup } from './auto-scaling-group.ts';
import { deleteCapacityProvider } from './capacity-provider.ts';
import { findCertificate } from './certificate.ts';
import { EXECUTION_ROLE } from './execution-role.ts';
import { findHostedZone } from './hosted-zone.ts';
import { deleteInstanceRole } from './instance-role.ts';
import { findLoadBalancer, findTargetGroup } from './load-balancer.ts';
import { findGroup } from './security-groups.ts';
import { findService, tasksOfService } from './service.ts';
import { deleteRole } from './service-role.ts';
import { type Progress, type Session, type SiteSession, sessionWait } from './session.ts';
import { SHARED } from './site.ts';

const DRAIN_TIMEOUT_MS = 90_000;
const RELEASE_TIMEOUT_MS = 30_000;
const STILL_IN_CLUSTER = ['ClusterContainsContainerInstancesException', 'ClusterContainsTasksException'];

/** Deletes all that the demo made for one site, through the API, in the order that AWS asks for. */
export async function deleteSite(session: SiteSession, progress: Progress): Promise<void> {
  const { site } = session;
  progress('service');
  await deleteService(session);
  if (site.launchType === 'EC2') {
    progress('load balancer, capacity provider, Auto Scaling group, launch template, instance role');
    await Promise.all([deleteLoadBalancer(session), deleteCapacity(session)]);
  } else {
    progress('load balancer');
    await deleteLoadBalancer(session);
  }
  progress('certificate and hosted zone');
  await deleteCertificate(session);
  await deleteHostedZone(session);
  progress('security groups');
  await deleteGroup(session, site.backendGroup);
  await deleteGroup(session, site.balancerGroup);
  progress('task definitions, cluster, logs');
  await deleteTaskDefinitions(session);
  await deleteCluster(session);
  await unless(
    ['ResourceNotFoundException'],
    session.clients.logs.send(new DeleteLogGroupCommand({ logGroupName: site.logGroup })),
  );
}

/** What both sites use, so it goes last. */
export async function deleteShared(session: Session): Promise<void> {
  await deleteRole(session, EXECUTION_ROLE);
  await unless(
    ['RepositoryNotFoundException'],
    session.clients.ecr.send(new DeleteRepositoryCommand({ repositoryName: SHARED.repository, force: true })),
  );
}

async function deleteService(session: SiteSession): Promise<void> {
  const { clients, site } = session;
  const { ecs } = clients;
  const name = { cluster: site.cluster, service: site.service };
  if ((await findService(session))?.status !== 'ACTIVE') return;
  await ecs.send(new UpdateServiceCommand({ ...name, desiredCount: 0 }));
  await ecs.send(new DeleteServiceCommand({ ...name, force: true }));
  await sessionWait(session, 'the service is INACTIVE', DRAIN_TIMEOUT_MS, async () => {
    const status = (await findService(session))?.status ?? 'INACTIVE';
    return status === 'INACTIVE' && (await tasksLeft(session)) === 0 ? true : undefined;
  });
}

async function tasksLeft(session: SiteSession): Promise<number> {
  const tasks = await unless(
    ['ServiceNotFoundException', 'ServiceNotActiveException'],
    tasksOfService(session, 'RUNNING'),
  );
  return tasks?.length ?? 0;
}

async function deleteCapacity(session: SiteSession): Promise<void> {
  await deleteCapacityProvider(session);
  await deleteAutoScalingGroup(session);
  await deleteInstanceRole(session);
}

async function deleteLoadBalancer(session: SiteSession): Promise<void> {
  const { elbv2 } = session.clients;
  const balancer = await findLoadBalancer(session);
  if (balancer) {
    await elbv2.send(new DeleteLoadBalancerCommand({ LoadBalancerArn: balancer.LoadBalancerArn }));
    await sessionWait(session, 'the load balancer is gone', RELEASE_TIMEOUT_MS, async () =>
      (await findLoadBalancer(session)) ? undefined : true,
    );
  }
  const targetGroup = await findTargetGroup(session);
  if (targetGroup) {
    await released(session, 'the target group', ['ResourceInUseException', 'ResourceInUse'], () =>
      elbv2.send(new DeleteTargetGroupCommand({ TargetGroupArn: targetGroup })),
    );
  }
}

async function deleteCertificate(session: SiteSession): Promise<void> {
  const arn = await findCertificate(session);
  if (!arn) return;
  await released(session, 'the certificate', ['ResourceInUseException'], () =>
    session.clients.acm.send(new DeleteCertificateCommand({ CertificateArn: arn })),
  );
}

/** A zone goes when only its own NS and SOA records are left in it. */
async function deleteHostedZone(session: SiteSession): Promise<void> {
  const { route53 } = session.clients;
  const zoneId = await findHostedZone(session);
  if (!zoneId) return;
  const { ResourceRecordSets = [] } = await route53.send(new ListResourceRecordSetsCommand({ HostedZoneId: zoneId }));
  const ours = ResourceRecordSets.filter((record) => record.Type !== 'NS' && record.Type !== 'SOA');
  if (ours.length > 0) {
    const Changes = ours.map((record) => ({ Action: 'DELETE' as const, ResourceRecordSet: record }));
    await route53.send(new ChangeResourceRecordSetsCommand({ HostedZoneId: zoneId, ChangeBatch: { Changes } }));
  }
  await route53.send(new DeleteHostedZoneCommand({ Id: zoneId }));
}

async function deleteGroup(session: Session, name: string): Promise<void> {
  const groupId = await findGroup(session, name);
  if (!groupId) return;
  await released(session, `security group ${name}`, ['DependencyViolation'], () =>
    session.clients.ec2.send(new DeleteSecurityGroupCommand({ GroupId: groupId })),
  );
}

async function deleteTaskDefinitions({ clients: { ecs }, site }: SiteSession): Promise<void> {
  for await (const page of paginateListTaskDefinitions({ client: ecs }, { familyPrefix: site.family })) {
    for (const taskDefinition of page.taskDefinitionArns ?? []) {
      await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
    }
  }
}

/** Instances that were terminated leave it a moment later. */
async function deleteCluster(session: SiteSession): Promise<void> {
  const { clients, site } = session;
  await sessionWait(session, 'the cluster is empty', RELEASE_TIMEOUT_MS, async () => {
    const deleted = clients.ecs.send(new DeleteClusterCommand({ cluster: site.cluster })).then(() => true);
    return unless(
      STILL_IN_CLUSTER,
      unless(['ClusterNotFoundException'], deleted).then(() => true),
    );
  });
}

/** Deletes something that may still be in use for a moment. */
function released(
  session: Session,
  what: string,
  inUse: readonly string[],
  remove: () => Promise<unknown>,
): Promise<unknown> {
  return sessionWait(session, `${what} is no longer in use`, RELEASE_TIMEOUT_MS, () => unless(inUse, remove()));
}
