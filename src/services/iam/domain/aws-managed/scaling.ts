import { allow, awsManaged, createLinkedRole, passRoleTo, type AwsManagedPolicy } from './managed-policy.ts';

/**
 * https://docs.aws.amazon.com/autoscaling/ec2/userguide/security-iam-awsmanpol.html and
 * https://docs.aws.amazon.com/autoscaling/application/userguide/security-iam-awsmanpol.html
 */
export const SCALING_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'AWSApplicationAutoscalingECSServicePolicy',
    path: '/aws-service-role/',
    description: 'What Application Auto Scaling does to scale services of Amazon ECS, in its service-linked role.',
    created: '2017-10-25T23:53:08',
    updated: '2026-05-20T21:27:13',
    version: 'v3',
    statements: [
      allow('ScaleServices', { ecs: 'DescribeServices DescribeServiceRevisions UpdateService' }),
      allow('Alarms', { cloudwatch: 'DescribeAlarms GetMetricData PutMetricAlarm DeleteAlarms' }),
    ],
  }),
  awsManaged({
    name: 'AutoScalingFullAccess',
    description: 'All of Amazon EC2 Auto Scaling, and looking at what its groups are made of.',
    created: '2017-01-12T19:31:58',
    updated: '2018-02-06T21:59:13',
    version: 'v2',
    statements: [
      allow('Groups', { autoscaling: '*' }),
      allow('Alarms', { cloudwatch: 'PutMetricAlarm' }),
      allow('Look', {
        ec2: `DescribeAccountAttributes DescribeAvailabilityZones DescribeImages DescribeInstanceAttribute DescribeInstances
          DescribeKeyPairs DescribeLaunchTemplateVersions DescribePlacementGroups DescribeSecurityGroups
          DescribeSpotInstanceRequests DescribeSubnets DescribeVpcClassicLink`,
        elasticloadbalancing: 'DescribeLoadBalancers DescribeTargetGroups',
      }),
      createLinkedRole('ServiceLinkedRole', 'autoscaling.amazonaws.com'),
    ],
  }),
  awsManaged({
    name: 'AutoScalingReadOnlyAccess',
    description: 'Looking at Amazon EC2 Auto Scaling.',
    created: '2017-01-12T19:39:35',
    statements: [allow('Groups', { autoscaling: 'Describe*' })],
  }),
  awsManaged({
    name: 'AutoScalingServiceRolePolicy',
    path: '/aws-service-role/',
    description: 'What Amazon EC2 Auto Scaling does for its groups, in its service-linked role.',
    created: '2018-01-08T23:10:55',
    updated: '2025-11-12T18:19:06',
    version: 'v10',
    statements: [
      allow('Instances', {
        ec2: `RunInstances StartInstances StopInstances TerminateInstances ModifyInstanceAttribute CreateFleet
          RequestSpotInstances CancelSpotInstanceRequests CreateReplaceRootVolumeTask AttachClassicLinkVpc
          DetachClassicLinkVpc CreateTags DeleteTags`,
      }),
      allow('LookAtInstances', {
        ec2: 'Describe* GetInstanceTypesFromInstanceRequirements GetSecurityGroupsForVpc',
        ssm: 'GetParameters',
      }),
      passRoleTo('InstanceRole', 'ec2.amazonaws.com*'),
      createLinkedRole('SpotRole', 'spot.amazonaws.com'),
      allow('KeepTargets', {
        elasticloadbalancing: 'Describe* Register* Deregister*',
        'vpc-lattice': 'GetTargetGroup ListTargetGroups ListTargets RegisterTargets DeregisterTargets',
      }),
      allow('Alarms', { cloudwatch: 'DescribeAlarms GetMetricData PutMetricAlarm DeleteAlarms' }),
      allow('Notify', { sns: 'Publish' }),
      allow(
        'OwnRules',
        { events: 'PutRule DeleteRule PutTargets RemoveTargets' },
        { when: { StringEquals: { 'events:ManagedBy': 'autoscaling.amazonaws.com' } } },
      ),
      allow(
        'ReservationGroups',
        { 'resource-groups': 'ListGroupResources' },
        { on: 'arn:*:resource-groups:*:*:group/*' },
      ),
    ],
  }),
];
