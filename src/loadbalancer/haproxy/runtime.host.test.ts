import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import type { ListenerRoutes, RouteTable, Rule } from '../load-balancer.ts';
import { groupOf, listenerOf } from '../testing.ts';
import type { LoadReport } from './testing-peer.ts';
import { HostWorld, LB, selfSigned, TARGETS, until } from './testing-world.ts';

const [ONE, TWO, THREE] = TARGETS;
const URL = `http://${LB}`;

function weighted(blue: number, green: number, stickySeconds?: number): Rule {
  const targets = [
    { targetGroupId: 'blue', weight: blue },
    { targetGroupId: 'green', weight: green },
  ];
  return {
    ruleId: 'default',
    conditions: [],
    action: { type: 'forward', targets, ...(stickySeconds === undefined ? {} : { stickySeconds }) },
  };
}

function tableOf(
  world: HostWorld,
  rules: readonly Rule[],
  targets: { readonly blue: readonly string[]; readonly green: readonly string[] },
  more: Partial<ListenerRoutes> = {},
): RouteTable {
  const { healthCheck } = world.table().targetGroups[0] ?? groupOf();
  const group = (targetGroupId: 'blue' | 'green') =>
    groupOf({
      targetGroupId,
      healthCheck,
      targets: targets[targetGroupId].map((ip) => ({ ip, port: 8080, draining: false })),
    });
  return world.table([], {
    listeners: [listenerOf({ addresses: [LB], rules, ...more })],
    targetGroups: [group('blue'), group('green')],
  });
}

const allHealthy = (world: HostWorld) => async () =>
  (await (world.planes[0] ?? world.plane()).health('vpc-1')).every((health) => health.state === 'healthy');

function workerPid(world: HostWorld): string {
  return execFileSync('ps', ['--ppid', String(world.masterPid()), '-o', 'pid='], { encoding: 'utf8' }).trim();
}

test('targets and weights change in the process that runs: no reload', async () => {
  await using world = new HostWorld();
  await world.serve(...TARGETS);
  const plane = world.plane();
  await plane.apply(tableOf(world, [weighted(1, 0)], { blue: [], green: [] }));
  const worker = workerPid(world);
  assert.equal((await world.get(URL)).status, 503);
  await plane.apply(tableOf(world, [weighted(1, 0)], { blue: [ONE], green: [TWO] }));
  await until(allHealthy(world));
  const target = async () => (await world.get(URL)).headers['x-target'];
  assert.equal(await target(), `${ONE}:8080`);
  await plane.apply(tableOf(world, [weighted(0, 7)], { blue: [ONE], green: [TWO] }));
  assert.equal(await target(), `${TWO}:8080`);
  await plane.apply(tableOf(world, [weighted(50, 50)], { blue: [THREE], green: [TWO] }));
  await until(allHealthy(world));
  const seen = new Set<unknown>();
  await until(async () => seen.add(await target()).size === 2);
  assert.deepEqual(seen, new Set([`${TWO}:8080`, `${THREE}:8080`]));
  await plane.apply(tableOf(world, [weighted(1, 1)], { blue: [], green: [] }));
  assert.equal((await world.get(URL)).status, 503);
  assert.equal(workerPid(world), worker);
  assert.equal((await plane.health('vpc-1')).length, 0);
});

test('a target that drains, comes back and leaves does so without a reload', async () => {
  await using world = new HostWorld();
  await world.serve(ONE, TWO);
  const plane = world.plane();
  const withTwo = (draining: boolean) => {
    const table = world.table([ONE]);
    const [group] = table.targetGroups;
    assert.ok(group);
    return { ...table, targetGroups: [{ ...group, targets: [...group.targets, { ip: TWO, port: 8080, draining }] }] };
  };
  await plane.apply(withTwo(false));
  const worker = workerPid(world);
  await until(allHealthy(world));
  await plane.apply(withTwo(true));
  const states = async () => (await plane.health('vpc-1')).map((it) => [it.ip, it.state]);
  assert.deepEqual(await states(), [
    [ONE, 'healthy'],
    [TWO, 'draining'],
  ]);
  for (let i = 0; i < 6; i++) assert.equal((await world.get(URL)).headers['x-target'], `${ONE}:8080`);
  await plane.apply(withTwo(false));
  await until(allHealthy(world));
  const seen = new Set<unknown>();
  await until(async () => seen.add((await world.get(URL)).headers['x-target']).size === 2);
  await plane.apply(withTwo(true));
  await plane.apply(world.table([ONE]));
  assert.deepEqual(await states(), [[ONE, 'healthy']]);
  assert.equal(workerPid(world), worker);
});

test('a client stays with its target group for as long as the rule says', async () => {
  await using world = new HostWorld();
  await world.serve(ONE, TWO);
  const plane = world.plane();
  await plane.apply(tableOf(world, [weighted(1, 1, 60)], { blue: [ONE], green: [TWO] }));
  await until(allHealthy(world));
  const first = await world.get(URL);
  const cookies = first.headers['set-cookie'];
  assert.ok(Array.isArray(cookies));
  assert.match(cookies[0] ?? '', /^AWSALBTG=[A-Za-z0-9_-]+; Expires=.* GMT; Path=\/$/);
  assert.match(cookies[1] ?? '', /^AWSALBTGCORS=[A-Za-z0-9_-]+; Expires=.* GMT; Path=\/; SameSite=None$/);
  const cookie = (cookies[0] ?? '').split(';')[0] ?? '';
  for (let i = 0; i < 12; i++) {
    assert.equal((await world.get(URL, { headers: { cookie } })).headers['x-target'], first.headers['x-target']);
  }
  const blueFirst = first.headers['x-target'] === `${ONE}:8080`;
  const weights: readonly [number, number] = blueFirst ? [0, 1] : [1, 0];
  await plane.apply(tableOf(world, [weighted(...weights, 60)], { blue: [ONE], green: [TWO] }));
  const moved = await world.get(URL, { headers: { cookie } });
  assert.notEqual(moved.headers['x-target'], first.headers['x-target'], 'a group of weight 0 keeps nobody');
});

for (const kind of ['HTTP/1.1 with keep-alive', 'HTTP/2'] as const) {
  test(`rules, targets and weights change under load over ${kind}, and no request fails`, async () => {
    await using world = new HostWorld();
    await world.serve(...TARGETS);
    const plane = world.plane();
    const pem = selfSigned('one.test');
    const tls = { port: 443, protocol: 'HTTPS', certificates: [{ certificateId: 'one', pem }] } as const;
    const http2 = kind === 'HTTP/2';
    const url = http2 ? `https://${LB}` : URL;
    const serve = (rules: readonly Rule[], blue: readonly string[], green: readonly string[]) =>
      plane.apply(tableOf(world, rules, { blue, green }, http2 ? tls : {}));
    const rule = (n: number): Rule => ({
      ruleId: `r${n}`,
      conditions: [{ field: 'path-pattern', values: [`/other/${n}`] }],
      action: { type: 'fixed-response', status: 404 },
    });
    await serve([weighted(1, 1)], [ONE], [TWO]);
    await until(allHealthy(world));
    const load = http2 ? { http2: { ca: pem, servername: 'one.test' } } : {};
    await world.tell({ do: 'start-load', url, ...load });
    for (let n = 0; n < 12; n++) {
      await serve([rule(n), weighted(n, 1)], [ONE], [TWO]);
      await serve([rule(n), weighted(1, 12 - n)], [ONE, THREE], [TWO]);
      await until(allHealthy(world));
      await serve([rule(n), weighted(3, 2)], [THREE], [TWO]);
      await serve([rule(n), weighted(3, 2)], [THREE, ONE], [TWO]);
      await until(allHealthy(world));
    }
    const report = (await world.tell({ do: 'stop-load' })) as LoadReport;
    assert.deepEqual(report.failures, []);
    assert.ok(report.requests > 1000, `only ${report.requests} requests`);
  });
}
