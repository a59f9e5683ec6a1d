import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { openTestService, TEST_SCOPE, type TestService } from '../../api/testing.ts';
import { applicationAutoscaling, demandSignals } from './index.ts';

const GROUP = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/web/1';
const OTHER = 'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/other/2';
const SERVICE = {
  ServiceNamespace: 'ecs',
  ResourceId: 'service/blue/web',
  ScalableDimension: 'ecs:service:DesiredCount',
} as const;

const asleep = {
  status: 'ACTIVE',
  desiredCount: 0,
  runningCount: 0,
  pendingCount: 0,
  loadBalancers: [{ targetGroupArn: GROUP }],
  deployments: [{}],
};
let service = asleep;
let updates = 0;
let scaling: TestService<'application-autoscaling'>;

beforeEach(async () => {
  await scaling?.close();
  service = asleep;
  updates = 0;
  const calls = {
    'ecs:DescribeServices': () => ({ services: [service] }),
    'ecs:UpdateService': ({ desiredCount }: { desiredCount: number }) => {
      updates++;
      service = { ...service, desiredCount };
      return {};
    },
  };
  scaling = openTestService('application-autoscaling', applicationAutoscaling, {}, { calls });
});
after(() => scaling.close());

const register = (MinCapacity: number, MaxCapacity: number, suspended = false) =>
  scaling.call('RegisterScalableTarget', {
    ...SERVICE,
    MinCapacity,
    MaxCapacity,
    SuspendedState: { DynamicScalingOutSuspended: suspended, DynamicScalingInSuspended: suspended },
  });

async function say(kind: 'waiting' | 'idle', targetGroupArn = GROUP): Promise<number> {
  const now = scaling.clock.now();
  await demandSignals(scaling.store)({ ...TEST_SCOPE, targetGroupArn, kind, sinceMs: now - 300_000, atMs: now });
  await scaling.reconcile();
  return service.desiredCount;
}

async function causes() {
  const { ScalingActivities = [] } = await scaling.call('DescribeScalingActivities', { ServiceNamespace: 'ecs' });
  return ScalingActivities.map(({ Description, Cause }) => [Description, Cause]);
}

test('requests that wait wake the service once, and its activity says so', async () => {
  await register(0, 4);
  await scaling.reconcile();
  assert.equal(await say('waiting', OTHER), 0, 'of another service');
  await Promise.all(Array.from({ length: 20 }, () => say('waiting')));
  assert.equal(service.desiredCount, 1);
  assert.equal(updates, 1);
  assert.deepEqual(await causes(), [
    ['Setting desired count to 1.', 'requests were waiting for a target of targetgroup/web/1'],
  ]);
});

test('a service wakes to its minimum, and one that is suspended or may have no task does not', async () => {
  await register(0, 4);
  await scaling.reconcile();
  await register(0, 4, true);
  assert.equal(await say('waiting'), 0);
  await register(0, 0);
  assert.equal(await say('waiting'), 0);
  service = { ...service, desiredCount: 3, runningCount: 3 };
  await register(3, 4);
  await scaling.reconcile();
  service = asleep;
  assert.equal(await say('waiting'), 3);
});

test('an idle service goes to zero when its minimum allows it and it is steady', async () => {
  await register(0, 4);
  service = { ...asleep, desiredCount: 2, runningCount: 1 };
  assert.equal(await say('idle'), 2, 'a task is on its way');
  service = {
    ...asleep,
    desiredCount: 2,
    runningCount: 2,
    loadBalancers: [GROUP, OTHER].map((targetGroupArn) => ({ targetGroupArn })),
  };
  assert.equal(await say('idle'), 2, 'the other group may be busy');
  service = { ...asleep, desiredCount: 2, runningCount: 2 };
  await register(1, 4);
  assert.equal(await say('idle'), 2, 'its minimum');
  await register(0, 4);
  assert.equal(await say('idle'), 0);
  assert.deepEqual((await causes())[0], [
    'Setting desired count to 0.',
    'no request came to targetgroup/web/1 for 300 seconds',
  ]);
});
