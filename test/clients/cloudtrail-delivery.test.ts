import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { allowing, trusting } from '../harness/roles.ts';
import { bucketFor, createClusters, deliveryPolicy, lookUp, recorded, startTrail, trailArn } from '../harness/trail.ts';
import { until } from '../harness/until.ts';

/*
 * Trails: what they deliver to a bucket and to a log group, as `aws cloudtrail` sets them up. Digests, and what a crash
 * must not take, are in cloudtrail-digests.test.ts.
 */

const ACCOUNT = '123456789012';
const EVERY_SECOND = ['--trail-delivery-seconds', '1', '--trail-digest-seconds', '2'];

let server: Longshore;
let aws: Cli;

before(async () => {
  server = await Longshore.start({ args: EVERY_SECOND });
  aws = cliOf(server);
});

after(() => server?.remove());

const clusterNames = (events: readonly any[]): string[] =>
  events.map((event) => String(event.requestParameters?.clusterName)).toSorted();
const makes = (prefix: string) => (event: any) =>
  event.eventName === 'CreateCluster' && event.requestParameters.clusterName.startsWith(`${prefix}-`);

test('a trail needs a bucket whose policy lets CloudTrail in', async () => {
  const create = 'cloudtrail create-trail --name checked --s3-bucket-name';
  assert.equal(
    await aws.refused(create, 'files-of-nobody'),
    'S3BucketDoesNotExistException: S3 bucket files-of-nobody does not exist!',
  );
  await server.aws(['s3', 'mb', 's3://files-of-checked']);
  const denied =
    'InsufficientS3BucketPolicyException: Incorrect S3 bucket policy is detected for bucket: files-of-checked';
  assert.equal(await aws.refused(create, 'files-of-checked'), denied);
  const put = 's3api put-bucket-policy --bucket files-of-checked --policy';
  await aws(put, deliveryPolicy('files-of-checked', 'other'));
  assert.equal(await aws.refused(create, 'files-of-checked'), denied, 'a policy for another trail');
  await aws(put, deliveryPolicy('files-of-checked', 'checked'));
  const trail = {
    Name: 'checked',
    S3BucketName: 'files-of-checked',
    IncludeGlobalServiceEvents: true,
    IsMultiRegionTrail: false,
    TrailARN: trailArn('checked'),
    LogFileValidationEnabled: false,
    IsOrganizationTrail: false,
  };
  assert.deepEqual(await aws(create, 'files-of-checked'), trail);
  assert.match(await aws.refused(create, 'files-of-checked'), /^TrailAlreadyExistsException: Trail checked already/);
  const more = { HomeRegion: 'us-east-1', HasCustomEventSelectors: false, HasInsightSelectors: false };
  assert.deepEqual((await aws('cloudtrail get-trail --name checked')).Trail, { ...trail, ...more });
  assert.equal((await aws('cloudtrail get-trail-status --name checked')).IsLogging, false);
  await aws('cloudtrail delete-trail --name checked');
  assert.equal(await aws.code('cloudtrail get-trail --name checked'), 'TrailNotFoundException');
});

test('what is not supported says its name', async () => {
  const create = 'cloudtrail create-trail --name unsupported --s3-bucket-name files-of-unsupported';
  const said = await Promise.all([
    aws.refused('cloudtrail create-event-data-store --name lake'),
    aws.refused('cloudtrail put-insight-selectors --trail-name a --insight-selectors', '[]'),
    aws.refused('cloudtrail list-channels'),
    aws.refused('cloudtrail start-query --query-statement', 'SELECT 1'),
    aws.refused(create, '--sns-topic-name', 'news'),
    aws.refused(create, '--kms-key-id', 'alias/key'),
    aws.refused(create, '--is-organization-trail'),
  ]);
  assert.deepEqual(said, [
    'NotSupported: Longshore does not support cloudtrail:CreateEventDataStore yet.',
    'NotSupported: Longshore does not support cloudtrail:PutInsightSelectors yet.',
    'NotSupported: Longshore does not support cloudtrail:ListChannels yet.',
    'NotSupported: Longshore does not support cloudtrail:StartQuery yet.',
    'UnsupportedOperationException: SnsTopicName is not supported by this server.',
    'UnsupportedOperationException: KmsKeyId is not supported by this server.',
    'UnsupportedOperationException: IsOrganizationTrail is not supported by this server.',
  ]);
});

describe('a trail delivers', { concurrency: 3 }, () => {
  test('to a bucket: a packed file for each region, with the events that LookupEvents shows', async () => {
    const bucket = await startTrail(server, 'files', '--is-multi-region-trail');
    const names = [
      ...(await createClusters(server, 'files', 5)),
      ...(await createClusters(server, 'files', 2, 'eu-west-1')),
    ];
    const events = await bucket.waitFor(7, makes('files'));
    assert.deepEqual(clusterNames(events), names.toSorted());
    const shown = await lookUp(aws, 'EventName=CreateCluster');
    const abroad = await lookUp(aws, 'EventName=CreateCluster', '--region', 'eu-west-1');
    const byId = new Map([...shown, ...abroad].map(({ EventId, event }) => [EventId, event]));
    for (const event of events) assert.deepEqual(event, byId.get(event.eventID));

    const key = new RegExp(
      `^AWSLogs/${ACCOUNT}/CloudTrail/(us-east-1|eu-west-1)/(\\d{4})/(\\d\\d)/(\\d\\d)/${ACCOUNT}_CloudTrail_\\1_\\2\\3\\4T\\d{4}Z_[A-Za-z0-9]{16}\\.json\\.gz$`,
    );
    const files = await bucket.logs();
    for (const file of files) {
      const [, region] = key.exec(file.key) ?? [];
      assert.ok(region, file.key);
      assert.ok(file.content.Records.every((event: any) => event.awsRegion === region));
    }
    const [first] = files;
    const head = await aws(`s3api head-object --bucket ${bucket.name} --key`, first?.key ?? '');
    assert.deepEqual([head.ContentType, head.ContentEncoding], ['application/json', 'gzip']);
    const starts = (await bucket.events()).filter(
      (event) => event.eventName === 'StartLogging' && event.requestParameters.name === 'files',
    );
    assert.equal(starts.length, 1, 'it begins with the call that started it');
    const status = await aws('cloudtrail get-trail-status --name files');
    assert.ok(status.IsLogging && Date.parse(status.LatestDeliveryTime) >= Date.parse(status.StartLoggingTime));
    await aws('cloudtrail delete-trail --name files');
  });

  test('until it is stopped, or deleted, and not what came after', async () => {
    const bucket = await startTrail(server, 'stopped');
    await createClusters(server, 'before', 3);
    await aws('cloudtrail stop-logging --name stopped');
    await createClusters(server, 'between', 3);
    const { IsLogging, TimeLoggingStopped } = await aws('cloudtrail get-trail-status --name stopped');
    assert.equal(IsLogging, false);
    assert.match(TimeLoggingStopped, /^\d{4}-\d\d-\d\dT/);
    await bucket.waitFor(1, (event) => event.eventName === 'StopLogging');
    await aws('cloudtrail start-logging --name stopped');
    await createClusters(server, 'after', 3);
    await aws('cloudtrail delete-trail --name stopped');
    await createClusters(server, 'much-later', 3);
    await bucket.waitFor(1, (event) => event.eventName === 'DeleteTrail');
    const names = clusterNames((await bucket.events()).filter((event) => event.eventName === 'CreateCluster'));
    const own = names.filter((name) => /^(before|between|after|much-later)-/.test(name));
    assert.deepEqual(own, ['after-0', 'after-1', 'after-2', 'before-0', 'before-1', 'before-2']);
    assert.equal(await aws.code('cloudtrail get-trail-status --name stopped'), 'TrailNotFoundException');
  });

  test('what its selectors take', async () => {
    const bucket = await startTrail(server, 'selected');
    const selectors = ['--event-selectors', '[{"ReadWriteType":"WriteOnly"}]'];
    const put = await aws('cloudtrail put-event-selectors --trail-name selected', ...selectors);
    assert.equal(put.EventSelectors[0].ReadWriteType, 'WriteOnly');
    assert.equal((await aws('cloudtrail get-trail --name selected')).Trail.HasCustomEventSelectors, true);
    await aws('cloudtrail get-event-selectors --trail-name selected');
    await createClusters(server, 'selected', 1);
    await bucket.waitFor(1, makes('selected'));
    const since = (await bucket.events()).filter(({ eventName }) => eventName === 'GetEventSelectors');
    assert.deepEqual(since, []);
    const objects = '[{"ReadWriteType":"All","DataResources":[{"Type":"AWS::S3::Object","Values":["arn:aws:s3"]}]}]';
    assert.match(
      await aws.refused('cloudtrail put-event-selectors --trail-name selected --event-selectors', objects),
      /^InvalidEventSelectorsException: DataResources is not supported by this server/,
    );
    await aws('cloudtrail delete-trail --name selected');
  });

  test('when the bucket takes files again, what it has refused meanwhile', async () => {
    const bucket = await startTrail(server, 'refused');
    await aws(`s3api delete-bucket-policy --bucket ${bucket.name}`);
    const names = await createClusters(server, 'refused', 4);
    const status = await until('the status says why', async () => {
      const seen = await aws('cloudtrail get-trail-status --name refused');
      return seen.LatestDeliveryError !== undefined && seen;
    });
    assert.equal(status.LatestDeliveryError, 'AccessDenied');
    await aws(`s3api put-bucket-policy --bucket ${bucket.name} --policy`, deliveryPolicy(bucket.name, 'refused'));
    assert.deepEqual(clusterNames(await bucket.waitFor(4, makes('refused'))), names);
    await until('the status is well again', async () => {
      return (await aws('cloudtrail get-trail-status --name refused')).LatestDeliveryError === undefined;
    });
    await until('nothing came into the bucket while it was emptied', async () => {
      return (await server.aws(['s3', 'rb', '--force', `s3://${bucket.name}`])).code === 0;
    });
    await until('the status says that the bucket is gone', async () => {
      return (await aws('cloudtrail get-trail-status --name refused')).LatestDeliveryError === 'NoSuchBucket';
    });
    await aws('cloudtrail delete-trail --name refused');
  });

  test('to a log group, under a role that trusts it', async () => {
    const { arn } = await logGroup('audit');
    const role = `arn:aws:iam::${ACCOUNT}:role/trail-logs`;
    const trust = (service: string) => trusting({ Service: service });
    await aws('iam create-role --role-name trail-logs --assume-role-policy-document', trust('ecs-tasks.amazonaws.com'));
    const bucket = await bucketFor(server, 'logged');
    const create = `cloudtrail create-trail --name logged --s3-bucket-name ${bucket.name} --cloud-watch-logs-log-group-arn ${arn} --cloud-watch-logs-role-arn ${role}`;
    assert.equal(
      await aws.refused(create),
      'InvalidCloudWatchLogsRoleArnException: Access denied. Check the trust relationships for your role.',
    );
    const retrust = 'iam update-assume-role-policy --role-name trail-logs --policy-document';
    await aws(retrust, trust('cloudtrail.amazonaws.com'));
    assert.equal(
      await aws.refused(create),
      'InvalidCloudWatchLogsLogGroupArnException: Access denied. Check the permissions for your role.',
    );
    const write = allowing(['logs:CreateLogStream', 'logs:PutLogEvents'], [arn.replace(/\*$/, 'log-stream:*')]);
    await aws('iam put-role-policy --role-name trail-logs --policy-name write --policy-document', write);
    await aws(create);
    await aws('cloudtrail start-logging --name logged');
    const names = await createClusters(server, 'logged', 4);
    const messages = await until('the events are in the log group', async () => {
      const { events } = await aws('logs filter-log-events --log-group-name audit');
      const found = events.map(({ message }: any) => JSON.parse(message)).filter(makes('logged'));
      return found.length >= names.length && found;
    });
    assert.deepEqual(clusterNames(messages), names);
    const shown = new Map((await lookUp(aws, 'EventName=CreateCluster')).map((one) => [one.EventId, one.event]));
    for (const message of messages) assert.deepEqual(message, shown.get(message.eventID));
    const { logStreams } = await aws('logs describe-log-streams --log-group-name audit');
    assert.deepEqual(
      logStreams.map((stream: any) => stream.logStreamName),
      [`${ACCOUNT}_CloudTrail_us-east-1`],
    );
    const made = await recorded(aws, 'EventName=CreateLogStream', (event) => event.errorCode === undefined);
    assert.equal(
      made.event.userIdentity.arn,
      `arn:aws:sts::${ACCOUNT}:assumed-role/trail-logs/CLOUDWATCH_LOGS_DELIVERY_SESSION`,
    );
    await bucket.waitFor(4, makes('logged'));
    await aws('cloudtrail delete-trail --name logged');
  });
});

async function logGroup(name: string): Promise<{ arn: string }> {
  await aws(`logs create-log-group --log-group-name ${name}`);
  const { logGroups } = await aws(`logs describe-log-groups --log-group-name-prefix ${name}`);
  return logGroups[0];
}
