import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import type { Change, HealthCheckConfig, ResourceRecordSet } from '@aws-sdk/client-route-53';
import { openTestService, type TestService } from '../../api/testing.ts';
import { NameTable } from '../../network/dns/name-table.ts';
import { route53 } from './index.ts';

describe('Route 53 routing and health', () => {
  let endpoint: Server;
  let answer: { status: number; body: string };
  let probed: string[];
  let service: TestService<'route53'>;
  let names: NameTable;
  let targets: { State: string }[][];
  let zone: string;

  before(async () => {
    endpoint = createServer((request, response) => {
      probed.push(`${request.headers.host} ${request.url}`);
      response.writeHead(answer.status).end(answer.body);
    });
    await new Promise<void>((resolve) => endpoint.listen(0, '127.0.0.1', resolve));
  });
  after(() => endpoint.close());
  beforeEach(async () => {
    [answer, probed, targets] = [{ status: 200, body: 'fine' }, [], []];
    names = new NameTable();
    const calls = {
      'elbv2:DescribeLoadBalancers': () => ({
        LoadBalancers: [{ LoadBalancerArn: 'arn:lb', DNSName: 'Web-1.us-east-1.elb.localhost' }],
      }),
      'elbv2:DescribeTargetGroups': () => ({ TargetGroups: targets.map((_, at) => ({ TargetGroupArn: String(at) })) }),
      'elbv2:DescribeTargetHealth': ({ TargetGroupArn }: { TargetGroupArn: string }) => ({
        TargetHealthDescriptions: targets[Number(TargetGroupArn)]?.map((TargetHealth) => ({ TargetHealth })),
      }),
    };
    service = openTestService('route53', route53, { names, domain: 'localhost' }, { calls });
    const made = await service.call('CreateHostedZone', { Name: 'example.com', CallerReference: '1' });
    zone = made.HostedZone?.Id ?? '';
  });
  afterEach(() => service.close());

  const port = () => (endpoint.address() as AddressInfo).port;
  const makeCheck = async (more: Partial<HealthCheckConfig> = {}) => {
    const HealthCheckConfig = {
      Type: 'HTTP',
      IPAddress: '127.0.0.1',
      Port: port(),
      FailureThreshold: 2,
      ...more,
    } as const;
    const made = await service.call('CreateHealthCheck', {
      CallerReference: `${more.ResourcePath}`,
      HealthCheckConfig,
    });
    return made.HealthCheck?.Id ?? '';
  };
  const change = (...changes: readonly (readonly [Change['Action'], ResourceRecordSet])[]) =>
    service.call('ChangeResourceRecordSets', {
      HostedZoneId: zone,
      ChangeBatch: { Changes: changes.map(([Action, ResourceRecordSet]) => ({ Action, ResourceRecordSet })) },
    });
  const a = (value: string, more: Partial<ResourceRecordSet>): ResourceRecordSet => ({
    Name: 'www.example.com',
    Type: 'A',
    TTL: 60,
    ResourceRecords: [{ Value: value }],
    SetIdentifier: value,
    ...more,
  });
  const answers = () => names.lookUp({ name: 'www.example.com', type: 'A' })?.values;
  /** As time goes on while nothing else happens: every probe that falls due, one after another. */
  const pass = async (times: number) => {
    for (let at = 0; at < times; at += 1) {
      service.clock.advance(30_000);
      await service.reconcile();
    }
  };
  const statusOf = async (HealthCheckId: string) =>
    (await service.call('GetHealthCheckStatus', { HealthCheckId })).HealthCheckObservations?.[0]?.StatusReport?.Status;

  test('failover follows the health check, there and back', async () => {
    const HealthCheckId = await makeCheck();
    await change(
      ['CREATE', a('192.0.2.1', { Failover: 'PRIMARY', HealthCheckId })],
      ['CREATE', a('192.0.2.2', { Failover: 'SECONDARY' })],
    );
    await service.reconcile();
    assert.deepEqual(answers(), ['192.0.2.1']);
    assert.equal(await statusOf(HealthCheckId), 'Success: HTTP Status Code 200, OK');
    answer = { status: 503, body: '' };
    await pass(1);
    assert.deepEqual(answers(), ['192.0.2.1']);
    await pass(1);
    assert.deepEqual(answers(), ['192.0.2.2']);
    assert.equal(await statusOf(HealthCheckId), 'Failure: HTTP Status Code 503, Service Unavailable');
    answer = { status: 301, body: '' };
    await pass(2);
    assert.deepEqual(answers(), ['192.0.2.1']);
    const { HealthCheckObservations } = await service.call('GetHealthCheckLastFailureReason', { HealthCheckId });
    assert.match(HealthCheckObservations?.[0]?.StatusReport?.Status ?? '', /503/);
    assert.equal(probed[0], `127.0.0.1:${port()} /`);
  });

  test('a set that cannot stand beside the others is refused in the words of AWS', async () => {
    await change(['CREATE', a('192.0.2.1', { Weight: 1 })]);
    const refused = async (set: ResourceRecordSet, message: RegExp, code = 'InvalidChangeBatch') =>
      assert.rejects(change(['CREATE', set]), { code, message });
    const exists =
      /type A, SetIdentifier 192\.0\.2\.2 cannot be created as other RRSets exist with the same name and type\./;
    await refused(a('192.0.2.2', { MultiValueAnswer: true }), exists);
    const { SetIdentifier: _, ...simple } = a('192.0.2.3', {});
    await refused(simple, /type A cannot be created as other RRSets exist/);
    await refused(a('192.0.2.1', { Weight: 2 }), /set identifier='192\.0\.2\.1'\] but it already exists/);
    await refused(
      { ...simple, Weight: 1 },
      /Missing field 'SetIdentifier' in Change with \[Action=CREATE/,
      'InvalidInput',
    );
    await refused(a('192.0.2.4', {}), /but found none/, 'InvalidInput');
    await refused(a('192.0.2.4', { Weight: 256 }), /Weight must be between 0 and 255/, 'InvalidInput');
    await refused(a('192.0.2.4', { Weight: 1, HealthCheckId: 'none' }), /No health check exists/);
    await refused(a('192.0.2.4', { Name: 'b.example.com', Failover: 'PRIMARY' }), /must have a health check/);
  });

  test('sets of one name are listed by their identifiers, and go one by one', async () => {
    const sets = ['192.0.2.3', '192.0.2.1', '192.0.2.2'].map((value) => a(value, { Weight: 10 }));
    await change(...sets.map((set) => ['CREATE', set] as const));
    const first = await service.call('ListResourceRecordSets', { HostedZoneId: zone, MaxItems: 3 });
    assert.equal(first.NextRecordIdentifier, '192.0.2.2');
    const rest = await service.call('ListResourceRecordSets', {
      HostedZoneId: zone,
      StartRecordName: first.NextRecordName,
      StartRecordType: first.NextRecordType,
      StartRecordIdentifier: first.NextRecordIdentifier,
    });
    assert.deepEqual(
      rest.ResourceRecordSets?.map((set) => [set.SetIdentifier, set.Weight]),
      [
        ['192.0.2.2', 10],
        ['192.0.2.3', 10],
      ],
    );
    await change(['DELETE', a('192.0.2.2', { Weight: 10 })], ['UPSERT', a('192.0.2.3', { Weight: 0 })]);
    await service.reconcile();
    assert.deepEqual(answers(), ['192.0.2.1']);
  });

  test('calculated, inverted and disabled checks', async () => {
    const [one, other] = [
      await makeCheck(),
      await makeCheck({ ResourcePath: '/other', SearchString: 'fine', Type: 'HTTP_STR_MATCH' }),
    ];
    const all = { Type: 'CALCULATED', HealthThreshold: 2, ChildHealthChecks: [one, other] };
    const both = await service.call('CreateHealthCheck', {
      CallerReference: 'both',
      HealthCheckConfig: { ...all } as HealthCheckConfig,
    });
    const HealthCheckId = both.HealthCheck?.Id ?? '';
    await change(['CREATE', a('192.0.2.1', { Weight: 9, HealthCheckId })], ['CREATE', a('192.0.2.2', { Weight: 0 })]);
    await pass(1);
    assert.deepEqual(answers(), ['192.0.2.1']);
    answer = { status: 200, body: 'ill' };
    await pass(2);
    assert.deepEqual(answers(), ['192.0.2.2']);
    assert.match((await statusOf(other)) ?? '', /did not match the search string/);
    await service.call('UpdateHealthCheck', { HealthCheckId: other, Disabled: true, HealthCheckVersion: 1 });
    await service.reconcile();
    assert.deepEqual(answers(), ['192.0.2.1']);
    await service.call('UpdateHealthCheck', { HealthCheckId: other, Inverted: true });
    await service.reconcile();
    assert.deepEqual(answers(), ['192.0.2.2']);
    await assert.rejects(service.call('UpdateHealthCheck', { HealthCheckId: other, HealthCheckVersion: 1 }), {
      code: 'HealthCheckVersionMismatch',
    });
    await assert.rejects(service.call('DeleteHealthCheck', { HealthCheckId: one }), { code: 'HealthCheckInUse' });
    await service.call('DeleteHealthCheck', { HealthCheckId });
    await service.call('DeleteHealthCheck', { HealthCheckId: one });
    await assert.rejects(service.call('GetHealthCheck', { HealthCheckId: one }), { code: 'NoSuchHealthCheck' });
  });

  test('an alias with EvaluateTargetHealth leaves a load balancer without healthy targets', async () => {
    const AliasTarget = {
      HostedZoneId: 'Z35SXDOTRQ7X7K',
      DNSName: 'web-1.us-east-1.elb.localhost',
      EvaluateTargetHealth: true,
    };
    names.publish({
      zoneId: 'elb:1',
      origin: 'web-1.us-east-1.elb.localhost',
      visibility: 'public',
      records: [{ name: 'web-1.us-east-1.elb.localhost', type: 'A', ttlSeconds: 60, values: ['198.18.0.1'] }],
    });
    await change(
      ['CREATE', { Name: 'www.example.com', Type: 'A', SetIdentifier: 'lb', Failover: 'PRIMARY', AliasTarget }],
      ['CREATE', a('192.0.2.2', { Failover: 'SECONDARY' })],
    );
    targets = [[{ State: 'unhealthy' }, { State: 'healthy' }]];
    await service.reconcile();
    assert.deepEqual(answers(), ['198.18.0.1']);
    targets = [[{ State: 'healthy' }], [{ State: 'unhealthy' }]];
    await pass(1);
    assert.deepEqual(answers(), ['192.0.2.2']);
    targets = [[{ State: 'healthy' }]];
    await pass(1);
    assert.deepEqual(answers(), ['198.18.0.1']);
  });

  test('what cannot be checked is refused by name', async () => {
    const refused = async (more: Partial<HealthCheckConfig>, message: RegExp) =>
      assert.rejects(makeCheck(more), { code: 'InvalidInput', message });
    await refused({ IPAddress: '169.254.169.254' }, /IPAddress must be the address of an endpoint/);
    await refused({ Type: 'CLOUDWATCH_METRIC' }, /health check type CLOUDWATCH_METRIC/);
    await refused({ MeasureLatency: true }, /MeasureLatency is not supported/);
    await refused({ RequestInterval: 20 }, /RequestInterval must be 10 or 30/);
    await refused({ SearchString: 'x' }, /SearchString/);
    await refused({ FailureThreshold: 11 }, /FailureThreshold must be between 1 and 10/);
    const reference = {
      CallerReference: 'x',
      HealthCheckConfig: { Type: 'TCP', Port: 9, IPAddress: '127.0.0.1' } as HealthCheckConfig,
    };
    const made = await service.call('CreateHealthCheck', reference);
    assert.equal((await service.call('CreateHealthCheck', reference)).HealthCheck?.Id, made.HealthCheck?.Id);
    const other = { ...reference, HealthCheckConfig: { ...reference.HealthCheckConfig, Port: 10 } };
    await assert.rejects(service.call('CreateHealthCheck', other), { code: 'HealthCheckAlreadyExists' });
    await service.reconcile();
    assert.match((await statusOf(made.HealthCheck?.Id ?? '')) ?? '', /^Failure: Connection refused/);
  });

  test('answers are tested, zones listed by VPC, limits told, checks tagged', async () => {
    await change(['CREATE', a('192.0.2.1', { Weight: 1 })]);
    await service.reconcile();
    const asked = await service.call('TestDNSAnswer', {
      HostedZoneId: zone,
      RecordName: 'www.example.com',
      RecordType: 'A',
    });
    assert.deepEqual([asked.ResponseCode, asked.RecordData, asked.Protocol], ['NOERROR', ['192.0.2.1'], 'UDP']);
    const limit = await service.call('GetHostedZoneLimit', { HostedZoneId: zone, Type: 'MAX_RRSETS_BY_ZONE' });
    assert.deepEqual([limit.Count, limit.Limit?.Value], [3, 10_000]);
    const ResourceId = await makeCheck();
    const tagged = { ResourceType: 'healthcheck', ResourceId } as const;
    await service.call('ChangeTagsForResource', { ...tagged, AddTags: [{ Key: 'Name', Value: 'web' }] });
    const { ResourceTagSet } = await service.call('ListTagsForResource', tagged);
    assert.deepEqual(ResourceTagSet?.Tags, [{ Key: 'Name', Value: 'web' }]);
    assert.equal((await service.call('ListHealthChecks', {})).HealthChecks?.[0]?.Id, ResourceId);
  });
});
