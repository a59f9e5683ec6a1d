import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Rule } from '../load-balancer.ts';
import { forwardTo, groupOf, listenerOf } from '../testing.ts';
import { HostWorld, LB, selfSigned, TARGETS, until } from './testing-world.ts';

const URL = `http://${LB}`;

test('requests reach targets with the headers that ALB adds', async () => {
  await using world = new HostWorld();
  await world.serve(TARGETS[0]);
  const plane = world.plane();
  await plane.apply(world.table());
  await until(async () => (await world.get(URL)).status === 200);
  const headers = { host: 'shop.example.com', 'x-forwarded-for': '203.0.113.9' };
  const { body } = await world.get(`${URL}/a?b=c`, { headers });
  const seen = JSON.parse(body) as { url: string; headers: Record<string, string> };
  assert.equal(seen.url, '/a?b=c');
  assert.equal(seen.headers['host'], 'shop.example.com');
  assert.match(seen.headers['x-forwarded-for'] ?? '', /^203\.0\.113\.9, 10\.9\.\d+\.\d+$/);
  assert.equal(seen.headers['x-forwarded-proto'], 'http');
  assert.equal(seen.headers['x-forwarded-port'], '80');
  assert.match(seen.headers['x-amzn-trace-id'] ?? '', /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);

  const traced = await world.get(URL, { headers: { 'x-amzn-trace-id': 'Root=1-67891233-abcdef012345678912345678' } });
  const { headers: told } = JSON.parse(traced.body) as { headers: Record<string, string> };
  assert.match(told['x-forwarded-for'] ?? '', /^10\.9\.\d+\.\d+$/);
  assert.match(
    told['x-amzn-trace-id'] ?? '',
    /^Self=1-[0-9a-f]{8}-[0-9a-f]{24};Root=1-67891233-abcdef012345678912345678$/,
  );
});

test('a group without targets answers 503, one whose targets are all unhealthy fails open, a dead target is a 502', async () => {
  await using world = new HostWorld();
  const plane = world.plane();
  await plane.apply(world.table([]));
  const none = await world.get(URL);
  assert.equal(none.status, 503);
  assert.match(none.body, /<center><h1>503 Service Temporarily Unavailable<\/h1><\/center>/);
  assert.equal(none.headers['server'], 'awselb/2.0');

  await world.serve(TARGETS[0]);
  // Without answers, no check decides for as long as its timeout.
  await world.tell({ do: 'behave', ip: TARGETS[0], port: 8080, health: 0 });
  await plane.apply(world.table());
  assert.equal((await world.get(URL)).status, 503, 'a new target gets nothing before its checks have decided');
  await world.tell({ do: 'behave', ip: TARGETS[0], port: 8080, health: 500 });
  await until(async () => (await plane.health('vpc-1'))[0]?.state === 'unhealthy');
  const open = await world.get(URL);
  assert.equal(open.status, 200);
  assert.equal(open.headers['x-target'], `${TARGETS[0]}:8080`);

  await world.tell({ do: 'close', ip: TARGETS[0], port: 8080 });
  const dead = await world.get(URL);
  assert.equal(dead.status, 502);
  assert.match(dead.body, /502 Bad Gateway/);
});

const RULES: readonly Rule[] = [
  {
    ruleId: 'r1',
    conditions: [{ field: 'path-pattern', values: ['/old/*'] }],
    action: {
      type: 'redirect',
      protocol: 'HTTPS',
      host: 'new.#{host}',
      port: '443',
      path: '/n/#{path}',
      query: '#{query}&p=100%',
      status: 302,
    },
  },
  {
    ruleId: 'r2',
    conditions: [
      { field: 'host-header', values: ['*.Example.com'] },
      { field: 'http-request-method', values: ['GET'] },
      { field: 'query-string', values: [{ key: 'v', value: 'a*' }] },
    ],
    action: { type: 'fixed-response', status: 418, contentType: 'text/plain', body: "it's a teapot\n" },
  },
  {
    ruleId: 'r3',
    conditions: [
      { field: 'http-header', name: 'User-Agent', values: ['*chrome?1*'] },
      { field: 'source-ip', values: ['10.0.0.0/8'] },
    ],
    action: { type: 'fixed-response', status: 204 },
  },
  forwardTo('web', { ruleId: 'r4', conditions: [{ field: 'path-pattern', values: ['/web'] }] }),
  {
    ruleId: 'r5',
    conditions: [{ field: 'path-pattern', values: ['/weighted'] }],
    action: {
      type: 'forward',
      targets: [
        { targetGroupId: 'web', weight: 1 },
        { targetGroupId: 'other', weight: 1 },
      ],
    },
  },
  {
    ruleId: 'default',
    conditions: [],
    action: {
      type: 'redirect',
      protocol: '#{protocol}',
      host: '#{host}',
      port: '#{port}',
      path: '/old/#{path}',
      query: '#{query}',
      status: 301,
    },
  },
];

test('rules are tried in order, with every kind of condition and action', async () => {
  await using world = new HostWorld();
  await world.serve(TARGETS[0], TARGETS[1]);
  const plane = world.plane();
  const { healthCheck } = world.table().targetGroups[0] ?? groupOf();
  const other = groupOf({
    targetGroupId: 'other',
    healthCheck,
    targets: [{ ip: TARGETS[1], port: 8080, draining: false }],
  });
  await plane.apply(
    world.table([TARGETS[0]], {
      listeners: [listenerOf({ addresses: [LB], rules: RULES })],
      targetGroups: [...world.table().targetGroups, other],
    }),
  );
  await until(async () => (await plane.health('vpc-1')).every((health) => health.state === 'healthy'));
  const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
    world.get(`${URL}${path}`, { headers: { host: 'a.com:8080', ...headers }, method });

  const moved = await get('/old/x%20y?q=1');
  assert.equal(moved.status, 302);
  assert.equal(moved.headers['location'], 'https://new.a.com:443/n/old/x%20y?q=1&p=100%');
  assert.match(moved.body, /302 Found/);
  const teapot = await get('/?z=1&v=ABC', { host: 'shop.example.COM' });
  assert.deepEqual([teapot.status, teapot.body], [418, "it's a teapot\n"]);
  assert.equal(teapot.headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal((await get('/?z=1&v=ABC', { host: 'shop.example.com' }, 'POST')).status, 301);
  assert.equal((await get('/?xv=ABC', { host: 'shop.example.com' })).status, 301);
  assert.equal((await get('/', { 'user-agent': 'Chrome/1.2' })).status, 204);
  assert.equal((await get('/web')).headers['x-target'], `${TARGETS[0]}:8080`);
  assert.equal((await get('/web/')).headers['location'], 'http://a.com:80/old/web/');
  const seen = new Set<unknown>();
  await until(async () => seen.add((await get('/weighted')).headers['x-target']).size === 2);
});

test('HTTPS: certificates by SNI, the first for other names, and the lowest TLS version', async () => {
  await using world = new HostWorld();
  await world.serve(TARGETS[0]);
  const [one, two] = [selfSigned('one.test'), selfSigned('two.test')];
  const https = listenerOf({
    listenerId: 'l443',
    addresses: [LB],
    port: 443,
    protocol: 'HTTPS',
    minTlsVersion: 'TLSv1.3',
    certificates: [
      { certificateId: 'one', pem: one },
      { certificateId: 'two', pem: two },
    ],
  });
  await world.plane().apply(world.table([TARGETS[0]], { listeners: [https] }));
  await until(async () => (await world.get(`https://${LB}/`, { ca: one, servername: 'one.test' })).status === 200);
  const second = await world.get(`https://${LB}/`, { ca: two, servername: 'two.test' });
  assert.equal((JSON.parse(second.body) as { headers: Record<string, string> }).headers['x-forwarded-proto'], 'https');
  await assert.rejects(world.get(`https://${LB}/`, { ca: two, servername: 'else.test' }), /one\.test|self-signed/);
});

test('a policy without TLS 1.3, and what a listener puts into its responses', async () => {
  await using world = new HostWorld();
  await world.serve(TARGETS[0]);
  const pem = selfSigned('one.test');
  const old = listenerOf({
    listenerId: 'l443',
    addresses: [LB],
    port: 443,
    protocol: 'HTTPS',
    maxTlsVersion: 'TLSv1.2',
    ciphers: ['ECDHE-ECDSA-AES256-GCM-SHA384', 'TLS_AES_128_GCM_SHA256'],
    certificates: [{ certificateId: 'one', pem }],
    options: {
      ...listenerOf().options,
      tlsHeaders: true,
      tlsHeaderNames: { version: 'X-Tls', cipher: 'X-Cipher' },
      serverHeader: false,
      responseHeaders: [['Strict-Transport-Security', 'max-age=100%; preload']],
    },
    rules: [{ ...forwardTo('web'), ruleId: 'r1', conditions: [{ field: 'path-pattern', values: ['/web'] }] }, none],
  });
  await world.plane().apply(world.table([TARGETS[0]], { listeners: [old] }));
  const get = (path: string) => world.get(`https://${LB}${path}`, { ca: pem, servername: 'one.test' });
  await until(async () => (await get('/web')).status === 200);
  const { headers } = JSON.parse((await get('/web')).body) as { headers: Record<string, string> };
  assert.equal(headers['x-tls'], 'TLSv1.2');
  assert.equal(headers['x-cipher'], 'ECDHE-ECDSA-AES256-GCM-SHA384');
  const own = await get('/');
  assert.equal(own.status, 404);
  assert.equal(own.headers['server'], undefined);
  assert.equal(own.headers['strict-transport-security'], 'max-age=100%; preload');
});

test('a client’s connection ends once it is as old as it may be', async () => {
  await using world = new HostWorld();
  await world.serve(TARGETS[0]);
  const listener = listenerOf({ addresses: [LB], clientKeepAliveSeconds: 1 });
  await world.plane().apply(world.table([TARGETS[0]], { listeners: [listener] }));
  await until(async () => (await world.get(URL)).status === 200);
  // Kept open on this side, so the end is the load balancer's.
  const kept = async () => (await world.get(URL, { keepAlive: true })).headers['connection'];
  assert.notEqual(await kept(), 'close');
  await until(async () => (await kept()) === 'close');
  assert.notEqual(await kept(), 'close', 'the next one is new');
});

const none: Rule = { ruleId: 'default', conditions: [], action: { type: 'fixed-response', status: 404 } };
