import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { LookupEventsCommand } from '@aws-sdk/client-cloudtrail';
import { DescribeVpcsCommand } from '@aws-sdk/client-ec2';
import { CreateRepositoryCommand, DescribeRepositoriesCommand } from '@aws-sdk/client-ecr';
import { CreateClusterCommand, ListClustersCommand } from '@aws-sdk/client-ecs';
import { CreateHostedZoneCommand, ListHostedZonesCommand } from '@aws-sdk/client-route-53';
import { Longshore } from './harness/longshore.ts';
import { must, run } from './harness/run.ts';
import { until } from './harness/until.ts';
import { formCall, jsonCall, send, unsigned } from './harness/wire.ts';

/* `--auth permissive`: the server as an emulator for tests. Whoever reaches it is root, so nobody else may reach it. */

const SERVER = join(import.meta.dirname, '../src/server/main.ts');
const ANY_KEY = { accessKeyId: 'test', secretAccessKey: 'test' };
const LIST_CLUSTERS = jsonCall('ecs', 'AmazonEC2ContainerServiceV20141113.ListClusters', '{}');

let server: Longshore;

before(async () => {
  server = await Longshore.start({ auth: 'permissive' });
});

after(() => server?.remove());

function resetByHttp(): Promise<Response> {
  return fetch(`${server.endpoint}/_longshore/reset`, { method: 'POST' });
}

test('any key acts as root, in the region it is signed for', async () => {
  const { ecs } = await server.clients({ credentials: ANY_KEY, region: 'eu-central-1' });
  const { cluster } = await ecs.send(new CreateClusterCommand({ clusterName: 'a' }));
  assert.equal(cluster?.clusterArn, 'arn:aws:ecs:eu-central-1:123456789012:cluster/a');
  const env = { AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'x' };
  const ran = await server.aws(['ecs', 'list-clusters', '--region', 'eu-central-1'], env);
  assert.deepEqual(JSON.parse(ran.stdout), { clusterArns: [cluster?.clusterArn] });
});

test('unsigned calls go to the server’s own region', async () => {
  const create = jsonCall('ecs', 'AmazonEC2ContainerServiceV20141113.CreateCluster', '{"clusterName":"b"}');
  const created = await send(server.endpoint, unsigned(create));
  assert.match(created.body, /arn:aws:ecs:us-east-1:123456789012:cluster\/b/);
  const who = formCall('sts', { Action: 'GetCallerIdentity', Version: '2011-06-15' });
  assert.match((await send(server.endpoint, unsigned(who))).body, /<Arn>arn:aws:iam::123456789012:root<\/Arn>/);
  const zones = await fetch(`${server.endpoint}/2013-04-01/hostedzone`);
  assert.match(await zones.text(), /<ListHostedZonesResponse/);
  const noSign = await server.aws(['ec2', 'describe-regions', '--no-sign-request']);
  assert.equal(noSign.code, 0, noSign.stderr);
});

test('docker logs in with anything', async () => {
  const config = await mkdtemp(join(tmpdir(), 'ls-docker-'));
  try {
    const login = ['login', '--username', 'test', '--password-stdin', `127.0.0.1:${server.port}`];
    await must('docker', login, { env: { DOCKER_CONFIG: config }, input: 'test' });
  } finally {
    await rm(config, { recursive: true, force: true });
  }
});

test('the log says loudly that anyone comes in, at every start', async () => {
  const warning = () => server.log.split('\n').find((line) => / WARN /.test(line)) ?? '';
  assert.match(warning(), /PERMISSIVE: any access key acts as root/);
  await server.stop();
  await server.up();
  assert.match(warning(), /PERMISSIVE: any access key acts as root/);
});

test('the audit trail has whoever came in, as root with the key that was given', async () => {
  const { ecs } = await server.clients({ credentials: ANY_KEY });
  await ecs.send(new CreateClusterCommand({ clusterName: 'seen' }));
  const event = await until('the call is in the trail', () => eventOf('seen'));
  assert.deepEqual([event.userIdentity.type, event.userIdentity.accessKeyId], ['Root', 'test']);
});

/** The record of the call that made this cluster. */
async function eventOf(clusterName: string): Promise<any> {
  const { cloudtrail } = await server.clients();
  const LookupAttributes = [{ AttributeKey: 'ResourceName' as const, AttributeValue: clusterName }];
  const { Events = [] } = await cloudtrail.send(new LookupEventsCommand({ LookupAttributes }));
  return Events[0] && JSON.parse(Events[0].CloudTrailEvent ?? '{}');
}

test('an address that others reach is refused', async () => {
  const home = join(tmpdir(), `ls-permissive-${process.pid}`);
  for (const address of ['0.0.0.0', '192.0.2.1', '::']) {
    const args = [SERVER, '--home', home, '--auth', 'permissive', '--address', address, '--port', '0'];
    const ran = await run(process.execPath, args, { timeoutMs: 20_000 });
    assert.equal(ran.code, 2, ran.stderr);
    assert.match(ran.stderr, /--auth permissive lets anyone in: it is allowed on a loopback --address only/);
  }
  assert.equal(existsSync(home), false);
});

test('a reset forgets every resource, and the server goes on', async () => {
  const { ecs, ecr, ec2, route53 } = await server.clients();
  const defaultVpc = async () => (await ec2.send(new DescribeVpcsCommand({}))).Vpcs?.[0]?.VpcId;
  await ecr.send(new CreateRepositoryCommand({ repositoryName: 'app' }));
  await route53.send(new CreateHostedZoneCommand({ Name: 'example.com', CallerReference: 'r' }));
  const vpc = await defaultVpc();
  const { instanceId } = (await server.health()) ?? {};
  assert.equal((await fetch(`${server.endpoint}/_longshore/reset`)).status, 404, 'a GET resets nothing');
  assert.notDeepEqual((await ecs.send(new ListClustersCommand({}))).clusterArns, []);

  const answer = await resetByHttp();
  assert.equal(answer.status, 200, await answer.text());
  assert.deepEqual((await ecs.send(new ListClustersCommand({}))).clusterArns, []);
  assert.deepEqual((await ecr.send(new DescribeRepositoriesCommand({}))).repositories, []);
  assert.deepEqual((await route53.send(new ListHostedZonesCommand({}))).HostedZones, []);
  assert.notEqual(await defaultVpc(), vpc, 'another default VPC');
  assert.equal(await eventOf('seen'), undefined, 'the audit trail begins anew');
  assert.equal((await server.health())?.['instanceId'], instanceId);
  await ecs.send(new CreateClusterCommand({ clusterName: 'again' }));
  await server.kill9();
  await server.up();
  assert.deepEqual((await ecs.send(new ListClustersCommand({}))).clusterArns, [
    'arn:aws:ecs:us-east-1:123456789012:cluster/again',
  ]);
});

test('calls during resets are answered or put off, never broken', async () => {
  const statuses = new Set<number>();
  let resetting = true;
  const callers = Array.from({ length: 8 }, async () => {
    while (resetting) {
      const create = jsonCall('ecs', 'AmazonEC2ContainerServiceV20141113.CreateCluster', '{"clusterName":"c"}');
      for (const call of [create, LIST_CLUSTERS]) statuses.add((await send(server.endpoint, unsigned(call))).status);
    }
  });
  const twoAtOnce = await Promise.all([resetByHttp(), resetByHttp()]);
  const later = await resetByHttp();
  resetting = false;
  await Promise.all(callers);
  assert.deepEqual(
    [...twoAtOnce, later].map(({ status }) => status),
    [200, 200, 200],
  );
  assert.deepEqual([...statuses.difference(new Set([200, 503]))], []);
  assert.doesNotMatch(server.log, / ERROR /);
});
