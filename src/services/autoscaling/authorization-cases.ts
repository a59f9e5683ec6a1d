import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const ARN = 'arn:aws:autoscaling:us-east-1:123456789012';
const GROUP = `${ARN}:autoScalingGroup:*:autoScalingGroupName/web`;
const CONFIGURATION = `${ARN}:launchConfiguration:*:launchConfigurationName/old`;
const ANY_GROUP = `${ARN}:autoScalingGroup:*:autoScalingGroupName/*`;
const TARGETS = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/50dc6c495c0c9188';
const TAGS = [{ ResourceId: 'web', ResourceType: 'auto-scaling-group', Key: 'team', Value: 'web' }];
const SOURCES = [{ Identifier: TARGETS, Type: 'elbv2' }];
const named = { AutoScalingGroupName: 'web' } as const;
const action = { ...named, LifecycleHookName: 'drain', LifecycleActionResult: 'CONTINUE', InstanceId: 'i-1' };
const ofInstance = { input: { InstanceId: 'i-1' }, resources: [ANY_GROUP] } as const;
const all = { input: {}, resources: ['*'] } as const;
const allOf = { input: named, resources: ['*'] } as const;
const on = <I extends object>(input: I) => ({ input: { ...named, ...input }, resources: [GROUP] });

/** What each operation must be allowed. */
export const AUTOSCALING_CASES: AuthorizationCases<'autoscaling'> = {
  AttachInstances: on({ InstanceIds: ['i-1'] }),
  AttachLoadBalancerTargetGroups: {
    ...on({ TargetGroupARNs: [TARGETS] }),
    conditions: { 'autoscaling:targetgrouparns': [TARGETS] },
  },
  AttachTrafficSources: {
    ...on({ TrafficSources: SOURCES }),
    conditions: { 'autoscaling:trafficsourceidentifiers': [TARGETS] },
  },
  BatchDeleteScheduledAction: on({ ScheduledActionNames: ['night'] }),
  BatchPutScheduledUpdateGroupAction: on({ ScheduledUpdateGroupActions: [] }),
  CancelInstanceRefresh: on({}),
  CompleteLifecycleAction: { input: action, resources: [GROUP] },
  CreateAutoScalingGroup: {
    ...on({ MinSize: 1, MaxSize: 3, Tags: TAGS, LaunchTemplate: { LaunchTemplateName: 'web', Version: '1' } }),
    conditions: {
      'autoscaling:minsize': '1',
      'autoscaling:maxsize': '3',
      'autoscaling:launchtemplateversionspecified': 'true',
    },
    also: [{ action: 'autoscaling:CreateOrUpdateTags', resources: [GROUP] }],
  },
  CreateLaunchConfiguration: {
    input: { LaunchConfigurationName: 'old', ImageId: 'ami-1', InstanceType: 't3.micro' },
    resources: [CONFIGURATION],
    conditions: { 'autoscaling:imageid': 'ami-1', 'autoscaling:instancetype': 't3.micro' },
  },
  CreateOrUpdateTags: { input: { Tags: TAGS }, resources: [GROUP] },
  DeleteAutoScalingGroup: {
    ...on({ ForceDelete: true }),
    conditions: { 'autoscaling:forcedelete': 'true' },
    beyondReference: {},
  },
  DeleteLaunchConfiguration: { input: { LaunchConfigurationName: 'old' }, resources: [CONFIGURATION] },
  DeleteLifecycleHook: on({ LifecycleHookName: 'drain' }),
  DeletePolicy: on({ PolicyName: 'cpu' }),
  DeleteScheduledAction: on({ ScheduledActionName: 'night' }),
  DeleteTags: { input: { Tags: TAGS }, resources: [GROUP] },
  DeleteWarmPool: on({}),
  DescribeAccountLimits: all,
  DescribeAdjustmentTypes: all,
  DescribeAutoScalingGroups: all,
  DescribeAutoScalingInstances: all,
  DescribeAutoScalingNotificationTypes: all,
  DescribeInstanceRefreshes: allOf,
  DescribeLaunchConfigurations: all,
  DescribeLifecycleHookTypes: all,
  DescribeLifecycleHooks: allOf,
  DescribeLoadBalancers: allOf,
  DescribeLoadBalancerTargetGroups: allOf,
  DescribeMetricCollectionTypes: all,
  DescribeNotificationConfigurations: all,
  DescribePolicies: all,
  DescribeScalingActivities: all,
  DescribeScalingProcessTypes: all,
  DescribeScheduledActions: all,
  DescribeTags: all,
  DescribeTerminationPolicyTypes: all,
  DescribeTrafficSources: allOf,
  DescribeWarmPool: allOf,
  DetachInstances: on({ InstanceIds: ['i-1'], ShouldDecrementDesiredCapacity: true }),
  DetachLoadBalancerTargetGroups: {
    ...on({ TargetGroupARNs: [TARGETS] }),
    conditions: { 'autoscaling:targetgrouparns': [TARGETS] },
  },
  DetachTrafficSources: {
    ...on({ TrafficSources: SOURCES }),
    conditions: { 'autoscaling:trafficsourceidentifiers': [TARGETS] },
  },
  DisableMetricsCollection: on({}),
  EnableMetricsCollection: on({ Granularity: '1Minute' }),
  EnterStandby: on({ InstanceIds: ['i-1'], ShouldDecrementDesiredCapacity: true }),
  ExecutePolicy: on({ PolicyName: 'cpu' }),
  ExitStandby: on({ InstanceIds: ['i-1'] }),
  PutLifecycleHook: on({ LifecycleHookName: 'drain' }),
  PutScalingPolicy: on({ PolicyName: 'cpu' }),
  PutWarmPool: on({}),
  PutScheduledUpdateGroupAction: {
    ...on({ ScheduledActionName: 'night', MinSize: 1, MaxSize: 2 }),
    conditions: { 'autoscaling:minsize': '1', 'autoscaling:maxsize': '2' },
  },
  RecordLifecycleActionHeartbeat: on({ LifecycleHookName: 'drain', InstanceId: 'i-1' }),
  ResumeProcesses: on({}),
  RollbackInstanceRefresh: on({}),
  SetDesiredCapacity: on({ DesiredCapacity: 2 }),
  SetInstanceHealth: { ...ofInstance, input: { InstanceId: 'i-1', HealthStatus: 'Unhealthy' } },
  SetInstanceProtection: on({ InstanceIds: ['i-1'], ProtectedFromScaleIn: true }),
  StartInstanceRefresh: on({}),
  SuspendProcesses: on({}),
  TerminateInstanceInAutoScalingGroup: {
    ...ofInstance,
    input: { InstanceId: 'i-1', ShouldDecrementDesiredCapacity: false },
  },
  UpdateAutoScalingGroup: { ...on({ MinSize: 2 }), conditions: { 'autoscaling:minsize': '2' } },
};
