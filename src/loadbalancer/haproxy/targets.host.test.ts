import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TargetGroupState } from '../load-balancer.ts';
import { groupOf } from '../testing.ts';
import { ask } from './runtime-socket.ts';
import { HostWorld, LB, TARGETS, until } from './testing-world.ts';

const [ONE, TWO] = TARGETS;
/** HAProxy's own number for a server whose share still grows. */
const STARTING = '1';
const URL = `http://${LB}`;

function tableWith(world: HostWorld, overrides: Partial<TargetGroupState>) {
  const [group = groupOf()] = world.table([ONE, TWO]).targetGroups;
  return world.table([], { targetGroups: [{ ...group, ...overrides }] });
}

async function healthyWorld(world: HostWorld, overrides: Partial<TargetGroupState>) {
  const plane = world.plane();
  await plane.apply(tableWith(world, overrides));
  await until(async () => (await plane.health('vpc-1')).every((health) => health.state === 'healthy'));
  return plane;
}

const cookieOf = (headers: Readonly<Record<string, string | string[] | undefined>>) => {
  const cookies = headers['set-cookie'];
  return (Array.isArray(cookies) ? cookies : []).map((it) => it.split(';')[0] ?? '');
};

test('a client with the load balancer’s cookie stays with its target while that is registered', async () => {
  await using world = new HostWorld();
  await world.serve(ONE, TWO);
  const stickiness = { type: 'lb_cookie', seconds: 60 } as const;
  const plane = await healthyWorld(world, { stickiness });
  const first = await world.get(URL);
  const [cookie = '', cors = ''] = cookieOf(first.headers);
  assert.match(cookie, /^AWSALB=[0-9a-f]{16}$/);
  assert.match(cors, /^AWSALBCORS=[0-9a-f]{16}$/);
  for (const held of [cookie, cors]) {
    for (let i = 0; i < 6; i++) {
      const again = await world.get(URL, { headers: { cookie: held } });
      assert.equal(again.headers['x-target'], first.headers['x-target']);
      assert.equal(cookieOf(again.headers)[0], cookie);
    }
  }
  const targets = [ONE, TWO].map((ip) => ({ ip, port: 8080, draining: first.headers['x-target'] === `${ip}:8080` }));
  await plane.apply(tableWith(world, { stickiness, targets }));
  const moved = await world.get(URL, { headers: { cookie } });
  assert.notEqual(moved.headers['x-target'], first.headers['x-target']);
  assert.notEqual(cookieOf(moved.headers)[0], cookie);
});

test('the application’s cookie holds a client once the application has set it', async () => {
  await using world = new HostWorld();
  await world.serve(ONE, TWO);
  await healthyWorld(world, { stickiness: { type: 'app_cookie', cookie: 'session', seconds: 60 } });
  assert.deepEqual(cookieOf((await world.get(URL)).headers), []);
  const login = await world.get(`${URL}/login`);
  const cookies = cookieOf(login.headers);
  assert.equal(cookies[0], 'session=1');
  assert.match(cookies[1] ?? '', /^AWSALBAPP-0=[0-9a-f]{16}$/);
  for (let i = 0; i < 6; i++) {
    const again = await world.get(URL, { headers: { cookie: cookies.join('; ') } });
    assert.equal(again.headers['x-target'], login.headers['x-target']);
  }
  const seen = new Set<unknown>();
  await until(async () => {
    const { headers } = await world.get(URL, { headers: { cookie: cookies[1] ?? '' } });
    return seen.add(headers['x-target']).size === 2;
  });
});

test('gRPC and HTTP/2 targets are spoken to in HTTP/2, and checked so', async () => {
  await using world = new HostWorld();
  await world.tell({ do: 'serve', ip: ONE, port: 8080, http2: true });
  const { healthCheck } = groupOf();
  const targets = [{ ip: ONE, port: 8080, draining: false }];
  const fast = { ...healthCheck, intervalMs: 100, timeoutMs: 1000, healthyThreshold: 2, path: '/AWS.ALB/healthcheck' };
  const plane = await healthyWorld(world, {
    targets,
    protocolVersion: 'GRPC',
    healthCheck: { ...fast, matcher: '12' },
  });
  for (const matcher of ['0', '1-3']) {
    await plane.apply(tableWith(world, { targets, protocolVersion: 'GRPC', healthCheck: { ...fast, matcher } }));
    await until(async () => (await plane.health('vpc-1'))[0]?.state === 'unhealthy');
  }
  await plane.apply(tableWith(world, { targets, protocolVersion: 'HTTP2', healthCheck: { ...fast, path: '/ok' } }));
  await until(async () => (await plane.health('vpc-1'))[0]?.state === 'healthy');
});

test('a target that starts slowly is healthy at once, and HAProxy starts it slowly; WebSockets pass', async () => {
  await using world = new HostWorld();
  await world.serve(ONE, TWO);
  await healthyWorld(world, { slowStartMs: 900_000, algorithm: 'weighted_random' });
  assert.equal((await world.get(URL)).status, 200);
  const stats = await ask(`${world.folder}/lb/vpc-1/stats.sock`, 'show servers state tg_web');
  const operations = stats.split('\n').flatMap((line) => (line.includes(' tg_web ') ? [line.split(' ')[5]] : []));
  assert.deepEqual(operations, [STARTING, STARTING]);
  assert.equal(await world.tell({ do: 'echo', url: `${URL}/chat`, text: 'hello' }), 'hello');
});
