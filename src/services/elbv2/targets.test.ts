import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failing, openWorld, VPC, withListener, withLoadBalancer, type TestWorld } from './testing.ts';

async function healthOf({ service }: TestWorld, TargetGroupArn: string) {
  const { TargetHealthDescriptions = [] } = await service.call('DescribeTargetHealth', { TargetGroupArn });
  return TargetHealthDescriptions.map((it) => [it.Target?.Id, it.TargetHealth?.State, it.TargetHealth?.Reason]);
}

test('a target is unused, then initial, then what the plane says', async () => {
  await using world = openWorld();
  const { loadBalancerArn, groupArn: TargetGroupArn } = await withLoadBalancer(world);
  await world.service.call('RegisterTargets', { TargetGroupArn, Targets: [{ Id: '10.0.1.7' }] });
  assert.deepEqual(await healthOf(world, TargetGroupArn), [['10.0.1.7', 'unused', 'Target.NotInUse']]);
  await withListener(world, loadBalancerArn, TargetGroupArn);
  assert.deepEqual(await healthOf(world, TargetGroupArn), [['10.0.1.7', 'initial', 'Elb.RegistrationInProgress']]);
  await world.service.reconcile();
  world.plane.setHealth('10.0.1.7', 80, { state: 'healthy' });
  const { TargetHealthDescriptions } = await world.service.call('DescribeTargetHealth', { TargetGroupArn });
  assert.deepEqual(TargetHealthDescriptions, [
    {
      Target: { Id: '10.0.1.7', Port: 80, AvailabilityZone: 'us-east-1b' },
      HealthCheckPort: '80',
      TargetHealth: { State: 'healthy' },
    },
  ]);
  const asked = await world.service.call('DescribeTargetHealth', { TargetGroupArn, Targets: [{ Id: '10.0.0.9' }] });
  assert.equal(asked.TargetHealthDescriptions?.[0]?.TargetHealth?.Reason, 'Target.NotRegistered');
});

test('a deregistered target drains for the delay, and can come back meanwhile', async () => {
  await using world = openWorld();
  const { loadBalancerArn, groupArn: TargetGroupArn } = await withLoadBalancer(world);
  await withListener(world, loadBalancerArn, TargetGroupArn);
  const Targets = [{ Id: '10.0.1.7' }];
  await world.service.call('ModifyTargetGroupAttributes', {
    TargetGroupArn,
    Attributes: [{ Key: 'deregistration_delay.timeout_seconds', Value: '30' }],
  });
  await world.service.call('RegisterTargets', { TargetGroupArn, Targets });
  await world.service.call('DeregisterTargets', { TargetGroupArn, Targets });
  await world.service.reconcile();
  assert.deepEqual(await healthOf(world, TargetGroupArn), [
    ['10.0.1.7', 'draining', 'Target.DeregistrationInProgress'],
  ]);
  assert.equal(world.plane.tables.get(VPC)?.targetGroups[0]?.targets[0]?.draining, true);
  await world.service.call('RegisterTargets', { TargetGroupArn, Targets });
  world.service.clock.advance(31_000);
  await world.service.reconcile();
  assert.equal((await healthOf(world, TargetGroupArn)).length, 1);
  await world.service.call('DeregisterTargets', { TargetGroupArn, Targets });
  world.service.clock.advance(31_000);
  await world.service.reconcile();
  assert.deepEqual(await healthOf(world, TargetGroupArn), []);
});

test('addresses that cannot be targets are refused', async () => {
  await using world = openWorld();
  const { groupArn: TargetGroupArn } = await withLoadBalancer(world);
  const register = (target: { Id: string; AvailabilityZone?: string }) =>
    world.service.call('RegisterTargets', { TargetGroupArn, Targets: [target] });
  await assert.rejects(register({ Id: 'i-123' }), failing('InvalidTargetException'));
  await assert.rejects(register({ Id: 'nonsense' }), failing('ValidationError', /not a valid IPv4/));
  await assert.rejects(register({ Id: '8.8.8.8', AvailabilityZone: 'all' }), failing('ValidationError'));
  await assert.rejects(register({ Id: '192.168.1.1' }), failing('ValidationError', /Availability Zone/));
  await register({ Id: '192.168.1.1', AvailabilityZone: 'all' });
});

test('target groups: settings are checked, and what is not built is refused by name', async () => {
  await using world = openWorld();
  const create = (input: object) =>
    world.service.call('CreateTargetGroup', {
      Name: 'g',
      Protocol: 'HTTP',
      Port: 80,
      VpcId: VPC,
      TargetType: 'ip',
      ...input,
    });
  await assert.rejects(create({ TargetType: undefined }), failing('ValidationError', /'instance' is not supported/));
  await assert.rejects(create({ VpcId: 'vpc-9' }), failing('ValidationError', /'vpc-9' is not found/));
  await assert.rejects(create({ ProtocolVersion: 'GRPC' }), failing('ValidationError', /not supported/));
  await assert.rejects(
    create({ HealthCheckTimeoutSeconds: 30 }),
    failing('ValidationError', /greater than the timeout/),
  );
  await assert.rejects(create({ HealthCheckPath: 'x' }), failing('ValidationError', /must begin with/));
  await assert.rejects(create({ Matcher: { HttpCode: '200-600' } }), failing('ValidationError', /200-499/));
  const { TargetGroups: [group] = [] } = await create({ Matcher: { HttpCode: '200,301-302' } });
  assert.equal(group?.HealthCheckTimeoutSeconds, 5);
  assert.equal(group?.Matcher?.HttpCode, '200,301-302');
  await assert.rejects(create({ Port: 81 }), failing('DuplicateTargetGroupNameException'));
  const TargetGroupArn = group?.TargetGroupArn ?? '';
  const changed = await world.service.call('ModifyTargetGroup', { TargetGroupArn, HealthCheckPath: '/up' });
  assert.equal(changed.TargetGroups?.[0]?.HealthCheckPath, '/up');
  assert.equal(changed.TargetGroups?.[0]?.Matcher?.HttpCode, '200,301-302');
  await assert.rejects(
    world.service.call('ModifyTargetGroupAttributes', {
      TargetGroupArn,
      Attributes: [{ Key: 'stickiness.enabled', Value: 'true' }],
    }),
    failing('ValidationError', /stickiness.enabled/),
  );
});
