import assert from 'node:assert/strict';
import { request } from 'node:https';
import { connect } from 'node:http2';
import { after, before, test } from 'node:test';
import {
  DescribeScalingActivitiesCommand,
  RegisterScalableTargetCommand,
} from '@aws-sdk/client-application-auto-scaling';
import { AddTagsCommand } from '@aws-sdk/client-elastic-load-balancing-v2';
import { Longshore } from './harness/longshore.ts';
import { must } from './harness/run.ts';
import { buildSiteImage } from './harness/site-image.ts';
import { deploySite } from './harness/site.ts';
import type { Site } from './harness/site.ts';
import { until } from './harness/until.ts';

const IMAGE = `longshore-test-zero-${process.pid}:v1`;
const MANY = 20;
const BIG = 8 * 1024 * 1024;
/** Beside what the site answers anyway: how long the body of a request is. */
const COUNT = `mkdir -p /www/cgi-bin
cat > /www/cgi-bin/count <<'END'
#!/bin/busybox sh
printf 'Content-Type: text/plain\\n\\n'
wc -c
END
chmod +x /www/cgi-bin/count
exec /entry`;
const HELD_SECONDS = '45';
const IDLE_SECONDS = '2';

let server: Longshore;
let site: Site;

before(async () => {
  server = await Longshore.start();
  await buildSiteImage(IMAGE);
  site = await deploySite(server, { name: 'zero', image: IMAGE, count: 0 });
  await site.update({
    taskDefinition: await site.register(undefined, { entryPoint: ['/bin/sh', '-c'], command: [COUNT] }),
  });
  await tag('longshore:wake-on-request', HELD_SECONDS);
  await site.clients.autoscaling.send(
    new RegisterScalableTargetCommand({ ...SCALED(), MinCapacity: 0, MaxCapacity: 3 }),
  );
  await site.steady();
});

after(async () => {
  await server?.remove();
  await must('docker', ['image', 'rm', IMAGE]);
});

const SCALED = () =>
  ({
    ServiceNamespace: 'ecs',
    ScalableDimension: 'ecs:service:DesiredCount',
    ResourceId: `service/${site.name}/${site.name}`,
  }) as const;

async function tag(Key: string, Value: string): Promise<void> {
  const ResourceArns = [site.parts.targetGroupArn];
  await site.clients.elbv2.send(new AddTagsCommand({ ResourceArns, Tags: [{ Key, Value }] }));
}

/** The status of an answer over HTTPS, however long it takes; -1 for a broken connection. */
async function visit(path = '/cgi-bin/version', body?: Buffer): Promise<number> {
  const { port, hostname, ca = '' } = await site.request();
  const headers = { host: `${hostname}:${port}`, ...(body ? { 'content-length': body.length } : {}) };
  const method = body ? 'POST' : 'GET';
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, path, method, headers, ca, servername: hostname, agent: false };
    const sent = request(options, (answer) => {
      answer.resume();
      answer.once('end', () => resolve(answer.statusCode ?? 0));
    });
    sent.once('error', () => resolve(-1));
    sent.end(body);
  });
}

/** The status of the answer to a request of HTTP/2. */
async function visitHttp2(): Promise<number> {
  const { port, hostname, ca = '' } = await site.request();
  const session = connect(`https://127.0.0.1:${port}`, { ca, servername: hostname });
  try {
    return await new Promise((resolve, reject) => {
      session.once('error', reject);
      const stream = session.request({ ':path': '/cgi-bin/version', ':authority': `${hostname}:${port}` });
      stream.once('response', (headers) => resolve(Number(headers[':status'])));
      stream.once('error', reject);
      stream.resume();
    });
  } finally {
    session.destroy();
  }
}

/** Of the service: what was scaled and why, the oldest first. */
async function activities(): Promise<(readonly [string, string])[]> {
  const { ScalingActivities = [] } = await site.clients.autoscaling.send(
    new DescribeScalingActivitiesCommand(SCALED()),
  );
  return ScalingActivities.map(({ Description = '', Cause = '' }) => [Description, Cause] as const).toReversed();
}

/** The status of the first request that waits: the load balancer has heard of its tag. */
async function untilHeld(): Promise<{ readonly answer: Promise<number> }> {
  return until('requests wait', async () => {
    const asked = visit();
    const isHeld = await Promise.race([
      asked.then(() => false),
      new Promise((resolve) => setTimeout(resolve, 500, true)),
    ]);
    return isHeld === true && { answer: asked };
  });
}

const sleeps = () =>
  until('the service sleeps', async () => {
    const { desiredCount, runningCount } = await site.service();
    return desiredCount === 0 && runningCount === 0 && (await site.targetStates()).length === 0;
  });

test('requests of every kind wait for the first task, and wake the service once', async (t) => {
  const beganAt = performance.now();
  const { answer } = await untilHeld();
  const statuses = await Promise.all([
    answer,
    ...Array.from({ length: MANY }, () => visit()),
    visitHttp2(),
    visit('/cgi-bin/count', Buffer.alloc(BIG, 1)),
  ]);
  t.diagnostic(`${statuses.length} requests waited for ${((performance.now() - beganAt) / 1000).toFixed(1)} s`);
  assert.deepEqual(new Set(statuses), new Set([200]));
  assert.equal((await site.tasks()).length, 1);
  const seen = await activities();
  assert.equal(seen.length, 1);
  assert.equal(seen[0]?.[0], 'Setting desired count to 1.');
  assert.match(seen[0]?.[1] ?? '', /^requests were waiting for a target of targetgroup\/zero\/[0-9a-f]{16}$/);
});

test('without requests it sleeps again, and those that come while it falls asleep are answered', async () => {
  await site.steady();
  await tag('longshore:scale-to-zero-after', IDLE_SECONDS);
  await until('it was told to sleep', async () => (await site.service()).desiredCount === 0);
  const statuses: number[] = [];
  // Some come to the task that ends, others wait for the next one.
  await until('it was woken again', async () => {
    statuses.push(await visit());
    return statuses.length >= 10 && (await activities()).length >= 3;
  });
  assert.deepEqual(new Set(statuses), new Set([200]));
  const [, second, third] = await activities();
  assert.equal(second?.[0], 'Setting desired count to 0.');
  assert.match(second?.[1] ?? '', /^no request came to targetgroup\/zero\/[0-9a-f]{16} for \d+ seconds$/);
  assert.equal(third?.[0], 'Setting desired count to 1.');
  await sleeps();
});

test('a wish to wake outlives the server', async () => {
  await sleeps();
  const held = visit();
  await server.kill9();
  const meanwhile = visit();
  await server.up();
  assert.deepEqual(await Promise.all([held, meanwhile]), [200, 200]);
});
