import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const ANY = 'arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/*';
const TARGET = 'arn:aws:application-autoscaling:us-east-1:123456789012:scalable-target/0ec5abc';
const named = {
  ServiceNamespace: 'ecs',
  ResourceId: 'service/blue/web',
  ScalableDimension: 'ecs:service:DesiredCount',
} as const;
const conditions = {
  'application-autoscaling:service-namespace': 'ecs',
  'application-autoscaling:scalable-dimension': 'ecs:service:DesiredCount',
};
/** The service-linked role looks at the service in the caller's stead. */
const onService = {
  action: 'ecs:DescribeServices',
  resources: ['arn:aws:ecs:us-east-1:123456789012:service/blue/web'],
  conditions: { 'ecs:cluster': 'arn:aws:ecs:us-east-1:123456789012:cluster/blue' },
};
const all = { input: { ServiceNamespace: 'ecs' }, resources: ['*'] } as const;

/** What each operation must be allowed. */
export const APPLICATION_AUTOSCALING_CASES: AuthorizationCases<'application-autoscaling'> = {
  DeleteScalingPolicy: { input: { ...named, PolicyName: 'cpu' }, resources: [ANY], conditions },
  DeleteScheduledAction: { input: { ...named, ScheduledActionName: 'night' }, resources: [ANY], conditions },
  DeregisterScalableTarget: { input: named, resources: [ANY], conditions },
  DescribeScalableTargets: all,
  DescribeScalingActivities: all,
  DescribeScalingPolicies: all,
  DescribeScheduledActions: all,
  ListTagsForResource: { input: { ResourceARN: TARGET }, resources: [TARGET] },
  PutScalingPolicy: { input: { ...named, PolicyName: 'cpu' }, resources: [ANY], conditions },
  PutScheduledAction: {
    input: { ...named, ScheduledActionName: 'night' },
    resources: [ANY],
    conditions,
  },
  RegisterScalableTarget: {
    input: { ...named, MinCapacity: 1, MaxCapacity: 4, Tags: { team: 'web' } },
    resources: [ANY],
    conditions,
    also: [onService, { action: 'application-autoscaling:TagResource', resources: [ANY] }],
  },
  TagResource: { input: { ResourceARN: TARGET, Tags: { team: 'web' } }, resources: [TARGET] },
  UntagResource: { input: { ResourceARN: TARGET, TagKeys: ['team'] }, resources: [TARGET] },
};
