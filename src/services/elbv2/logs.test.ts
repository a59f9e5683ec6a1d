import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { LogEntry } from '../../loadbalancer/log-entries.ts';
import { failing, LOG_INTERVAL_MS, openWorld, VPC, withListener, withLoadBalancer, type TestWorld } from './testing.ts';

const DELIVERY = 'logdelivery.elasticloadbalancing.amazonaws.com';
const BUCKET = 'the-logs';

function attributes(kind: 'access' | 'connection' | 'health_check', more: Readonly<Record<string, string>> = {}) {
  const all = { enabled: 'true', bucket: BUCKET, ...more };
  return Object.entries(all).map(([name, Value]) => ({ Key: `${kind}_logs.s3.${name}`, Value }));
}

async function logging(world: TestWorld, more: Readonly<Record<string, string>> = {}) {
  const { service, neighbours } = world;
  const parts = await withLoadBalancer(world);
  await withListener(world, parts.loadBalancerArn, parts.groupArn);
  neighbours.writers.set(BUCKET, [DELIVERY]);
  const change = { LoadBalancerArn: parts.loadBalancerArn, Attributes: attributes('access', more) };
  await service.call('ModifyLoadBalancerAttributes', change);
  await service.reconcile();
  return { ...parts, id: parts.loadBalancerArn.split('/').at(-1) ?? '' };
}

function requestAt(ms: number, uri: string, node = '198.18.0.1'): LogEntry {
  return {
    type: 'request',
    atUs: ms * 1000,
    connectionId: 'f'.repeat(32),
    clientIp: '203.0.113.9',
    clientPort: 5555,
    node,
    listenerPort: 80,
    https: false,
    request: { method: 'GET', uri, version: '1.1' },
    totalMs: 0,
    status: 200,
    receivedBytes: 1,
    sentBytes: 1,
  };
}

/** The paths of what was delivered, by object. */
function delivered({ neighbours }: TestWorld): Readonly<Record<string, readonly string[]>> {
  const files = [...neighbours.objects].filter(([key]) => key.endsWith('.log.gz'));
  return Object.fromEntries(
    files.map(([key, body]) => [
      key,
      [
        ...gunzipSync(body)
          .toString()
          .matchAll(/"GET http:\/\/[^/]+(\/\S*) /g),
      ].map((found) => found[1] ?? ''),
    ]),
  );
}

const paths = (world: TestWorld) => Object.values(delivered(world)).flat();

test('logs need a bucket in the region, whose policy lets ELB in', async () => {
  await using world = openWorld();
  const { service, neighbours } = world;
  const { loadBalancerArn } = await withLoadBalancer(world);
  const modify = (Attributes: { Key: string; Value: string }[]) =>
    service.call('ModifyLoadBalancerAttributes', { LoadBalancerArn: loadBalancerArn, Attributes });
  const denied = failing(
    'InvalidConfigurationRequestException',
    /^Access Denied for bucket: the-logs\. Please check S3bucket permission$/,
  );
  await assert.rejects(modify(attributes('access')), denied);
  neighbours.writers.set(BUCKET, ['elasticloadbalancing.amazonaws.com']);
  await assert.rejects(modify(attributes('access')), denied);
  await assert.rejects(modify(attributes('access', { bucket: '' })), failing('ValidationError', /cannot be empty/));
  for (const prefix of ['AWSLogs', 'a/AWSLogs/b', '/a', 'a/']) {
    await assert.rejects(modify(attributes('access', { prefix })), failing('InvalidConfigurationRequestException'));
  }
  neighbours.writers.set(BUCKET, [DELIVERY]);
  neighbours.regions.set(BUCKET, 'eu-west-1');
  const elsewhere = /^S3Bucket: the-logs is not located in the same region with ELB: web$/;
  await assert.rejects(modify(attributes('access')), failing('InvalidConfigurationRequestException', elsewhere));
  neighbours.regions.set(BUCKET, 'us-east-1');
  await modify(attributes('access', { prefix: 'web' }));
  await modify(attributes('connection'));
  await modify(attributes('health_check'));
  assert.deepEqual(
    [...neighbours.objects.keys()],
    [
      'the-logs/web/AWSLogs/123456789012/ELBAccessLogTestFile',
      'the-logs/AWSLogs/123456789012/ELBConnectionLogTestFile',
      'the-logs/AWSLogs/123456789012/ELBHealthCheckLogTestFile',
    ],
  );
  const { Attributes = [] } = await service.call('DescribeLoadBalancerAttributes', {
    LoadBalancerArn: loadBalancerArn,
  });
  const shown = Attributes.filter(({ Key }) => Key?.startsWith('access_logs'));
  assert.deepEqual(
    shown.map(({ Value }) => Value),
    ['true', BUCKET, 'web'],
  );
  assert.deepEqual(
    Attributes.filter(({ Key }) => Key?.startsWith('health_check_logs')).map(({ Value }) => Value),
    ['true', BUCKET, ''],
  );
  const { LoadBalancers: [lines] = [] } = await service.call('CreateLoadBalancer', {
    Name: 'lines',
    Type: 'network',
    Subnets: ['subnet-a'],
  });
  await assert.rejects(
    service.call('ModifyLoadBalancerAttributes', {
      LoadBalancerArn: lines?.LoadBalancerArn,
      Attributes: attributes('health_check'),
    }),
    failing('InvalidConfigurationRequestException', /'health_check_logs\.s3\.enabled' is not recognized/),
  );
});

test("a policy that lets in ELB's own account of the region is enough", async () => {
  await using world = openWorld();
  const { loadBalancerArn } = await withLoadBalancer(world);
  world.neighbours.writers.set(BUCKET, ['127311923021']);
  const change = { LoadBalancerArn: loadBalancerArn, Attributes: attributes('access') };
  await world.service.call('ModifyLoadBalancerAttributes', change);
  assert.equal(world.neighbours.objects.size, 1);
});

test('the plane is told what to log, and how entries name things', async () => {
  await using world = openWorld();
  const { groupArn, id } = await logging(world);
  const [listener] = world.plane.tables.get(VPC)?.listeners ?? [];
  assert.equal(listener?.loadBalancerId, id);
  const { requests, connections, healthChecks } = listener?.logs ?? {};
  assert.deepEqual([requests, connections, healthChecks], [true, false, false]);
  assert.deepEqual(listener?.logs?.targetGroups, { [groupArn.split('/').at(-1) ?? '']: groupArn });
  assert.deepEqual(Object.keys(listener?.logs?.nodes ?? {}).toSorted(), listener?.addresses);
});

test('a file for each address is delivered when an interval ends, with what came since logs are on', async () => {
  await using world = openWorld();
  const { service, plane } = world;
  const { id } = await logging(world, { prefix: 'web' });
  const now = service.clock.now();
  plane.logs.set(id, [requestAt(now - 1, '/before'), requestAt(now + 1, '/1'), requestAt(now + 2, '/2', '198.18.0.2')]);
  await service.reconcile();
  assert.deepEqual(delivered(world), {}, 'the interval is not over');
  service.clock.advance(LOG_INTERVAL_MS);
  await service.reconcile();
  assert.deepEqual(paths(world), ['/1', '/2']);
  const [first = ''] = Object.keys(delivered(world));
  assert.match(
    first,
    new RegExp(
      String.raw`^the-logs/web/AWSLogs/123456789012/elasticloadbalancing/us-east-1/\d{4}/\d\d/\d\d/123456789012_elasticloadbalancing_us-east-1_app\.web\.${id}_\d{8}T\d\d[0-5][05]Z_198\.18\.0\.1_[a-z0-9]{8}\.log\.gz$`,
    ),
  );
  assert.equal(plane.forgotten.get(VPC), '000000003');
  service.clock.advance(LOG_INTERVAL_MS);
  await service.reconcile();
  assert.equal(Object.keys(delivered(world)).length, 2, 'nothing new is no file');
});

test('health checks are told in files of their own', async () => {
  await using world = openWorld();
  const { service, plane } = world;
  const { id, loadBalancerArn, groupArn } = await logging(world);
  const change = { LoadBalancerArn: loadBalancerArn, Attributes: attributes('health_check', { prefix: 'checks' }) };
  await service.call('ModifyLoadBalancerAttributes', change);
  await service.reconcile();
  assert.equal(plane.tables.get(VPC)?.listeners[0]?.logs?.healthChecks, true);
  const atUs = (service.clock.now() + 1) * 1000;
  const check = {
    type: 'health-check',
    atUs,
    node: '198.18.0.1',
    protocol: 'http',
    durationMs: 4,
    status: 200,
  } as const;
  plane.logs.set(id, [
    requestAt(service.clock.now() + 1, '/1'),
    { ...check, target: '10.0.1.5:8080', targetGroup: groupArn },
  ]);
  service.clock.advance(LOG_INTERVAL_MS);
  await service.reconcile();
  const files = [...world.neighbours.objects].filter(([key]) => key.endsWith('.log.gz'));
  const [key = '', body = Buffer.alloc(0)] = files.find(([name]) => name.includes('/health_check_log_')) ?? [];
  assert.equal(files.length, 2);
  assert.deepEqual(
    [VPC, `${VPC}/health-checks`].map((of) => plane.forgotten.get(of)),
    ['000000001', '000000001'],
  );
  assert.match(
    key,
    /^the-logs\/checks\/AWSLogs\/.*\/health_check_log_123456789012_.*_198\.18\.0\.1_[a-z0-9]{8}\.log\.gz$/,
  );
  assert.match(
    gunzipSync(body).toString(),
    /^http \S+Z 0\.004 10\.0\.1\.5:8080 web PASS 200 - app\/web\/\S+ 198\.18\.0\.1\n$/,
  );
});

test('after a crash the same file is written again, and a long log comes in several', async () => {
  await using world = openWorld();
  const { service, plane, neighbours } = world;
  const { id } = await logging(world);
  const now = service.clock.now();
  const many = Array.from({ length: 25 }, (_, at) => requestAt(now + at, `/${at}`));
  plane.logs.set(id, many.slice(0, 5));
  service.clock.advance(LOG_INTERVAL_MS);
  neighbours.crash = new Error('killed');
  await service.reconcile();
  assert.deepEqual(paths(world).length, 5);
  neighbours.crash = undefined;
  plane.logs.set(id, many);
  service.clock.advance(60_000);
  await service.reconcile();
  assert.deepEqual(
    paths(world),
    many.map((_, at) => `/${at}`),
  );
  assert.equal(Object.keys(delivered(world)).length, 3);
});

test('what a bucket refuses is delivered when it takes it again', async () => {
  await using world = openWorld();
  const { service, plane, neighbours } = world;
  const { id } = await logging(world);
  neighbours.writers.delete(BUCKET);
  plane.logs.set(id, [requestAt(service.clock.now() + 1, '/1')]);
  service.clock.advance(LOG_INTERVAL_MS);
  await service.reconcile();
  assert.deepEqual(paths(world), []);
  assert.equal(plane.forgotten.get(VPC), undefined);
  neighbours.writers.set(BUCKET, [DELIVERY]);
  service.clock.advance(LOG_INTERVAL_MS);
  await service.reconcile();
  assert.deepEqual(paths(world), ['/1']);
});

test('a deleted load balancer delivers what is left at once, and what still came, and then nothing', async () => {
  await using world = openWorld();
  const { service, plane } = world;
  const { id, loadBalancerArn } = await logging(world);
  const now = service.clock.now();
  plane.logs.set(id, [requestAt(now, '/1')]);
  await service.call('DeleteLoadBalancer', { LoadBalancerArn: loadBalancerArn });
  await service.reconcile();
  assert.deepEqual(paths(world), ['/1']);
  plane.logs.get(id)?.push(requestAt(now + 1, '/2'));
  service.clock.advance(60_000);
  await service.reconcile();
  assert.deepEqual(paths(world), ['/1', '/2']);
  plane.logs.get(id)?.push(requestAt(now + 2, '/3'));
  service.clock.advance(LOG_INTERVAL_MS);
  await service.reconcile();
  assert.deepEqual(paths(world), ['/1', '/2']);
});
