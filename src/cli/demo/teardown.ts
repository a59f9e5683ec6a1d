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
import { findCertificate } from './certificate.ts';
import { deleteExecutionRole } from './execution-role.ts';
import { findHostedZone } from './hosted-zone.ts';
import { findLoadBalancer, findTargetGroup } from './load-balancer.ts';
import { NAMES } from './names.ts';
import { findGroup } from './security-groups.ts';
import { findService, tasksOfService } from './service.ts';
import { type Progress, type Session, sessionWait } from './session.ts';

const DRAIN_TIMEOUT_MS = 90_000;
const RELEASE_TIMEOUT_MS = 30_000;

/** Deletes all that the demo made, through the API, in the order that AWS asks for. */
export async function deleteResources(session: Session, progress: Progress): Promise<void> {
  progress('service');
  await deleteService(session);
  progress('load balancer');
  await deleteLoadBalancer(session);
  progress('certificate and hosted zone');
  await deleteCertificate(session);
  await deleteHostedZone(session);
  progress('security groups');
  await deleteGroup(session, NAMES.taskGroup);
  await deleteGroup(session, NAMES.balancerGroup);
  progress('task definitions, execution role, cluster, logs, repository');
  await deleteTaskDefinitions(session);
  await deleteExecutionRole(session);
  await deleteRest(session);
}

async function deleteService(session: Session): Promise<void> {
  const { ecs } = session.clients;
  const name = { cluster: NAMES.cluster, service: NAMES.service };
  if ((await findService(session))?.status !== 'ACTIVE') return;
  await ecs.send(new UpdateServiceCommand({ ...name, desiredCount: 0 }));
  await ecs.send(new DeleteServiceCommand({ ...name, force: true }));
  await sessionWait(session, 'the service is INACTIVE', DRAIN_TIMEOUT_MS, async () => {
    const status = (await findService(session))?.status ?? 'INACTIVE';
    return status === 'INACTIVE' && (await tasksLeft(session)) === 0 ? true : undefined;
  });
}

async function tasksLeft(session: Session): Promise<number> {
  const tasks = await unless(
    ['ServiceNotFoundException', 'ServiceNotActiveException'],
    tasksOfService(session, 'RUNNING'),
  );
  return tasks?.length ?? 0;
}

async function deleteLoadBalancer(session: Session): Promise<void> {
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

async function deleteCertificate(session: Session): Promise<void> {
  const arn = await findCertificate(session);
  if (!arn) return;
  await released(session, 'the certificate', ['ResourceInUseException'], () =>
    session.clients.acm.send(new DeleteCertificateCommand({ CertificateArn: arn })),
  );
}

/** A zone goes when only its own NS and SOA records are left in it. */
async function deleteHostedZone(session: Session): Promise<void> {
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

async function deleteTaskDefinitions({ clients: { ecs } }: Session): Promise<void> {
  for await (const page of paginateListTaskDefinitions({ client: ecs }, { familyPrefix: NAMES.family })) {
    for (const taskDefinition of page.taskDefinitionArns ?? []) {
      await ecs.send(new DeregisterTaskDefinitionCommand({ taskDefinition }));
    }
  }
}

async function deleteRest({ clients }: Session): Promise<void> {
  await unless(['ClusterNotFoundException'], clients.ecs.send(new DeleteClusterCommand({ cluster: NAMES.cluster })));
  await unless(
    ['ResourceNotFoundException'],
    clients.logs.send(new DeleteLogGroupCommand({ logGroupName: NAMES.logGroup })),
  );
  await unless(
    ['RepositoryNotFoundException'],
    clients.ecr.send(new DeleteRepositoryCommand({ repositoryName: NAMES.repository, force: true })),
  );
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
