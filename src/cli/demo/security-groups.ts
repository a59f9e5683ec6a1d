import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeSecurityGroupsCommand,
  DescribeSubnetsCommand,
  DescribeVpcsCommand,
  type IpPermission,
} from '@aws-sdk/client-ec2';
import { CliError } from '../cli-error.ts';
import { unless } from '../clients.ts';
import { NAMES, SITE_PORT } from './names.ts';
import { type Session, must } from './session.ts';

export interface Placement {
  readonly vpcId: string;
  /** Two, in different availability zones. */
  readonly subnetIds: readonly string[];
  readonly balancerGroupId: string;
  readonly taskGroupId: string;
}

/** The default VPC, and who may talk to whom: the world to the load balancer, the load balancer to the tasks. */
export async function ensurePlacement(session: Session): Promise<Placement> {
  const { ec2 } = session.clients;
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }));
  const vpcId = Vpcs?.[0]?.VpcId;
  if (!vpcId) throw new CliError('there is no default VPC', { hint: 'start again from nothing: longshore reset' });
  const subnetIds = await twoSubnets(session, vpcId);
  const balancerGroupId = await ensureGroup(session, vpcId, NAMES.balancerGroup, 'HTTP and HTTPS from anywhere');
  const taskGroupId = await ensureGroup(session, vpcId, NAMES.taskGroup, 'HTTP from the load balancer only');
  await allow(session, balancerGroupId, [fromAnywhere(80), fromAnywhere(443)]);
  await allow(session, taskGroupId, [
    { IpProtocol: 'tcp', FromPort: SITE_PORT, ToPort: SITE_PORT, UserIdGroupPairs: [{ GroupId: balancerGroupId }] },
  ]);
  return { vpcId, subnetIds, balancerGroupId, taskGroupId };
}

export function fromAnywhere(port: number): IpPermission {
  return { IpProtocol: 'tcp', FromPort: port, ToPort: port, IpRanges: [{ CidrIp: '0.0.0.0/0' }] };
}

/** A group's id by its name; undefined when there is none. */
export async function findGroup({ clients }: Session, name: string): Promise<string | undefined> {
  const { SecurityGroups } = await clients.ec2.send(
    new DescribeSecurityGroupsCommand({ Filters: [{ Name: 'group-name', Values: [name] }] }),
  );
  return SecurityGroups?.[0]?.GroupId;
}

async function ensureGroup(session: Session, vpcId: string, name: string, description: string): Promise<string> {
  const found = await findGroup(session, name);
  if (found) return found;
  const created = await session.clients.ec2.send(
    new CreateSecurityGroupCommand({ GroupName: name, Description: description, VpcId: vpcId }),
  );
  return must(created.GroupId, 'GroupId');
}

async function allow({ clients }: Session, groupId: string, permissions: readonly IpPermission[]): Promise<void> {
  for (const permission of permissions) {
    await unless(
      ['InvalidPermission.Duplicate'],
      clients.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: [permission] })),
    );
  }
}

async function twoSubnets({ clients }: Session, vpcId: string): Promise<readonly string[]> {
  const { Subnets = [] } = await clients.ec2.send(
    new DescribeSubnetsCommand({ Filters: [{ Name: 'vpc-id', Values: [vpcId] }] }),
  );
  const byZone = new Map(
    Subnets.filter((subnet) => subnet.DefaultForAz).map((subnet) => [subnet.AvailabilityZone, subnet]),
  );
  const [first, second] = [...byZone.values()].map((subnet) => subnet.SubnetId);
  if (!first || !second) throw new CliError(`${vpcId} has no default subnets in two availability zones`);
  return [first, second];
}
