import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ListenerRoutes, RouteTable, TargetGroupState } from '../load-balancer.ts';
import { forwardTo, groupOf, listenerOf } from '../testing.ts';
import { ask } from './runtime-socket.ts';
import { edgeSocketPath } from './vpc-config.ts';
import { HostWorld, LB, TARGETS, until } from './testing-world.ts';

const [ONE, TWO, THREE] = TARGETS;

/** The load balancer's addresses: LB is in zone a, THREE in zone b. Targets ONE is in zone a, TWO in b. */
function zonal(
  world: HostWorld,
  protocol: 'HTTP' | 'TCP',
  group: Partial<TargetGroupState> = {},
  listener: Partial<ListenerRoutes> = {},
): RouteTable {
  const fast = { ...groupOf().healthCheck, intervalMs: 100, timeoutMs: 1000, healthyThreshold: 2 };
  return world.table([], {
    listeners: [listenerOf({ addresses: [LB, THREE], zones: ['a', 'b'], protocol, ...listener })],
    targetGroups: [
      groupOf({
        protocol,
        healthCheck: fast,
        zones: ['a', 'b'],
        zoneMinimum: { count: 1 },
        targets: [
          { ip: ONE, port: 8080, draining: false, zone: 'a' },
          { ip: TWO, port: 8080, draining: false, zone: 'b' },
        ],
        ...group,
      }),
    ],
  });
}

async function targetOf(world: HostWorld, address: string): Promise<unknown> {
  const answer = await world.get(`http://${address}/`).catch(() => undefined);
  return answer?.status === 200 ? answer.headers['x-target'] : answer?.status;
}

for (const protocol of ['HTTP', 'TCP'] as const) {
  test(`${protocol}: each address sends to targets of its own zone only`, async () => {
    await using world = new HostWorld();
    await world.serve(ONE, TWO);
    const plane = world.plane();
    await plane.apply(zonal(world, protocol));
    const states = async () => (await plane.health('vpc-1')).map((it) => `${it.ip} ${it.state}`).toSorted();
    await until(async () => (await states()).filter((it) => it.endsWith(' healthy')).length === 2);
    assert.deepEqual(await states(), [`${ONE} healthy`, `${TWO} healthy`]);
    for (let i = 0; i < 6; i++) {
      assert.equal(await targetOf(world, LB), `${ONE}:8080`);
      assert.equal(await targetOf(world, THREE), `${TWO}:8080`);
    }
    const { requests } = (await plane.traffic('vpc-1')).targetGroups[0] ?? {};
    assert.equal(requests, 12);
    // A zone without targets has nobody to answer.
    await plane.apply(zonal(world, protocol, { targets: [{ ip: ONE, port: 8080, draining: false, zone: 'a' }] }));
    assert.equal(await targetOf(world, THREE), protocol === 'HTTP' ? 503 : undefined);
    assert.equal(await targetOf(world, LB), `${ONE}:8080`);
  });
}

test('a zone that fails, fails open for itself; the edge goes to the other one', async () => {
  await using world = new HostWorld();
  await world.serve(ONE, TWO);
  const plane = world.plane();
  await plane.apply(zonal(world, 'HTTP'));
  const stateOf = async (ip: string) => (await plane.health('vpc-1')).find((it) => it.ip === ip)?.state;
  await until(async () => (await stateOf(ONE)) === 'healthy' && (await stateOf(TWO)) === 'healthy');
  const byEdge = async () => {
    const seen = await Promise.all(Array.from({ length: 20 }, () => throughEdge(world)));
    return [...new Set(seen)];
  };
  await until(async () => (await byEdge()).length === 2);
  await world.tell({ do: 'behave', ip: TWO, port: 8080, health: 500 });
  await until(async () => (await stateOf(TWO)) === 'unhealthy');
  assert.equal(await targetOf(world, THREE), `${TWO}:8080`);
  assert.deepEqual(await byEdge(), [`${ONE}:8080`]);
  await world.tell({ do: 'behave', ip: ONE, port: 8080, health: 500 });
  await until(async () => (await stateOf(ONE)) === 'unhealthy');
  await until(async () => (await byEdge()).length === 2);
});

test('below a share of healthy targets all get requests; the share follows the targets without a reload', async () => {
  await using world = new HostWorld();
  await world.serve(ONE, TWO, THREE);
  const plane = world.plane();
  const table = (...ips: readonly string[]) => {
    const [group] = world.table(ips).targetGroups;
    assert.ok(group);
    return world.table([], { targetGroups: [{ ...group, minimumHealthyPercent: 60 }] });
  };
  const seen = async () => {
    const all = await Promise.all(Array.from({ length: 12 }, () => targetOf(world, LB)));
    return new Set(all).size;
  };
  const healthy = async () => (await plane.health('vpc-1')).filter((it) => it.state === 'healthy').length;
  await plane.apply(table(ONE, TWO, THREE));
  await until(async () => (await healthy()) === 3);
  await world.tell({ do: 'behave', ip: ONE, port: 8080, health: 500 });
  await until(async () => (await healthy()) === 2);
  assert.equal(await seen(), 2);
  const worker = async () =>
    /^Pid: (\d+)$/m.exec(await ask(join(world.folder, 'lb/vpc-1/stats.sock'), 'show info'))?.[1];
  const before = await worker();
  // One of two is less than 60 per cent.
  await plane.apply(table(ONE, TWO));
  assert.equal(await seen(), 2);
  const answers = await Promise.all(Array.from({ length: 12 }, () => targetOf(world, LB)));
  assert.ok(answers.includes(`${ONE}:8080`));
  assert.equal(await worker(), before);
});

test('a load balancer behind another is told of the client by its real address', async () => {
  await using world = new HostWorld();
  await world.serve(ONE);
  const plane = world.plane();
  const fast = { ...groupOf().healthCheck, intervalMs: 100, timeoutMs: 1000, healthyThreshold: 2 };
  const [web] = world.table([ONE]).targetGroups;
  assert.ok(web);
  const inner = listenerOf({ listenerId: 'inner', loadBalancerId: 'alb', addresses: [THREE], proxyFrom: [LB] });
  const outer = listenerOf({
    listenerId: 'outer',
    addresses: [LB],
    port: 81,
    protocol: 'TCP',
    rules: [forwardTo('alb')],
  });
  const behind = groupOf({
    targetGroupId: 'alb',
    protocol: 'TCP',
    proxyProtocol: true,
    healthCheck: { ...fast, path: '/any' },
    targets: [{ ip: THREE, port: 80, draining: false }],
  });
  await plane.apply(world.table([], { listeners: [inner, outer], targetGroups: [web, behind] }));
  const stateOf = async (id: string) => (await plane.health('vpc-1')).find((it) => it.targetGroupId === id)?.state;
  await until(async () => (await stateOf('alb')) === 'healthy' && (await stateOf('web')) === 'healthy');
  const { headers } = JSON.parse((await world.get(`http://${LB}:81/x`, { localAddress: TWO })).body);
  assert.equal(headers['x-forwarded-for'], TWO);
  assert.equal(headers['x-forwarded-port'], '80');
  // Who comes without one in front is served all the same.
  const direct = JSON.parse((await world.get(`http://${THREE}/x`, { localAddress: TWO })).body);
  assert.equal(direct.headers['x-forwarded-for'], TWO);
});

/** A request as the edge passes it on: with a PROXY header, over the listener's socket. */
function throughEdge(world: HostWorld): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(edgeSocketPath(`${world.folder}/lb/vpc-1`, 'l80'));
    let text = '';
    socket.setEncoding('utf8');
    socket.on('data', (data: string) => (text += data));
    socket.on('error', reject);
    socket.on('end', () => resolve(/x-target: (\S+)/i.exec(text)?.[1]));
    socket.write(
      'PROXY TCP4 203.0.113.7 198.51.100.1 4000 80\r\nGET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n',
    );
  });
}
