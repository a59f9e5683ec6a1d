import { allow, awsManaged, createLinkedRole, type AwsManagedPolicy } from './managed-policy.ts';

const elb = (...kinds: readonly string[]): string[] => kinds.map((kind) => `arn:aws:elasticloadbalancing:*:*:${kind}`);
const BALANCERS = elb('loadbalancer/app/*/*', 'targetgroup/*/*');
const LISTENERS = elb('listener/app/*/*/*', 'listener-rule/app/*/*/*/*');
const GROUPS = 'arn:aws:ec2:*:*:security-group/*';

/** Asked to be tagged as ECS's own, or tagged so already. */
const TAGGING = { StringEquals: { 'aws:RequestTag/AmazonECSManaged': 'true' } };
const TAGGED = { StringEquals: { 'aws:ResourceTag/AmazonECSManaged': 'true' } };

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html */
export const EXPRESS_GATEWAY_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'AmazonECSInfrastructureRoleforExpressGatewayServices',
    path: '/service-role/',
    description: 'What Amazon ECS makes, keeps and removes for services of Express Mode.',
    created: '2025-11-12T20:34:00',
    updated: '2026-02-12T18:01:00',
    version: 'v6',
    statements: [
      createLinkedRole('LinkedRoles', [
        'ecs.application-autoscaling.amazonaws.com',
        'elasticloadbalancing.amazonaws.com',
      ]),
      allow('Look', {
        ec2: `DescribeAccountAttributes DescribeInternetGateways DescribeRouteTables DescribeSecurityGroups
          DescribeSubnets DescribeVpcs`,
        elasticloadbalancing: `DescribeListenerCertificates DescribeListeners DescribeLoadBalancers DescribeRules
          DescribeTags DescribeTargetGroups DescribeTargetHealth`,
        acm: 'DescribeCertificate ListCertificates',
        'application-autoscaling': 'DescribeScalableTargets DescribeScalingPolicies DescribeScalingActivities',
        cloudwatch: 'DescribeAlarms',
        logs: 'DescribeLogGroups',
      }),
      allow(
        'CreateBalancers',
        { elasticloadbalancing: 'CreateLoadBalancer CreateTargetGroup AddTags' },
        { on: BALANCERS, when: TAGGING },
      ),
      allow('TagListeners', { elasticloadbalancing: 'AddTags' }, { on: LISTENERS, when: TAGGING }),
      allow(
        'KeepOwnBalancers',
        {
          elasticloadbalancing: `CreateListener DeleteLoadBalancer DeleteTargetGroup DeregisterTargets ModifyTargetGroup
            ModifyTargetGroupAttributes RegisterTargets`,
        },
        { on: BALANCERS, when: TAGGED },
      ),
      allow(
        'KeepOwnListeners',
        {
          elasticloadbalancing: `AddListenerCertificates CreateRule DeleteListener DeleteRule ModifyListener ModifyRule
            RemoveListenerCertificates`,
        },
        { on: LISTENERS, when: TAGGED },
      ),
      allow('GroupsIn', { ec2: 'CreateSecurityGroup' }, { on: 'arn:aws:ec2:*:*:vpc/*' }),
      allow('CreateGroups', { ec2: 'CreateSecurityGroup' }, { on: GROUPS, when: TAGGING }),
      allow(
        'TagGroups',
        { ec2: 'CreateTags' },
        { on: GROUPS, when: { StringEquals: { ...TAGGING.StringEquals, 'ec2:CreateAction': 'CreateSecurityGroup' } } },
      ),
      allow(
        'KeepOwnGroups',
        {
          ec2: `AuthorizeSecurityGroupEgress AuthorizeSecurityGroupIngress DeleteSecurityGroup RevokeSecurityGroupEgress
            RevokeSecurityGroupIngress`,
        },
        { on: GROUPS, when: TAGGED },
      ),
      allow('RequestCertificates', { acm: 'AddTagsToCertificate RequestCertificate' }, { when: TAGGING }),
      allow('DeleteOwnCertificates', { acm: 'DeleteCertificate' }, { when: TAGGED }),
      // Application Auto Scaling asks in the name of who registers a service with it.
      allow('ScaleServices', { ecs: 'DescribeServices UpdateService' }, { on: 'arn:aws:ecs:*:*:service/*' }),
      allow('Scale', {
        'application-autoscaling': `DeleteScalingPolicy DeregisterScalableTarget PutScalingPolicy RegisterScalableTarget
          TagResource`,
      }),
      allow(
        'Alarms',
        { cloudwatch: 'DeleteAlarms PutMetricAlarm TagResource' },
        { on: 'arn:aws:cloudwatch:*:*:alarm:*' },
      ),
      allow(
        'LogGroups',
        { logs: 'CreateLogGroup DeleteLogGroup TagResource' },
        { on: 'arn:aws:logs:*:*:log-group:/aws/ecs/*' },
      ),
    ],
  }),
];
