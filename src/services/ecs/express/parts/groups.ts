import type { IpPermission } from '@aws-sdk/client-ec2';
import type { Site } from '../site.ts';
import { unless } from '../site.ts';

/** A security group of the service's VPC by its name. */
export async function findGroup({ call, row }: Site, name: string): Promise<string | undefined> {
  const { SecurityGroups = [] } = await call('ec2', 'DescribeSecurityGroups', {
    Filters: [
      { Name: 'vpc-id', Values: [row.vpcId] },
      { Name: 'group-name', Values: [name] },
    ],
  });
  return SecurityGroups[0]?.GroupId;
}

/** There afterwards, with this rule among those that let in. */
export async function ensureGroup(
  site: Site,
  name: string,
  rule: IpPermission,
  tags: { Key: string; Value: string }[],
): Promise<string> {
  const { call, row } = site;
  let GroupId = await findGroup(site, name);
  if (GroupId === undefined) {
    const made = await call('ec2', 'CreateSecurityGroup', {
      GroupName: name,
      Description: 'Made by Amazon ECS for services of Express Mode',
      VpcId: row.vpcId,
      TagSpecifications: [{ ResourceType: 'security-group', Tags: tags }],
    });
    GroupId = made.GroupId ?? '';
  }
  const allowed = call('ec2', 'AuthorizeSecurityGroupIngress', { GroupId, IpPermissions: [rule] });
  await unless(allowed, 'InvalidPermission.Duplicate');
  return GroupId;
}

/** False while something is in it. */
export async function removeGroup(site: Site, name: string): Promise<boolean> {
  const GroupId = await findGroup(site, name);
  if (GroupId === undefined) return true;
  const deleted = site.call('ec2', 'DeleteSecurityGroup', { GroupId });
  return (await unless(deleted, 'DependencyViolation')) !== undefined;
}
