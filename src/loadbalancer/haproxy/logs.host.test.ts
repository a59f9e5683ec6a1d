import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import type { ConnectionEntry, HealthCheckEntry, LogEntry, LogSource, RequestEntry } from '../log-entries.ts';
import type { ClientCertificates, ListenerLogs, ListenerRoutes, Rule } from '../load-balancer.ts';
import { forwardTo, groupOf, listenerOf } from '../testing.ts';
import type { HaproxyPlane } from './haproxy-plane.ts';
import { testAuthority } from './testing-authority.ts';
import type { LoadReport } from './testing-peer.ts';
import { HostWorld, LB, selfSigned, TARGETS, until } from './testing-world.ts';

const LOGS: ListenerLogs = {
  requests: true,
  connections: true,
  healthChecks: false,
  targetGroups: { web: 'the-group' },
  nodes: { [LB]: '198.51.100.7' },
};
const RULES: readonly Rule[] = [
  {
    ruleId: 'to',
    priority: 3,
    conditions: [{ field: 'path-pattern', values: ['/old'] }],
    action: { type: 'redirect', protocol: 'HTTPS', host: '#{host}', port: '443', path: '/', query: '', status: 301 },
  },
  {
    ruleId: 'new',
    priority: 5,
    conditions: [{ field: 'path-pattern', values: ['/new/*'] }],
    transforms: [{ type: 'url-rewrite', regex: '^/new', replace: '' }],
    action: { type: 'forward', targets: [{ targetGroupId: 'web', weight: 1 }] },
  },
  forwardTo('web', { priority: 0 }),
];

/** All that was logged. */
async function logged(plane: HaproxyPlane, source: LogSource = 'requests'): Promise<LogEntry[]> {
  const entries: LogEntry[] = [];
  for (let after: string | undefined; ;) {
    const page = await plane.readLogs('vpc-1', 'lb1', { after }, source);
    entries.push(...page.entries);
    if (!page.more) return entries;
    after = page.next;
  }
}

async function requests(plane: HaproxyPlane, count: number): Promise<RequestEntry[]> {
  let found: RequestEntry[] = [];
  await until(async () => {
    found = (await logged(plane)).filter((entry) => entry.type === 'request');
    return found.length >= count;
  });
  return found;
}

async function connections(plane: HaproxyPlane, count: number): Promise<ConnectionEntry[]> {
  let found: ConnectionEntry[] = [];
  await until(async () => {
    found = (await logged(plane)).filter((entry) => entry.type === 'connection');
    return found.length >= count;
  });
  return found;
}

const ascending = (a: number, b: number) => a - b;

async function serving(world: HostWorld, listener: Partial<ListenerRoutes>): Promise<HaproxyPlane> {
  await world.serve(TARGETS[0]);
  const plane = world.plane();
  const listeners = [listenerOf({ addresses: [LB], rules: RULES, logs: LOGS, ...listener })];
  await plane.apply(world.table([TARGETS[0]], { listeners }));
  await until(async () => (await plane.health('vpc-1'))[0]?.state === 'healthy');
  return plane;
}

test('each request is told: what was asked, which rule took it, who answered what', async () => {
  await using world = new HostWorld();
  const plane = await serving(world, {});
  const agent = 'say "hi" \\ \u00e9';
  await world.get(`http://${LB}/a?q=%221%22`, { headers: { host: 'Shop.test:80', 'user-agent': agent } });
  await world.get(`http://${LB}/old`, { headers: { host: 'shop.test' } });
  await world.get(`http://${LB}/new/thing?x=1`);
  await world.tell({ do: 'close', ip: TARGETS[0], port: 8080 });
  const gone = () => world.get(`http://${LB}/gone`).catch(() => undefined);
  await until(async () => (await gone())?.status === 502);
  const found = await requests(plane, 4);
  const [forwarded, redirected, rewritten] = found;
  const refused = found.at(-1);
  assert.deepEqual(forwarded?.request, {
    method: 'GET',
    uri: '/a?q=%221%22',
    version: '1.1',
    host: 'Shop.test:80',
    userAgent: agent,
  });
  const seen = [forwarded?.status, forwarded?.targetStatus, forwarded?.target, forwarded?.targetGroup];
  assert.deepEqual(seen, [200, 200, `${TARGETS[0]}:8080`, 'the-group']);
  assert.deepEqual([forwarded?.node, forwarded?.listenerPort, forwarded?.https], ['198.51.100.7', 80, false]);
  assert.match(forwarded?.traceId ?? '', /^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/);
  assert.deepEqual(forwarded?.rule, { priority: 0, actions: 'forward' });
  assert.ok((forwarded?.receivedBytes ?? 0) > 60 && (forwarded?.sentBytes ?? 0) > 100);
  assert.ok(forwarded?.requestMs !== undefined && forwarded.targetMs !== undefined);
  assert.deepEqual(redirected?.rule, { priority: 3, actions: 'redirect' });
  assert.deepEqual([redirected?.status, redirected?.location], [301, 'https://shop.test:443/']);
  assert.deepEqual(
    [redirected?.target, redirected?.targetGroup, redirected?.targetStatus],
    [undefined, undefined, undefined],
  );
  assert.match(redirected?.traceId ?? '', /^Root=1-/);
  assert.deepEqual([rewritten?.request?.uri, rewritten?.transformed?.uri], ['/new/thing?x=1', '/thing?x=1']);
  assert.deepEqual(rewritten?.rule, { priority: 5, actions: 'forward' });
  assert.deepEqual([refused?.status, refused?.targetStatus, refused?.targetGroup], [502, undefined, 'the-group']);
  assert.equal(refused?.targetMs, undefined);
});

test('lines outlive reloads, a kill of HAProxy and the server, and are given back once they were read', async () => {
  await using world = new HostWorld();
  const plane = await serving(world, {});
  const ask = (path: string) => world.get(`http://${LB}${path}`);
  await ask('/1');
  await requests(plane, 1);
  await plane.apply(
    world.table([TARGETS[0]], {
      listeners: [listenerOf({ addresses: [LB], logs: LOGS, rules: [forwardTo('web', { priority: 0 })] })],
    }),
  );
  await ask('/2');
  // The server is away: HAProxy itself keeps the lines.
  plane.detach();
  await ask('/3');
  await requests(plane, 3);
  const { next } = await plane.readLogs('vpc-1', 'lb1', {});
  const later = world.plane();
  process.kill(world.masterPid(), 'SIGKILL');
  await until(async () => (await later.list()).length === 0);
  await later.apply(
    world.table([TARGETS[0]], { listeners: [listenerOf({ addresses: [LB], logs: LOGS, rules: RULES })] }),
  );
  let asked = 0;
  await until(async () => {
    asked += 1;
    return (await ask('/4')).status === 200;
  });
  await requests(later, 3 + asked);
  const paths = (await logged(later)).flatMap((entry) => (entry.type === 'request' ? [entry.request?.uri] : []));
  assert.deepEqual(paths.slice(0, 3), ['/1', '/2', '/3']);
  assert.equal(paths.at(-1), '/4');
  await later.forgetLogs('vpc-1', next);
  const rest = (await logged(later)).flatMap((entry) => (entry.type === 'request' ? [entry.request?.uri] : []));
  assert.deepEqual([...new Set(rest)], ['/4']);
  await later.forgetLogs('vpc-1');
  assert.deepEqual(await logged(later), []);
  await ask('/5');
  assert.equal((await requests(later, 1))[0]?.request?.uri, '/5');
  await later.apply(world.table([], { listeners: [] }));
  assert.equal((await requests(later, 1))[0]?.request?.uri, '/5', 'still to be read');
  await later.forgetLogs('vpc-1');
  assert.deepEqual(readdirSync(`${world.folder}/lb-logs`), []);
});

test('a connection is told once: TLS, certificates of both sides, and why it failed', async () => {
  await using world = new HostWorld();
  const pki = testAuthority();
  const pem = selfSigned('shop.test');
  const names = { certificate: 'C', serialNumber: 'S', issuer: 'I', subject: 'Su', validity: 'V', leaf: 'L' };
  const clientCertificates: ClientCertificates = {
    mode: 'verify',
    headerNames: names,
    authorities: pki.authority,
    revocations: [pki.list],
    ignoreExpiry: false,
    advertiseAuthorities: false,
  };
  const certificates = [{ certificateId: 'arn:of:certificate', pem }];
  const https = { listenerId: 'l443', port: 443, protocol: 'HTTPS' as const, certificates, clientCertificates };
  const plane = await serving(world, https);
  const ask = (client: object) =>
    world.get(`https://${LB}/`, { ca: pem, servername: 'shop.test', ...client }).catch(() => undefined);
  const clients = [pki.good, pki.revoked, pki.expired, testAuthority().good, {}];
  for (const [at, client] of clients.entries()) {
    await ask(client);
    // Another thread may be quicker with the next one's line.
    await connections(plane, at + 1);
  }
  const [good, revoked, expired, stranger, nobody] = await connections(plane, 5);
  const [request] = await requests(plane, 1);
  assert.equal(request?.connectionId, good?.connectionId);
  assert.equal(good?.tls?.serverName, 'shop.test');
  assert.equal(good?.tls?.certificateId, 'arn:of:certificate');
  assert.equal(good?.tls?.protocol, 'TLSv1.3');
  assert.equal(good?.clientCertificate?.subject, 'CN=good,O=Shop,C=US');
  assert.match(good?.clientCertificate?.notAfter ?? '', /^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ$/);
  assert.equal(good?.clientCertificate?.serialNumber, '03A5B1');
  assert.ok((good?.handshakeMs ?? -1) >= 0);
  assert.deepEqual(
    [good, revoked, expired, stranger, nobody].map((entry) => entry?.failure),
    [undefined, 23, 10, 7, 0],
  );
});

test('without logs nothing is written, and with those of connections only their first requests', async () => {
  await using world = new HostWorld();
  const plane = await serving(world, { logs: { ...LOGS, requests: false } });
  const keepAlive = { keepAlive: true };
  for (let i = 0; i < 3; i++) await world.get(`http://${LB}/`, keepAlive);
  assert.equal((await connections(plane, 1)).length, 1);
  assert.deepEqual(
    (await logged(plane)).filter((entry) => entry.type === 'request'),
    [],
  );
  await plane.apply(world.table([TARGETS[0]]));
  await plane.forgetLogs('vpc-1');
  await world.get(`http://${LB}/`);
  assert.deepEqual(await logged(plane), []);
});

/** Long for a machine that is busy with other tests, too. */
const TIMEOUT_MS = 900;

test('each health check is told once, with what came of it, and goes on over a reload', async () => {
  await using world = new HostWorld();
  const [good, bad, refusing] = TARGETS;
  await world.serve(good, bad);
  await world.tell({ do: 'behave', ip: bad, port: 8080, health: 503 });
  const plane = world.plane();
  const logs = { ...LOGS, requests: false, connections: false, healthChecks: true };
  const group = groupOf({
    healthCheck: { ...groupOf().healthCheck, intervalMs: 1000, timeoutMs: TIMEOUT_MS },
    targets: TARGETS.map((ip) => ({ ip, port: 8080, draining: false })),
  });
  const apply = (rules: readonly Rule[]) =>
    plane.apply(world.table([], { listeners: [listenerOf({ addresses: [LB], rules, logs })], targetGroups: [group] }));
  const checksOf = async (ip: string) =>
    (await logged(plane, 'health-checks')).filter(
      (entry): entry is HealthCheckEntry => entry.type === 'health-check' && entry.target === `${ip}:8080`,
    );
  const told = async (count: number) =>
    (await Promise.all(TARGETS.map(checksOf))).every((checks) => checks.length >= count);
  await apply([forwardTo('web')]);
  await until(() => told(1));
  await world.tell({ do: 'behave', ip: good, port: 8080, health: 0 });
  await apply(RULES);
  await until(async () => (await told(3)) && (await checksOf(good)).at(-1)?.failure === 'timeout');
  const [checks, failing, none] = await Promise.all([checksOf(good), checksOf(bad), checksOf(refusing)]);
  const { atUs: _, durationMs, ...first } = checks[0] ?? assert.fail();
  const common = { type: 'health-check', node: '198.51.100.7', protocol: 'http', targetGroup: 'the-group' };
  assert.deepEqual(first, { ...common, target: `${good}:8080`, status: 200 });
  assert.ok(durationMs >= 0 && durationMs < TIMEOUT_MS);
  const { failure, status, durationMs: waitedMs } = checks.at(-1) ?? assert.fail();
  assert.deepEqual([failure, status, waitedMs >= TIMEOUT_MS], ['timeout', undefined, true]);
  assert.deepEqual(new Set(failing.map((entry) => `${entry.failure} ${entry.status}`)), new Set(['status 503']));
  assert.deepEqual(new Set(none.map((entry) => `${entry.failure} ${entry.status}`)), new Set(['connection undefined']));
  for (const all of [checks, failing, none]) {
    const times = all.map(({ atUs }) => atUs);
    assert.deepEqual(times, [...new Set(times)].toSorted(ascending));
  }
  assert.deepEqual(await logged(plane), []);
});

test('while requests come, rules change and HAProxy is reloaded, each is told once and none fails', async () => {
  await using world = new HostWorld();
  const plane = await serving(world, {});
  // One after the other: HAProxy drops a line while another thread of its process writes one. AWS promises its best effort.
  await world.tell({ do: 'start-load', url: `http://${LB}/load`, loops: 1 });
  for (const rules of [RULES.slice(1), RULES, RULES.slice(2)]) {
    const before = (await requests(plane, 1)).length;
    const listeners = [listenerOf({ addresses: [LB], logs: LOGS, rules })];
    await plane.apply(world.table([TARGETS[0]], { listeners }));
    await requests(plane, before + 20);
  }
  const { requests: made, failures } = (await world.tell({ do: 'stop-load' })) as LoadReport;
  assert.deepEqual(failures, []);
  assert.equal((await requests(plane, made)).length, made);
});

test('HTTP/2: requests of one connection are told as such, and the connection once', async () => {
  await using world = new HostWorld();
  const pem = selfSigned('shop.test');
  const certificates = [{ certificateId: 'c', pem }];
  const plane = await serving(world, { listenerId: 'l443', port: 443, protocol: 'HTTPS', certificates });
  const http2 = { ca: pem, servername: 'shop.test' };
  await world.tell({ do: 'start-load', url: `https://${LB}/`, http2 });
  await requests(plane, 20);
  const { requests: made, failures } = (await world.tell({ do: 'stop-load' })) as LoadReport;
  assert.deepEqual(failures, []);
  const told = await requests(plane, made);
  assert.deepEqual([...new Set(told.map(({ request }) => request?.version))], ['2.0']);
  assert.deepEqual([...new Set(told.map(({ request }) => request?.uri))], ['/']);
  const ids = new Set(told.map(({ connectionId }) => connectionId));
  const established = await connections(plane, ids.size);
  assert.deepEqual(new Set(established.map(({ connectionId }) => connectionId)), ids);
  assert.equal(established.length, ids.size);
});

test('nobody stays out of the log by headers that are too long for a line, or hides the next request', async () => {
  await using world = new HostWorld();
  const plane = await serving(world, {});
  const odd = (count: number) => '\u00ff'.repeat(count);
  const headers = {
    'user-agent': odd(2700),
    'content-type': odd(2700),
    'x-amzn-trace-id': odd(2600),
  };
  assert.equal((await world.get(`http://${LB}/new/${'/'.repeat(5500)}`, { headers })).status, 200);
  await requests(plane, 1);
  assert.equal((await world.get(`http://${LB}/after`)).status, 200);
  const [long, next] = await requests(plane, 2);
  assert.match(long?.request?.uri ?? '', /^.new/);
  assert.deepEqual([long?.status, next?.request?.uri], [200, '/after']);
});
