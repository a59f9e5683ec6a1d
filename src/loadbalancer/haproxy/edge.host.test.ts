import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, watch } from 'node:fs';
import { Agent, request } from 'node:http';
import { Agent as TlsAgent, request as tlsRequest } from 'node:https';
import { test } from 'node:test';
import type { EdgeTable, Rule } from '../load-balancer.ts';
import { listenerOf } from '../testing.ts';
import { freePort, HostWorld, LB, selfSigned, TARGETS, until } from './testing-world.ts';

const TO_HTTPS: Rule = {
  ruleId: 'default',
  conditions: [],
  action: {
    type: 'redirect',
    protocol: 'HTTPS',
    host: '#{host}',
    port: '443',
    path: '/#{path}',
    query: '#{query}',
    status: 301,
  },
};

test('the edge passes names to load balancers: TLS untouched by SNI, HTTP by Host', async () => {
  await using world = new HostWorld();
  await world.serve(TARGETS[0]);
  const [http, https] = [await freePort(), await freePort()];
  const pem = selfSigned('shop.test');
  const plane = world.plane();
  await plane.apply(
    world.table([TARGETS[0]], {
      edgePorts: { http, https },
      listeners: [
        listenerOf({ listenerId: 'l80', addresses: [LB], rules: [TO_HTTPS] }),
        listenerOf({
          listenerId: 'l443',
          addresses: [LB],
          port: 443,
          protocol: 'HTTPS',
          certificates: [{ certificateId: 'c', pem }],
        }),
      ],
    }),
  );
  const edge = (allowed: string): EdgeTable => ({
    bindAddress: '127.0.0.1',
    httpPort: http,
    httpsPort: https,
    routes: ['shop.test', '*.wild.test'].map((hostname) => ({
      hostname,
      vpcId: 'vpc-1',
      loadBalancerId: 'lb1',
      listeners: [
        { listenerId: 'l80', port: 80, protocol: 'HTTP', allowedCidrs: [allowed] },
        { listenerId: 'l443', port: 443, protocol: 'HTTPS', allowedCidrs: [allowed] },
      ],
    })),
  });
  await plane.applyEdge(edge('0.0.0.0/0'));
  // Once more, as each resync does: nothing changes.
  await plane.applyEdge(edge('0.0.0.0/0'));

  const moved = await ask(`http://127.0.0.1:${http}/a?b=c`, { host: `shop.test:${http}` });
  assert.equal(moved.status, 301);
  assert.equal(moved.headers['location'], `https://shop.test:${https}/a?b=c`);
  assert.equal(
    (await world.get(`http://${LB}/a`, { headers: { host: 'shop.test' } })).headers['location'],
    'https://shop.test:443/a',
  );
  const secure = () =>
    ask(`https://127.0.0.1:${https}/p`, { host: `shop.test:${https}` }, { ca: pem, servername: 'shop.test' });
  await until(async () => (await secure()).status === 200);
  const seen = JSON.parse((await secure()).body) as { headers: Record<string, string> };
  assert.equal(seen.headers['x-forwarded-for'], '127.0.0.1');
  assert.equal(seen.headers['x-forwarded-port'], String(https));
  assert.equal((await ask(`http://127.0.0.1:${http}/`, { host: 'a.wild.test' })).status, 301);
  const unknown = await ask(`http://127.0.0.1:${http}/`, { host: 'a.b.wild.test' });
  assert.equal(unknown.status, 404);
  assert.match(unknown.body, /No load balancer/);
  await assert.rejects(
    ask(`https://127.0.0.1:${https}/`, {}, { ca: pem, servername: 'else.test' }),
    /ECONNRESET|socket/,
  );

  await plane.applyEdge(edge('10.0.0.0/8'));
  assert.equal((await ask(`http://127.0.0.1:${http}/`, { host: 'shop.test' })).status, 403);
  await assert.rejects(secure(), /ECONNRESET|socket/);
  await plane.applyEdge({ ...edge('0.0.0.0/0'), routes: [] });
  await assert.rejects(ask(`http://127.0.0.1:${http}/`, { host: 'shop.test' }), /ECONNREFUSED/);
});

test('a client that keeps its connection to the edge has one to its load balancer, whoever was there before', async () => {
  await using world = new HostWorld();
  const http = await freePort();
  const plane = world.plane();
  const listener = listenerOf({ listenerId: 'l80', addresses: [LB], rules: [TO_HTTPS] });
  await plane.apply(world.table([], { listeners: [listener] }));
  const listeners = [{ listenerId: 'l80', port: 80, protocol: 'HTTP', allowedCidrs: ['0.0.0.0/0'] }] as const;
  const route = { hostname: 'shop.test', vpcId: 'vpc-1', loadBalancerId: 'lb1', listeners };
  await plane.applyEdge({ bindAddress: '127.0.0.1', httpPort: http, httpsPort: await freePort(), routes: [route] });
  /** Answers how many connections of the load balancer these clients needed. */
  const visit = async (clients: number, requests: number) => {
    const connections = async () => (await plane.traffic('vpc-1')).listeners[0]?.connections ?? 0;
    const before = await connections();
    const agents = Array.from({ length: clients }, () => new Agent({ keepAlive: true, maxSockets: 1 }));
    for (let n = 0; n < requests; n++) {
      const answers = agents.map((agent) => ask(`http://127.0.0.1:${http}/`, { host: 'shop.test' }, {}, agent));
      for (const { status } of await Promise.all(answers)) assert.equal(status, 301);
    }
    for (const agent of agents) agent.destroy();
    return (await connections()) - before;
  };
  assert.deepEqual([await visit(60, 3), await visit(60, 10)], [60, 60]);
});

test('a worker too busy to hand its sockets over is replaced, and no request through the edge fails', async () => {
  await using world = new HostWorld();
  const http = await freePort();
  const plane = world.plane();
  const table = (status: number) => {
    const rule: Rule = { ruleId: 'default', conditions: [], action: { type: 'fixed-response', status } };
    return world.table([], { listeners: [listenerOf({ addresses: [LB], rules: [rule] })] });
  };
  await plane.apply(table(200));
  const listeners = [{ listenerId: 'l80', port: 80, protocol: 'HTTP', allowedCidrs: ['0.0.0.0/0'] }] as const;
  const route = { hostname: 'shop.test', vpcId: 'vpc-1', loadBalancerId: 'lb1', listeners };
  await plane.applyEdge({ bindAddress: '127.0.0.1', httpPort: http, httpsPort: await freePort(), routes: [route] });

  const seen = new Map<number, number>();
  let isOver = false;
  const visit = async () => {
    while (!isOver) {
      const { status } = await ask(`http://127.0.0.1:${http}/`, { host: 'shop.test' });
      seen.set(status, (seen.get(status) ?? 0) + 1);
    }
  };
  const visitors = Promise.all([visit(), visit(), visit(), visit()]);
  const worker = Number(execFileSync('ps', ['--ppid', String(world.masterPid()), '-o', 'pid='], { encoding: 'utf8' }));
  const folder = `${world.folder}/lb/vpc-1`;
  // Just before the reload: whoever asks it anything meanwhile waits.
  const kept = new Promise<void>((resolve) => {
    const watcher = watch(folder, (_event, name) => {
      if (name !== 'l80.before') return;
      watcher.close();
      resolve();
    });
  });
  const applied = plane.apply(table(201));
  await kept;
  process.kill(worker, 'SIGSTOP');
  await until(async () => readFileSync(`${folder}/haproxy.log`, 'utf8').includes('Failed to get the sockets'));
  process.kill(worker, 'SIGCONT');
  await applied;
  await until(async () => (seen.get(201) ?? 0) > 50);
  isOver = true;
  await visitors;
  assert.deepEqual(new Set(seen.keys()), new Set([200, 201]));
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Asks from the host's own network. */
function ask(
  url: string,
  headers: Readonly<Record<string, string>>,
  tls: { readonly ca?: string; readonly servername?: string } = {},
  kept?: Agent,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const secure = url.startsWith('https:');
    const agent = kept ?? (secure ? new TlsAgent({ keepAlive: false }) : new Agent({ keepAlive: false }));
    const req = (secure ? tlsRequest : request)(url, { headers, agent, ...tls }, (res) => {
      let body = '';
      res.setEncoding('utf8');
      res.on('data', (text: string) => (body += text));
      res.on('end', () => resolve({ status: res.statusCode ?? 0, headers: res.headers, body }));
    });
    req.on('error', reject);
    req.end();
  });
}
