import assert from 'node:assert/strict';
import { test } from 'node:test';
import { must } from './testing.ts';
import { FakeRules } from './testing-shift.ts';
import { deployment, openShiftSite, service, update, untilStage, untilStatus } from './testing-shift-site.ts';
import type { ShiftSite } from './testing-shift-site.ts';
import type { TestEcs } from './testing.ts';
import { goOn } from './testing-world.ts';

const weights = ({ ecs, blue, green }: ShiftSite, rule = FakeRules.PRODUCTION) => {
  const now = must(ecs.aws.rules.weights.get(rule));
  return [now[blue], now[green]];
};
const revisionOf = async (ecs: TestEcs) =>
  must((await service(ecs)).taskDefinition)
    .split(':')
    .at(-1);

test('blue/green: the new tasks stand beside the old ones before the traffic moves, and the old ones leave last', async () => {
  const site = await openShiftSite({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 5 });
  const { ecs } = site;
  assert.deepEqual(weights(site), [100, 0]);
  await update(ecs);
  await untilStage(ecs, 'BAKE_TIME');
  assert.deepEqual(weights(site), [0, 100]);
  assert.deepEqual(weights(site, FakeRules.TEST), [0, 100]);
  const baking = await service(ecs);
  assert.deepEqual(
    baking.deployments?.map((one) => [one.status, one.desiredCount, one.runningCount]),
    [
      ['PRIMARY', 2, 2],
      ['ACTIVE', 2, 2],
    ],
  );
  const { targetServiceRevision: target, sourceServiceRevisions: [source] = [] } = await deployment(ecs);
  assert.deepEqual([target?.requestedProductionTrafficWeight, source?.requestedProductionTrafficWeight], [100, 0]);
  ecs.clock.advance(5 * 60_000);
  await untilStatus(ecs, 'SUCCESSFUL');
  const after = await service(ecs);
  assert.deepEqual([after.runningCount, after.deployments?.length, await revisionOf(ecs)], [2, 1, '2']);
  const serviceRevisionArns = [target?.arn ?? ''];
  const { serviceRevisions = [] } = await ecs.call('DescribeServiceRevisions', { serviceRevisionArns });
  assert.equal(serviceRevisions[0]?.resolvedConfiguration?.loadBalancers?.[0]?.targetGroupArn, site.green);
  assert.deepEqual(ecs.aws.rules.history, [
    { [site.blue]: 100, [site.green]: 0 },
    { [site.blue]: 0, [site.green]: 100 },
  ]);
  await ecs.close();
});

test('the target groups change their roles with each deployment', async () => {
  const site = await openShiftSite({ strategy: 'BLUE_GREEN' });
  const { ecs } = site;
  await update(ecs);
  await untilStatus(ecs, 'SUCCESSFUL');
  await ecs.call('UpdateService', { service: 'web', taskDefinition: 'site:1' });
  await untilStatus(ecs, 'SUCCESSFUL');
  assert.deepEqual(weights(site), [100, 0]);
  const groups = () => [site.blue, site.green].map((arn) => must(ecs.aws.targetGroups.get(arn)).targets.size);
  await goOn(ecs, async () => groups().join() === '2,0');
  await ecs.close();
});

test('canary: a share first, watched for its time, then the rest', async () => {
  const canaryConfiguration = { canaryPercent: 10, canaryBakeTimeInMinutes: 3 };
  const site = await openShiftSite({ strategy: 'CANARY', canaryConfiguration });
  const { ecs } = site;
  await update(ecs);
  await goOn(ecs, async () => weights(site)[1] === 10);
  for (let second = 0; second < 170; second += 10) {
    ecs.clock.advance(10_000);
    await ecs.reconcile();
    assert.deepEqual(weights(site), [90, 10]);
  }
  const { targetServiceRevision: target } = await deployment(ecs);
  assert.equal(target?.requestedProductionTrafficWeight, 10);
  ecs.clock.advance(60_000);
  await untilStatus(ecs, 'SUCCESSFUL');
  assert.deepEqual(weights(site), [0, 100]);
  await ecs.close();
});

test('linear: step by step, each watched but the last', async () => {
  const linearConfiguration = { stepPercent: 37.5, stepBakeTimeInMinutes: 0 };
  const site = await openShiftSite({ strategy: 'LINEAR', linearConfiguration });
  const { ecs } = site;
  await update(ecs);
  await untilStatus(ecs, 'SUCCESSFUL');
  const shares = ecs.aws.rules.history.map((weights) => [weights[site.blue], weights[site.green]]);
  assert.deepEqual(shares, [
    [100, 0],
    [625, 375],
    [25, 75],
    [0, 100],
  ]);
  await ecs.close();
});

for (const stage of [
  'PRE_SCALE_UP',
  'POST_SCALE_UP',
  'POST_TEST_TRAFFIC_SHIFT',
  'POST_PRODUCTION_TRAFFIC_SHIFT',
] as const) {
  test(`stopped in ${stage}, it gives all traffic back before the new tasks leave`, async () => {
    const lifecycleHooks = [{ targetType: 'PAUSE' as const, lifecycleStages: [stage] }];
    const site = await openShiftSite({ strategy: 'BLUE_GREEN', lifecycleHooks });
    const { ecs } = site;
    const good = (await service(ecs)).currentServiceRevisions?.[0]?.arn;
    await update(ecs);
    await untilStage(ecs, stage);
    const { serviceDeploymentArn } = await deployment(ecs);
    await ecs.call('StopServiceDeployment', { serviceDeploymentArn });
    await untilStatus(ecs, 'ROLLBACK_SUCCESSFUL');
    assert.deepEqual(weights(site), [100, 0]);
    const after = await service(ecs);
    assert.deepEqual([after.runningCount, after.deployments?.length, await revisionOf(ecs)], [2, 1, '1']);
    assert.equal((await deployment(ecs)).rollback?.serviceRevisionArn, good);
    await update(ecs);
    await untilStage(ecs, stage);
    await ecs.close();
  });
}

test('while its rules cannot be changed, a rollback leaves the tasks that have the traffic', async () => {
  const site = await openShiftSite({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 60 });
  const { ecs, green } = site;
  await update(ecs);
  await untilStage(ecs, 'BAKE_TIME');
  ecs.aws.refusals.set('elbv2:ModifyRule', new Error('not now'));
  const { serviceDeploymentArn } = await deployment(ecs);
  await ecs.call('StopServiceDeployment', { serviceDeploymentArn });
  for (let seconds = 0; seconds < 30; seconds++) {
    await ecs.reconcile();
    ecs.clock.advance(1000);
  }
  assert.equal((await deployment(ecs)).status, 'ROLLBACK_IN_PROGRESS');
  assert.deepEqual(weights(site), [0, 100]);
  assert.deepEqual([...must(ecs.aws.targetGroups.get(green)).targets.values()], ['healthy', 'healthy']);
  ecs.aws.refusals.clear();
  await untilStatus(ecs, 'ROLLBACK_SUCCESSFUL');
  assert.deepEqual(weights(site), [100, 0]);
  await ecs.close();
});

for (const [stopType, status] of [
  ['ROLLBACK', 'ROLLBACK_SUCCESSFUL'],
  ['ABORT', 'STOPPED'],
] as const) {
  test(`stopped by ${stopType} before its rules could be changed, it gets none of the traffic`, async () => {
    const site = await openShiftSite({ strategy: 'BLUE_GREEN' });
    const { ecs, green } = site;
    await update(ecs);
    ecs.aws.rules.refused = FakeRules.PRODUCTION;
    await untilStage(ecs, 'PRODUCTION_TRAFFIC_SHIFT');
    await ecs.reconcile();
    const { serviceDeploymentArn } = await deployment(ecs);
    await ecs.call('StopServiceDeployment', { serviceDeploymentArn, stopType });
    ecs.aws.rules.refused = undefined;
    await untilStatus(ecs, status);
    ecs.clock.advance(60_000);
    await ecs.reconcile();
    assert.deepEqual([...new Set(ecs.aws.rules.history.map((one) => one[green]))], [0]);
    assert.equal((await service(ecs)).runningCount, stopType === 'ABORT' ? 4 : 2);
    await ecs.close();
  });
}

test('what would move traffic elsewhere is refused by name', async () => {
  const { ecs } = await openShiftSite({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 60 });
  const refused = (change: object, message: RegExp) =>
    assert.rejects(ecs.call('UpdateService', { service: 'web', ...change }), message);
  await refused({ loadBalancers: [] }, /must have an advancedConfiguration/);
  await refused(
    { deploymentConfiguration: { canaryConfiguration: {} } },
    /only valid when the deployment strategy is CANARY/,
  );
  const canaryConfiguration = { canaryPercent: 0.05 };
  await refused(
    { deploymentConfiguration: { strategy: 'CANARY', canaryConfiguration } },
    /multiple of 0\.1 between 0\.1/,
  );
  await refused(
    { deploymentConfiguration: { strategy: 'LINEAR', linearConfiguration: { stepPercent: 2 } } },
    /between 3\.0/,
  );
  const { loadBalancers: [balancer] = [] } = await service(ecs);
  const other = { ...balancer, targetGroupArn: ecs.aws.addTargetGroup('other') };
  await refused({ loadBalancers: [other] }, /other target groups/);
  const advancedConfiguration = { ...balancer?.advancedConfiguration, productionListenerRule: `${FakeRules.TEST}0` };
  await refused({ loadBalancers: [{ ...balancer, advancedConfiguration }] }, /Unable to find listener rule/);
  await update(ecs);
  await untilStage(ecs, 'BAKE_TIME');
  await refused({ deploymentConfiguration: { strategy: 'ROLLING' } }, /cannot be changed to ROLLING/);
  await ecs.close();
});

test('aborted, it stays as it is: both sides run on, and no traffic moves', async () => {
  const lifecycleHooks = [{ targetType: 'PAUSE' as const, lifecycleStages: ['POST_TEST_TRAFFIC_SHIFT' as const] }];
  const site = await openShiftSite({ strategy: 'BLUE_GREEN', lifecycleHooks });
  const { ecs } = site;
  await update(ecs);
  await untilStage(ecs, 'POST_TEST_TRAFFIC_SHIFT');
  const { serviceDeploymentArn } = await deployment(ecs);
  await ecs.call('StopServiceDeployment', { serviceDeploymentArn, stopType: 'ABORT' });
  await untilStatus(ecs, 'STOPPED');
  ecs.clock.advance(600_000);
  await ecs.reconcile();
  assert.deepEqual([(await service(ecs)).runningCount, weights(site)], [4, [100, 0]]);
  await update(ecs);
  await ecs.call('UpdateService', { service: 'web', forceNewDeployment: true });
  await untilStage(ecs, 'POST_TEST_TRAFFIC_SHIFT');
  assert.equal((await service(ecs)).runningCount, 4);
  await ecs.close();
});

test('an alarm in the bake time gives the traffic back', async () => {
  const alarms = { alarmNames: ['errors'], enable: true, rollback: true };
  const site = await openShiftSite({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 10, alarms });
  const { ecs } = site;
  ecs.aws.alarms.set('errors', 'OK');
  await update(ecs);
  await untilStage(ecs, 'BAKE_TIME');
  ecs.aws.alarms.set('errors', 'ALARM');
  await untilStatus(ecs, 'ROLLBACK_SUCCESSFUL');
  assert.deepEqual(weights(site), [100, 0]);
  assert.equal((await deployment(ecs)).alarms?.status, 'TRIGGERED');
  await ecs.close();
});

test('the circuit breaker rolls back what does not start, and no traffic ever came to it', async () => {
  const deploymentCircuitBreaker = { enable: true, rollback: true };
  const site = await openShiftSite({ strategy: 'BLUE_GREEN', deploymentCircuitBreaker });
  const { ecs } = site;
  await update(ecs);
  const only1 = (arn: string) => ecs.executor.specs.get(arn)?.taskDefinitionRevision !== 2;
  await goOn(ecs, async () => (await deployment(ecs)).status === 'ROLLBACK_SUCCESSFUL', only1);
  assert.deepEqual(ecs.aws.rules.history, [{ [site.blue]: 100, [site.green]: 0 }]);
  await ecs.close();
});

test('a new deployment takes the place of one that is shifting: the traffic goes back first', async () => {
  const lifecycleHooks = [
    { targetType: 'PAUSE' as const, lifecycleStages: ['POST_PRODUCTION_TRAFFIC_SHIFT' as const] },
  ];
  const site = await openShiftSite({ strategy: 'BLUE_GREEN', lifecycleHooks });
  const { ecs } = site;
  await update(ecs);
  await untilStage(ecs, 'POST_PRODUCTION_TRAFFIC_SHIFT');
  const first = must((await deployment(ecs)).serviceDeploymentArn);
  await ecs.call('UpdateService', {
    service: 'web',
    forceNewDeployment: true,
    deploymentConfiguration: { lifecycleHooks: [] },
  });
  assert.equal((await deployment(ecs)).lifecycleStage, 'RECONCILE_SERVICE');
  await untilStatus(ecs, 'SUCCESSFUL');
  assert.equal((await service(ecs)).runningCount, 2);
  const { serviceDeployments = [] } = await ecs.call('DescribeServiceDeployments', { serviceDeploymentArns: [first] });
  assert.equal(serviceDeployments[0]?.status, 'STOPPED');
  assert.deepEqual(
    ecs.aws.rules.history.map((one) => one[site.green]),
    [0, 100, 0, 100],
  );
  await ecs.close();
});

test('the service scales, and replaces what fails on either side, while the traffic shifts', async () => {
  const site = await openShiftSite({ strategy: 'BLUE_GREEN', bakeTimeInMinutes: 30 });
  const { ecs } = site;
  await update(ecs);
  await untilStage(ecs, 'BAKE_TIME');
  await ecs.call('UpdateService', { service: 'web', desiredCount: 3 });
  const counts = async () => (await service(ecs)).deployments?.map((one) => one.runningCount).join();
  await goOn(ecs, async () => (await counts()) === '3,3');
  const { taskArns = [] } = await ecs.call('ListTasks', { serviceName: 'web' });
  for (const arn of taskArns.slice(0, 4)) {
    await ecs.report(arn, 'STOPPED', { stopCode: 'EssentialContainerExited', stoppedReason: 'gone' });
  }
  await goOn(ecs, async () => (await counts()) === '3,3');
  assert.equal((await deployment(ecs)).lifecycleStage, 'BAKE_TIME');
  await ecs.close();
});
