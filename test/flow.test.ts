import assert from 'node:assert/strict';
import { rootCertificates } from 'node:tls';
import { after, before, test } from 'node:test';
import { DescribeLogStreamsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { DescribeNetworkInterfacesCommand } from '@aws-sdk/client-ec2';
import { containersOf, processesWith, taskLinks, namespacesOf } from './harness/host.ts';
import { Longshore } from './harness/longshore.ts';
import { getPage } from './harness/page.ts';
import { must } from './harness/run.ts';
import { buildSiteImage } from './harness/site-image.ts';
import { deploySite, detailOf } from './harness/site.ts';
import type { Site } from './harness/site.ts';
import { until } from './harness/until.ts';

const IMAGE = `longshore-test-flow-${process.pid}:v1`;

let server: Longshore;
let site: Site;

before(async () => {
  server = await Longshore.start();
  await buildSiteImage(IMAGE);
  site = await deploySite(server, { name: 'flow', image: IMAGE });
  await site.steady();
});

after(async () => {
  await server?.remove();
  await must('docker', ['image', 'rm', IMAGE]);
});

test('the page comes over HTTPS with the CA alone: node and curl', async () => {
  const page = await site.get();
  assert.equal(page.status, 200);
  assert.match(page.body, /^ip-172-31-\d+-\d+\.ec2\.internal$/m);
  const url = `https://flow.localhost:${server.httpsPort}/cgi-bin/version`;
  assert.equal((await must('curl', ['-sS', '--fail', '--cacert', `${server.home}/ca.pem`, url])).trim(), 'v1');
});

test('without the CA the certificate is refused, and so is a name that no load balancer has', async () => {
  const request = await site.request();
  await assert.rejects(getPage({ ...request, ca: rootCertificates[0] ?? '' }), /certificate/);
  await assert.rejects(getPage({ ...request, hostname: 'nobody.localhost' }), /ECONNRESET|socket|disconnected/);
});

test('port 80 redirects to HTTPS, on the port where the edge listens', async () => {
  const { ca: _, ...plain } = await site.request('/some/page?a=1&b=2');
  const { status, headers } = await getPage({ ...plain, port: server.httpPort });
  assert.equal(status, 301);
  assert.equal(headers.location, `https://flow.localhost:${server.httpsPort}/some/page?a=1&b=2`);
  const unknown = await getPage({ ...plain, port: server.httpPort, hostname: 'nobody.localhost' });
  assert.equal(unknown.status, 404);
});

test('both tasks answer, each in a subnet of its own, and the API finds both healthy', async () => {
  const seen = new Set<string>();
  await until('both tasks have answered', async () => {
    seen.add((await site.get()).body.trim());
    return seen.size === 2;
  });
  const tasks = await site.tasks();
  assert.deepEqual(tasks.map((task) => detailOf(task, 'privateDnsName')).toSorted(), [...seen].toSorted());
  const subnets = tasks.map((task) => detailOf(task, 'subnetId')).toSorted();
  assert.deepEqual(subnets, site.parts.placement.subnetIds.toSorted());
  assert.deepEqual(await site.targetStates(), ['healthy', 'healthy']);
});

test('what ECS says of a task, EC2 says of its network interface', async () => {
  const tasks = await site.tasks();
  const { NetworkInterfaces = [] } = await site.clients.ec2.send(
    new DescribeNetworkInterfacesCommand({
      NetworkInterfaceIds: tasks.map((task) => detailOf(task, 'networkInterfaceId')),
    }),
  );
  assert.equal(NetworkInterfaces.length, 2);
  for (const task of tasks) {
    const id = detailOf(task, 'networkInterfaceId');
    const eni = NetworkInterfaces.find((one) => one.NetworkInterfaceId === id);
    assert.equal(eni?.PrivateIpAddress, detailOf(task, 'privateIPv4Address'));
    assert.equal(eni?.PrivateIpAddress, task.containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address);
    assert.equal(eni?.MacAddress, detailOf(task, 'macAddress'));
    assert.equal(eni?.PrivateDnsName, detailOf(task, 'privateDnsName'));
    assert.equal(eni?.SubnetId, detailOf(task, 'subnetId'));
    assert.equal(eni?.AvailabilityZone, task.availabilityZone);
    assert.equal(eni?.Status, 'in-use');
    assert.match(eni?.Association?.PublicIp ?? '', /^198\.18\./);
    assert.deepEqual(
      eni?.Groups?.map((group) => group.GroupId),
      [site.parts.placement.taskGroupId],
    );
  }
});

test('the task learns who asks and how: X-Forwarded-* and a trace id', async () => {
  const plain = variables((await site.get('/cgi-bin/headers')).body);
  assert.equal(plain.get('HTTP_X_FORWARDED_FOR'), '127.0.0.1');
  assert.equal(plain.get('HTTP_X_FORWARDED_PROTO'), 'https');
  assert.equal(plain.get('HTTP_X_FORWARDED_PORT'), String(server.httpsPort));
  assert.equal(plain.get('HTTP_HOST'), `flow.localhost:${server.httpsPort}`);
  assert.match(plain.get('HTTP_X_AMZN_TRACE_ID') ?? '', /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  const through = variables((await site.get('/cgi-bin/headers', { 'X-Forwarded-For': '203.0.113.7' })).body);
  assert.equal(through.get('HTTP_X_FORWARDED_FOR'), '203.0.113.7, 127.0.0.1');
});

test('what the containers print is in CloudWatch Logs, a stream for each task', async () => {
  const tasks = await site.tasks();
  for (const task of tasks) {
    await until('its first line is stored', async () => (await site.logLines(task)).includes('site v1 starts'));
  }
  const { logStreams = [] } = await site.clients.logs.send(
    new DescribeLogStreamsCommand({ logGroupName: '/ecs/flow', logStreamNamePrefix: 'ecs/web/' }),
  );
  assert.deepEqual(
    logStreams.map((stream) => stream.logStreamName),
    tasks.map((task) => `ecs/web/${task.taskArn?.split('/').at(-1)}`).toSorted(),
  );
});

test('the teardown through the API leaves nothing but the VPC', async () => {
  const instance = await server.instanceId();
  await site.remove();
  await until('no container is left', async () => (await containersOf(instance)).length === 0);
  await until('no HAProxy is left', async () => processesWith(`${server.home}/haproxy`).length === 0);
  const { NetworkInterfaces } = await site.clients.ec2.send(new DescribeNetworkInterfacesCommand({}));
  assert.deepEqual(NetworkInterfaces, []);
  for (const namespace of await namespacesOf(instance)) {
    await until('no link to a task is left', async () => (await taskLinks(namespace)).length === 0);
  }
});

/** `NAME=value` lines. */
function variables(text: string): Map<string, string> {
  const lines = text.split('\n').map((line) => /^([^=]+)=(.*)$/.exec(line));
  return new Map(lines.flatMap((match) => (match ? [[match[1] ?? '', match[2] ?? ''] as const] : [])));
}
