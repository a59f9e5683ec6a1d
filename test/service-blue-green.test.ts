import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { putQuietAlarm } from './harness/alarms.ts';
import { Longshore } from './harness/longshore.ts';
import { must } from './harness/run.ts';
import { ShiftingSite, TEST_HEADER, pauseAt } from './harness/shifting.ts';
import { buildSiteImage } from './harness/site-image.ts';
import { deploySite } from './harness/site.ts';
import { until } from './harness/until.ts';
import { Visitors } from './harness/visitors.ts';

const IMAGES = ['v1', 'v2'].map((version) => `longshore-test-blue-green-${process.pid}:${version}`);

let server: Longshore;
let shifting: ShiftingSite;
let [v1, v2]: string[] = [];
let visitors: Visitors;
const events: any[] = [];

/** Where the deployments' lifecycle hooks are answered. */
const hooks = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text: string) => (body += text));
  request.once('end', () => {
    events.push(JSON.parse(body));
    response.end('{"hookStatus":"SUCCEEDED"}');
  });
});

before(async () => {
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', resolve));
  server = await Longshore.start({ args: ['--deployment-hook-hosts', '127.0.0.1'] });
  for (const image of IMAGES) await buildSiteImage(image, image.split(':').at(-1));
  const site = await deploySite(server, { name: 'shifting', image: IMAGES[0] ?? '' });
  shifting = await ShiftingSite.prepare(site);
  v1 = site.parts.taskDefinitionArn;
  v2 = await site.register(await site.push(IMAGES[1] ?? '', 'v2'));
  await site.steady();
  visitors = new Visitors(await site.request('/cgi-bin/version'));
});

after(async () => {
  await visitors?.stop();
  hooks.close();
  await server?.remove();
  for (const image of IMAGES) await must('docker', ['image', 'rm', image]);
});

function nobodyFailed(): void {
  assert.deepEqual(visitors.failures, [], `of ${visitors.total} requests`);
}

test('blue/green: those who test see the new version first, and everybody once it is let go on', async () => {
  const { port } = hooks.address() as AddressInfo;
  await shifting.deploy(v2 ?? '', {
    strategy: 'BLUE_GREEN',
    bakeTimeInMinutes: 0,
    lifecycleHooks: [
      pauseAt('POST_TEST_TRAFFIC_SHIFT'),
      { hookTargetArn: `http://127.0.0.1:${port}/`, lifecycleStages: ['POST_SCALE_UP'] },
    ],
  });
  const hookId = await shifting.paused('POST_TEST_TRAFFIC_SHIFT');
  await until('those who test see v2', async () => (await shifting.version(TEST_HEADER)) === 'v2');
  assert.equal(await shifting.version(), 'v1');
  assert.equal(visitors.answers.get('v2'), undefined);
  assert.deepEqual(
    events.map((event) => event.lifecycleStage),
    ['POST_SCALE_UP'],
  );
  await shifting.goOn(hookId);
  const done = await shifting.ended('SUCCESSFUL');
  assert.equal(done.targetServiceRevision?.requestedProductionTrafficWeight, 100);
  await until('everybody sees v2', async () => (await shifting.version()) === 'v2');
  nobodyFailed();
});

test('canary: a tenth of the requests, then all of them', async () => {
  await shifting.deploy(v1 ?? '', {
    strategy: 'CANARY',
    canaryConfiguration: { canaryPercent: 10, canaryBakeTimeInMinutes: 0 },
    lifecycleHooks: [pauseAt('PRE_PRODUCTION_TRAFFIC_SHIFT')],
  });
  const first = await shifting.paused('PRE_PRODUCTION_TRAFFIC_SHIFT');
  assert.equal(await shifting.version(), 'v2');
  await shifting.goOn(first);
  const second = await shifting.paused('PRE_PRODUCTION_TRAFFIC_SHIFT', first);
  await until('a request is answered by v1', async () => (await shifting.version()) === 'v1');
  const versions = [];
  for (let i = 0; i < 600; i++) versions.push(await shifting.version());
  const share = versions.filter((version) => version === 'v1').length / versions.length;
  assert.ok(share > 0.05 && share < 0.16, `${share * 100} % of the requests`);
  await shifting.goOn(second);
  await shifting.ended('SUCCESSFUL');
  await until('everybody sees v1', async () => (await shifting.version()) === 'v1');
  nobodyFailed();
});

test('an alarm after all traffic has moved gives it back', async () => {
  const { cloudwatch } = shifting.site.clients;
  const AlarmName = await putQuietAlarm(cloudwatch, 'errors');
  await shifting.deploy(v2 ?? '', {
    strategy: 'BLUE_GREEN',
    alarms: { alarmNames: [AlarmName], enable: true, rollback: true },
    lifecycleHooks: [pauseAt('POST_PRODUCTION_TRAFFIC_SHIFT')],
  });
  await shifting.paused('POST_PRODUCTION_TRAFFIC_SHIFT');
  await until('everybody sees v2', async () => (await shifting.version()) === 'v2');
  await until('it is rolled back', async () => {
    await cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a test' }));
    return (await shifting.deployment()).status?.startsWith('ROLLBACK');
  });
  await shifting.ended('ROLLBACK_SUCCESSFUL');
  await until('everybody sees v1', async () => (await shifting.version()) === 'v1');
  await until('only the old tasks are left', async () => (await shifting.site.tasks()).length === 2);
  nobodyFailed();
});

test('kill -9 while the traffic is shifted: the next start goes on', async () => {
  await shifting.deploy(v2 ?? '', {
    strategy: 'BLUE_GREEN',
    alarms: { alarmNames: ['errors'], enable: false, rollback: false },
    lifecycleHooks: [],
  });
  await until('it shifts', async () => (await shifting.deployment()).lifecycleStage !== 'PRE_SCALE_UP');
  await server.kill9();
  await server.up();
  await shifting.ended('SUCCESSFUL');
  await until('everybody sees v2', async () => (await shifting.version()) === 'v2');
  nobodyFailed();
});
