import type { CreateAutoScalingGroupType, UpdateAutoScalingGroupType } from '@aws-sdk/client-auto-scaling';
import type { ConditionValues } from '../../api/operation.ts';

type Input = Partial<CreateAutoScalingGroupType> & Partial<UpdateAutoScalingGroupType>;

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2autoscaling.html#amazonec2autoscaling-policy-keys */
export function groupConditions(input: Input): ConditionValues {
  const { MixedInstancesPolicy: mixed, LaunchTemplate: own } = input;
  const template = own ?? mixed?.LaunchTemplate?.LaunchTemplateSpecification;
  const types = mixed?.LaunchTemplate?.Overrides?.flatMap(({ InstanceType }) => InstanceType ?? []) ?? [];
  const subnets = input.VPCZoneIdentifier?.split(',').map((one) => one.trim());
  const isNumbered = template && /^\d+$/.test(template.Version ?? '');
  return {
    ...(input.MinSize !== undefined && { 'autoscaling:minsize': String(input.MinSize) }),
    ...(input.MaxSize !== undefined && { 'autoscaling:maxsize': String(input.MaxSize) }),
    ...(input.LaunchConfigurationName && { 'autoscaling:launchconfigurationname': input.LaunchConfigurationName }),
    ...(template && { 'autoscaling:launchtemplateversionspecified': String(isNumbered) }),
    ...(types.length > 0 && { 'autoscaling:instancetypes': types }),
    ...(subnets && { 'autoscaling:vpczoneidentifiers': subnets }),
    ...targetGroupCondition(input),
    ...trafficSourceCondition(input),
  };
}

export function targetGroupCondition({ TargetGroupARNs: arns }: Pick<Input, 'TargetGroupARNs'>): ConditionValues {
  return arns?.length ? { 'autoscaling:targetgrouparns': arns } : {};
}

export function trafficSourceCondition({ TrafficSources: sources }: Pick<Input, 'TrafficSources'>): ConditionValues {
  const ids = sources?.flatMap(({ Identifier }) => Identifier ?? []) ?? [];
  return ids.length > 0 ? { 'autoscaling:trafficsourceidentifiers': ids } : {};
}
