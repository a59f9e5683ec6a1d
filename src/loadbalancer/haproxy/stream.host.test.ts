import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TargetGroupState } from '../load-balancer.ts';
import { forwardTo, groupOf, listenerOf } from '../testing.ts';
import { HostWorld, LB, selfSigned, TARGETS, until } from './testing-world.ts';

const [ONE, TWO] = TARGETS;
const RAW = { ip: ONE, port: 6379, draining: false };

function streamTable(world: HostWorld, group: Partial<TargetGroupState>) {
  const fast = { ...groupOf().healthCheck, intervalMs: 100, timeoutMs: 1000, healthyThreshold: 2 };
  return world.table([], {
    listeners: [listenerOf({ listenerId: 'l6379', addresses: [LB], port: 6379, protocol: 'TCP' })],
    targetGroups: [
      groupOf({
        protocol: 'TCP',
        healthCheck: { ...fast, protocol: 'TCP' },
        targets: [RAW],
        cutUnhealthy: true,
        ...group,
      }),
    ],
  });
}

const hex = (text: string) => Buffer.from(text).toString('hex');

test('TCP is passed on once a target takes connections; the PROXY header tells the client', async () => {
  await using world = new HostWorld();
  await world.tell({ do: 'serve-raw', ip: ONE, port: 6379 });
  const plane = world.plane();
  await plane.apply(streamTable(world, { targets: [RAW, { ip: TWO, port: 6379, draining: false }] }));
  const healthOf = async (ip: string) => (await plane.health('vpc-1')).find((it) => it.ip === ip)?.state;
  await until(async () => (await healthOf(ONE)) === 'healthy' && (await healthOf(TWO)) === 'unhealthy');
  assert.equal(await world.tell({ do: 'hold', ip: LB, port: 6379, text: 'PING' }), hex('PING'));
  assert.equal((await plane.traffic('vpc-1')).listeners[0]?.connections, 1);
  await plane.apply(streamTable(world, { proxyProtocol: true }));
  await until(async () => (await healthOf(ONE)) === 'healthy');
  const first = await world.tell({ do: 'hold', ip: LB, port: 6379, text: 'PING' });
  assert.match(String(first), /^0d0a0d0a000d0a515549540a2111000c/);
});

for (const keepDeregistered of [true, false]) {
  test(`a connection ${keepDeregistered ? 'outlives' : 'ends with'} the draining of its target`, async () => {
    await using world = new HostWorld();
    await world.tell({ do: 'serve-raw', ip: ONE, port: 6379 });
    const plane = world.plane();
    await plane.apply(streamTable(world, { keepDeregistered }));
    await until(async () => (await plane.health('vpc-1'))[0]?.state === 'healthy');
    await world.tell({ do: 'hold', ip: LB, port: 6379, text: 'PING' });
    await plane.apply(streamTable(world, { keepDeregistered, targets: [{ ...RAW, draining: true }] }));
    assert.equal(await world.tell({ do: 'held' }), true);
    await plane.apply(streamTable(world, { keepDeregistered, targets: [] }));
    if (keepDeregistered) assert.equal(await world.tell({ do: 'held' }), true);
    else await until(async () => (await world.tell({ do: 'held' })) === false);
    await assert.rejects(world.tell({ do: 'hold', ip: LB, port: 6379, text: 'PING' }), /closed|ECONNRESET/);
  });
}

test('TLS ends at the load balancer, for targets that speak plainly or TLS', async () => {
  await using world = new HostWorld();
  await world.serve(ONE);
  const pem = selfSigned('lines.test');
  const plane = world.plane();
  const tls = (listenerId: string, port: number, group: string) =>
    listenerOf({
      listenerId,
      addresses: [LB],
      port,
      protocol: 'TLS',
      alpn: ['http/1.1'],
      certificates: [{ certificateId: 'c', pem }],
      rules: [forwardTo(group)],
    });
  const [web] = streamTable(world, { targets: [{ ip: ONE, port: 8080, draining: false }] }).targetGroups;
  assert.ok(web);
  const encrypted = {
    ...web,
    targetGroupId: 'enc',
    protocol: 'TLS',
    targets: [{ ip: LB, port: 443, draining: false }],
  };
  await plane.apply(
    world.table([], {
      listeners: [tls('l443', 443, 'web'), tls('l444', 444, 'enc')],
      targetGroups: [web, { ...encrypted, protocol: 'TLS' }],
    }),
  );
  for (const port of [443, 444]) {
    const get = () => world.get(`https://${LB}:${port}/x`, { ca: pem, servername: 'lines.test' });
    await until(async () =>
      get().then(
        (answer) => answer.status === 200,
        () => false,
      ),
    );
  }
});
