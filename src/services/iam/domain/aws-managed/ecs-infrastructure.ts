import { allow, awsManaged, passRoleTo, type AwsManagedPolicy, type Condition } from './managed-policy.ts';

const ec2 = (...kinds: readonly string[]): string[] =>
  kinds.map((kind) => `arn:aws:ec2:*:${kind === 'image' ? '' : '*'}:${kind}/*`);
const elb = (kinds: string): string => `arn:aws:elasticloadbalancing:*:*:${kinds}`;

/** Asked to be tagged as ECS's own, or tagged so already. */
const REQUEST_MANAGED = { 'aws:RequestTag/AmazonECSManaged': 'true' };
const MANAGED = { 'aws:ResourceTag/AmazonECSManaged': 'true' };
const OPERATED_BY_ECS: Condition = { StringEquals: { 'ec2:ManagedResourceOperator': 'ecs.amazonaws.com' } };
const TASKS = 'arn:aws:ecs:*:*:task/*';
const SERVICES = ['arn:aws:ecs:*:*:service/*/*', 'arn:aws:ecs:*:*:task-set/*/*'];
const SECRETS = 'arn:aws:secretsmanager:*:*:secret:ecs-sc!*';
const OWN_ACCOUNT = { 'aws:ResourceAccount': '${aws:PrincipalAccount}' };

/** https://docs.aws.amazon.com/AmazonECS/latest/developerguide/infrastructure_IAM_role.html */
export const ECS_INFRASTRUCTURE_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'AmazonECSInfrastructureRolePolicyForLoadBalancers',
    description: 'What Amazon ECS does with load balancers in deployments that move traffic between target groups.',
    created: '2025-07-17T16:37:07',
    updated: '2026-02-12T18:01:05',
    version: 'v6',
    statements: [
      allow('Look', {
        elasticloadbalancing: 'DescribeListeners DescribeRules DescribeTargetGroups DescribeTargetHealth',
      }),
      allow(
        'KeepTargets',
        { elasticloadbalancing: 'RegisterTargets DeregisterTargets' },
        { on: elb('targetgroup/*/*') },
      ),
      allow(
        'MoveListeners',
        { elasticloadbalancing: 'ModifyListener' },
        { on: [elb('listener/app/*/*/*'), elb('listener/net/*/*/*')] },
      ),
      allow('MoveRules', { elasticloadbalancing: 'ModifyRule' }, { on: elb('listener-rule/app/*/*/*/*') }),
    ],
  }),
  awsManaged({
    name: 'AmazonECSInfrastructureRolePolicyForVolumes',
    path: '/service-role/',
    description: 'What Amazon ECS does with the Amazon EBS volumes of tasks.',
    created: '2024-01-10T22:56:41',
    updated: '2026-02-12T18:02:34',
    version: 'v5',
    statements: [
      allow(
        'CreateVolumes',
        { ec2: 'CreateVolume' },
        {
          on: ec2('volume'),
          when: { ArnLike: { 'aws:RequestTag/AmazonECSCreated': TASKS }, StringEquals: REQUEST_MANAGED },
        },
      ),
      allow('FromSnapshots', { ec2: 'CreateVolume' }, { on: ec2('snapshot') }),
      allow(
        'TagOnCreation',
        { ec2: 'CreateTags' },
        {
          on: ec2('volume'),
          when: {
            ArnLike: { 'aws:RequestTag/AmazonECSCreated': TASKS },
            StringEquals: { ...REQUEST_MANAGED, 'ec2:CreateAction': 'CreateVolume' },
          },
        },
      ),
      allow('Look', { ec2: 'DescribeVolumes DescribeAvailabilityZones DescribeInstances' }),
      allow(
        'AttachOwnVolumes',
        { ec2: 'AttachVolume DetachVolume' },
        { on: ec2('volume'), when: { StringEquals: MANAGED } },
      ),
      allow('ToInstances', { ec2: 'AttachVolume DetachVolume' }, { on: ec2('instance') }),
      allow(
        'DeleteOwnVolumes',
        { ec2: 'DeleteVolume' },
        {
          on: ec2('volume'),
          when: { ArnLike: { 'aws:ResourceTag/AmazonECSCreated': TASKS }, StringEquals: MANAGED },
        },
      ),
    ],
  }),
  awsManaged({
    name: 'AmazonECSInfrastructureRolePolicyForServiceConnectTransportLayerSecurity',
    path: '/service-role/',
    description: 'What Amazon ECS does with the certificates of Service Connect.',
    created: '2024-01-19T20:08:36',
    updated: '2026-02-12T18:02:05',
    version: 'v4',
    statements: [
      allow(
        'CreateSecrets',
        { secretsmanager: 'CreateSecret TagResource' },
        {
          on: SECRETS,
          when: {
            ArnLike: { 'aws:RequestTag/AmazonECSCreated': SERVICES },
            StringEquals: { ...REQUEST_MANAGED, ...OWN_ACCOUNT },
          },
        },
      ),
      allow(
        'KeepOwnSecrets',
        {
          secretsmanager:
            'GetSecretValue PutSecretValue UpdateSecret UpdateSecretVersionStage RotateSecret DeleteSecret',
        },
        {
          on: SECRETS,
          when: {
            StringEquals: { ...OWN_ACCOUNT, 'secretsmanager:ResourceTag/aws:secretsmanager:owningService': 'ecs-sc' },
          },
        },
      ),
      allow(
        'LookAtSecrets',
        { secretsmanager: 'DescribeSecret' },
        { on: SECRETS, when: { StringEquals: OWN_ACCOUNT } },
      ),
      allow(
        'ReadAuthority',
        { 'acm-pca': 'GetCertificate GetCertificateAuthorityCertificate DescribeCertificateAuthority' },
        { when: { StringEquals: MANAGED } },
      ),
      allow(
        'IssueCertificates',
        { 'acm-pca': 'IssueCertificate' },
        {
          when: {
            StringEquals: {
              ...MANAGED,
              'acm-pca:TemplateArn': 'arn:aws:acm-pca:::template/EndEntityCertificate/V1',
            },
          },
        },
      ),
    ],
  }),
  awsManaged({
    name: 'AmazonECSInfrastructureRolePolicyForManagedInstances',
    description: 'What Amazon ECS does with Amazon EC2 for capacity of ECS Managed Instances.',
    created: '2025-09-26T18:04:07',
    updated: '2026-02-26T18:27:10',
    version: 'v11',
    statements: [
      allow(
        'CreateTemplates',
        { ec2: 'CreateLaunchTemplate' },
        { on: ec2('launch-template'), when: { StringEquals: REQUEST_MANAGED } },
      ),
      allow(
        'ChangeOwnTemplates',
        { ec2: 'CreateLaunchTemplateVersion ModifyLaunchTemplate' },
        { on: ec2('launch-template'), when: OPERATED_BY_ECS },
      ),
      allow(
        'CreateFleets',
        { ec2: 'CreateFleet' },
        {
          on: ec2('fleet', 'instance', 'launch-template', 'network-interface', 'volume'),
          when: { StringEquals: REQUEST_MANAGED },
        },
      ),
      allow('FleetsIn', { ec2: 'CreateFleet' }, { on: ec2('subnet', 'security-group', 'image') }),
      allow(
        'RunInstances',
        { ec2: 'RunInstances' },
        { on: ec2('instance', 'network-interface', 'volume'), when: { StringEquals: REQUEST_MANAGED } },
      ),
      allow(
        'FromOwnTemplates',
        { ec2: 'RunInstances' },
        {
          on: ec2('launch-template'),
          when: { StringEquals: { 'ec2:ResourceTag/AmazonECSManaged': 'true' } },
        },
      ),
      allow(
        'InstancesIn',
        { ec2: 'RunInstances' },
        { on: [...ec2('subnet', 'security-group', 'image'), 'arn:aws:resource-groups:*:*:group/*'] },
      ),
      allow(
        'TagOnCreation',
        { ec2: 'CreateTags' },
        {
          on: ec2('fleet', 'instance', 'launch-template', 'network-interface', 'volume'),
          when: { StringEquals: { 'ec2:CreateAction': ['CreateFleet', 'CreateLaunchTemplate', 'RunInstances'] } },
        },
      ),
      passRoleTo('InstanceRole', 'ec2.*', 'arn:aws:iam::*:role/ecsInstanceRole*'),
      allow(
        'SpotRole',
        { iam: 'CreateServiceLinkedRole' },
        { on: 'arn:aws:iam::*:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot' },
      ),
      allow('Look', {
        ec2: `DescribeAvailabilityZones DescribeCapacityReservations DescribeInstances DescribeInstanceTypeOfferings
          DescribeInstanceTypes DescribeLaunchTemplates DescribeNetworkInterfaces DescribeSecurityGroups
          DescribeSubnets DescribeVpcs`,
        'resource-groups': 'ListGroupResources',
        cloudformation: 'DescribeStacks ListStackResources',
        tag: 'GetResources',
      }),
    ],
  }),
  awsManaged({
    name: 'AmazonECSInfrastructureRolePolicyForVpcLattice',
    description: 'What Amazon ECS does with the target groups of Amazon VPC Lattice.',
    created: '2024-11-15T20:02:55',
    statements: [
      allow(
        'KeepTargets',
        { 'vpc-lattice': 'GetTargetGroup ListTargets RegisterTargets DeregisterTargets' },
        { on: 'arn:aws:vpc-lattice:*:*:targetgroup/*' },
      ),
      allow('Look', { ec2: 'DescribeInstances DescribeSubnets DescribeVpcs' }),
    ],
  }),
  awsManaged({
    name: 'AmazonECSInstanceRolePolicyForManagedInstances',
    description: 'What the agent does on ECS Managed Instances.',
    created: '2025-09-26T23:49:07',
    updated: '2026-07-02T02:57:22',
    version: 'v4',
    statements: [
      allow('FindEndpoint', { ecs: 'DiscoverPollEndpoint' }),
      allow(
        'JoinAndReport',
        { ecs: 'RegisterContainerInstance SubmitAttachmentStateChanges SubmitTaskStateChange' },
        { on: 'arn:aws:ecs:*:*:cluster/*' },
      ),
      allow('Poll', { ecs: 'Poll' }, { on: ['arn:aws:ecs:*:*:container-instance/*', 'arn:aws:ecs:*:*:task-set/*'] }),
      allow(
        'Telemetry',
        { ecs: 'StartTelemetrySession PutSystemLogEvents' },
        { on: 'arn:aws:ecs:*:*:container-instance/*' },
      ),
    ],
  }),
  awsManaged({
    name: 'AmazonECSComputeServiceRolePolicy',
    path: '/aws-service-role/',
    description: 'What Amazon ECS does with the instances that it manages.',
    created: '2025-03-24T17:37:06',
    updated: '2026-02-12T17:57:51',
    version: 'v6',
    statements: [
      allow('Look', {
        ec2: `DescribeFleets DescribeInstanceEventWindows DescribeInstances DescribeInstanceStatus DescribeLaunchTemplates
          DescribeLaunchTemplateVersions DescribeNetworkInterfaces`,
      }),
      allow(
        'RemoveOwnTemplates',
        { ec2: 'DeleteLaunchTemplate DeleteLaunchTemplateVersions' },
        { on: ec2('launch-template'), when: OPERATED_BY_ECS },
      ),
      allow('EndOwnInstances', { ec2: 'TerminateInstances' }, { on: ec2('instance'), when: OPERATED_BY_ECS }),
    ],
  }),
  awsManaged({
    name: 'AmazonECSServiceRolePolicy',
    path: '/aws-service-role/',
    description: 'What Amazon ECS does for clusters, services and tasks, in its service-linked role.',
    created: '2017-10-14T01:18:58',
    updated: '2026-04-22T23:12:09',
    version: 'v24',
    statements: [
      allow('Interfaces', {
        ec2: `CreateNetworkInterface DeleteNetworkInterface AttachNetworkInterface DetachNetworkInterface
          CreateNetworkInterfacePermission DeleteNetworkInterfacePermission AssociateTrunkInterface
          DisassociateTrunkInterface Describe*`,
      }),
      allow('TagInterfaces', { ec2: 'CreateTags' }, { on: ec2('network-interface') }),
      allow('KeepTargets', {
        elasticloadbalancing: `Describe* RegisterTargets DeregisterTargets RegisterInstancesWithLoadBalancer
          DeregisterInstancesFromLoadBalancer`,
      }),
      allow('Names', {
        route53: 'ChangeResourceRecordSets CreateHealthCheck UpdateHealthCheck DeleteHealthCheck Get* List*',
        servicediscovery: `RegisterInstance DeregisterInstance UpdateInstanceCustomHealthStatus DiscoverInstances
          DiscoverInstancesRevision Get* List*`,
      }),
      allow(
        'CreateOwnNames',
        { servicediscovery: 'CreateHttpNamespace CreateService' },
        { when: { 'ForAllValues:StringEquals': { 'aws:TagKeys': ['AmazonECSManaged'] } } },
      ),
      allow(
        'TagOwnNames',
        { servicediscovery: 'TagResource' },
        { when: { StringLike: { 'aws:RequestTag/AmazonECSManaged': '*' } } },
      ),
      allow(
        'ChangeOwnNames',
        { servicediscovery: 'DeleteService UpdateServiceAttributes' },
        { when: { Null: { 'aws:ResourceTag/AmazonECSManaged': 'false' } } },
      ),
      allow('LookAtGroups', { autoscaling: 'Describe*' }),
      allow(
        'ScaleOwnGroups',
        {
          autoscaling: `UpdateAutoScalingGroup SetInstanceProtection TerminateInstanceInAutoScalingGroup PutScalingPolicy
            DeletePolicy PutLifecycleHook DeleteLifecycleHook CompleteLifecycleAction RecordLifecycleActionHeartbeat`,
        },
        { when: { Null: { 'autoscaling:ResourceTag/AmazonECSManaged': 'false' } } },
      ),
      allow('ScalingPlans', {
        'autoscaling-plans': 'CreateScalingPlan DeleteScalingPlan DescribeScalingPlans DescribeScalingPlanResources',
      }),
      allow(
        'LookAtOwnRules',
        { events: 'DescribeRule ListTargetsByRule' },
        { on: 'arn:aws:events:*:*:rule/ecs-managed-*' },
      ),
      allow(
        'KeepOwnRules',
        { events: 'PutRule PutTargets' },
        { when: { StringEquals: { 'events:ManagedBy': 'ecs.amazonaws.com' } } },
      ),
      allow(
        'Alarms',
        { cloudwatch: 'PutMetricAlarm DeleteAlarms DescribeAlarms' },
        { on: 'arn:aws:cloudwatch:*:*:alarm:*' },
      ),
      allow(
        'OwnLogGroups',
        { logs: 'CreateLogGroup DescribeLogGroups PutRetentionPolicy' },
        { on: 'arn:aws:logs:*:*:log-group:/aws/ecs/*' },
      ),
      allow(
        'OwnLogStreams',
        { logs: 'CreateLogStream DescribeLogStreams PutLogEvents' },
        { on: 'arn:aws:logs:*:*:log-group:/aws/ecs/*:log-stream:*' },
      ),
      allow('LookAtSessions', { ssm: 'DescribeSessions' }),
      allow(
        'ExecuteCommand',
        { ssm: 'StartSession' },
        { on: [TASKS, 'arn:aws:ssm:*:*:document/AmazonECS-ExecuteInteractiveCommand'] },
      ),
      allow(
        'ExecuteCommandChannel',
        { ssmmessages: 'OpenDataChannel' },
        {
          on: 'arn:aws:ssm:*:*:session/*',
          when: { StringEquals: { 'aws:PrincipalAccount': '${aws:ResourceAccount}' } },
        },
      ),
    ],
  }),
];
