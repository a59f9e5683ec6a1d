import type { Call } from '../../api/context.ts';
import { ServiceError } from '../../kernel/errors.ts';

const EVERYONE = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];

/**
 * The security group of load balancers that were created without one, which let everyone in. Interfaces here always have
 * a group, so each VPC gets one that is open, as ELB made one for load balancers without groups before.
 */
export async function openGroup(call: Call, vpcId: string): Promise<string> {
  const found = await foundGroup(call, vpcId);
  const groupId = found?.GroupId ?? (await createGroup(call, vpcId));
  if (found?.IpPermissions?.length) return groupId;
  try {
    await call('ec2', 'AuthorizeSecurityGroupIngress', { GroupId: groupId, IpPermissions: EVERYONE });
  } catch (error) {
    if (!(error instanceof ServiceError && error.code === 'InvalidPermission.Duplicate')) throw error;
  }
  return groupId;
}

/** Removes it with the last load balancer that used it. While another does, it stays. */
export async function removeOpenGroup(call: Call, vpcId: string): Promise<void> {
  const found = await foundGroup(call, vpcId);
  if (!found) return;
  try {
    await call('ec2', 'DeleteSecurityGroup', { GroupId: found.GroupId });
  } catch (error) {
    if (!(error instanceof ServiceError && /^(DependencyViolation|InvalidGroup)/.test(error.code))) throw error;
  }
}

async function foundGroup(call: Call, vpcId: string) {
  const { SecurityGroups = [] } = await call('ec2', 'DescribeSecurityGroups', {
    Filters: [
      { Name: 'vpc-id', Values: [vpcId] },
      { Name: 'group-name', Values: [nameOf(vpcId)] },
    ],
  });
  return SecurityGroups[0];
}

async function createGroup(call: Call, vpcId: string): Promise<string> {
  const { GroupId: groupId = '' } = await call('ec2', 'CreateSecurityGroup', {
    GroupName: nameOf(vpcId),
    Description: 'Lets everyone in to load balancers that were created without security groups',
    VpcId: vpcId,
  });
  return groupId;
}

function nameOf(vpcId: string): string {
  return `default_elb_${vpcId}`;
}
