import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DemandSignal } from './demand.ts';
import { failing, openWorld, withListener, withLoadBalancer } from './testing.ts';

const WAKE = { Key: 'longshore:wake-on-request', Value: 'true' };
const IDLE = { Key: 'longshore:scale-to-zero-after', Value: '300' };

async function tagged(world: ReturnType<typeof openWorld>) {
  const { loadBalancerArn, groupArn } = await withLoadBalancer(world);
  await withListener(world, loadBalancerArn, groupArn);
  await world.service.call('AddTags', { ResourceArns: [groupArn], Tags: [WAKE, IDLE] });
  await world.service.reconcile();
  return groupArn;
}

const kinds = (signals: readonly DemandSignal[]) => signals.map((signal) => signal.kind);

test('a request that waits for a group without targets is told of, and none else', async () => {
  await using world = openWorld();
  const groupArn = await tagged(world);
  assert.equal([...world.plane.tables.values()][0]?.targetGroups[0]?.holdMs, 30_000);
  assert.deepEqual(kinds(world.demanded), []);
  world.plane.groupTraffic = { active: 3, waiting: 3 };
  world.service.clock.advance(200);
  await world.service.reconcile();
  assert.deepEqual(kinds(world.demanded), ['waiting']);
  assert.ok(world.demanded.every((signal) => signal.targetGroupArn === groupArn));
  await world.service.call('RegisterTargets', { TargetGroupArn: groupArn, Targets: [{ Id: '10.0.1.7' }] });
  world.demanded.length = 0;
  world.service.clock.advance(5000);
  await world.service.reconcile();
  assert.deepEqual(kinds(world.demanded), [], 'it is on its way');
});

test('a group is idle when no request came and none is open for as long as its tag says', async () => {
  await using world = openWorld();
  const groupArn = await tagged(world);
  await world.service.call('RegisterTargets', { TargetGroupArn: groupArn, Targets: [{ Id: '10.0.1.7' }] });
  const later = async (ms: number, requests: number, active = 0) => {
    world.plane.groupTraffic = { requests, active };
    world.service.clock.advance(ms);
    await world.service.reconcile();
    return kinds(world.demanded);
  };
  assert.deepEqual(await later(1000, 7), []);
  assert.deepEqual(await later(299_000, 7), []);
  assert.deepEqual(await later(1000, 8), [], 'one came');
  assert.deepEqual(await later(299_000, 8, 1), [], 'one is open');
  assert.deepEqual(await later(299_000, 8), []);
  assert.deepEqual(await later(2000, 8), ['idle']);
});

test('tags that cannot be are refused when they are set', async () => {
  await using world = openWorld();
  const groupArn = await tagged(world);
  const add = (Value: string) =>
    world.service.call('AddTags', { ResourceArns: [groupArn], Tags: [{ ...WAKE, Value }] });
  await assert.rejects(add('soon'), failing('ValidationError', /must be 'true', 'false', or a number of seconds/));
  const create = world.service.call('CreateTargetGroup', {
    Name: 'raw',
    Protocol: 'TCP',
    Port: 80,
    VpcId: 'vpc-1',
    TargetType: 'ip',
    Tags: [WAKE],
  });
  await assert.rejects(create, failing('ValidationError', /of protocol HTTP or HTTPS/));
});
