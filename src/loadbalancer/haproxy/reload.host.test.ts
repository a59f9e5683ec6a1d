import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { test } from 'node:test';
import { RuntimeError } from '../../kernel/errors.ts';
import { listenerOf } from '../testing.ts';
import type { LoadReport } from './testing-peer.ts';
import { HostWorld, LB, TARGETS, until } from './testing-world.ts';

const URL = `http://${LB}`;

test('targets come and go under load, and no request fails', async () => {
  await using world = new HostWorld();
  await world.serve(...TARGETS);
  const plane = world.plane();
  await plane.apply(world.table([TARGETS[0]]));
  await until(async () => (await world.get(URL)).status === 200);
  await world.tell({ do: 'start-load', url: URL });
  for (let round = 0; round < 4; round++) {
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

test('another server process finds what runs and leaves it alone; what died is started again', async () => {
  await using world = new HostWorld();
  await world.serve(TARGETS[0]);
  const first = world.plane();
  await first.apply(world.table());
  const pid = world.masterPid();
  const worker = await workerPid(pid);
  first.detach();

  const second = world.plane();
  assert.deepEqual(await second.list(), ['vpc-1']);
  await second.apply(world.table());
  assert.equal(world.masterPid(), pid);
  assert.equal(await workerPid(pid), worker, 'not even reloaded');
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

test('private keys are in files that only the owner reads, and go when they are not used', async () => {
  await using world = new HostWorld();
  const plane = world.plane();
  await plane.apply(world.table([]));
  await plane.stop();
  assert.deepEqual(readdirSync(`${world.folder}/lb`), []);
});

async function workerPid(master: number): Promise<number> {
  const { execFileSync } = await import('node:child_process');
  return Number(execFileSync('ps', ['--ppid', String(master), '-o', 'pid='], { encoding: 'utf8' }).trim());
}
