import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { containerOf, haproxiesOf, kill } from './harness/host.ts';
import { Longshore } from './harness/longshore.ts';
import { must } from './harness/run.ts';
import { buildSiteImage } from './harness/site-image.ts';
import { deploySite } from './harness/site.ts';
import type { Site } from './harness/site.ts';
import { until } from './harness/until.ts';
import { Visitors } from './harness/visitors.ts';

const IMAGE = `longshore-test-self-healing-${process.pid}:v1`;
const VISITORS = 8;

let server: Longshore;
let site: Site;

before(async () => {
  server = await Longshore.start();
  await buildSiteImage(IMAGE, 'v1');
  site = await deploySite(server, { name: 'healing', image: IMAGE });
  await site.steady();
});

after(async () => {
  await server?.remove();
  await must('docker', ['image', 'rm', IMAGE]);
});

/** Does something while visitors ask over HTTPS all the time. */
async function visited(work: () => Promise<unknown>): Promise<Visitors> {
  const visitors = new Visitors(await site.request('/cgi-bin/version'), VISITORS);
  await visitors.during(work, 40);
  return visitors;
}

/** Revisions that cannot serve, and why each of their tasks ends. */
const BAD = {
  'an image that is not there': {
    register: () => site.register(`${site.parts.repositoryUri}:missing`),
    ends: /^CannotPullContainerError: /,
  },
  'a container that dies over and over': {
    register: () => site.register(undefined, { entryPoint: ['/bin/sh', '-c', 'sleep 0.5; exit 1'] }),
    ends: /^Essential container in task exited$/,
  },
  'a failing health check': {
    register: () =>
      site.register(undefined, {
        stopTimeout: 2,
        entryPoint: ['/bin/sh', '-c', 'mkdir /www; exec busybox httpd -f -p 80 -h /www'],
      }),
    ends: /^Task failed ELB health checks in \(target-group /,
  },
} as const;

for (const [what, { register, ends }] of Object.entries(BAD)) {
  test(`${what}: the service is rolled back, while the version before answers every request`, async (t) => {
    const good = (await site.service()).taskDefinition;
    const bad = await register();
    const visitors = await visited(async () => {
      const deploymentCircuitBreaker = { enable: true, rollback: true };
      await site.update({ taskDefinition: bad, deploymentConfiguration: { deploymentCircuitBreaker } });
      await until('the deployment has failed', async () => {
        const { deployments = [] } = await site.service();
        return deployments.some((one) => one.taskDefinition === bad && one.rolloutState === 'FAILED');
      });
      await site.steady();
    });
    t.diagnostic(`${visitors.total} requests, ${visitors.failures.length} failed`);
    assert.deepEqual(visitors.failures, [], `of ${visitors.total} requests`);
    const service = await site.service();
    assert.equal(service.taskDefinition, good);
    assert.ok(service.events?.some((event) => event.message?.endsWith('deployment failed: tasks failed to start.')));
    const ended = (await site.tasks('STOPPED')).filter((task) => task.taskDefinitionArn === bad);
    const failed = ended.filter((task) => ends.test(task.stoppedReason ?? ''));
    assert.ok(failed.length >= 3, 'the threshold of the circuit breaker');
    for (const { stoppedReason = '' } of ended) {
      // One that had only just been started when the breaker tripped is stopped by the rollback.
      assert.ok(ends.test(stoppedReason) || stoppedReason.startsWith('Scaling activity initiated by'), stoppedReason);
    }
  });
}

test('the container of a task is killed: only requests that it was answering fail, and another takes its place', async (t) => {
  const [victim] = await site.tasks();
  const { pid } = await containerOf(await server.instanceId(), victim?.taskArn);
  let goneAt = 0;
  const visitors = await visited(async () => {
    process.kill(pid, 'SIGKILL');
    await until('it is dead', async () => !existsSync(`/proc/${pid}`));
    goneAt = Date.now();
    await site.stopped(victim?.taskArn);
    await site.steady();
  });
  t.diagnostic(`${visitors.total} requests, ${visitors.failures.length} failed: ${visitors.failures.join('; ')}`);
  assert.deepEqual(
    visitors.failures.filter((_, at) => (visitors.failedSince[at] ?? 0) > goneAt),
    [],
    'begun when the container was dead',
  );
  assert.ok(visitors.failures.length <= VISITORS, 'one of each visitor');
});

for (const [which, isEdge] of [
  ['the edge', true],
  ["the VPC's HAProxy", false],
] as const) {
  test(`${which} is killed: it is back by itself`, async (t) => {
    const find = () => haproxiesOf(server.home).find(({ name }) => (name === 'edge') === isEdge);
    const before = find();
    assert.ok(before);
    const killedAt = performance.now();
    for (const pid of [before.master, ...before.workers]) kill(pid);
    await until('it answers again', async () => (await site.get().catch(() => undefined))?.status === 200);
    const ms = Math.round(performance.now() - killedAt);
    // How long this takes on a quiet machine is bench/recovery.ts's.
    t.diagnostic(`back after ${ms} ms`);
    assert.notEqual(find()?.master, before.master);
    await site.steady();
  });
}
