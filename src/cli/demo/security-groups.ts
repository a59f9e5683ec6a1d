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
import { DYNAMIC_PORTS } from './capacity.ts';
import { type Session, type SiteSession, must } from './session.ts';
import { SITE_PORT, type Site } from './site.ts';

export interface Placement {
  readonly vpcId: string;
  /** Two, in different availability zones. */
  readonly subnetIds: readonly string[];
  readonly balancerGroupId: string;
  /** Of the tasks of Fargate, of the instances of EC2. */
  readonly backendGroupId: string;
}

/** The default VPC, and who may talk to whom: the world to the load balancer, it to the tasks or instances. */
export async function ensurePlacement(session: SiteSession): Promise<Placement> {
  const { clients, site } = session;
  const { ec2 } = clients;
  const { Vpcs } = await ec2.send(new DescribeVpcsCommand({ Filters: [{ Name: 'is-default', Values: ['true'] }] }));
  const vpcId = Vpcs?.[0]?.VpcId;
  if (!vpcId) throw new CliError('there is no default VPC', { hint: 'start again from nothing: longshore reset' });
  const subnetIds = await twoSubnets(session, vpcId);
  const balancerGroupId = await ensureGroup(session, vpcId, site.balancerGroup, 'HTTP and HTTPS from anywhere');
  const backendGroupId = await ensureGroup(session, vpcId, site.backendGroup, 'HTTP from the load balancer only');
  await allow(session, balancerGroupId, [fromAnywhere(80), fromAnywhere(443)]);
  const ports = backendPorts(site);
  await allow(session, backendGroupId, [
    { IpProtocol: 'tcp', FromPort: ports.from, ToPort: ports.to, UserIdGroupPairs: [{ GroupId: balancerGroupId }] },
  ]);
  return { vpcId, subnetIds, balancerGroupId, backendGroupId };
}

/** Where the load balancer asks for the page. */
export function backendPorts(site: Site): { readonly from: number; readonly to: number } {
  return site.launchType === 'EC2' ? DYNAMIC_PORTS : { from: SITE_PORT, to: SITE_PORT };
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
