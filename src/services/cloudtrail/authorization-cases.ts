import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const TRAIL = 'arn:aws:cloudtrail:us-east-1:123456789012:trail/audit';
const ROLE = 'arn:aws:iam::123456789012:role/trail-logs';
const GROUP = 'arn:aws:logs:us-east-1:123456789012:log-group:audit:*';
const PASSED = {
  action: 'iam:PassRole',
  resources: [ROLE],
  conditions: { 'iam:passedtoservice': 'cloudtrail.amazonaws.com' },
} as const;

/** https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html */
export const CLOUDTRAIL_CASES: AuthorizationCases<'cloudtrail'> = {
  AddTags: { input: { ResourceId: TRAIL, TagsList: [{ Key: 'team', Value: 'web' }] }, resources: [TRAIL] },
  CreateTrail: {
    input: {
      Name: 'audit',
      S3BucketName: 'audit-bucket',
      CloudWatchLogsLogGroupArn: GROUP,
      CloudWatchLogsRoleArn: ROLE,
      TagsList: [{ Key: 'team', Value: 'web' }],
    },
    resources: [TRAIL],
    also: [PASSED, { action: 'cloudtrail:AddTags', resources: [TRAIL] }],
  },
  DeleteTrail: { input: { Name: 'audit' }, resources: [TRAIL] },
  DescribeTrails: { input: {}, resources: ['*'] },
  GetEventSelectors: { input: { TrailName: 'audit' }, resources: [TRAIL] },
  GetInsightSelectors: { input: { TrailName: TRAIL }, resources: [TRAIL] },
  GetTrail: { input: { Name: TRAIL }, resources: [TRAIL] },
  GetTrailStatus: { input: { Name: 'audit' }, resources: [TRAIL] },
  ListPublicKeys: { input: {}, resources: ['*'] },
  ListTags: { input: { ResourceIdList: [TRAIL] }, resources: [TRAIL] },
  ListTrails: { input: {}, resources: ['*'] },
  LookupEvents: { input: {}, resources: ['*'] },
  PutEventSelectors: {
    input: { TrailName: 'audit', EventSelectors: [{ ReadWriteType: 'WriteOnly' }] },
    resources: [TRAIL],
  },
  RemoveTags: { input: { ResourceId: TRAIL, TagsList: [{ Key: 'team' }] }, resources: [TRAIL] },
  StartLogging: { input: { Name: 'audit' }, resources: [TRAIL] },
  StopLogging: { input: { Name: 'audit' }, resources: [TRAIL] },
  UpdateTrail: {
    input: { Name: 'audit', CloudWatchLogsLogGroupArn: GROUP, CloudWatchLogsRoleArn: ROLE },
    resources: [TRAIL],
    also: [PASSED],
  },
};
