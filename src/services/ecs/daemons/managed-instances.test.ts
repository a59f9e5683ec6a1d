import assert from 'node:assert/strict';
import { test } from 'node:test';
import { formatArn } from '../../../kernel/arn.ts';
import { TEST_SCOPE } from '../../../api/testing.ts';
import { agentReports } from '../index.ts';
import { joinLaunched, launchesOf, openTestManaged, runSmall } from '../testing-managed.ts';
import { must } from '../testing.ts';
import type { TestEcs } from '../testing.ts';
import { AGENT, createDaemon, daemonTasks, describeDeployment, statusOf } from './testing.ts';

const PROVIDER = formatArn('ecs', TEST_SCOPE, 'capacity-provider/mi');
const DAEMON = formatArn('ecs', TEST_SCOPE, 'daemon/default/agent');

/** With a daemon that takes half of the smallest instance. */
async function openWithDaemon(): Promise<{ readonly ecs: TestEcs; readonly deployment: string }> {
  const ecs = await openTestManaged();
  await ecs.call('RegisterDaemonTaskDefinition', { ...AGENT, cpu: '512', memory: '256' });
  return { ecs, deployment: await createDaemon(ecs, { capacityProviderArns: [PROVIDER] }) };
}

/** Seconds pass: instances join, daemons run, instances that ECS ends leave their cluster. */
async function pass(ecs: TestEcs, seconds = 5): Promise<void> {
  for (let i = 0; i < seconds; i++) {
    await joinLaunched(ecs);
    for (const arn of ecs.executor.specs.keys()) {
      if (ecs.executor.desired(arn) === 'RUNNING') await ecs.report(arn, 'RUNNING');
      else await ecs.report(arn, 'STOPPED');
    }
    const agents = agentReports(ecs.store, ecs.clock);
    const ended = new Set(launchesOf(ecs).flatMap((one) => (one.state === 'terminated' ? [one.id] : [])));
    for (const one of await agents.list()) if (ended.has(one.ec2InstanceId)) await agents.terminated(one.arn);
    ecs.clock.advance(1000);
    await ecs.reconcile();
  }
}

const running = (ecs: TestEcs) => launchesOf(ecs).filter((one) => one.state === 'running').length;

test('instances are large enough for their daemons, which start first', async (t) => {
  const { ecs, deployment } = await openWithDaemon();
  t.after(() => ecs.close());
  assert.equal(running(ecs), 0, 'a daemon launches no instance');
  const [task = ''] = await runSmall(ecs, 1);
  assert.deepEqual(
    launchesOf(ecs).map(({ request }) => request.InstanceType),
    ['c7a.medium'],
  );
  await joinLaunched(ecs);
  assert.equal((await ecs.task(task)).containerInstanceArn, undefined);
  const [instance = ''] = (await daemonTasks(ecs)).keys();
  assert.equal(await statusOf(ecs, instance), 'REGISTERING');
  await pass(ecs);
  assert.equal((await ecs.task(task)).containerInstanceArn, instance);
  assert.equal(running(ecs), 1, 'it was waited for');
  assert.equal((await describeDeployment(ecs, deployment)).status, 'SUCCESSFUL');
  await runSmall(ecs, 2);
  await pass(ecs, 20);
  assert.deepEqual(
    launchesOf(ecs).map(({ request }) => request.InstanceType),
    ['c7a.medium', 'c7a.large'],
    'two and the daemon are too many for the small one',
  );
  assert.equal((await daemonTasks(ecs)).size, 2);
});

test('an update replaces the instances, and their services move', async (t) => {
  const { ecs } = await openWithDaemon();
  t.after(() => ecs.close());
  await ecs.call('CreateService', { serviceName: 'web', taskDefinition: 'small', desiredCount: 2 });
  await pass(ecs, 15);
  const before = [...(await daemonTasks(ecs)).keys()];
  await ecs.call('RegisterDaemonTaskDefinition', { ...AGENT, cpu: '256' });
  const { deploymentArn = '' } = await ecs.call('UpdateDaemon', {
    daemonArn: DAEMON,
    daemonTaskDefinitionArn: 'agent:2',
    capacityProviderArns: [PROVIDER],
    deploymentConfiguration: { drainPercent: 100 },
  });
  await pass(ecs, 40);
  assert.equal((await describeDeployment(ecs, deploymentArn)).status, 'SUCCESSFUL');
  const after = await daemonTasks(ecs);
  assert.ok(before.length > 0 && before.every((arn) => !after.has(arn)));
  for (const arn of after.values()) assert.match((await ecs.task(arn)).taskDefinitionArn ?? '', /agent:2$/);
  const { services = [] } = await ecs.call('DescribeServices', { services: ['web'] });
  assert.equal(must(services[0]).runningCount, 2);
  assert.equal(running(ecs), after.size);
});
