import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RUN, must, openTestSite } from './testing.ts';

const DIGEST = `sha256:${'a'.repeat(64)}`;

test('later tasks of a deployment pull what its first has pulled; a new deployment looks anew', async () => {
  const ecs = await openTestSite();
  const specs = async () => {
    await ecs.reconcile();
    const { taskArns } = await ecs.call('ListTasks', { serviceName: 'web' });
    const all = must(taskArns).map((arn) => must(ecs.executor.specs.get(arn)));
    return all.map((spec) => ({ arn: spec.taskArn, pulls: spec.containers[0]?.pullReference }));
  };
  await ecs.call('CreateService', { ...RUN, serviceName: 'web', desiredCount: 1 });
  const [first] = await specs();
  assert.equal(first?.pulls, 'httpd:2.4');
  await ecs.report(must(first).arn, 'RUNNING', { container: { imageDigest: DIGEST } });
  await ecs.call('UpdateService', { service: 'web', desiredCount: 2 });
  const second = (await specs()).find((one) => one.arn !== first?.arn);
  assert.equal(second?.pulls, `httpd@${DIGEST}`);
  assert.equal((await ecs.task(must(second).arn)).containers?.[0]?.image, 'httpd:2.4');
  await ecs.call('UpdateService', { service: 'web', forceNewDeployment: true });
  const fresh = (await specs()).filter((one) => one.arn !== first?.arn && one.arn !== second?.arn);
  assert.deepEqual(
    fresh.map((one) => one.pulls),
    ['httpd:2.4', 'httpd:2.4'],
  );
  await ecs.close();
});
