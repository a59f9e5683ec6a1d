/** A service that has roles of its own in an account, with what AWS gives them. */
export interface LinkedService {
  /** `ecs.amazonaws.com`, as in the role's path and trust policy. */
  readonly principal: string;
  /** Of the role without a suffix. */
  readonly roleName: string;
  /** Of the AWS managed policy, below `arn:aws:iam::aws:policy/aws-service-role/`. */
  readonly policyName: string;
  /** What the service writes where it makes the role itself. */
  readonly description?: string;
  /** More than one role is possible, told apart by a suffix. */
  readonly suffixes?: true;
}

/**
 * Each service's page on service-linked roles: those that run containers, and those that people's stacks create the role of.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_aws-services-that-work-with-iam.html
 */
const SERVICES: readonly LinkedService[] = [
  {
    principal: 'ecs.amazonaws.com',
    roleName: 'AWSServiceRoleForECS',
    policyName: 'AmazonECSServiceRolePolicy',
    description: 'Role to enable Amazon ECS to manage your cluster.',
  },
  {
    principal: 'elasticloadbalancing.amazonaws.com',
    roleName: 'AWSServiceRoleForElasticLoadBalancing',
    policyName: 'AWSElasticLoadBalancingServiceRolePolicy',
    description: 'Allows ELB to call AWS services on your behalf.',
  },
  {
    principal: 'autoscaling.amazonaws.com',
    roleName: 'AWSServiceRoleForAutoScaling',
    policyName: 'AutoScalingServiceRolePolicy',
    description:
      'Default Service-Linked Role enables access to AWS Services and Resources used or managed by Auto Scaling',
    suffixes: true,
  },
  service('ecs-compute', 'ECSCompute', 'AmazonECSComputeServiceRolePolicy'),
  service(
    'ecs.application-autoscaling',
    'ApplicationAutoScaling_ECSService',
    'AWSApplicationAutoscalingECSServicePolicy',
  ),
  service(
    'ec2.application-autoscaling',
    'ApplicationAutoScaling_EC2SpotFleetRequest',
    'AWSApplicationAutoscalingEC2SpotFleetRequestPolicy',
  ),
  service('spot', 'EC2Spot', 'AWSEC2SpotServiceRolePolicy'),
  service('spotfleet', 'EC2SpotFleet', 'AWSEC2SpotFleetServiceRolePolicy'),
  service('ec2fleet', 'EC2Fleet', 'AWSEC2FleetServiceRolePolicy'),
  service('ec2-instance-connect', 'Ec2InstanceConnect', 'Ec2InstanceConnectEndpoint'),
  service('ecr', 'ECRTemplate', 'ECRTemplateServiceRolePolicy'),
  service('replication.ecr', 'ECRReplication', 'ECRReplicationServiceRolePolicy'),
  service('pullthroughcache.ecr', 'ECRPullThroughCache', 'AWSECRPullThroughCache_ServiceRolePolicy'),
  service('acm', 'CertificateManager', 'CertificateManagerServiceRolePolicy'),
  service('cloudtrail', 'CloudTrail', 'CloudTrailServiceRolePolicy'),
  service('events', 'CloudWatchEvents', 'CloudWatchEventsServiceRolePolicy'),
  service('batch', 'Batch', 'BatchServiceRolePolicy'),
  service('eks', 'AmazonEKS', 'AmazonEKSServiceRolePolicy'),
  service('eks-fargate', 'AmazonEKSForFargate', 'AmazonEKSForFargateServiceRolePolicy'),
  service('eks-nodegroup', 'AmazonEKSNodegroup', 'AWSServiceRoleForAmazonEKSNodegroup'),
  service('elasticfilesystem', 'AmazonElasticFileSystem', 'AmazonElasticFileSystemServiceRolePolicy'),
  service('rds', 'RDS', 'AmazonRDSServiceRolePolicy'),
  service('elasticache', 'ElastiCache', 'ElastiCacheServiceRolePolicy'),
  service('mq', 'AmazonMQ', 'AmazonMQServiceRolePolicy'),
  service('kafka', 'Kafka', 'KafkaServiceRolePolicy'),
  service('opensearchservice', 'AmazonOpenSearchService', 'AmazonOpenSearchServiceRolePolicy'),
  service('ops.apigateway', 'APIGateway', 'APIGatewayServiceRolePolicy'),
  service('elasticbeanstalk', 'ElasticBeanstalk', 'AWSElasticBeanstalkServiceRolePolicy'),
  service('ssm', 'AmazonSSM', 'AmazonSSMServiceRolePolicy'),
  service('config', 'Config', 'AWSConfigServiceRolePolicy'),
  service('backup', 'Backup', 'AWSBackupServiceLinkedRolePolicyForBackup'),
  service('wafv2', 'WAFV2Logging', 'WAFV2LoggingServiceRolePolicy'),
];

export const LINKED_ROLE_PATH = '/aws-service-role/';
export const LINKED_ROLE_PREFIX = 'AWSServiceRoleFor';

/** Principals are case-sensitive. */
export function linkedService(principal: string): LinkedService | undefined {
  return SERVICES.find((one) => one.principal === principal);
}

export function linkedRoleName({ roleName }: LinkedService, suffix?: string): string {
  return suffix === undefined ? roleName : `${roleName}_${suffix}`;
}

export function linkedRolePath({ principal }: LinkedService): string {
  return `${LINKED_ROLE_PATH}${principal}/`;
}

export function linkedPolicyArn({ policyName }: LinkedService): string {
  return `arn:aws:iam::aws:policy/aws-service-role/${policyName}`;
}

export function linkedTrustPolicy({ principal }: LinkedService): string {
  const statement = { Effect: 'Allow', Principal: { Service: [principal] }, Action: ['sts:AssumeRole'] };
  return JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
}

function service(host: string, role: string, policyName: string): LinkedService {
  return { principal: `${host}.amazonaws.com`, roleName: `AWSServiceRoleFor${role}`, policyName };
}
