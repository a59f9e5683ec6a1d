import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failing, openWorld, VPC, withListener, withLoadBalancer, type TestWorld } from './testing.ts';

/** A load balancer of type network before an application one, by a group of type alb. */
async function layered(world: TestWorld) {
  const { service } = world;
  const { loadBalancerArn: behind, groupArn: web } = await withLoadBalancer(world);
  const innerListener = await withListener(world, behind, web);
  const { LoadBalancers = [] } = await service.call('CreateLoadBalancer', {
    Name: 'front',
    Type: 'network',
    Subnets: ['subnet-a', 'subnet-b'],
  });
  const front = LoadBalancers[0]?.LoadBalancerArn ?? '';
  const group = await albGroup(world);
  await service.call('CreateListener', {
    LoadBalancerArn: front,
    Protocol: 'TCP',
    Port: 8080,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: group }],
  });
  return { behind, front, group, web, innerListener };
}

async function albGroup({ service }: TestWorld, more: object = {}): Promise<string> {
  const { TargetGroups = [] } = await service.call('CreateTargetGroup', {
    Name: 'apps',
    Protocol: 'TCP',
    Port: 80,
    VpcId: VPC,
    TargetType: 'alb',
    ...more,
  });
  assert.equal(TargetGroups[0]?.TargetType, 'alb');
  assert.equal(TargetGroups[0]?.HealthCheckProtocol, 'HTTP');
  return TargetGroups[0]?.TargetGroupArn ?? '';
}

test('an application load balancer is a target by its addresses, and told of clients', async () => {
  await using world = openWorld();
  const { behind, group } = await layered(world);
  const Targets = [{ Id: behind }];
  await world.service.call('RegisterTargets', { TargetGroupArn: group, Targets });
  await world.service.reconcile();
  const own = [...world.neighbours.interfaces.values()].filter((it) => it.Description.includes('app/web'));
  const table = world.plane.tables.get(VPC);
  const state = table?.targetGroups.find((it) => it.protocol === 'TCP');
  assert.deepEqual(
    state?.targets,
    own.map(({ ip, SubnetId }) => {
      const zone = SubnetId === 'subnet-a' ? 'us-east-1a' : 'us-east-1b';
      return { ip, port: 80, draining: false, zone };
    }),
  );
  assert.equal(state.proxyProtocol, true);
  const front = table?.listeners.find((it) => it.protocol === 'TCP');
  assert.deepEqual(table?.listeners.find((it) => it.protocol === 'HTTP')?.proxyFrom, front?.addresses);
  const health = async () => {
    const { TargetHealthDescriptions = [] } = await world.service.call('DescribeTargetHealth', {
      TargetGroupArn: group,
    });
    return TargetHealthDescriptions.map((it) => [it.Target?.Id, it.Target?.Port, it.TargetHealth?.State]);
  };
  assert.deepEqual(await health(), [[behind, 80, 'initial']]);
  // The best of its addresses counts.
  world.plane.setHealth(own[1]?.ip ?? '', 80, { state: 'healthy' });
  assert.deepEqual(await health(), [[behind, 80, 'healthy']]);
});

test('a client is not told where a group of type ip leads the same way', async () => {
  await using world = openWorld();
  const { behind, front, group } = await layered(world);
  await world.service.call('RegisterTargets', { TargetGroupArn: group, Targets: [{ Id: behind }] });
  await world.service.reconcile();
  const { TargetGroups = [] } = await world.service.call('CreateTargetGroup', {
    Name: 'by-ip',
    Protocol: 'TCP',
    Port: 80,
    VpcId: VPC,
    TargetType: 'ip',
  });
  const plain = TargetGroups[0]?.TargetGroupArn ?? '';
  const own = [...world.neighbours.interfaces.values()].find((it) => it.Description.includes('app/web'));
  await world.service.call('RegisterTargets', { TargetGroupArn: plain, Targets: [{ Id: own?.ip ?? '' }] });
  await world.service.call('CreateListener', {
    LoadBalancerArn: front,
    Protocol: 'TCP',
    Port: 8081,
    DefaultActions: [{ Type: 'forward', TargetGroupArn: plain }],
  });
  await world.service.reconcile();
  const table = world.plane.tables.get(VPC);
  assert.ok(table?.listeners.every((it) => it.proxyFrom === undefined));
  assert.ok(table?.targetGroups.every((it) => !it.proxyProtocol));
});

test('what cannot be a target, and what a target cannot do', async () => {
  await using world = openWorld();
  const { behind, front, group, innerListener } = await layered(world);
  const register = (target: { Id: string; Port?: number; AvailabilityZone?: string }) =>
    world.service.call('RegisterTargets', { TargetGroupArn: group, Targets: [target] });
  await assert.rejects(
    register({ Id: '10.0.0.9' }),
    failing('InvalidTargetException', /not a valid load balancer ARN/),
  );
  await assert.rejects(register({ Id: front }), failing('InvalidTargetException', /not an Application/));
  await assert.rejects(
    register({ Id: behind, Port: 81 }),
    failing('ValidationError', /at least one listener that matches the target group port/),
  );
  await assert.rejects(register({ Id: behind, AvailabilityZone: 'all' }), failing('ValidationError'));
  await register({ Id: behind });
  await register({ Id: behind });
  const inUse = failing('ResourceInUseException', /Listener port '80' is in use by registered target/);
  await assert.rejects(world.service.call('DeleteListener', { ListenerArn: innerListener }), inUse);
  await assert.rejects(world.service.call('ModifyListener', { ListenerArn: innerListener, Port: 82 }), inUse);
  await assert.rejects(
    world.service.call('DeleteLoadBalancer', { LoadBalancerArn: behind }),
    failing('ResourceInUseException', /registered as a target/),
  );
  await world.service.call('DeregisterTargets', { TargetGroupArn: group, Targets: [{ Id: behind }] });
  await world.service.call('DeleteLoadBalancer', { LoadBalancerArn: behind });
  await world.service.reconcile();
  assert.deepEqual(world.plane.tables.get(VPC)?.targetGroups.find((it) => it.protocol === 'TCP')?.targets, []);
});

test('groups of type alb speak TCP, check by HTTP, and keep the addresses of clients', async () => {
  await using world = openWorld();
  await assert.rejects(
    albGroup(world, { Protocol: 'TLS' }),
    failing('InvalidConfigurationRequestException', /TCP only/),
  );
  await assert.rejects(albGroup(world, { HealthCheckProtocol: 'TCP' }), failing('ValidationError', /HTTP, HTTPS/));
  const { group: TargetGroupArn, front } = await layered(world);
  const { Attributes = [] } = await world.service.call('DescribeTargetGroupAttributes', { TargetGroupArn });
  assert.equal(Attributes.find((it) => it.Key === 'preserve_client_ip.enabled')?.Value, 'true');
  await assert.rejects(
    world.service.call('ModifyTargetGroupAttributes', {
      TargetGroupArn,
      Attributes: [{ Key: 'proxy_protocol_v2.enabled', Value: 'true' }],
    }),
    failing('InvalidConfigurationRequestException', /target type 'alb'/),
  );
  const listen = (Protocol: 'TLS') =>
    world.service.call('CreateListener', {
      LoadBalancerArn: front,
      Protocol,
      Port: 443,
      Certificates: [{ CertificateArn: 'arn:aws:acm:us-east-1:123456789012:certificate/one' }],
      DefaultActions: [{ Type: 'forward', TargetGroupArn }],
    });
  await assert.rejects(listen('TLS'), failing('InvalidConfigurationRequestException', /target-type 'alb'/));
});
