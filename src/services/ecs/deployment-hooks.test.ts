import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DeploymentLifecycleHook } from '@aws-sdk/client-ecs';
import { must } from './testing.ts';
import { FakeRules } from './testing-shift.ts';
import { goOn } from './testing-world.ts';
import { deployment, openShiftSite, service, update, untilStage, untilStatus } from './testing-shift-site.ts';

const URL = 'https://hooks.test/check';
const STAGES = ['PRE_SCALE_UP'] as const;
const endpoint: DeploymentLifecycleHook = { hookTargetArn: URL, lifecycleStages: [...STAGES] };

const withHook = (hook: DeploymentLifecycleHook) => openShiftSite({ strategy: 'BLUE_GREEN', lifecycleHooks: [hook] });

test('an endpoint is told what a Lambda function is told, and asked again with what it handed over', async () => {
  const { ecs } = await withHook({ ...endpoint, hookDetails: { bucket: 'b' } });
  ecs.aws.hooks.answers.push({ hookStatus: 'IN_PROGRESS', callBackDelay: 5, hookDetails: { seen: 1 } });
  await update(ecs);
  await untilStatus(ecs, 'SUCCESSFUL');
  const [first, second, ...more] = ecs.aws.hooks.heard;
  assert.equal(more.length, 0);
  const { targetServiceRevision, sourceServiceRevisions: [source] = [], ...shown } = await deployment(ecs);
  assert.deepEqual(first, {
    executionDetails: {
      serviceArn: shown.serviceArn,
      targetServiceRevisionArn: targetServiceRevision?.arn,
      testTrafficWeights: { [source?.arn ?? '']: 100, [targetServiceRevision?.arn ?? '']: 0 },
      productionTrafficWeights: { [source?.arn ?? '']: 100, [targetServiceRevision?.arn ?? '']: 0 },
    },
    executionId: shown.lifecycleHookDetails?.[0]?.hookId,
    lifecycleStage: 'PRE_SCALE_UP',
    resourceArn: shown.serviceDeploymentArn,
    hookDetails: { bucket: 'b' },
  });
  assert.deepEqual(second, { ...first, hookDetails: { seen: 1 } });
  assert.deepEqual(shown.lifecycleHookDetails?.[0]?.status, 'SUCCEEDED');
  await ecs.close();
});

for (const [how, answer] of [
  ['says FAILED', { hookStatus: 'FAILED' as const }],
  ['cannot be reached', new Error('connect ECONNREFUSED')],
] as const) {
  test(`an endpoint that ${how} rolls the deployment back`, async () => {
    const { ecs } = await withHook(endpoint);
    ecs.aws.hooks.answers.push(answer);
    await update(ecs);
    await untilStatus(ecs, 'ROLLBACK_SUCCESSFUL');
    const { lifecycleHookDetails: [run] = [], statusReason } = await deployment(ecs);
    assert.equal(run?.status, 'FAILED');
    assert.equal(statusReason, 'Service deployment rolled back because a lifecycle hook failed.');
    await ecs.close();
  });
}

for (const [exitCode, status] of [
  [0, 'SUCCESSFUL'],
  [1, 'ROLLBACK_SUCCESSFUL'],
] as const) {
  test(`a task that ends with exit code ${exitCode}: ${status}`, async () => {
    const { ecs } = await withHook({
      ...endpoint,
      hookTargetArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:1',
      roleArn: 'arn:aws:iam::123456789012:role/hook',
    });
    await update(ecs);
    await goOn(ecs, async () => ecs.aws.hooks.tasks.size === 1);
    ecs.aws.hooks.exitCode = exitCode;
    await untilStatus(ecs, status);
    const [asked, ...more] = ecs.aws.hooks.tasks.values();
    assert.equal(more.length, 0, 'it runs once');
    const [{ name, value }] = asked.overrides.containerOverrides[0].environment;
    assert.deepEqual([name, JSON.parse(value).lifecycleStage], ['ECS_DEPLOYMENT_EVENT', 'PRE_SCALE_UP']);
    await ecs.close();
  });
}

const pause: DeploymentLifecycleHook = { targetType: 'PAUSE', lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT'] };

for (const [action, status] of [
  ['CONTINUE', 'SUCCESSFUL'],
  ['ROLLBACK', 'ROLLBACK_SUCCESSFUL'],
] as const) {
  test(`a pause waits for ContinueServiceDeployment: ${action}`, async () => {
    const { ecs, green } = await withHook(pause);
    await update(ecs);
    await untilStage(ecs, 'POST_TEST_TRAFFIC_SHIFT');
    await ecs.reconcile();
    assert.equal(must(ecs.aws.rules.weights.get(FakeRules.TEST))[green], 100);
    const { serviceDeploymentArn, lifecycleHookDetails: [run] = [] } = await deployment(ecs);
    assert.match(run?.hookId ?? '', /^ecs-pause-[\w-]{43}$/);
    assert.deepEqual([run?.status, run?.timeoutAction], ['AWAITING_ACTION', 'ROLLBACK']);
    const hookId = run?.hookId;
    await ecs.call('ContinueServiceDeployment', { serviceDeploymentArn, hookId, action });
    await assert.rejects(ecs.call('ContinueServiceDeployment', { serviceDeploymentArn, hookId }), {
      code: 'InvalidParameterException',
    });
    await untilStatus(ecs, status);
    await ecs.close();
  });

  test(`a pause that nobody answers in time: ${action}`, async () => {
    const { ecs } = await withHook({ ...pause, timeoutConfiguration: { timeoutInMinutes: 2, action } });
    await update(ecs);
    await untilStage(ecs, 'POST_TEST_TRAFFIC_SHIFT');
    ecs.clock.advance(120_000);
    await untilStatus(ecs, status);
    assert.equal((await deployment(ecs)).lifecycleHookDetails?.[0]?.status, 'TIMED_OUT');
    await ecs.close();
  });
}

test('what is not there, or not allowed, is refused by name', async () => {
  const { ecs } = await openShiftSite({ strategy: 'BLUE_GREEN' });
  const refused = async (hook: DeploymentLifecycleHook, message: RegExp) =>
    assert.rejects(
      ecs.call('UpdateService', { service: 'web', deploymentConfiguration: { lifecycleHooks: [hook] } }),
      message,
    );
  const lifecycleStages = [...STAGES];
  await refused({ hookTargetArn: 'arn:aws:lambda:us-east-1:123456789012:function:f', lifecycleStages }, /no Lambda/);
  await refused({ hookTargetArn: 'http://169.254.169.254/', lifecycleStages }, /--deployment-hook-hosts/);
  await refused({ ...endpoint, lifecycleStages: ['SCALE_UP' as 'PRE_SCALE_UP'] }, /Invalid lifecycle stage/);
  await refused({ targetType: 'PAUSE', lifecycleStages: ['TEST_TRAFFIC_SHIFT'] }, /PAUSE lifecycle hooks cannot/);
  await refused(
    { hookTargetArn: 'arn:aws:ecs:us-east-1:123456789012:task-definition/site:1', lifecycleStages },
    /roleArn must be specified/,
  );
  assert.equal((await service(ecs)).deploymentConfiguration?.lifecycleHooks, undefined);
  await ecs.close();
});
