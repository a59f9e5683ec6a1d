import { allow, awsManaged, createLinkedRole, passRoleTo, type AwsManagedPolicy } from './managed-policy.ts';

const LOOK_AT_FILE_SYSTEMS = `DescribeAccessPoints DescribeAccountPreferences DescribeBackupPolicy DescribeFileSystemPolicy
  DescribeFileSystems DescribeLifecycleConfiguration DescribeMountTargets DescribeMountTargetSecurityGroups
  DescribeReplicationConfigurations DescribeTags ListTagsForResource`;
const LOOK_AT_NETWORKS = `DescribeAvailabilityZones DescribeNetworkInterfaceAttribute DescribeNetworkInterfaces
  DescribeSecurityGroups DescribeSubnets DescribeVpcAttribute DescribeVpcs`;

/**
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-iam-awsmanpol.html and
 * https://docs.aws.amazon.com/efs/latest/ug/security-iam-awsmanpol.html
 */
export const STORAGE_POLICIES: readonly AwsManagedPolicy[] = [
  awsManaged({
    name: 'AmazonS3FullAccess',
    description: 'All buckets.',
    created: '2015-02-06T18:40:58',
    updated: '2021-09-27T20:16:37',
    version: 'v2',
    statements: [allow('Buckets', { s3: '*', 's3-object-lambda': '*' })],
  }),
  awsManaged({
    name: 'AmazonS3ReadOnlyAccess',
    description: 'Reading all buckets.',
    created: '2015-02-06T18:40:59',
    updated: '2023-08-10T21:31:39',
    version: 'v3',
    statements: [allow('Buckets', { s3: 'Describe* Get* List*', 's3-object-lambda': 'Get* List*' })],
  }),
  awsManaged({
    name: 'AmazonElasticFileSystemClientReadOnlyAccess',
    description: 'Mounting file systems of Amazon EFS for reading.',
    created: '2020-01-13T16:24:36',
    statements: [allow('Mount', { elasticfilesystem: 'ClientMount DescribeMountTargets' })],
  }),
  awsManaged({
    name: 'AmazonElasticFileSystemClientReadWriteAccess',
    description: 'Mounting file systems of Amazon EFS for reading and writing.',
    created: '2020-01-13T16:21:55',
    statements: [allow('Mount', { elasticfilesystem: 'ClientMount ClientWrite DescribeMountTargets' })],
  }),
  awsManaged({
    name: 'AmazonElasticFileSystemClientFullAccess',
    description: 'Mounting file systems of Amazon EFS for all uses, as root too.',
    created: '2020-01-13T16:27:00',
    statements: [
      allow('Mount', { elasticfilesystem: 'ClientMount ClientWrite ClientRootAccess DescribeMountTargets' }),
    ],
  }),
  awsManaged({
    name: 'AmazonElasticFileSystemReadOnlyAccess',
    description: 'Looking at Amazon EFS.',
    created: '2015-05-27T16:25:25',
    updated: '2024-11-07T19:39:56',
    version: 'v9',
    statements: [
      allow('FileSystems', { elasticfilesystem: `${LOOK_AT_FILE_SYSTEMS} ReplicationRead` }),
      allow('Look', {
        cloudwatch: 'DescribeAlarmsForMetric GetMetricData',
        ec2: LOOK_AT_NETWORKS,
        kms: 'ListAliases',
      }),
    ],
  }),
  awsManaged({
    name: 'AmazonElasticFileSystemFullAccess',
    description: 'All of Amazon EFS but mounting.',
    created: '2015-05-27T16:22:28',
    updated: '2024-11-07T19:34:20',
    version: 'v10',
    statements: [
      allow('LookAtFileSystems', { elasticfilesystem: LOOK_AT_FILE_SYSTEMS }),
      allow('KeepFileSystems', {
        elasticfilesystem: `CreateFileSystem UpdateFileSystem UpdateFileSystemProtection DeleteFileSystem CreateMountTarget
          ModifyMountTargetSecurityGroups DeleteMountTarget CreateAccessPoint DeleteAccessPoint PutFileSystemPolicy
          DeleteFileSystemPolicy PutLifecycleConfiguration PutAccountPreferences CreateTags DeleteTags TagResource
          UntagResource`,
      }),
      allow('CopyFileSystems', {
        elasticfilesystem: `Backup Restore PutBackupPolicy CreateReplicationConfiguration DeleteReplicationConfiguration
          ReplicationRead ReplicationWrite`,
      }),
      allow('Networks', {
        ec2: `${LOOK_AT_NETWORKS} CreateNetworkInterface ModifyNetworkInterfaceAttribute DeleteNetworkInterface`,
      }),
      allow('Look', { cloudwatch: 'DescribeAlarmsForMetric GetMetricData', kms: 'DescribeKey ListAliases' }),
      createLinkedRole('ServiceLinkedRole', 'elasticfilesystem.amazonaws.com'),
      passRoleTo('ReplicationRole', 'elasticfilesystem.amazonaws.com', 'arn:aws:iam::*:role/*'),
    ],
  }),
];
