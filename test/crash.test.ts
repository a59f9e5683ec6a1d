import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Task } from '@aws-sdk/client-ecs';
import { containerOf, containersOf, haproxiesOf, kill, leftoversOf, namespacesOf } from './harness/host.ts';
import { Longshore } from './harness/longshore.ts';
import { must } from './harness/run.ts';
import { buildSiteImage } from './harness/site-image.ts';
import { deploySite } from './harness/site.ts';
import type { Site } from './harness/site.ts';
import { until } from './harness/until.ts';
import { Visitors } from './harness/visitors.ts';

const IMAGES = ['v1', 'v2'].map((version) => `longshore-test-crash-${process.pid}:${version}`);
const [V1 = '', V2 = ''] = IMAGES;
/** What the ECS agent calls the container that holds a task's network. */
const PAUSE = '~internal~ecs~pause';

let server: Longshore;
let site: Site;
let instance: string;

before(async () => {
  server = await Longshore.start();
  instance = await server.instanceId();
  await Promise.all([buildSiteImage(V1, 'v1'), buildSiteImage(V2, 'v2')]);
  site = await deploySite(server, { name: 'crash', image: V1 });
  await site.steady();
});

after(async () => {
  await server?.remove();
  await must('docker', ['image', 'rm', ...IMAGES]);
});

/** Everything that must not change when only the server does. */
async function running() {
  const containers = (await containersOf(instance)).map(({ id, startedAt, pid }) => ({ id, startedAt, pid }));
  const haproxies = haproxiesOf(server.home);
  const tasks = (await site.tasks()).map(({ taskArn, startedAt, version }) => ({ taskArn, startedAt, version }));
  return {
    containers: containers.toSorted((a, b) => a.id.localeCompare(b.id)),
    haproxies: haproxies.toSorted((a, b) => a.name.localeCompare(b.name)),
    tasks: tasks.toSorted((a, b) => (a.taskArn ?? '').localeCompare(b.taskArn ?? '')),
  };
}

/** Does something under constant requests; not one may fail. */
async function visited(work: (visitors: Visitors) => Promise<unknown>): Promise<void> {
  const visitors = new Visitors(await site.request('/cgi-bin/version'));
  await visitors.during(() => work(visitors));
  assert.deepEqual(visitors.failures, [], `of ${visitors.total} requests`);
}

test('killed and started again, the server finds its service as it runs, and every request is answered', async () => {
  const before = await running();
  assert.equal(before.containers.length, 4);
  assert.equal(before.haproxies.length, 2);
  const { events } = await site.service();
  await visited(async (visitors) => {
    await server.kill9();
    await visitors.answered(50);
    await server.up();
    await site.steady();
    await visitors.answered();
    await server.stop();
    await visitors.answered();
    await server.up();
    await site.steady();
  });
  assert.deepEqual(await running(), before);
  assert.deepEqual((await site.service()).events, events);
});

test('killed in the middle of a deployment, it completes it, and every request is answered', async () => {
  const taskDefinition = await site.register(await site.push(V2, 'v2'));
  await visited(async () => {
    await site.update({ taskDefinition });
    await until('a new task is coming', async () => (await site.tasks()).length > 2);
    await server.kill9();
    await server.up();
    await until('an old task is leaving', async () => (await site.tasks('STOPPED')).length > 0);
    await server.kill9();
    await server.up();
    await site.steady();
  });
  assert.equal((await site.get('/cgi-bin/version')).body.trim(), 'v2');
  await onlyTheirContainers();
});

for (const [which, victim] of [
  ['the edge', (home: string) => haproxiesOf(home).find(({ name }) => name === 'edge')?.master],
  ["the VPC's HAProxy", (home: string) => haproxiesOf(home).find(({ name }) => name !== 'edge')?.master],
  ["the VPC's HAProxy's worker", (home: string) => haproxiesOf(home).find(({ name }) => name !== 'edge')?.workers[0]],
] as const) {
  test(`${which} is killed: it is soon back`, async (t) => {
    const pid = victim(server.home) ?? 0;
    assert.ok(pid > 0);
    const at = performance.now();
    process.kill(pid, 'SIGKILL');
    await until('it is gone', async () => victim(server.home) !== pid);
    await until('it answers again', async () => (await site.get().catch(() => undefined))?.status === 200);
    t.diagnostic(`back after ${Math.round(performance.now() - at)} ms`);
    await site.steady();
  });
}

/** New tasks whose deployment has no failures: after failures the next launch waits longer and longer. */
async function renewed() {
  await site.update({ forceNewDeployment: true });
  await site.steady();
  await onlyTheirContainers();
  return site.tasks();
}

async function onlyTheirContainers(): Promise<void> {
  await until('only the tasks of the service have containers', async () => (await containersOf(instance)).length === 4);
}

/** Both have ended as tasks end whose container exits; others run, and only theirs are the containers. */
async function replaced(tasks: readonly Task[]): Promise<void> {
  for (const { taskArn } of tasks) {
    const task = await site.stopped(taskArn);
    assert.equal(task.stopCode, 'EssentialContainerExited');
    assert.match(task.stoppedReason ?? '', /^Essential container in task exited/);
  }
  await site.steady();
  await onlyTheirContainers();
}

test('containers that are removed by hand end their tasks, and others take their places', async () => {
  const tasks = await renewed();
  const own = await containerOf(instance, tasks[0]?.taskArn);
  const network = await containerOf(instance, tasks[1]?.taskArn, PAUSE);
  await must('docker', ['rm', '--force', own.id, network.id]);
  await replaced(tasks);
});

test('containers that are removed while the server is down: others take their places', async () => {
  const tasks = await renewed();
  await server.kill9();
  const own = await containerOf(instance, tasks[0]?.taskArn);
  const all = (await containersOf(instance)).filter(({ labels }) => labels['longshore.task'] === tasks[1]?.taskArn);
  await must('docker', ['rm', '--force', own.id, ...all.map(({ id }) => id)]);
  await server.up();
  await replaced(tasks);
});

test('after the host was switched off and on, the service comes back by itself', async () => {
  const tasks = await renewed();
  const before = await running();
  await server.kill9();
  for (const { master, workers } of before.haproxies) for (const pid of [master, ...workers]) kill(pid);
  await must('docker', ['kill', ...before.containers.map(({ id }) => id)]);
  for (const namespace of await namespacesOf(instance)) await must('ip', ['netns', 'delete', namespace]);
  await must('nft', ['delete', 'table', 'inet', `longshore_${instance}`]);
  await server.up();
  await replaced(tasks);
  assert.equal((await site.get()).status, 200);
});

test('a server that is removed leaves nothing on the host', async () => {
  await server.kill9();
  await server.remove();
  assert.deepEqual(await leftoversOf(instance, server.home), []);
});
