import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServiceError } from '../../kernel/errors.ts';
import { RUN, must, openTestSite } from './testing.ts';
import type { TestEcs } from './testing.ts';

/** A service of one task behind a target group, its task ACTIVATING. */
async function activating(drains: boolean): Promise<{ ecs: TestEcs; arn: string; group: string }> {
  const ecs = await openTestSite();
  const group = ecs.aws.addTargetGroup('web', { drains });
  await ecs.call('CreateService', {
    ...RUN,
    serviceName: 'web',
    desiredCount: 1,
    loadBalancers: [{ targetGroupArn: group, containerName: 'web', containerPort: 80 }],
  });
  await ecs.reconcile();
  const [arn] = must((await ecs.call('ListTasks', { serviceName: 'web' })).taskArns);
  await ecs.report(must(arn), 'RUNNING');
  return { ecs, arn: must(arn), group };
}

const targetsOf = (ecs: TestEcs, group: string) => Object.fromEntries(must(ecs.aws.targetGroups.get(group)).targets);

test('a task joins its target groups before it is RUNNING, and leaves them before it stops', async () => {
  const { ecs, arn, group } = await activating(true);
  assert.equal((await ecs.task(arn)).lastStatus, 'ACTIVATING');
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'RUNNING');
  assert.deepEqual(targetsOf(ecs, group), { '172.31.0.1:80': 'initial' });

  await ecs.call('StopTask', { task: arn });
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'DEACTIVATING');
  assert.deepEqual(targetsOf(ecs, group)['172.31.0.1:80'], 'draining');
  for (let i = 0; i < 3; i++) {
    ecs.clock.advance(1000);
    await ecs.reconcile();
  }
  assert.equal((await ecs.task(arn)).lastStatus, 'DEACTIVATING');
  assert.equal(ecs.executor.desired(arn), 'RUNNING', 'it serves while it drains');

  ecs.aws.targetGroups.get(group)?.targets.delete('172.31.0.1:80');
  ecs.clock.advance(1000);
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'STOPPING');
  assert.equal(ecs.executor.desired(arn), 'STOPPED');
  await ecs.report(arn, 'STOPPED');
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'STOPPED');
  await ecs.close();
});

test('a task that ends by itself is no target any more before its address is given back', async () => {
  const { ecs, arn, group } = await activating(false);
  await ecs.reconcile();
  ecs.aws.heard.length = 0;
  await ecs.report(arn, 'STOPPED', { stopCode: 'EssentialContainerExited' });
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'STOPPED');
  const order = ecs.aws.heard.filter((call) => /DeregisterTargets|DeleteNetworkInterface/.test(call));
  assert.deepEqual(order.slice(0, 2), ['elbv2:DeregisterTargets', 'ec2:DeleteNetworkInterface']);
  assert.equal(targetsOf(ecs, group)['172.31.0.1:80'], undefined);
  await ecs.close();
});

test('a task that runs while it is being stopped joins nothing', async () => {
  const { ecs, arn, group } = await activating(false);
  await ecs.call('StopTask', { task: arn });
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'STOPPING');
  await ecs.report(arn, 'RUNNING');
  assert.equal((await ecs.task(arn)).lastStatus, 'STOPPING');
  assert.deepEqual(targetsOf(ecs, group), {});
  await ecs.close();
});

test('a target group that is gone holds no task up', async () => {
  const { ecs, arn, group } = await activating(true);
  await ecs.reconcile();
  ecs.aws.targetGroups.delete(group);
  await ecs.call('StopTask', { task: arn });
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'STOPPING');
  await ecs.close();
});

test('a task whose target group is gone before it joined ends, and says so', async () => {
  const { ecs, arn, group } = await activating(false);
  ecs.aws.targetGroups.delete(group);
  await ecs.reconcile();
  const task = await ecs.task(arn);
  assert.equal(task.desiredStatus, 'STOPPED');
  assert.equal(task.stopCode, 'TaskFailedToStart');
  assert.match(task.stoppedReason ?? '', new RegExp(`target group.*${group}`, 'i'));
  await ecs.close();
});

test('a load balancer that is ill for a while is waited for', async () => {
  const { ecs, arn, group } = await activating(false);
  ecs.aws.refusals.set('elbv2:RegisterTargets', new ServiceError('ServiceUnavailable', 'later', { httpStatus: 503 }));
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'ACTIVATING');
  ecs.aws.refusals.clear();
  await ecs.reconcile();
  assert.equal((await ecs.task(arn)).lastStatus, 'RUNNING');
  assert.deepEqual(targetsOf(ecs, group), { '172.31.0.1:80': 'initial' });
  await ecs.close();
});
