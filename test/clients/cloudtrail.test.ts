import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CreateClusterCommand, DescribeTasksCommand } from '@aws-sdk/client-ecs';
import { CreateSecurityGroupCommand, DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { CreateUserCommand } from '@aws-sdk/client-iam';
import { CreateBucketCommand } from '@aws-sdk/client-s3';
import { CreateHostedZoneCommand } from '@aws-sdk/client-route-53';
import { cliOf, credentialsIn } from '../harness/cli.ts';
import type { Cli, Credentials } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { allowing, trusting } from '../harness/roles.ts';
import { lookUp, recorded } from '../harness/trail.ts';
import { until } from '../harness/until.ts';

/*
 * The audit trail as `aws cloudtrail lookup-events` of Debian's CLI shows it: who called what, and how it ended. What
 * must not be in it, and what a crash must not take from it, is in cloudtrail-safety.test.ts.
 */

const ACCOUNT = '123456789012';
const IAM = `arn:aws:iam::${ACCOUNT}`;
const UUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

let server: Longshore;
let aws: Cli;
let ann: Credentials;

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
  await aws('iam create-user --user-name ann --path /staff/');
  await aws('iam put-user-policy --user-name ann --policy-name own --policy-document', allowing(['sts:AssumeRole']));
  const { AccessKey } = await aws('iam create-access-key --user-name ann');
  ann = { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
  await aws('iam create-role --role-name deploy --assume-role-policy-document', trusting({ AWS: ACCOUNT }));
});

after(() => server?.remove());

/** The event of the cluster that this call made, or was refused. */
function clusterEvent(name: string) {
  return recorded(aws, 'EventName=CreateCluster', (event) => event.requestParameters?.clusterName === name);
}

describe('who called', { concurrency: 4 }, () => {
  test('root', async () => {
    const { cluster } = await aws('ecs create-cluster --cluster-name by-root');
    const { accessKeyId } = await server.credentials();
    const { event, EventTime, ...shown } = await clusterEvent('by-root');
    assert.deepEqual(event.userIdentity, {
      type: 'Root',
      principalId: ACCOUNT,
      arn: `${IAM}:root`,
      accountId: ACCOUNT,
      accessKeyId,
    });
    assert.match(event.userAgent, /^aws-cli\/2\./);
    assert.match(event.requestID, UUID);
    const { userIdentity: _, userAgent: __, requestID: ___, eventID, eventTime, ...rest } = event;
    assert.deepEqual(rest, {
      eventVersion: '1.11',
      eventSource: 'ecs.amazonaws.com',
      eventName: 'CreateCluster',
      awsRegion: 'us-east-1',
      sourceIPAddress: '127.0.0.1',
      requestParameters: { clusterName: 'by-root' },
      responseElements: { cluster },
      readOnly: false,
      resources: [{ accountId: ACCOUNT, type: 'AWS::ECS::Cluster', ARN: cluster.clusterArn }],
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: ACCOUNT,
      eventCategory: 'Management',
    });
    assert.equal(Date.parse(EventTime), Date.parse(eventTime));
    assert.deepEqual(shown, {
      EventId: eventID,
      EventName: 'CreateCluster',
      ReadOnly: 'false',
      AccessKeyId: accessKeyId,
      EventSource: 'ecs.amazonaws.com',
      Username: 'root',
      Resources: [{ ResourceType: 'AWS::ECS::Cluster', ResourceName: 'by-root' }],
    });
  });

  test('a user, who is refused', async () => {
    const refused = await cliOf(server, ann).refused('ecs create-cluster --cluster-name by-ann');
    const { event, ...shown } = await clusterEvent('by-ann');
    const { User } = await aws('iam get-user --user-name ann');
    assert.deepEqual(event.userIdentity, {
      type: 'IAMUser',
      principalId: User.UserId,
      arn: `${IAM}:user/staff/ann`,
      accountId: ACCOUNT,
      accessKeyId: ann.accessKeyId,
      userName: 'ann',
    });
    assert.equal(event.errorCode, 'AccessDenied');
    assert.equal(`AccessDeniedException: ${event.errorMessage}`, refused);
    assert.equal(event.responseElements, null);
    assert.deepEqual([shown.Username, shown.AccessKeyId], ['ann', ann.accessKeyId]);
  });

  test('a user whom EC2 refuses', async () => {
    await cliOf(server, ann).refused('ec2 create-security-group --group-name by-ann --description none');
    const fits = (event: any) => event.requestParameters?.groupName === 'by-ann';
    const { event } = await recorded(aws, 'EventName=CreateSecurityGroup', fits);
    assert.equal(event.errorCode, 'Client.UnauthorizedOperation');
    assert.match(
      event.errorMessage,
      /^You are not authorized to perform this operation\. User: .*:user\/staff\/ann is not/,
    );
  });

  test('a session of a role, from the call that made it on', async () => {
    const answer = await cliOf(
      server,
      ann,
    )(`sts assume-role --role-arn ${IAM}:role/deploy --role-session-name friday --duration-seconds 900`);
    const session = credentialsIn(answer);
    await cliOf(server, session).refused('ecs create-cluster --cluster-name by-session');
    const { event, Username } = await clusterEvent('by-session');
    const { Role } = await aws('iam get-role --role-name deploy');
    const { creationDate } = event.userIdentity.sessionContext.attributes;
    assert.deepEqual(event.userIdentity, {
      type: 'AssumedRole',
      principalId: `${Role.RoleId}:friday`,
      arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/friday`,
      accountId: ACCOUNT,
      accessKeyId: session.accessKeyId,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: Role.RoleId,
          arn: Role.Arn,
          accountId: ACCOUNT,
          userName: 'deploy',
        },
        attributes: { creationDate, mfaAuthenticated: 'false' },
      },
    });
    assert.equal(Username, 'friday');

    // What the temporary key did leads back to the call that gave it out.
    const [given] = await lookUp(aws, `ResourceName=${session.accessKeyId}`);
    assert.equal(given?.EventName, 'AssumeRole');
    assert.equal(given.event.userIdentity.userName, 'ann');
    assert.deepEqual(given.event.requestParameters, {
      roleArn: Role.Arn,
      roleSessionName: 'friday',
      durationSeconds: 900,
    });
    const { credentials, assumedRoleUser } = given.event.responseElements;
    assert.deepEqual(Object.keys(credentials).toSorted(), ['accessKeyId', 'expiration']);
    assert.equal(assumedRoleUser.arn, event.userIdentity.arn);
  });

  test('nobody: unsigned, with an unknown key, with a wrong secret', async () => {
    const names = ['DescribeServices', 'DescribeTaskDefinition', 'ListServices'] as const;
    await aws.refused('ecs describe-services --services a --no-sign-request');
    const stranger = cliOf(server, { accessKeyId: 'AKIAIOSFODNN7EXAMPLE', secretAccessKey: 'none' });
    await stranger.refused('ecs describe-task-definition --task-definition a');
    const forged = cliOf(server, { ...ann, secretAccessKey: 'wrong' });
    await forged.refused('ecs list-services');
    const events = await Promise.all(names.map((name) => recorded(aws, `EventName=${name}`)));
    assert.deepEqual(
      events.map(({ event }) => [event.errorCode, event.userIdentity]),
      [
        ['MissingAuthenticationTokenException', { type: 'Unknown' }],
        ['UnrecognizedClientException', { type: 'Unknown', accessKeyId: 'AKIAIOSFODNN7EXAMPLE' }],
        ['InvalidSignatureException', { type: 'Unknown', accessKeyId: ann.accessKeyId }],
      ],
    );
    for (const { event, ReadOnly, Username } of events) {
      assert.equal(event.sourceIPAddress, '127.0.0.1');
      assert.deepEqual([event.requestParameters, ReadOnly, Username], [null, 'true', undefined]);
    }
  });
});

describe('what was called', { concurrency: 4 }, () => {
  test('the request’s id is the answer’s, in each protocol', async () => {
    const { ecs, ec2, iam, route53, s3 } = await server.clients();
    const answers = await Promise.all([
      ecs.send(new CreateClusterCommand({ clusterName: 'ids' })),
      ec2.send(new CreateSecurityGroupCommand({ GroupName: 'ids', Description: 'ids' })),
      iam.send(new CreateUserCommand({ UserName: 'ids' })),
      route53.send(new CreateHostedZoneCommand({ Name: 'ids.example', CallerReference: 'ids' })),
      s3.send(new CreateBucketCommand({ Bucket: 'ids-of-requests' })),
      ec2.send(new DescribeVpcsCommand({})),
      ecs.send(new DescribeTasksCommand({ cluster: 'nowhere', tasks: ['a'] })).catch((error: unknown) => error),
    ]);
    const ids = answers.map((answer) => (answer as { $metadata: { requestId?: string } }).$metadata.requestId);
    for (const id of ids) assert.match(id ?? '', UUID);
    const found = await until('all of them are recorded', async () => {
      const events = (await lookUp(aws)).map(({ event }) => event);
      const fitting = ids.map((id) => events.find((event) => event.requestID === id));
      return fitting.every((event) => event !== undefined) && fitting;
    });
    assert.deepEqual(
      found.map(({ eventSource, eventName, readOnly }) => `${eventSource.split('.')[0]} ${eventName} ${readOnly}`),
      [
        'ecs CreateCluster false',
        'ec2 CreateSecurityGroup false',
        'iam CreateUser false',
        'route53 CreateHostedZone false',
        's3 CreateBucket false',
        'ec2 DescribeVpcs true',
        'ecs DescribeTasks true',
      ],
    );
    const [, group, user, zone, bucket, read, failed] = found;
    assert.match(group.responseElements.groupId, /^sg-/);
    assert.equal(group.responseElements.requestId, group.requestID);
    assert.equal(user.responseElements.user.arn, `${IAM}:user/ids`);
    assert.equal(zone.requestParameters.callerReference, 'ids');
    assert.deepEqual(bucket.requestParameters, { Host: `127.0.0.1:${server.port}`, bucketName: 'ids-of-requests' });
    assert.equal(read.responseElements, null);
    assert.deepEqual([failed.errorCode, failed.errorMessage], ['ClusterNotFoundException', 'Cluster not found.']);
    assert.deepEqual(failed.requestParameters, { cluster: 'nowhere', tasks: ['a'] });
  });

  test('services without regions are recorded in us-east-1, all others where they were called', async () => {
    const far = cliOf(server);
    await far('--region eu-central-1 iam create-group --group-name from-afar');
    await far('--region eu-central-1 route53 create-hosted-zone --name afar.example --caller-reference afar');
    await far('--region eu-central-1 sts get-caller-identity');
    await far('--region eu-central-1 ecs create-cluster --cluster-name from-afar');
    const { event } = await recorded(aws, 'EventName=CreateGroup');
    assert.equal(event.awsRegion, 'us-east-1');
    const zone = (one: any) => one.requestParameters?.name === 'afar.example';
    assert.equal((await recorded(aws, 'EventName=CreateHostedZone', zone)).event.awsRegion, 'us-east-1');
    const there = await lookUp(aws, undefined, '--region', 'eu-central-1');
    const names = there.map(({ EventName, event: { awsRegion } }) => `${EventName} ${awsRegion}`);
    assert.deepEqual(names.slice(-2), ['CreateCluster eu-central-1', 'GetCallerIdentity eu-central-1']);
    assert.ok(!names.some((name) => name.startsWith('CreateGroup')), names.join());
  });

  test('what is not built is recorded too, and who asks without leave', async () => {
    await aws.refused('cloudtrail list-channels');
    assert.equal((await recorded(aws, 'EventName=ListChannels')).event.errorCode, 'NotSupported');
    const own = cliOf(server, ann);
    assert.match(
      await own.refused('cloudtrail lookup-events'),
      /^AccessDeniedException: User: .*\/ann is not authorized to perform: cloudtrail:LookupEvents on resource: \* because no identity/,
    );
  });
});

describe('LookupEvents', { concurrency: 4 }, () => {
  before(async () => {
    const { ecs } = await server.clients();
    for (let i = 0; i < 7; i++) await ecs.send(new CreateClusterCommand({ clusterName: `page-${i}` }));
    await clusterEvent('page-6');
  });

  test('by each attribute', async () => {
    await cliOf(server, ann).refused('ecs delete-cluster --cluster page-0');
    const { event } = await recorded(aws, 'EventName=DeleteCluster');
    const arn = `arn:aws:ecs:us-east-1:${ACCOUNT}:cluster/page-3`;
    const found = async (attribute: string) => lookUp(aws, attribute, '--max-items', '100');
    const [byId, byKey, byUser, bySource, byType, byName, byArn, reads, writes, none] = await Promise.all([
      found(`EventId=${event.eventID}`),
      found(`AccessKeyId=${ann.accessKeyId}`),
      found('Username=ann'),
      found('EventSource=cloudtrail.amazonaws.com'),
      found('ResourceType=AWS::ECS::Cluster'),
      found('ResourceName=page-3'),
      found(`ResourceName=${arn}`),
      found('ReadOnly=true'),
      found('ReadOnly=false'),
      found('EventName=createcluster'),
    ]);
    assert.deepEqual(
      byId.map((one) => one.event),
      [event],
    );
    assert.ok(byKey.some((one) => one.EventId === event.eventID));
    assert.ok(byKey.every((one) => one.AccessKeyId === ann.accessKeyId));
    assert.ok(byUser.some((one) => one.EventId === event.eventID));
    assert.ok(byUser.every((one) => one.Username === 'ann'));
    assert.ok(bySource.length > 0 && bySource.every((one) => one.EventSource === 'cloudtrail.amazonaws.com'));
    assert.ok(
      byType.length >= 8 && byType.every((one) => one.Resources.some((r) => r.ResourceType.endsWith('Cluster'))),
    );
    assert.deepEqual(
      byName.map((one) => one.event.requestParameters),
      [{ clusterName: 'page-3' }],
    );
    assert.deepEqual(byArn, byName);
    assert.ok(reads.length > 0 && reads.every((one) => one.ReadOnly === 'true' && one.event.readOnly));
    assert.ok(writes.length > 0 && writes.every((one) => one.ReadOnly === 'false' && !one.event.readOnly));
    assert.deepEqual(none, []);
  });

  test('page by page, newest first, each event once', async () => {
    const clusters = ['--lookup-attributes', 'AttributeKey=ResourceType,AttributeValue=AWS::ECS::Cluster'];
    const first = await aws('cloudtrail lookup-events --max-results 3 --no-paginate', ...clusters);
    assert.equal(first.Events.length, 3);
    const next = ['--next-token', first.NextToken];
    const second = await aws('cloudtrail lookup-events --max-results 3 --no-paginate', ...clusters, ...next);
    const all = await aws('cloudtrail lookup-events --page-size 2', ...clusters);
    const idsOf = ({ Events }: any): string[] => Events.map((one: any) => one.EventId);
    const inAll = idsOf(all);
    assert.equal(new Set(inAll).size, inAll.length);
    const times = all.Events.map((one: any) => one.EventTime);
    assert.deepEqual(times, times.toSorted().toReversed());
    const at = inAll.indexOf(idsOf(first)[0] ?? '');
    assert.deepEqual([...idsOf(first), ...idsOf(second)], inAll.slice(at, at + 6));
    assert.equal(
      await aws.code('cloudtrail lookup-events --no-paginate --next-token junk'),
      'InvalidNextTokenException',
    );
  });

  test('a range of time', async () => {
    const { EventTime } = await recorded(aws, 'ResourceName=page-3');
    const range = ['--start-time', EventTime, '--end-time', EventTime];
    const inRange = await lookUp(aws, 'EventName=CreateCluster', ...range);
    assert.ok(inRange.some(({ event }) => event.requestParameters.clusterName === 'page-3'));
    assert.ok(inRange.every((one) => one.EventTime === EventTime));
    const past = ['--start-time', '2020-01-01T00:00:00Z', '--end-time', '2020-01-02T00:00:00Z'];
    assert.deepEqual(await lookUp(aws, undefined, ...past), []);
    assert.deepEqual(
      await Promise.all([
        aws.code('cloudtrail lookup-events --start-time 2026-01-02 --end-time 2026-01-01'),
        aws.code('cloudtrail lookup-events --no-paginate --max-results 51'),
        aws.code('cloudtrail lookup-events --event-category insight'),
        aws.code('cloudtrail lookup-events --lookup-attributes AttributeKey=Nothing,AttributeValue=x'),
      ]),
      [
        'InvalidTimeRangeException',
        'InvalidMaxResultsException',
        'UnsupportedOperationException',
        'InvalidLookupAttributesException',
      ],
    );
  });
});
