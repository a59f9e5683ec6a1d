import type { Change, VPC } from '@aws-sdk/client-route-53';
import type { ConditionValues, Permission } from '../../api/operation.ts';
import { canonicalName } from './domain/dns-name.ts';

/** https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/specifying-conditions-route53.html */
export function recordConditions(changes: readonly Change[]): ConditionValues {
  const distinct = (values: readonly (string | undefined)[]) => [...new Set(values.map((value) => value ?? ''))];
  const prefix = 'route53:changeresourcerecordsets';
  return {
    [`${prefix}actions`]: distinct(changes.map((change) => change.Action)),
    [`${prefix}recordtypes`]: distinct(changes.map((change) => change.ResourceRecordSet?.Type)),
    [`${prefix}normalizedrecordnames`]: distinct(changes.map((change) => recordName(change.ResourceRecordSet?.Name))),
  };
}

/** In lower case, without the dot at the end. */
function recordName(name: string | undefined): string {
  return canonicalName(name ?? '').replace(/\.$/, '');
}

export function vpcCondition(vpc: VPC | undefined): ConditionValues {
  return vpc ? { 'route53:vpcs': [`VPCId=${vpc.VPCId ?? ''},VPCRegion=${vpc.VPCRegion ?? ''}`] } : {};
}

/** Route 53 looks at the VPC in the caller's name. */
export function seesVpc(vpc: VPC | undefined): Permission[] {
  return vpc ? [{ action: 'ec2:DescribeVpcs', resources: ['*'] }] : [];
}
