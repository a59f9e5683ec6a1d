import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../kernel/clock.ts';
import type { RouteTable } from '../load-balancer.ts';
import { listenerOf } from '../testing.ts';
import { HostWorld, LB, selfSigned, TARGETS, until } from './testing-world.ts';

const [ONE] = TARGETS;
const URL = `http://${LB}`;
const MANY = 50;
const BIG = 20 * 1024 * 1024;

function holding(world: HostWorld, ips: readonly string[], holdMs: number, more: Partial<RouteTable> = {}): RouteTable {
  const table = world.table(ips, more);
  return {
    ...table,
    targetGroups: table.targetGroups.map((group) => ({ ...group, holdMs, minimumHealthyTargets: 2 })),
  };
}

const waiting = (world: HostWorld) => async () =>
  (await (world.planes.at(-1) ?? world.plane()).traffic('vpc-1')).targetGroups[0]?.waiting;

test('requests of every kind wait for a target, also while the server starts anew', async () => {
  await using world = new HostWorld();
  await world.serve(ONE);
  const before = world.plane();
  await before.apply(holding(world, [], 30_000));
  const answers = Promise.all([
    ...Array.from({ length: MANY }, () => world.get(URL)),
    world.get(URL, { method: 'POST', headers: { 'content-length': String(BIG) }, bodyBytes: BIG }),
  ]);
  const echo = world.tell({ do: 'echo', url: URL, text: 'still here' });
  await until(async () => (await waiting(world)()) === MANY + 2);
  before.detach();
  const plane = world.plane();
  await plane.apply(holding(world, [], 30_000));
  assert.equal(await waiting(world)(), MANY + 2);
  await plane.apply(holding(world, [ONE], 30_000));
  for (const answer of await answers) assert.equal(answer.status, 200);
  assert.equal(JSON.parse((await answers).at(-1)?.body ?? '').received, BIG);
  assert.equal(await echo, 'still here');
  const [group] = (await plane.traffic('vpc-1')).targetGroups;
  assert.deepEqual([group?.requests, group?.connectionErrors, group?.waiting], [MANY + 2, 0, 0]);
  assert.deepEqual(
    (await plane.health('vpc-1')).map((health) => [health.ip, health.state]),
    [[ONE, 'healthy']],
  );
  await plane.apply(holding(world, [], 30_000));
  assert.deepEqual(await plane.health('vpc-1'), []);
});

test('a request that waits too long gets a 503, and one for an unhealthy target waits too', async () => {
  await using world = new HostWorld();
  await world.serve(ONE);
  const plane = world.plane();
  const listeners = [listenerOf({ addresses: [LB], idleTimeoutMs: 1000 })];
  await plane.apply(holding(world, [], 3000, { listeners }));
  const beganAt = systemClock.now();
  const late = world.get(URL, { method: 'POST', headers: { 'content-length': '100000' }, bodyBytes: 100_000 });
  assert.equal((await world.get(URL)).status, 503);
  assert.equal((await late).status, 503);
  assert.ok(systemClock.now() - beganAt >= 2500, 'the idle timeout does not end the waiting');
  await plane.apply(holding(world, [ONE], 20_000));
  await until(async () => (await plane.health('vpc-1'))[0]?.state === 'healthy');
  await world.tell({ do: 'behave', ip: ONE, port: 8080, health: 500 });
  await until(async () => (await plane.health('vpc-1'))[0]?.state === 'unhealthy');
  const answer = world.get(URL);
  await until(async () => (await waiting(world)()) === 1);
  await world.tell({ do: 'behave', ip: ONE, port: 8080, health: 200 });
  assert.equal((await answer).status, 200);
});

test('requests of one connection of HTTP/2 wait', async () => {
  await using world = new HostWorld();
  await world.serve(ONE);
  const pem = selfSigned('web.test');
  const listeners = [
    listenerOf({ addresses: [LB], port: 443, protocol: 'HTTPS', certificates: [{ certificateId: 'c1', pem }] }),
  ];
  const plane = world.plane();
  await plane.apply(holding(world, [], 20_000, { listeners }));
  const http2 = { ca: pem, servername: 'web.test' };
  await world.tell({ do: 'start-load', url: `https://${LB}`, http2 });
  await until(async () => (await waiting(world)()) === 8);
  await plane.apply(holding(world, [ONE], 20_000, { listeners }));
  await until(async () => (await waiting(world)()) === 0);
  const report = await world.tell({ do: 'stop-load' });
  assert.deepEqual((report as { failures: unknown }).failures, []);
});
