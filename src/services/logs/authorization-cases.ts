import type { AuthorizationCases } from '../../api/authorization-cases.ts';

const GROUP = 'arn:aws:logs:us-east-1:123456789012:log-group:/ecs/web';
const STREAMS = `${GROUP}:*`;
const STREAM = `${GROUP}:log-stream:one`;
const group = { logGroupName: '/ecs/web' };
const stream = { ...group, logStreamName: 'one' };

export const LOGS_CASES: AuthorizationCases<'logs'> = {
  CreateLogGroup: {
    input: { ...group, tags: { team: 'web' } },
    resources: [STREAMS],
    also: [{ action: 'logs:TagResource', resources: [GROUP] }],
  },
  DeleteLogGroup: { input: group, resources: [STREAMS] },
  DescribeLogGroups: { input: {}, resources: ['*'] },
  PutRetentionPolicy: { input: { ...group, retentionInDays: 7 }, resources: [STREAMS] },
  DeleteRetentionPolicy: { input: group, resources: [STREAMS] },
  CreateLogStream: { input: stream, resources: [STREAM] },
  DeleteLogStream: { input: stream, resources: [STREAM] },
  DescribeLogStreams: { input: { logGroupIdentifier: GROUP }, resources: [STREAMS] },
  FilterLogEvents: { input: group, resources: [STREAMS] },
  GetLogEvents: { input: stream, resources: [STREAM] },
  PutLogEvents: { input: { ...stream, logEvents: [] }, resources: [STREAM] },
  ListLogGroups: { input: {}, resources: ['*'] },
  PutLogGroupDeletionProtection: {
    input: { logGroupIdentifier: GROUP, deletionProtectionEnabled: true },
    resources: [STREAMS],
  },
  StartLiveTail: { input: { logGroupIdentifiers: [GROUP] }, resources: [STREAMS] },
  TestMetricFilter: { input: { filterPattern: '', logEventMessages: ['x'] }, resources: ['*'] },
  TagResource: { input: { resourceArn: GROUP, tags: { team: 'web' } }, resources: [GROUP] },
  UntagResource: { input: { resourceArn: GROUP, tagKeys: ['team'] }, resources: [GROUP] },
  ListTagsForResource: { input: { resourceArn: GROUP }, resources: [GROUP] },
  TagLogGroup: { input: { ...group, tags: { team: 'web' } }, resources: [STREAMS] },
  UntagLogGroup: { input: { ...group, tags: ['team'] }, resources: [STREAMS] },
  ListTagsLogGroup: { input: group, resources: [STREAMS] },
};
