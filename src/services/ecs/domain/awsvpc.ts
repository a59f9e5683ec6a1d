import type { NetworkConfiguration } from '@aws-sdk/client-ecs';
import type { Call } from '../../../api/context.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { clientError, invalidParameter } from '../errors.ts';
import type { AwsVpcRow } from '../tables.ts';

/**
 * Checks an awsvpc configuration against EC2, under ECS's own name, and answers it as a row: 1 to 16 subnets of one VPC,
 * up to 5 security groups of that VPC, or its default group.
 * https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_AwsVpcConfiguration.html
 */
export async function checkAwsVpc(call: Call, input: NetworkConfiguration | undefined): Promise<AwsVpcRow> {
  const wanted = input?.awsvpcConfiguration;
  if (!wanted) throw invalidParameter("Network Configuration must be provided when networkMode 'awsvpc' is specified.");
  const subnets = wanted.subnets ?? [];
  if (subnets.length === 0) throw invalidParameter('subnets can not be empty.');
  if (subnets.length > 16) throw invalidParameter('subnets can have at most 16 items.');
  if ((wanted.securityGroups?.length ?? 0) > 5) throw invalidParameter('securityGroups can have at most 5 items.');
  const { vpcId, zones } = await subnetFacts(call, subnets);
  return {
    subnets,
    zones,
    vpcId,
    securityGroups: await groupsOf(call, vpcId, wanted.securityGroups ?? []),
    assignPublicIp: wanted.assignPublicIp === 'ENABLED',
  };
}

async function subnetFacts(
  call: Call,
  subnetIds: string[],
): Promise<{ vpcId: string; zones: Readonly<Record<string, string>> }> {
  try {
    const { Subnets = [] } = await call('ec2', 'DescribeSubnets', { SubnetIds: subnetIds });
    const vpcs = new Set(Subnets.map((subnet) => subnet.VpcId ?? ''));
    if (vpcs.size !== 1) throw invalidParameter('subnets must all be in the same VPC.');
    const zones = Subnets.map(({ SubnetId = '', AvailabilityZone = SubnetId }) => [SubnetId, AvailabilityZone]);
    return { vpcId: [...vpcs][0] ?? '', zones: Object.fromEntries(zones) };
  } catch (error) {
    throw asClientError(error, 'InvalidSubnetID.NotFound', `The subnet ID '${subnetIds.join(', ')}' does not exist`);
  }
}

async function groupsOf(call: Call, vpcId: string, groupIds: string[]): Promise<string[]> {
  try {
    const { SecurityGroups = [] } = await call(
      'ec2',
      'DescribeSecurityGroups',
      groupIds.length > 0
        ? { GroupIds: groupIds }
        : {
            Filters: [
              { Name: 'vpc-id', Values: [vpcId] },
              { Name: 'group-name', Values: ['default'] },
            ],
          },
    );
    if (SecurityGroups.some((group) => group.VpcId !== vpcId)) {
      throw invalidParameter('security group and subnet belong to different networks.');
    }
    return SecurityGroups.map((group) => group.GroupId ?? '');
  } catch (error) {
    throw asClientError(error, 'InvalidGroup.NotFound', `The security group '${groupIds.join(', ')}' does not exist`);
  }
}

/** EC2's refusal, as ECS passes it on to its own caller. */
function asClientError(error: unknown, code: string, fallback: string): unknown {
  if (
    !(error instanceof ServiceError) ||
    !error.code.startsWith('Invalid') ||
    error.code === 'InvalidParameterException'
  ) {
    return error;
  }
  return error.code === code
    ? invalidParameter(
        `Error retrieving network information for your task(s): ${error.message || fallback} (ErrorCode: ${error.code})`,
      )
    : clientError(error.message);
}
