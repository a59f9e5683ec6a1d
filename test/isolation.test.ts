import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { networkInterfaces } from 'node:os';
import { after, before, test } from 'node:test';
import {
  AuthorizeSecurityGroupIngressCommand,
  CreateSecurityGroupCommand,
  DescribeNetworkInterfacesCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import { Longshore } from './harness/longshore.ts';
import { tryConnect } from './harness/page.ts';
import { Probe } from './harness/probe.ts';
import { must } from './harness/run.ts';
import { buildSiteImage } from './harness/site-image.ts';
import { deploySite, detailOf, logsTo, registerTask, webContainer } from './harness/site.ts';
import type { Site } from './harness/site.ts';
import { fromAnywhere, given } from './harness/site-parts.ts';
import { until } from './harness/until.ts';

const IMAGE = `longshore-test-isolation-${process.pid}:v1`;
const RULE_WITHIN_MS = 5000;

let server: Longshore;
let site: Site;
let probe: Probe;
/** A server of this host that tasks must not reach. */
let secret: Server;

before(async () => {
  secret = createServer((socket) => socket.on('error', () => {}).end('HTTP/1.0 200 OK\r\n\r\nsecret'));
  await new Promise<void>((resolve) => secret.listen(0, '0.0.0.0', resolve));
  server = await Longshore.start();
  await buildSiteImage(IMAGE);
  site = await deploySite(server, { name: 'isolation', image: IMAGE });
  await site.steady();
  probe = new Probe(site);
});

after(async () => {
  secret.close();
  await server?.remove();
  await must('docker', ['image', 'rm', IMAGE]);
});

/** Of all servers' links too. */
function hostAddresses(): string[] {
  return Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter((address) => address.family === 'IPv4' && !address.internal)
    .map((address) => address.address);
}

test('a task is open to this host only while its security group is', async () => {
  const [task] = await site.tasks();
  const address = await site.publicIp(task);
  assert.equal(await tryConnect(address, 80), 'timeout');
  const rule = { GroupId: site.parts.placement.taskGroupId, IpPermissions: [fromAnywhere(80)] };
  await site.clients.ec2.send(new AuthorizeSecurityGroupIngressCommand(rule));
  await until('it is open', async () => (await tryConnect(address, 80, 200)) === 'open', RULE_WITHIN_MS);
  assert.equal(await tryConnect(address, 81), 'timeout');
  await site.clients.ec2.send(new RevokeSecurityGroupIngressCommand(rule));
  await until('it is closed', async () => (await tryConnect(address, 80, 200)) === 'timeout', RULE_WITHIN_MS);
});

test('a task answers members of the group that its own group names, and no others', async () => {
  const { vpcId, balancerGroupId } = site.parts.placement;
  const { GroupId } = await site.clients.ec2.send(
    new CreateSecurityGroupCommand({ GroupName: 'others', Description: 'others', VpcId: vpcId }),
  );
  const [task] = await site.tasks();
  const private_ = detailOf(task, 'privateIPv4Address');
  const public_ = await site.publicIp(task);
  const ask = (address: string) => `timeout 2 wget -q -O - http://${address}/healthz || echo refused`;
  const script = `${ask(private_)}; ${ask(public_)}`;
  const [member, other] = await Promise.all([
    probe.run(script, [balancerGroupId]),
    probe.run(script, [given(GroupId, 'GroupId')]),
  ]);
  // Over the public address it comes from another public address, so from no group: as in AWS.
  const answers = (lines: readonly string[]) => lines.filter((line) => line !== 'Terminated');
  assert.deepEqual(answers(member.lines), ['ok', 'refused']);
  assert.deepEqual(answers(other.lines), ['refused', 'refused']);
});

test('a task resolves the hosted zone, private DNS names and its own name by the resolver of the VPC', async () => {
  const [peer] = await site.tasks();
  const peerName = detailOf(peer, 'privateDnsName');
  const script = [
    'cat /etc/resolv.conf | grep nameserver',
    'nslookup isolation.localhost | tail -n +3 | grep Address',
    'echo own; hostname; nslookup $(hostname) | tail -n +3 | grep Address',
    `echo peer; nslookup ${peerName} | tail -n +3 | grep Address`,
    'echo none; nslookup none.isolation.localhost | grep -o NXDOMAIN | head -n 1',
    `timeout 5 wget -q -O - http://${peerName}/healthz`,
    'timeout 5 wget -S -O /dev/null http://isolation.localhost/page 2>&1 | grep -i -E "HTTP/1.1 301|location"',
  ].join('\n');
  const { task, lines } = await probe.run(script, [site.parts.placement.balancerGroupId]);
  const { NetworkInterfaces = [] } = await site.clients.ec2.send(
    new DescribeNetworkInterfacesCommand({ Filters: [{ Name: 'description', Values: ['ELB app/isolation/*'] }] }),
  );
  const zone = NetworkInterfaces.map((eni) => `Address: ${eni.Association?.PublicIp}`).toSorted();
  assert.equal(zone.length, 2);
  assert.deepEqual(
    [...lines.slice(0, 1), ...lines.slice(1, 3).toSorted(), ...lines.slice(3).map((line) => line.trim())],
    [
      'nameserver 172.31.0.2',
      ...zone,
      'own',
      detailOf(task, 'privateDnsName'),
      `Address: ${detailOf(task, 'privateIPv4Address')}`,
      'peer',
      `Address: ${detailOf(peer, 'privateIPv4Address')}`,
      'none',
      'NXDOMAIN',
      'ok',
      'HTTP/1.1 301 Moved Permanently',
      'location: https://isolation.localhost:443/page',
    ],
  );
});

test('a task reaches no port of this host: not the API, not another, at none of its addresses', async () => {
  const { port } = secret.address() as AddressInfo;
  const hosts: string[] = [];
  for (const address of hostAddresses()) {
    const result = await tryConnect(address, port);
    if (result === 'open') hosts.push(address);
    // Another test's server takes its addresses with it.
    else assert.ok(!hostAddresses().includes(address), `${address}: ${result}`);
  }
  const transit = hosts.filter((address) => address.startsWith('198.19.'));
  assert.ok(transit.length > 0, 'the transit link has an address on this host');
  const doors = hosts.flatMap((address) => [port, server.port].map((each) => `${address}:${each}`));
  const asks = doors.map((door) => `(timeout 2 wget -q -O - http://${door}/ 2>&1 && echo reached ${door}) &`);
  const { lines } = await probe.run([...asks, 'wait', 'echo end'].join('\n'));
  assert.deepEqual(
    lines.filter((line) => line !== 'Terminated' && !line.startsWith('wget:')),
    ['end'],
  );
});

test('a task neither changes its network nor sees files or devices of this host', async () => {
  const attempts = [
    'ip address add 10.9.9.9/32 dev eth0',
    'ip route replace default via 169.254.170.2 dev eth0 onlink',
    'ip link set eth0 down',
    'mount -t tmpfs none /tmp',
    'mount -t proc none /tmp',
    'chroot /proc/1/root ls /var/lib/docker',
    'echo 1 > /proc/sys/net/ipv4/ip_forward',
    'echo b > /proc/sysrq-trigger',
    'mknod /tmp/disk b 259 0 && head -c 1 /tmp/disk',
    'ls /var/run/docker.sock',
    `ls ${server.home}`,
  ];
  const script = attempts.map((attempt, n) => `if (${attempt}) > /dev/null 2>&1; then echo did ${n}; fi`);
  const { lines } = await probe.run([...script, 'cat /proc/self/mountinfo', 'echo end'].join('\n'));
  assert.deepEqual(
    lines.filter((line) => line.startsWith('did')),
    [],
  );
  assert.equal(lines.at(-1), 'end');
  assert.doesNotMatch(lines.join('\n'), /docker\.sock|longshore\.sqlite/);
});

test('the containers of a task share 127.0.0.1 and the host name, and start in the order of dependsOn', async () => {
  const image = site.parts.imageUri;
  const script =
    'until wget -q -O /dev/null http://127.0.0.1/healthz; do :; done; wget -q -O - http://127.0.0.1/; hostname';
  const definition = await registerTask(site.clients, 'isolation-sidecar', [
    webContainer(site.name, image, { essential: false }),
    {
      name: 'sidecar',
      image,
      entryPoint: ['/bin/sh', '-c'],
      command: [script],
      dependsOn: [{ containerName: 'web', condition: 'START' }],
      logConfiguration: logsTo(site.name),
    },
  ]);
  const [started] = await site.run(definition);
  const task = await site.stopped(started?.taskArn);
  const name = detailOf(task, 'privateDnsName');
  assert.deepEqual(await site.logLines(task, 'sidecar'), [name, name]);
  assert.deepEqual(
    task.containers?.map((container) => [container.name, container.lastStatus, container.exitCode]),
    [
      ['web', 'STOPPED', 0],
      ['sidecar', 'STOPPED', 0],
    ],
  );
});
