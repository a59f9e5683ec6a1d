import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RuntimeError } from '../../kernel/errors.ts';
import type { ListenerRoutes } from '../load-balancer.ts';
import { listenerOf } from '../testing.ts';
import type { LoadReport } from './testing-peer.ts';
import { HostWorld, LB, selfSigned, TARGETS, until } from './testing-world.ts';

const URL = `http://${LB}`;

test('targets come and go under load, and no request fails', async () => {
  await using world = new HostWorld();
  await world.serve(...TARGETS);
  const plane = world.plane();
  await plane.apply(world.table([TARGETS[0]]));
  await until(async () => (await world.get(URL)).status === 200);
  await world.tell({ do: 'start-load', url: URL });
  for (let round = 0; round < 12; round++) {
    await plane.apply(world.table([TARGETS[0], TARGETS[1]]));
    await until(async () => (await plane.health('vpc-1')).every((health) => health.state === 'healthy'));
    await plane.apply(world.table([TARGETS[1], TARGETS[2]]));
    await until(async () => (await plane.health('vpc-1')).every((health) => health.state === 'healthy'));
    await plane.apply(world.table([TARGETS[0], TARGETS[2]]));
    await until(async () => (await plane.health('vpc-1')).every((health) => health.state === 'healthy'));
  }
  const report = (await world.tell({ do: 'stop-load' })) as LoadReport;
  assert.deepEqual(report.failures, []);
  assert.ok(report.requests > 500, `only ${report.requests} requests`);
});

test('a target that is healthy stays so over a reload', async () => {
  await using world = new HostWorld();
  await world.serve(...TARGETS);
  const plane = world.plane();
  await plane.apply(world.table([TARGETS[0]]));
  await until(async () => (await plane.health('vpc-1'))[0]?.state === 'healthy');
  await world.tell({ do: 'behave', ip: TARGETS[1], port: 8080, health: 500 });
  await plane.apply(world.table([TARGETS[0], TARGETS[1]]));
  const health = await plane.health('vpc-1');
  assert.equal(health.find(({ ip }) => ip === TARGETS[0])?.state, 'healthy');
  assert.notEqual(health.find(({ ip }) => ip === TARGETS[1])?.state, 'healthy');
});

test('HAProxy is killed, master or worker: it is started again though nothing changes', async () => {
  await using world = new HostWorld();
  await world.serve(TARGETS[0]);
  const plane = world.plane();
  await plane.apply(world.table());
  await until(async () => (await world.get(URL)).status === 200);
  for (const victimOf of [(master: number) => master, workerPid]) {
    const before = world.masterPid();
    process.kill(victimOf(before), 'SIGKILL');
    await until(async () => (await plane.list()).length === 1 && world.masterPid() !== before);
    await until(async () => (await plane.health('vpc-1'))[0]?.state === 'healthy');
    assert.equal((await world.get(URL)).status, 200);
  }
  await plane.apply({ ...world.table(), listeners: [] });
  assert.deepEqual(await plane.list(), []);
});

test('the server is killed: the next one finds what runs and leaves it alone; what died is started again', async () => {
  await using world = new HostWorld();
  await world.serve(TARGETS[0]);
  const server = join(import.meta.dirname, 'testing-server.ts');
  const killed = spawnSync(process.execPath, [server, `${world.folder}/lb`, JSON.stringify(world.table())]);
  assert.equal(killed.signal, 'SIGKILL');
  const pid = world.masterPid();
  const worker = workerPid(pid);

  const second = world.plane();
  assert.deepEqual(await second.list(), ['vpc-1']);
  await second.apply(world.table());
  assert.equal(world.masterPid(), pid);
  assert.equal(workerPid(pid), worker, 'not even reloaded');
  await until(async () => (await second.health('vpc-1'))[0]?.state === 'healthy');

  process.kill(pid, 'SIGKILL');
  await until(async () => (await second.list()).length === 0);
  await second.apply(world.table());
  assert.notEqual(world.masterPid(), pid);
  await until(async () => (await world.get(URL)).status === 200);
});

test('a configuration that HAProxy cannot take is refused with its words, and the old one serves on', async () => {
  await using world = new HostWorld();
  await world.serve(TARGETS[0]);
  const plane = world.plane();
  await plane.apply(world.table());
  await until(async () => (await world.get(URL)).status === 200);

  const badCertificate = listenerOf({
    listenerId: 'l443',
    addresses: [LB],
    port: 443,
    protocol: 'HTTPS',
    certificates: [{ certificateId: 'bad', pem: 'not a certificate\n' }],
  });
  const takenPort = listenerOf({ listenerId: 'l8080', addresses: [TARGETS[0]], port: 8080 });
  for (const [listener, words] of [
    [badCertificate, /certificate|PEM/i],
    [takenPort, /10\.9\.1\.1:8080/],
  ] as const) {
    const table = world.table();
    await assert.rejects(
      plane.apply({ ...table, listeners: [...table.listeners, listener] }),
      (error: unknown) => error instanceof RuntimeError && error.kind === 'rejected' && words.test(error.message),
    );
    assert.equal((await world.get(URL)).status, 200);
    await plane.apply(table);
    assert.equal((await world.get(URL)).status, 200);
  }
});

test('a load balancer that HAProxy cannot take stays as it was, with its new targets; the others change', async () => {
  await using world = new HostWorld();
  await world.serve(...TARGETS);
  const other = (status: number) =>
    listenerOf({
      listenerId: 'l81',
      loadBalancerId: 'other',
      addresses: [LB],
      port: 81,
      rules: [{ ruleId: 'other', conditions: [], action: { type: 'fixed-response', status } }],
    });
  const bad = listenerOf({
    listenerId: 'l443',
    addresses: [LB],
    port: 443,
    protocol: 'HTTPS',
    certificates: [{ certificateId: 'bad', pem: 'not a certificate\n' }],
  });
  const table = (ip: string, status: number, more: readonly ListenerRoutes[]) =>
    world.table([ip], { listeners: [...world.table().listeners, ...more, other(status)] });
  const serves = async (ip: string, status: number) => {
    await until(async () => (await world.get(URL)).headers['x-target'] === `${ip}:8080`);
    assert.equal((await world.get(`http://${LB}:81`)).status, status);
  };
  const rejected = (error: unknown) => error instanceof RuntimeError && error.kind === 'rejected';

  const plane = world.plane();
  // At once, from nothing: what is good of it is served.
  await assert.rejects(plane.apply(table(TARGETS[0], 410, [bad])), rejected);
  assert.equal((await world.get(`http://${LB}:81`)).status, 410);
  await plane.apply(table(TARGETS[0], 411, []));
  await serves(TARGETS[0], 411);
  await assert.rejects(plane.apply(table(TARGETS[1], 412, [bad])), rejected);
  await serves(TARGETS[1], 412);
  const pid = workerPid(world.masterPid());
  await assert.rejects(plane.apply(table(TARGETS[0], 412, [bad])), rejected);
  await serves(TARGETS[0], 412);
  assert.equal(workerPid(world.masterPid()), pid, 'not reloaded for targets');

  plane.detach();
  const next = world.plane();
  await assert.rejects(next.apply(table(TARGETS[2], 413, [bad])), rejected);
  await serves(TARGETS[2], 413);
});

test('private keys are in files that only the owner reads; these and sockets go when they are not used', async () => {
  await using world = new HostWorld();
  const plane = world.plane();
  const https = listenerOf({
    listenerId: 'l443',
    addresses: [LB],
    port: 443,
    protocol: 'HTTPS',
    certificates: [{ certificateId: 'c', pem: selfSigned('one.test') }],
  });
  const table = world.table([]);
  const folder = `${world.folder}/lb/vpc-1`;
  const keys = () => readdirSync(folder).filter((name) => name.startsWith('cert-'));
  await plane.apply({ ...table, listeners: [...table.listeners, https] });
  assert.equal(keys().length, 1);
  assert.equal(statSync(`${folder}/${keys()[0]}`).mode & 0o777, 0o600);
  await plane.apply(table);
  assert.deepEqual(keys(), []);
  const sockets = readdirSync(folder).filter((name) => /\.(sock|before)$/.test(name));
  assert.deepEqual(sockets.toSorted(), ['l80.sock', 'stats.sock']);
  await plane.stop();
  assert.deepEqual(readdirSync(`${world.folder}/lb`), []);
});

test('a target that drains does not count as healthy: the others get the requests, healthy or not', async () => {
  await using world = new HostWorld();
  await world.serve(TARGETS[0], TARGETS[1]);
  await world.tell({ do: 'behave', ip: TARGETS[0], port: 8080, health: 500 });
  const plane = world.plane();
  const [group] = world.table([TARGETS[0]]).targetGroups;
  assert.ok(group);
  const draining = { ip: TARGETS[1], port: 8080, draining: true };
  await plane.apply(world.table([], { targetGroups: [{ ...group, targets: [...group.targets, draining] }] }));
  await until(async () => (await plane.health('vpc-1')).some((health) => health.state === 'unhealthy'));
  assert.equal((await world.get(URL)).headers['x-target'], `${TARGETS[0]}:8080`);
});

test('a namespace that is not there yet is a temporary failure', async () => {
  await using world = new HostWorld();
  await assert.rejects(
    world.plane().apply({ ...world.table(), namespacePath: '/run/netns/no-such' }),
    (error: unknown) => error instanceof RuntimeError && error.kind === 'temporary',
  );
});

test('an HAProxy in a namespace that was replaced is started again in the new one', async () => {
  await using world = new HostWorld();
  await using other = new HostWorld();
  await world.serve(TARGETS[0]);
  await other.serve(TARGETS[0]);
  const plane = world.plane();
  await plane.apply(world.table());
  const pid = world.masterPid();
  await plane.apply({ ...world.table(), namespacePath: other.namespacePath });
  assert.notEqual(world.masterPid(), pid);
  await until(async () => (await other.get(URL)).status === 200);
  await assert.rejects(world.get(URL), /ECONNREFUSED/);
});

function workerPid(master: number): number {
  return Number(execFileSync('ps', ['--ppid', String(master), '-o', 'pid='], { encoding: 'utf8' }).trim());
}
