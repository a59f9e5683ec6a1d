import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CERTIFICATE, failing, openWorld, VPC, withListener, withLoadBalancer, type TestWorld } from './testing.ts';

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

test('the plane knows the targets of a group that no rule forwards to any more: it may still serve it', async () => {
  await using world = openWorld();
  const { loadBalancerArn, groupArn: TargetGroupArn } = await withLoadBalancer(world);
  const ListenerArn = await withListener(world, loadBalancerArn, TargetGroupArn);
  const Targets = [{ Id: '10.0.1.7' }];
  const DefaultActions = [{ Type: 'fixed-response' as const, FixedResponseConfig: { StatusCode: '503' } }];
  await world.service.call('ModifyListener', { ListenerArn, DefaultActions });
  const known = async () => {
    await world.service.reconcile();
    return world.plane.tables.get(VPC)?.targetGroups.map(({ targets }) => targets);
  };
  await world.service.call('RegisterTargets', { TargetGroupArn, Targets });
  assert.deepEqual(await known(), [[{ ip: '10.0.1.7', port: 80, draining: false, zone: 'us-east-1b' }]]);
  await world.service.call('DeregisterTargets', { TargetGroupArn, Targets });
  assert.deepEqual(await known(), [[]]);
  await world.service.call('DeleteTargetGroup', { TargetGroupArn });
  assert.deepEqual(await known(), []);
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
  await assert.rejects(create({ TargetType: 'lambda' }), failing('ValidationError', /'lambda' is not supported/));
  await assert.rejects(create({ TargetType: 'alb' }), failing('InvalidConfigurationRequestException', /TCP only/));
  await assert.rejects(create({ VpcId: 'vpc-9' }), failing('ValidationError', /'vpc-9' is not found/));
  await assert.rejects(create({ ProtocolVersion: 'HTTP3' }), failing('ValidationError', /HTTP1, HTTP2, GRPC/));
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
      Attributes: [{ Key: 'load_balancing.algorithm.anomaly_mitigation', Value: 'on' }],
    }),
    failing('ValidationError', /anomaly_mitigation/),
  );
});

test('gRPC target groups have checks of their own, and need an HTTPS listener', async () => {
  await using world = openWorld();
  const { loadBalancerArn: LoadBalancerArn } = await withLoadBalancer(world);
  const create = async (input: object) => {
    const { TargetGroups = [] } = await world.service.call('CreateTargetGroup', {
      Name: 'rpc',
      Protocol: 'HTTP',
      Port: 50_051,
      VpcId: VPC,
      TargetType: 'ip',
      ProtocolVersion: 'GRPC',
      ...input,
    });
    return TargetGroups[0];
  };
  await assert.rejects(create({ Matcher: { HttpCode: '200' } }), failing('ValidationError', /HttpCode cannot/));
  await assert.rejects(create({ Matcher: { GrpcCode: '100' } }), failing('ValidationError', /'0-99'/));
  const group = await create({});
  assert.equal(group?.ProtocolVersion, 'GRPC');
  assert.equal(group.HealthCheckPath, '/AWS.ALB/healthcheck');
  assert.deepEqual(group.Matcher, { GrpcCode: '12' });
  const listen = (input: object) =>
    world.service.call('CreateListener', {
      LoadBalancerArn,
      Port: 443,
      Protocol: 'HTTP',
      DefaultActions: [{ Type: 'forward', TargetGroupArn: group.TargetGroupArn }],
      ...input,
    });
  await assert.rejects(listen({}), failing('InvalidConfigurationRequestException', /protocol-version 'GRPC'/));
  await listen({ Protocol: 'HTTPS', Certificates: [{ CertificateArn: CERTIFICATE }] });
  await world.service.reconcile();
  const [state] = world.plane.tables.get(VPC)?.targetGroups ?? [];
  assert.equal(state?.protocolVersion, 'GRPC');
  assert.equal(state.healthCheck.matcher, '12');
});

test('instance target groups take no instance that is not there', async () => {
  await using world = openWorld();
  const { TargetGroups = [] } = await world.service.call('CreateTargetGroup', {
    Name: 'i',
    Protocol: 'HTTP',
    Port: 80,
    VpcId: VPC,
  });
  assert.equal(TargetGroups[0]?.TargetType, 'instance');
  const TargetGroupArn = TargetGroups[0].TargetGroupArn;
  const Targets = [{ Id: 'i-0123456789abcdef0' }];
  await assert.rejects(
    world.service.call('RegisterTargets', { TargetGroupArn, Targets }),
    failing('InvalidTargetException', /'i-0123456789abcdef0' is not valid/),
  );
  const asked = await world.service.call('DescribeTargetHealth', { TargetGroupArn, Targets });
  assert.equal(asked.TargetHealthDescriptions?.[0]?.TargetHealth?.Reason, 'Target.NotRegistered');
});

test('an instance is a target by its id, and gets its requests at its address', async () => {
  await using world = openWorld();
  const { loadBalancerArn } = await withLoadBalancer(world);
  const wish = { Name: 'i', Protocol: 'HTTP', Port: 80, VpcId: VPC, TargetType: 'instance' } as const;
  const { TargetGroups = [] } = await world.service.call('CreateTargetGroup', wish);
  const TargetGroupArn = TargetGroups[0]?.TargetGroupArn ?? '';
  await withListener(world, loadBalancerArn, TargetGroupArn);
  const instance = { InstanceId: 'i-1', VpcId: VPC, PrivateIpAddress: '10.0.1.7', State: { Name: 'running' as const } };
  world.neighbours.instances.push({ ...instance, Placement: { AvailabilityZone: 'us-east-1b' } });
  world.neighbours.instances.push({ ...instance, InstanceId: 'i-2', State: { Name: 'stopped' } });
  const Targets = [{ Id: 'i-1', Port: 32_768 }];
  await world.service.call('RegisterTargets', { TargetGroupArn, Targets });
  await world.service.reconcile();
  world.plane.setHealth('10.0.1.7', 32_768, { state: 'healthy' });
  const { TargetHealthDescriptions } = await world.service.call('DescribeTargetHealth', { TargetGroupArn, Targets });
  assert.deepEqual(TargetHealthDescriptions, [
    { Target: { Id: 'i-1', Port: 32_768 }, HealthCheckPort: '32768', TargetHealth: { State: 'healthy' } },
  ]);
  await assert.rejects(
    world.service.call('RegisterTargets', { TargetGroupArn, Targets: [{ Id: 'i-2' }] }),
    failing('InvalidTargetException', /not in a running state/),
  );
  world.neighbours.instances.length = 0;
  await world.service.call('DeregisterTargets', { TargetGroupArn, Targets });
  assert.deepEqual(await healthOf(world, TargetGroupArn), [['i-1', 'draining', 'Target.DeregistrationInProgress']]);
});

test('attributes of a target group reach the plane, and must fit together', async () => {
  await using world = openWorld();
  const { loadBalancerArn, groupArn: TargetGroupArn } = await withLoadBalancer(world);
  await withListener(world, loadBalancerArn, TargetGroupArn);
  const modify = (attributes: Readonly<Record<string, string>>) =>
    world.service.call('ModifyTargetGroupAttributes', {
      TargetGroupArn,
      Attributes: Object.entries(attributes).map(([Key, Value]) => ({ Key, Value })),
    });
  const state = async () => {
    await world.service.reconcile();
    return world.plane.tables.get(VPC)?.targetGroups[0];
  };
  const app = { 'stickiness.enabled': 'true', 'stickiness.type': 'app_cookie' };
  const refused = failing('InvalidConfigurationRequestException');
  await assert.rejects(modify(app), refused);
  await assert.rejects(modify({ ...app, 'stickiness.app_cookie.cookie_name': 'AWSALBAPP-0' }), refused);
  await assert.rejects(modify({ ...app, 'stickiness.app_cookie.cookie_name': "x') or" }), refused);
  await modify({ ...app, 'stickiness.app_cookie.cookie_name': 'session', 'slow_start.duration_seconds': '30' });
  const first = await state();
  assert.deepEqual(first?.stickiness, { type: 'app_cookie', cookie: 'session', seconds: 86_400 });
  assert.equal(first.slowStartMs, 30_000);
  await assert.rejects(modify({ 'load_balancing.algorithm.type': 'weighted_random' }), refused);
  await modify({ 'slow_start.duration_seconds': '0', 'load_balancing.algorithm.type': 'weighted_random' });
  await modify({
    'stickiness.type': 'lb_cookie',
    'stickiness.lb_cookie.duration_seconds': '60',
    'target_group_health.unhealthy_state_routing.minimum_healthy_targets.count': '2',
  });
  const second = await state();
  assert.deepEqual(second?.stickiness, { type: 'lb_cookie', seconds: 60 });
  assert.equal(second.algorithm, 'weighted_random');
  assert.equal(second.minimumHealthyTargets, 2);
});
