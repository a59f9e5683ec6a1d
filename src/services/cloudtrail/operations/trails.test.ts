import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { ServiceError } from '../../../kernel/errors.ts';
import { openTestTrail, type TestTrail } from '../testing.ts';

const ARN = 'arn:aws:cloudtrail:us-east-1:123456789012:trail/audit';
const GROUP = 'arn:aws:logs:us-east-1:123456789012:log-group:audit:*';
const ROLE = 'arn:aws:iam::123456789012:role/trail';
const LOGS = { CloudWatchLogsLogGroupArn: GROUP, CloudWatchLogsRoleArn: ROLE } as const;
const MADE = { Name: 'audit', S3BucketName: 'audit-bucket' } as const;
const EU = { region: 'eu-west-1' } as const;

async function open(context: TestContext): Promise<TestTrail> {
  const trail = await openTestTrail();
  context.after(() => trail.close());
  return trail;
}

test('a trail, made, changed, described and deleted', async (context) => {
  const trail = await open(context);
  const made = await trail.call('CreateTrail', {
    ...MADE,
    S3KeyPrefix: 'p',
    ...LOGS,
    TagsList: [{ Key: 'a', Value: 'b' }],
  });
  assert.deepEqual(made, {
    Name: 'audit',
    S3BucketName: 'audit-bucket',
    S3KeyPrefix: 'p',
    IncludeGlobalServiceEvents: true,
    IsMultiRegionTrail: false,
    TrailARN: ARN,
    LogFileValidationEnabled: false,
    CloudWatchLogsLogGroupArn: GROUP,
    CloudWatchLogsRoleArn: ROLE,
    IsOrganizationTrail: false,
  });
  assert.deepEqual(trail.destinations.puts, ['p/AWSLogs/123456789012/CloudTrail/']);
  assert.deepEqual([...trail.destinations.streams], ['123456789012_CloudTrail_us-east-1']);
  assert.deepEqual(trail.destinations.identities, [
    { sourceArn: ARN },
    { role: { arn: ROLE, sessionName: 'CLOUDWATCH_LOGS_DELIVERY_SESSION' } },
  ]);
  const changed = await trail.call('UpdateTrail', {
    Name: ARN,
    S3KeyPrefix: '',
    CloudWatchLogsLogGroupArn: '',
    CloudWatchLogsRoleArn: '',
    EnableLogFileValidation: true,
  });
  assert.deepEqual(
    [changed.S3KeyPrefix, changed.CloudWatchLogsLogGroupArn, changed.LogFileValidationEnabled],
    [undefined, undefined, true],
  );
  const { Trail } = await trail.call('GetTrail', { Name: 'audit' });
  assert.deepEqual(
    [Trail?.HomeRegion, Trail?.HasCustomEventSelectors, Trail?.HasInsightSelectors],
    ['us-east-1', false, false],
  );
  assert.deepEqual((await trail.call('ListTrails', {})).Trails, [
    { TrailARN: ARN, Name: 'audit', HomeRegion: 'us-east-1' },
  ]);
  await trail.call('DeleteTrail', { Name: 'audit' });
  await assert.rejects(trail.call('GetTrail', { Name: 'audit' }), {
    code: 'TrailNotFoundException',
    message: 'Unknown trail: audit for the user: 123456789012',
  });
});

test('a trail of all regions shows in each, and changes at home', async (context) => {
  const trail = await open(context);
  await trail.call('CreateTrail', { ...MADE, IsMultiRegionTrail: true });
  await trail.call('CreateTrail', { ...MADE, Name: 'local' });
  const describe = async (input: object) =>
    (await trail.call('DescribeTrails', input, EU)).trailList?.map((one) => one.Name);
  assert.deepEqual(await describe({}), ['audit']);
  assert.deepEqual(await describe({ includeShadowTrails: false }), []);
  assert.deepEqual(await describe({ trailNameList: ['audit', 'none'] }), []);
  assert.deepEqual(await describe({ trailNameList: [ARN] }), ['audit']);
  for (const Name of ['audit', ARN]) {
    await assert.rejects(trail.call('StopLogging', { Name }, EU), { code: 'InvalidHomeRegionException' });
  }
  await assert.rejects(trail.call('StopLogging', { Name: 'local' }, EU), { code: 'TrailNotFoundException' });
  assert.equal((await trail.call('GetTrail', { Name: ARN }, EU)).Trail?.Name, 'audit');
  await assert.rejects(trail.call('CreateTrail', MADE, EU), {
    code: 'TrailAlreadyExistsException',
    message: 'Trail audit already exists for customer: 123456789012',
  });
  await assert.rejects(trail.call('GetTrail', { Name: ARN }, { account: '111122223333' }), {
    code: 'TrailNotFoundException',
  });
});

test('two changes at once are both made', async (context) => {
  const trail = await open(context);
  await trail.call('CreateTrail', MADE);
  await Promise.all([
    trail.call('UpdateTrail', { Name: 'audit', S3KeyPrefix: 'p' }),
    trail.call('UpdateTrail', { Name: 'audit', IsMultiRegionTrail: true }),
  ]);
  const [row] = (await trail.call('DescribeTrails', {})).trailList ?? [];
  assert.deepEqual([row?.S3KeyPrefix, row?.IsMultiRegionTrail], ['p', true]);
});

test('five trails in a region', async (context) => {
  const trail = await open(context);
  for (const name of ['one', 'two', 'three', 'four', 'five']) await trail.call('CreateTrail', { ...MADE, Name: name });
  await assert.rejects(trail.call('CreateTrail', MADE), {
    code: 'MaximumNumberOfTrailsExceededException',
    message: 'User: 123456789012 already has 5 trails in us-east-1.',
  });
});

test('what CreateTrail refuses', async (context) => {
  const trail = await open(context);
  for (const [input, code, message] of [
    [{ Name: 'a' }, 'InvalidTrailNameException', /too short/],
    [{ S3BucketName: 'A' }, 'InvalidS3BucketNameException', /A is invalid/],
    [{ S3BucketName: 'other-bucket' }, 'S3BucketDoesNotExistException', /^S3 bucket other-bucket does not exist!$/],
    [{ S3KeyPrefix: '/x' }, 'InvalidS3PrefixException', /prefix/],
    [{ SnsTopicName: 't' }, 'UnsupportedOperationException', /^SnsTopicName is not supported/],
    [{ KmsKeyId: 'k' }, 'UnsupportedOperationException', /^KmsKeyId is not supported/],
    [{ IsOrganizationTrail: true }, 'UnsupportedOperationException', /IsOrganizationTrail/],
    [{ IsMultiRegionTrail: true, IncludeGlobalServiceEvents: false }, 'InvalidParameterCombinationException', /global/],
    [{ CloudWatchLogsLogGroupArn: GROUP }, 'InvalidCloudWatchLogsRoleArnException', /specify a role ARN as well/],
    [{ CloudWatchLogsRoleArn: ROLE }, 'InvalidCloudWatchLogsLogGroupArnException', /log group as well/],
    [{ ...LOGS, CloudWatchLogsLogGroupArn: 'audit' }, 'InvalidCloudWatchLogsLogGroupArnException', /cannot validate/],
    [{ TagsList: [{ Key: 'aws:x', Value: '' }] }, 'InvalidTagParameterException', /reserved/],
  ] as const) {
    await assert.rejects(trail.call('CreateTrail', { ...MADE, ...input } as typeof MADE), { code, message });
  }
  const denied = (message: string) => new ServiceError('AccessDeniedException', message);
  trail.destinations.refusal = denied('not authorized to perform: s3:PutObject');
  await assert.rejects(trail.call('CreateTrail', MADE), {
    code: 'InsufficientS3BucketPolicyException',
    message: 'Incorrect S3 bucket policy is detected for bucket: audit-bucket',
  });
  // S3 refuses whoever may not write, also where there is nothing to write to.
  await assert.rejects(trail.call('CreateTrail', { ...MADE, S3BucketName: 'other-bucket' }), {
    code: 'S3BucketDoesNotExistException',
  });
  assert.deepEqual((await trail.call('ListTrails', {})).Trails, []);
});

test('a log group or a role that does not take events', async (context) => {
  const trail = await open(context);
  await trail.call('CreateTrail', MADE);
  const calls = trail.destinations.calls as Record<string, unknown>;
  for (const [error, code, message] of [
    [
      new ServiceError('ResourceNotFoundException', 'x'),
      'InvalidCloudWatchLogsLogGroupArnException',
      /cannot validate/,
    ],
    [
      new ServiceError('AccessDeniedException', 'not authorized to perform: sts:AssumeRole'),
      'InvalidCloudWatchLogsRoleArnException',
      /^Access denied. Check the trust relationships for your role\.$/,
    ],
    [
      new ServiceError('AccessDeniedException', 'not authorized to perform: logs:CreateLogStream'),
      'InvalidCloudWatchLogsLogGroupArnException',
      /^Access denied. Check the permissions for your role\.$/,
    ],
  ] as const) {
    calls['logs:CreateLogStream'] = () => {
      throw error;
    };
    await assert.rejects(trail.call('UpdateTrail', { Name: 'audit', ...LOGS }), { code, message });
  }
});

test('selectors, insights, tags', async (context) => {
  const trail = await open(context);
  await trail.call('CreateTrail', MADE);
  assert.deepEqual((await trail.call('GetEventSelectors', { TrailName: 'audit' })).EventSelectors, [
    { ReadWriteType: 'All', IncludeManagementEvents: true, DataResources: [], ExcludeManagementEventSources: [] },
  ]);
  const AdvancedEventSelectors = [{ Name: 'w', FieldSelectors: [{ Field: 'eventCategory', Equals: ['Management'] }] }];
  const put = await trail.call('PutEventSelectors', { TrailName: 'audit', AdvancedEventSelectors });
  assert.deepEqual(put, { TrailARN: ARN, AdvancedEventSelectors });
  assert.deepEqual(await trail.call('GetEventSelectors', { TrailName: ARN }), put);
  assert.equal((await trail.call('GetTrail', { Name: 'audit' })).Trail?.HasCustomEventSelectors, true);
  await assert.rejects(trail.call('PutEventSelectors', { TrailName: 'audit' }), {
    code: 'InvalidEventSelectorsException',
  });
  await assert.rejects(trail.call('GetInsightSelectors', { TrailName: 'audit' }), {
    code: 'InsightNotEnabledException',
  });
  await trail.call('AddTags', { ResourceId: ARN, TagsList: [{ Key: 'a', Value: '1' }, { Key: 'b' }] });
  await trail.call('RemoveTags', { ResourceId: ARN, TagsList: [{ Key: 'a' }] });
  assert.deepEqual((await trail.call('ListTags', { ResourceIdList: [ARN] })).ResourceTagList, [
    { ResourceId: ARN, TagsList: [{ Key: 'b', Value: '' }] },
  ]);
  for (const [arn, code] of [
    ['arn:aws:cloudtrail:us-east-1:123456789012:eventdatastore/x', 'ResourceTypeNotSupportedException'],
    ['audit', 'CloudTrailARNInvalidException'],
    ['arn:aws:cloudtrail:us-east-1:123456789012:trail/none', 'TrailNotFoundException'],
  ] as const) {
    await assert.rejects(trail.call('ListTags', { ResourceIdList: [arn] }), { code });
  }
});
