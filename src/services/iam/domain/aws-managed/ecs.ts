import { allow, awsManaged, createLinkedRole, passRoleTo, type AwsManagedPolicy } from './managed-policy.ts';

const PULL = 'GetAuthorizationToken BatchCheckLayerAvailability BatchGetImage GetDownloadUrlForLayer';
const WRITE_LOGS = 'CreateLogStream PutLogEvents';

/** What the console's own stack of a cluster made. */
const OF_CLUSTER_STACK = {
  StringLike: { 'ec2:ResourceTag/aws:cloudformation:stack-name': 'EC2ContainerService-*' },
};

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/security-iam-awsmanpol.html */
export const ECS_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'AmazonECSTaskExecutionRolePolicy',
    path: '/service-role/',
    description: 'What starting a task needs: pulling its images and writing its logs.',
    created: '2017-11-16T18:48:22',
    statements: [allow('PullImages', { ecr: PULL }), allow('WriteLogs', { logs: WRITE_LOGS })],
  }),
  awsManaged({
    name: 'AmazonEC2ContainerServiceforEC2Role',
    path: '/service-role/',
    description: 'What the Amazon ECS container agent does on a container instance.',
    created: '2015-03-19T18:45:18',
    updated: '2026-02-12T17:59:52',
    version: 'v10',
    statements: [
      allow('ReadInstanceTags', { ec2: 'DescribeTags' }),
      allow('JoinCluster', {
        ecs: `CreateCluster RegisterContainerInstance DeregisterContainerInstance UpdateContainerInstancesState
          DiscoverPollEndpoint Poll StartTelemetrySession Submit*`,
      }),
      allow('PullImages', { ecr: PULL }),
      allow('WriteLogs', { logs: WRITE_LOGS }),
      allow(
        'TagOnCreation',
        { ecs: 'TagResource' },
        { when: { StringEquals: { 'ecs:CreateAction': ['CreateCluster', 'RegisterContainerInstance'] } } },
      ),
      allow(
        'ReadTags',
        { ecs: 'ListTagsForResource' },
        { on: ['arn:aws:ecs:*:*:container-instance/*/*', 'arn:aws:ecs:*:*:task/*/*'] },
      ),
    ],
  }),
  awsManaged({
    name: 'AmazonEC2ContainerServiceRole',
    path: '/service-role/',
    description: 'What Amazon ECS does with load balancers where a service names a role of its own.',
    created: '2015-04-09T16:14:19',
    updated: '2016-08-11T13:08:01',
    version: 'v2',
    statements: [
      allow('Reachability', { ec2: 'AuthorizeSecurityGroupIngress Describe*' }),
      allow('KeepTargets', {
        elasticloadbalancing: `Describe* RegisterInstancesWithLoadBalancer DeregisterInstancesFromLoadBalancer
          RegisterTargets DeregisterTargets`,
      }),
    ],
  }),
  awsManaged({
    name: 'AmazonEC2ContainerServiceEventsRole',
    path: '/service-role/',
    description: 'What Amazon EventBridge does to run tasks.',
    created: '2017-05-30T16:51:35',
    updated: '2023-03-06T22:25:12',
    version: 'v3',
    statements: [
      allow('RunTasks', { ecs: 'RunTask' }),
      passRoleTo('RolesOfTasks', 'ecs-tasks.amazonaws.com'),
      allow('TagOnCreation', { ecs: 'TagResource' }, { when: { StringEquals: { 'ecs:CreateAction': ['RunTask'] } } }),
    ],
  }),
  awsManaged({
    name: 'AmazonEC2ContainerServiceAutoscaleRole',
    path: '/service-role/',
    description: 'What Application Auto Scaling does to scale services, where a role of its own is named.',
    created: '2016-05-12T23:25:44',
    updated: '2018-02-05T19:15:15',
    version: 'v2',
    statements: [
      allow('ScaleServices', { ecs: 'DescribeServices UpdateService' }),
      allow('Alarms', { cloudwatch: 'DescribeAlarms PutMetricAlarm' }),
    ],
  }),
  awsManaged({
    name: 'AmazonECS_FullAccess',
    description: 'All of Amazon ECS, and what its clusters, services and deployments need of other services.',
    created: '2017-11-07T21:36:54',
    updated: '2024-08-13T19:39:37',
    version: 'v21',
    statements: [
      allow('Containers', { ecs: '*' }),
      allow('ScaleServices', {
        'application-autoscaling': `RegisterScalableTarget DeregisterScalableTarget PutScalingPolicy DeleteScalingPolicy
          DescribeScalableTargets DescribeScalingActivities DescribeScalingPolicies`,
        cloudwatch: 'PutMetricAlarm DeleteAlarms DescribeAlarms GetMetricStatistics',
      }),
      allow('Instances', {
        autoscaling: `CreateAutoScalingGroup UpdateAutoScalingGroup DeleteAutoScalingGroup CreateLaunchConfiguration
          DeleteLaunchConfiguration Describe*`,
        ec2: `RunInstances RequestSpotFleet CancelSpotFleetRequests CreateLaunchTemplate DeleteLaunchTemplate Describe*`,
      }),
      allow('Networks', {
        ec2: `CreateVpc DeleteVpc ModifyVpcAttribute CreateSubnet DeleteSubnet ModifySubnetAttribute CreateInternetGateway
          AttachInternetGateway DetachInternetGateway CreateRouteTable CreateRoute AssociateRouteTable
          DisassociateRouteTable CreateSecurityGroup AuthorizeSecurityGroupIngress`,
      }),
      allow(
        'NetworksOfClusterStacks',
        { ec2: 'DeleteInternetGateway DeleteRoute DeleteRouteTable DeleteSecurityGroup' },
        { when: OF_CLUSTER_STACK },
      ),
      allow('LoadBalancers', {
        elasticloadbalancing: `CreateLoadBalancer DeleteLoadBalancer DescribeLoadBalancers CreateListener DeleteListener
          DescribeListeners CreateRule DeleteRule DescribeRules CreateTargetGroup DeleteTargetGroup
          DescribeTargetGroups`,
      }),
      allow(
        'TagLoadBalancersOnCreation',
        { elasticloadbalancing: 'AddTags' },
        {
          when: {
            StringEquals: {
              'elasticloadbalancing:CreateAction': [
                'CreateLoadBalancer',
                'CreateListener',
                'CreateRule',
                'CreateTargetGroup',
              ],
            },
          },
        },
      ),
      allow('Names', {
        route53: 'CreateHostedZone DeleteHostedZone GetHostedZone ListHostedZonesByName GetHealthCheck',
        servicediscovery: `CreatePrivateDnsNamespace GetNamespace ListNamespaces CreateService UpdateService DeleteService
          GetService ListServices GetOperation`,
        appmesh: `DescribeVirtualGateway DescribeVirtualNode ListMeshes ListVirtualGateways ListVirtualNodes`,
      }),
      allow('Deploy', {
        cloudformation: 'CreateStack UpdateStack DeleteStack DescribeStack*',
        codedeploy: `BatchGetApplicationRevisions BatchGetApplications BatchGetDeploymentGroups BatchGetDeployments
          CreateApplication GetApplication ListApplications RegisterApplicationRevision GetApplicationRevision
          ListApplicationRevisions CreateDeploymentGroup GetDeploymentGroup ListDeploymentGroups CreateDeployment
          ContinueDeployment StopDeployment GetDeployment ListDeployments GetDeploymentConfig ListDeploymentConfigs
          GetDeploymentTarget ListDeploymentTargets`,
        events: `PutRule DeleteRule DescribeRule PutTargets RemoveTargets ListTargetsByRule ListRuleNamesByTarget`,
        lambda: 'ListFunctions',
        sns: 'ListTopics',
      }),
      allow('LogsAndVolumes', {
        logs: 'CreateLogGroup DescribeLogGroups FilterLogEvents',
        elasticfilesystem: 'DescribeAccessPoints DescribeFileSystems',
        fsx: 'DescribeFileSystems',
      }),
      allow(
        'RecommendedImages',
        { ssm: 'GetParameter GetParameters GetParametersByPath' },
        { on: 'arn:aws:ssm:*:*:parameter/aws/service/ecs*' },
      ),
      allow('LookAtRoles', { iam: 'ListRoles ListInstanceProfiles ListAttachedRolePolicies' }),
      passRoleTo('RolesOfTasks', 'ecs-tasks.amazonaws.com'),
      passRoleTo('InfrastructureRole', 'ecs.amazonaws.com', 'arn:aws:iam::*:role/ecsInfrastructureRole'),
      passRoleTo('InstanceRole', ['ec2.amazonaws.com', 'ec2.amazonaws.com.cn'], 'arn:aws:iam::*:role/ecsInstanceRole*'),
      passRoleTo(
        'AutoscaleRole',
        ['application-autoscaling.amazonaws.com', 'application-autoscaling.amazonaws.com.cn'],
        'arn:aws:iam::*:role/ecsAutoscaleRole*',
      ),
      createLinkedRole('ServiceLinkedRoles', [
        'autoscaling.amazonaws.com',
        'ecs.amazonaws.com',
        'ecs.application-autoscaling.amazonaws.com',
        'spot.amazonaws.com',
        'spotfleet.amazonaws.com',
      ]),
    ],
  }),
];
