import { allow, awsManaged, type AwsManagedPolicy } from './managed-policy.ts';

/** What Cloud Map does in Route 53 for a namespace, and for an instance in it. */
const ZONES_OF_NAMESPACES = 'CreateHostedZone DeleteHostedZone';
const RECORDS_OF_INSTANCES = `GetHostedZone ListHostedZonesByName ChangeResourceRecordSets CreateHealthCheck GetHealthCheck
  UpdateHealthCheck DeleteHealthCheck`;
const DISCOVER = 'DiscoverInstances DiscoverInstancesRevision';

/**
 * https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/security-iam-awsmanpol-route53.html and
 * https://docs.aws.amazon.com/cloud-map/latest/dg/security-iam-awsmanpol.html
 */
export const NAME_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'AmazonRoute53FullAccess',
    description: 'All of Amazon Route 53, and looking at what names can stand for.',
    created: '2015-02-06T18:40:54',
    updated: '2026-02-12T18:00:40',
    version: 'v7',
    statements: [
      allow('Names', { route53: '*', route53domains: '*' }),
      allow('LookAtTargets', {
        cloudfront: 'ListDistributions GetDistributionTenantByDomain GetConnectionGroup',
        elasticbeanstalk: 'DescribeEnvironments',
        elasticloadbalancing: 'DescribeLoadBalancers',
        es: 'DescribeDomains ListDomainNames',
        lightsail: 'GetContainerServices',
        s3: 'GetBucketLocation GetBucketWebsite ListBucket',
        tag: 'GetResources',
      }),
      allow('LookAtApis', { apigateway: 'GET' }, { on: 'arn:aws:apigateway:*::/domainnames' }),
      allow('LookAtNetworks', { ec2: 'DescribeRegions DescribeVpcEndpoints DescribeVpcs' }),
      allow('LookAtAlarms', {
        cloudwatch: 'DescribeAlarms GetMetricData GetMetricStatistics',
        sns: 'ListSubscriptionsByTopic ListTopics',
      }),
    ],
  }),
  awsManaged({
    name: 'AmazonRoute53ReadOnlyAccess',
    description: 'Looking at Amazon Route 53.',
    created: '2015-02-06T18:40:55',
    updated: '2016-11-15T21:15:16',
    version: 'v2',
    statements: [allow('Names', { route53: 'Get* List* TestDNSAnswer' })],
  }),
  awsManaged({
    name: 'AWSCloudMapFullAccess',
    description: 'All of AWS Cloud Map.',
    created: '2018-11-28T23:57:31',
    updated: '2020-07-29T19:15:35',
    version: 'v2',
    statements: [
      allow('Namespaces', { servicediscovery: '*' }),
      allow('Names', { route53: `${ZONES_OF_NAMESPACES} ${RECORDS_OF_INSTANCES}` }),
      allow('Look', { ec2: 'DescribeInstances DescribeRegions DescribeVpcs' }),
    ],
  }),
  awsManaged({
    name: 'AWSCloudMapReadOnlyAccess',
    description: 'Looking at AWS Cloud Map.',
    created: '2018-11-28T23:45:26',
    updated: '2023-09-20T21:47:45',
    version: 'v2',
    statements: [allow('Namespaces', { servicediscovery: `Get* List* ${DISCOVER}` })],
  }),
  awsManaged({
    name: 'AWSCloudMapDiscoverInstanceAccess',
    description: 'Finding instances in AWS Cloud Map.',
    created: '2018-11-29T00:02:42',
    updated: '2023-09-20T21:48:09',
    version: 'v2',
    statements: [allow('Discover', { servicediscovery: DISCOVER })],
  }),
  awsManaged({
    name: 'AWSCloudMapRegisterInstanceAccess',
    description: 'Registering instances in AWS Cloud Map, and finding them.',
    created: '2018-11-29T00:04:57',
    updated: '2023-09-20T21:47:06',
    version: 'v3',
    statements: [
      allow('Register', { servicediscovery: `RegisterInstance DeregisterInstance Get* List* ${DISCOVER}` }),
      allow('Names', { route53: RECORDS_OF_INSTANCES }),
      allow('Look', { ec2: 'DescribeInstances' }),
    ],
  }),
];
