import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openWorld, withListener, withLoadBalancer } from './testing.ts';

test('each minute CloudWatch is told what a load balancer did in it', async () => {
  await using world = openWorld();
  const { loadBalancerArn, groupArn: TargetGroupArn } = await withLoadBalancer(world);
  await withListener(world, loadBalancerArn, TargetGroupArn);
  await world.service.call('RegisterTargets', { TargetGroupArn, Targets: [{ Id: '10.0.1.7' }, { Id: '10.0.1.8' }] });
  await world.service.reconcile();
  world.plane.setHealth('10.0.1.7', 80, { state: 'healthy' });
  world.plane.setHealth('10.0.1.8', 80, { state: 'healthy' });
  assert.equal(world.measured.length, 0, 'the first look only remembers where counting began');

  world.plane.groupTraffic = {
    requests: 10,
    responses: { '2xx': 7, '3xx': 0, '4xx': 1, '5xx': 2 },
    responseMs: 250,
  };
  world.plane.listenerTraffic = {
    responses: { '2xx': 7, '3xx': 3, '4xx': 1, '5xx': 3 },
    connections: 4,
    activeConnections: 2,
    bytes: 999,
  };
  world.service.clock.advance(60_000);
  await world.service.reconcile();
  const LoadBalancer = loadBalancerArn.split(':loadbalancer/')[1] ?? '';
  const TargetGroup = TargetGroupArn.slice(TargetGroupArn.indexOf('targetgroup/'));
  const told = (dimensions: object) =>
    Object.fromEntries(
      world.measured
        .filter((it) => JSON.stringify(it.dimensions) === JSON.stringify(dimensions))
        .map((it) => [it.name, it.value]),
    );
  const responseTime = { count: 10, sum: 2.5, min: 0.25, max: 0.25 };
  const fromTargets = { HTTPCode_Target_2XX_Count: 7, HTTPCode_Target_4XX_Count: 1, HTTPCode_Target_5XX_Count: 2 };
  assert.deepEqual(told({ LoadBalancer }), {
    RequestCount: 10,
    NewConnectionCount: 4,
    ActiveConnectionCount: 2,
    ProcessedBytes: 999,
    HTTPCode_ELB_3XX_Count: 3,
    HTTPCode_ELB_5XX_Count: 1,
    ...fromTargets,
    TargetResponseTime: responseTime,
  });
  assert.deepEqual(told({ TargetGroup, LoadBalancer }), {
    HealthyHostCount: 2,
    UnHealthyHostCount: 0,
    RequestCount: 10,
    RequestCountPerTarget: 5,
    ...fromTargets,
    TargetResponseTime: responseTime,
  });
  assert.deepEqual(told({ TargetGroup }), { RequestCountPerTarget: 5 });

  world.measured.length = 0;
  await world.service.reconcile();
  assert.equal(world.measured.length, 0, 'once a minute');
  world.service.clock.advance(60_000);
  await world.service.reconcile();
  assert.deepEqual(
    world.measured.map((it) => it.name),
    [
      'ActiveConnectionCount',
      'HealthyHostCount',
      'UnHealthyHostCount',
      'RequestCountPerTarget',
      'RequestCountPerTarget',
    ],
    'what nothing was counted of is left out, but for what services are scaled by',
  );
});
