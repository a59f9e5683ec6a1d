import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  DescribeServiceDeploymentsCommand,
  DescribeServiceRevisionsCommand,
  ListServiceDeploymentsCommand,
  StopServiceDeploymentCommand,
} from '@aws-sdk/client-ecs';
import { PutCompositeAlarmCommand, SetAlarmStateCommand } from '@aws-sdk/client-cloudwatch';
import { putQuietAlarm } from './harness/alarms.ts';
import { Longshore } from './harness/longshore.ts';
import { must } from './harness/run.ts';
import { buildSiteImage } from './harness/site-image.ts';
import { deploySite, detailOf } from './harness/site.ts';
import type { Site } from './harness/site.ts';
import { until } from './harness/until.ts';
import { Visitors } from './harness/visitors.ts';

const IMAGE = `longshore-test-scheduler-${process.pid}:v1`;

let server: Longshore;
let site: Site;

before(async () => {
  server = await Longshore.start();
  await buildSiteImage(IMAGE, 'v1');
  site = await deploySite(server, { name: 'scheduler', image: IMAGE });
});

after(async () => {
  await server?.remove();
  await must('docker', ['image', 'rm', IMAGE]);
});

/** `aws ecs wait WHAT` of Debian's CLI, for the site's service. */
async function waitFor(what: string): Promise<void> {
  const ran = await server.aws(['ecs', 'wait', what, '--cluster', site.name, '--services', site.name]);
  assert.equal(ran.code, 0, ran.stderr);
}

async function events(): Promise<string[]> {
  const { events = [] } = await site.service();
  return events.map((event) => event.message ?? '').toReversed();
}

const prefix = () => `(service ${site.name})`;

test('the CLI waits until the service is stable, and its events tell how it got there', async () => {
  await waitFor('services-stable');
  await site.steady();
  const group = `(target-group ${site.parts.targetGroupArn})`;
  await until('it is said that the service is steady', async () =>
    (await events()).includes(`${prefix()} has reached a steady state.`),
  );
  const said = await events();
  assert.match(
    said[0] ?? '',
    /^\(service scheduler\) has started 2 tasks: \(task [0-9a-f]{32}\) \(task [0-9a-f]{32}\)\.$/,
  );
  const registered = said.filter((line) => line.endsWith(`targets in ${group}.`));
  assert.ok(registered.length > 0 && registered.every((line) => / registered [12] targets in /.test(line)));
  assert.deepEqual(said.slice(-2), [
    `${prefix()} (deployment ${(await site.service()).deployments?.[0]?.id}) deployment completed.`,
    `${prefix()} has reached a steady state.`,
  ]);
});

test('its tasks are spread over its zones', async () => {
  const service = await site.service();
  assert.equal(service.availabilityZoneRebalancing, 'ENABLED');
  const tasks = await site.tasks();
  const subnets = new Set(tasks.map((task) => detailOf(task, 'subnetId')));
  assert.equal(subnets.size, Math.min(2, site.parts.placement.subnetIds.length));
  assert.equal(new Set(tasks.map((task) => task.availabilityZone)).size, subnets.size);
});

test('a deployment is stopped by hand and rolled back to the last revision, while that answers', async () => {
  const { ecs } = site.clients;
  const good = await site.service();
  const visitors = new Visitors(await site.request('/cgi-bin/version'));
  try {
    const hanging = await site.register(undefined, { stopTimeout: 2, entryPoint: ['/bin/sh', '-c', 'sleep 1000'] });
    await site.update({ taskDefinition: hanging });
    const serviceDeploymentArn = (await site.service()).currentServiceDeployment;
    await until('the new tasks run', async () => ((await site.service()).deployments?.[0]?.runningCount ?? 0) > 0);
    await ecs.send(new StopServiceDeploymentCommand({ serviceDeploymentArn, stopType: 'ROLLBACK' }));
    const told = await until('it is rolled back', async () => {
      const answer = await ecs.send(
        new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [serviceDeploymentArn ?? ''] }),
      );
      const [one] = answer.serviceDeployments ?? [];
      return one?.status === 'ROLLBACK_SUCCESSFUL' && one;
    });
    assert.equal(told.rollback?.serviceRevisionArn, good.currentServiceRevisions?.[0]?.arn);
    await site.steady();
  } finally {
    await visitors.stop();
  }
  assert.deepEqual(visitors.failures, [], `of ${visitors.total} requests`);
  const service = await site.service();
  assert.equal(service.taskDefinition, good.taskDefinition);
  const { serviceDeployments = [] } = await ecs.send(
    new ListServiceDeploymentsCommand({ cluster: site.name, service: site.name }),
  );
  assert.deepEqual(
    serviceDeployments.map((one) => one.status),
    ['ROLLBACK_SUCCESSFUL', 'SUCCESSFUL'],
  );
  const { serviceRevisions = [] } = await ecs.send(
    new DescribeServiceRevisionsCommand({ serviceRevisionArns: [service.currentServiceRevisions?.[0]?.arn ?? ''] }),
  );
  assert.match(serviceRevisions[0]?.containerImages?.[0]?.imageDigest ?? '', /^sha256:[0-9a-f]{64}$/);
});

test('a composite alarm that goes off while a deployment is watched rolls it back', async () => {
  const { cloudwatch, ecs } = site.clients;
  const AlarmName = await putQuietAlarm(cloudwatch, 'errors');
  const composite = 'trouble';
  await cloudwatch.send(new PutCompositeAlarmCommand({ AlarmName: composite, AlarmRule: `ALARM(${AlarmName})` }));
  const alarms = { alarmNames: [composite], enable: true, rollback: true };
  await site.update({ forceNewDeployment: true, deploymentConfiguration: { alarms } });
  const { currentServiceDeployment, deployments } = await site.service();
  const describe = async () => {
    const command = new DescribeServiceDeploymentsCommand({ serviceDeploymentArns: [currentServiceDeployment ?? ''] });
    return (await ecs.send(command)).serviceDeployments?.[0];
  };
  await until('it has scaled out, and is watched', async () => (await describe())?.lifecycleStage === 'BAKE_TIME');
  const told = await until('it is rolled back', async () => {
    await cloudwatch.send(new SetAlarmStateCommand({ AlarmName, StateValue: 'ALARM', StateReason: 'a test' }));
    const one = await describe();
    return one?.status?.startsWith('ROLLBACK') && one;
  });
  assert.deepEqual(told.alarms, { status: 'TRIGGERED', alarmNames: [composite], triggeredAlarmNames: [composite] });
  await until('the rollback is complete', async () => (await describe())?.status === 'ROLLBACK_SUCCESSFUL');
  assert.ok(
    (await events()).includes(`${prefix()} (deployment ${deployments?.[0]?.id}) deployment failed: alarm detected.`),
  );
  await site.update({ deploymentConfiguration: { alarms: { ...alarms, enable: false } } });
  await site.steady();
});

test('kill -9 in the middle of a deployment: the next start goes on, and nothing is lost', async () => {
  const visitors = new Visitors(await site.request('/cgi-bin/version'));
  try {
    await site.update({ forceNewDeployment: true });
    await until('it has begun', async () => {
      const { deployments = [] } = await site.service();
      const { pendingCount = 0, runningCount = 0 } = deployments.find(({ status }) => status === 'PRIMARY') ?? {};
      return deployments.length > 1 && pendingCount + runningCount > 0;
    });
    await server.kill9();
    await server.up();
    await waitFor('services-stable');
    await site.steady();
  } finally {
    await visitors.stop();
  }
  assert.deepEqual(visitors.failures, [], `of ${visitors.total} requests`);
  assert.equal((await site.tasks()).length, 2);
});

test('the CLI waits until the deleted service is INACTIVE', async () => {
  await server.awsJson(['ecs', 'delete-service', '--cluster', site.name, '--service', site.name, '--force']);
  await waitFor('services-inactive');
  assert.equal((await site.service()).status, 'INACTIVE');
  assert.deepEqual(await site.tasks(), []);
});
