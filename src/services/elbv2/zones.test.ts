import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failing, openWorld, VPC, withListener, withLoadBalancer, type TestWorld } from './testing.ts';

async function networked(world: TestWorld, Subnets = ['subnet-a', 'subnet-b']) {
  const { service } = world;
  const { LoadBalancers: [made] = [] } = await service.call('CreateLoadBalancer', {
    Name: 'lines',
    Type: 'network',
    Scheme: 'internal',
    Subnets,
  });
  const { TargetGroups = [] } = await service.call('CreateTargetGroup', {
    Name: 'lines',
    Protocol: 'TCP',
    Port: 6379,
    VpcId: VPC,
    TargetType: 'ip',
  });
  const TargetGroupArn = TargetGroups[0]?.TargetGroupArn ?? '';
  await service.call('CreateListener', {
    LoadBalancerArn: made?.LoadBalancerArn,
    Protocol: 'TCP',
    Port: 6379,
    DefaultActions: [{ Type: 'forward', TargetGroupArn }],
  });
  await service.call('RegisterTargets', { TargetGroupArn, Targets: [{ Id: '10.0.0.9' }, { Id: '10.0.1.9' }] });
  await service.reconcile();
  return { LoadBalancerArn: made?.LoadBalancerArn ?? '', TargetGroupArn, dnsName: made?.DNSName ?? '' };
}

const crossZone = (Value: string) => ({ Attributes: [{ Key: 'load_balancing.cross_zone.enabled', Value }] });

test('network load balancers keep to zones until they or their groups say otherwise', async () => {
  await using world = openWorld();
  const { LoadBalancerArn, TargetGroupArn } = await networked(world);
  const zones = async () => {
    await world.service.reconcile();
    const { listeners: [listener] = [], targetGroups: [group] = [] } = world.plane.tables.get(VPC) ?? {};
    assert.equal(listener?.zones === undefined, group?.zones === undefined);
    return group?.zones;
  };
  assert.deepEqual(await zones(), ['us-east-1a', 'us-east-1b']);
  const { targetGroups, listeners } = world.plane.tables.get(VPC) ?? {};
  assert.deepEqual(
    targetGroups?.[0]?.targets.map((it) => it.zone),
    ['us-east-1a', 'us-east-1b'],
  );
  assert.deepEqual(targetGroups[0]?.zoneMinimum, { count: 1 });
  assert.deepEqual(listeners?.[0]?.zones, ['us-east-1a', 'us-east-1b']);
  await world.service.call('ModifyLoadBalancerAttributes', { LoadBalancerArn, ...crossZone('true') });
  assert.equal(await zones(), undefined);
  await world.service.call('ModifyTargetGroupAttributes', { TargetGroupArn, ...crossZone('false') });
  assert.equal((await zones())?.length, 2);
});

test('an application load balancer keeps to zones for groups that say so, without stickiness or targets elsewhere', async () => {
  await using world = openWorld();
  const { loadBalancerArn, groupArn: TargetGroupArn } = await withLoadBalancer(world);
  await withListener(world, loadBalancerArn, TargetGroupArn);
  await world.service.reconcile();
  assert.equal(world.plane.tables.get(VPC)?.targetGroups[0]?.zones, undefined);
  const modify = (input: { Attributes: { Key: string; Value: string }[] }) =>
    world.service.call('ModifyTargetGroupAttributes', { TargetGroupArn, ...input });
  const outside = [{ Id: '192.168.1.1', AvailabilityZone: 'all' }];
  await world.service.call('RegisterTargets', { TargetGroupArn, Targets: outside });
  await assert.rejects(modify(crossZone('false')), failing('InvalidConfigurationRequestException', /'all'/));
  await world.service.call('DeregisterTargets', { TargetGroupArn, Targets: outside });
  await world.service.call('ModifyTargetGroupAttributes', {
    TargetGroupArn,
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '0' }],
  });
  world.service.clock.advance(301_000);
  await world.service.reconcile();
  await modify(crossZone('false'));
  await assert.rejects(
    world.service.call('RegisterTargets', { TargetGroupArn, Targets: outside }),
    failing('InvalidConfigurationRequestException', /'all'/),
  );
  await assert.rejects(
    modify({ Attributes: [{ Key: 'stickiness.enabled', Value: 'true' }] }),
    failing('InvalidConfigurationRequestException', /cross-zone/),
  );
  await world.service.reconcile();
  assert.equal(world.plane.tables.get(VPC)?.targetGroups[0]?.zones?.length, 2);
});

test('the name leaves out a zone with too few healthy targets, unless all are so', async () => {
  await using world = openWorld();
  const { TargetGroupArn } = await networked(world);
  const addresses = async () => {
    world.service.clock.advance(10_000);
    await world.service.reconcile();
    const zone = [...world.names.values()].find((it) => it.zoneId.startsWith('elb:'));
    return zone?.records[0]?.values.length;
  };
  assert.equal(await addresses(), 2);
  world.plane.setHealth('10.0.0.9', 6379, { state: 'healthy' });
  assert.equal(await addresses(), 1);
  world.plane.setHealth('10.0.1.9', 6379, { state: 'healthy' });
  assert.equal(await addresses(), 2);
  const Key = 'target_group_health.dns_failover.minimum_healthy_targets.count';
  await world.service.call('ModifyTargetGroupAttributes', { TargetGroupArn, Attributes: [{ Key, Value: 'off' }] });
  world.plane.setHealth('10.0.1.9', 6379, { state: 'unhealthy' });
  assert.equal(await addresses(), 2);
  await world.service.call('ModifyTargetGroupAttributes', {
    TargetGroupArn,
    Attributes: [
      { Key: 'target_group_health.dns_failover.minimum_healthy_targets.percentage', Value: '50' },
      { Key: 'target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage', Value: '40' },
    ],
  });
  assert.equal(await addresses(), 1);
  assert.equal(world.plane.tables.get(VPC)?.targetGroups[0]?.minimumHealthyPercent, 40);
});

test('a target in a zone that the load balancer does not have is unused', async () => {
  await using world = openWorld();
  const { TargetGroupArn } = await networked(world, ['subnet-a']);
  const { TargetHealthDescriptions = [] } = await world.service.call('DescribeTargetHealth', { TargetGroupArn });
  assert.deepEqual(
    TargetHealthDescriptions.map((it) => [it.Target?.Id, it.TargetHealth?.State, it.TargetHealth?.Reason]),
    [
      ['10.0.0.9', 'initial', 'Elb.RegistrationInProgress'],
      ['10.0.1.9', 'unused', 'Target.NotInUse'],
    ],
  );
});
