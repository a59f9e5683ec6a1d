import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CERTIFICATE, failing, openWorld, VPC, type TestWorld } from './testing.ts';

async function network({ service }: TestWorld, more: object = {}) {
  const { LoadBalancers = [] } = await service.call('CreateLoadBalancer', {
    Name: 'lines',
    Type: 'network',
    Subnets: ['subnet-a'],
    ...more,
  });
  const [made] = LoadBalancers;
  assert.ok(made);
  return { ...made, arn: made.LoadBalancerArn ?? '' };
}

async function group({ service }: TestWorld, Protocol: 'TCP' | 'TLS' | 'HTTP' = 'TCP', more: object = {}) {
  const { TargetGroups: [made] = [] } = await service.call('CreateTargetGroup', {
    Name: `g-${Protocol}`,
    Protocol,
    Port: 6379,
    VpcId: VPC,
    TargetType: 'ip',
    ...more,
  });
  assert.ok(made);
  return { ...made, arn: made.TargetGroupArn ?? '' };
}

const forwarding = (TargetGroupArn: string) => [{ Type: 'forward' as const, TargetGroupArn }];

test('a network load balancer stands in one subnet, without security groups, and passes TCP on', async () => {
  await using world = openWorld();
  const made = await network(world);
  assert.match(made.arn, /:loadbalancer\/net\/lines\/[0-9a-f]{16}$/);
  assert.equal(made.Type, 'network');
  assert.equal(made.SecurityGroups, undefined);
  assert.equal(made.CanonicalHostedZoneId, 'Z26RNL4JYFTOTI');
  const target = await group(world);
  assert.equal(target.HealthCheckProtocol, 'TCP');
  assert.equal(target.HealthCheckPath, undefined);
  assert.equal(target.ProtocolVersion, undefined);
  const { Listeners: [listener] = [] } = await world.service.call('CreateListener', {
    LoadBalancerArn: made.arn,
    Protocol: 'TCP',
    Port: 6379,
    DefaultActions: forwarding(target.arn),
  });
  const ListenerArn = listener?.ListenerArn ?? '';
  assert.match(ListenerArn, /:listener\/net\/lines\//);
  await world.service.call('ModifyListenerAttributes', {
    ListenerArn,
    Attributes: [{ Key: 'tcp.idle_timeout.seconds', Value: '60' }],
  });
  await world.service.call('RegisterTargets', { TargetGroupArn: target.arn, Targets: [{ Id: '10.0.0.9' }] });
  await world.service.reconcile();
  const table = world.plane.tables.get(VPC);
  assert.deepEqual([table?.listeners[0]?.protocol, table?.listeners[0]?.idleTimeoutMs], ['TCP', 60_000]);
  const [state] = table?.targetGroups ?? [];
  assert.deepEqual(
    [state?.protocol, state?.healthCheck.protocol, state?.keepDeregistered, state?.cutUnhealthy],
    ['TCP', 'TCP', true, true],
  );
  const [own] = world.neighbours.interfaces.values();
  assert.match(own?.Description ?? '', /^ELB net\/lines\//);
  assert.deepEqual(own?.groups, ['sg-open']);
  assert.deepEqual(world.plane.edge?.routes[0]?.listeners[0]?.allowedCidrs, ['0.0.0.0/0']);
  await world.service.call('DeleteLoadBalancer', { LoadBalancerArn: made.arn });
  await world.service.reconcile();
  assert.equal(
    world.neighbours.groups.some((it) => it.GroupId === 'sg-open'),
    false,
  );
});

test('TLS listeners have certificates and an ALPN policy', async () => {
  await using world = openWorld();
  const made = await network(world, { SecurityGroups: ['sg-web'] });
  assert.deepEqual(made.SecurityGroups, ['sg-web']);
  const target = await group(world, 'TLS');
  const create = (more: object) =>
    world.service.call('CreateListener', {
      LoadBalancerArn: made.arn,
      Protocol: 'TLS',
      Port: 443,
      DefaultActions: forwarding(target.arn),
      ...more,
    });
  await assert.rejects(create({}), failing('ValidationError', /certificate must be specified for TLS/));
  const Certificates = [{ CertificateArn: CERTIFICATE }];
  await assert.rejects(create({ Certificates, AlpnPolicy: ['H9'] }), failing('ALPNPolicyNotSupportedException'));
  const { Listeners: [listener] = [] } = await create({ Certificates, AlpnPolicy: ['HTTP2Preferred'] });
  assert.deepEqual(listener?.AlpnPolicy, ['HTTP2Preferred']);
  await world.service.reconcile();
  assert.deepEqual(world.plane.tables.get(VPC)?.listeners[0]?.alpn, ['h2', 'http/1.1', 'http/1.0']);
  const { Listeners: [changed] = [] } = await world.service.call('ModifyListener', {
    ListenerArn: listener?.ListenerArn,
    AlpnPolicy: ['None'],
  });
  assert.deepEqual(changed?.AlpnPolicy, ['None']);
});

test('addresses are the client\u2019s choice: private ones when internal, Elastic IPs when not', async () => {
  await using world = openWorld();
  const mapped = (mapping: object, more: object = {}) =>
    network(world, { Subnets: undefined, SubnetMappings: [{ SubnetId: 'subnet-a', ...mapping }], ...more });
  await assert.rejects(
    mapped({ PrivateIPv4Address: '10.0.0.77' }),
    failing('InvalidConfigurationRequestException', /internal load balancers only/),
  );
  const internal = await mapped({ PrivateIPv4Address: '10.0.0.77' }, { Scheme: 'internal' });
  assert.deepEqual(internal.AvailabilityZones?.[0]?.LoadBalancerAddresses, [{ PrivateIPv4Address: '10.0.0.77' }]);
  const facing = await mapped({ AllocationId: 'eipalloc-9' }, { Name: 'facing' });
  await world.service.reconcile();
  const { LoadBalancers: [seen] = [] } = await world.service.call('DescribeLoadBalancers', {
    LoadBalancerArns: [facing.arn],
  });
  assert.deepEqual(seen?.AvailabilityZones?.[0]?.LoadBalancerAddresses, [
    { AllocationId: 'eipalloc-9', IpAddress: '198.18.0.9' },
  ]);
  assert.ok([...world.neighbours.interfaces.values()].some((it) => it.ip === '10.0.0.77'));
});

test('what connections cannot do is refused by name', async () => {
  await using world = openWorld();
  const made = await network(world);
  const [tcp, http] = [await group(world), await group(world, 'HTTP')];
  const listen = (Protocol: any, arn: string, more: object = {}) =>
    world.service.call('CreateListener', {
      LoadBalancerArn: made.arn,
      Protocol,
      Port: 53,
      DefaultActions: forwarding(arn),
      ...more,
    });
  for (const protocol of ['UDP', 'TCP_UDP', 'QUIC']) {
    await assert.rejects(
      listen(protocol, tcp.arn),
      failing('ValidationError', new RegExp(`'${protocol}' is not supp`)),
    );
  }
  await assert.rejects(listen('HTTP', http.arn), failing('UnsupportedProtocolException'));
  await assert.rejects(listen('TCP', http.arn), failing('InvalidConfigurationRequestException', /protocol 'HTTP'/));
  await assert.rejects(
    listen('TCP', tcp.arn, {
      DefaultActions: [{ Type: 'fixed-response', FixedResponseConfig: { StatusCode: '200' } }],
    }),
    failing('InvalidLoadBalancerActionException'),
  );
  const { Listeners: [listener] = [] } = await listen('TCP', tcp.arn);
  await assert.rejects(
    world.service.call('CreateRule', {
      ListenerArn: listener?.ListenerArn,
      Priority: 1,
      Conditions: [{ Field: 'path-pattern', Values: ['/'] }],
      Actions: forwarding(tcp.arn),
    }),
    failing('InvalidConfigurationRequestException', /Rules are not supported/),
  );
  await assert.rejects(
    world.service.call('SetSecurityGroups', { LoadBalancerArn: made.arn, SecurityGroups: ['sg-web'] }),
    failing('InvalidConfigurationRequestException', /without security groups/),
  );
  const attribute = (Key: string, Value: string) =>
    world.service.call('ModifyTargetGroupAttributes', { TargetGroupArn: tcp.arn, Attributes: [{ Key, Value }] });
  await assert.rejects(attribute('preserve_client_ip.enabled', 'true'), failing('ValidationError', /not supported/));
  await attribute('proxy_protocol_v2.enabled', 'true');
  const { TargetGroups: [changed] = [] } = await world.service.call('ModifyTargetGroup', {
    TargetGroupArn: tcp.arn,
    HealthCheckProtocol: 'HTTP',
    HealthCheckPath: '/ready',
  });
  assert.deepEqual([changed?.HealthCheckPath, changed?.Matcher?.HttpCode], ['/ready', '200-399']);
});

test('each minute AWS/NetworkELB is told of flows and hosts', async () => {
  await using world = openWorld();
  const made = await network(world);
  const target = await group(world);
  await world.service.call('CreateListener', {
    LoadBalancerArn: made.arn,
    Protocol: 'TCP',
    Port: 6379,
    DefaultActions: forwarding(target.arn),
  });
  await world.service.reconcile();
  world.plane.listenerTraffic = { connections: 4, activeConnections: 2, bytes: 999 };
  world.service.clock.advance(60_000);
  await world.service.reconcile();
  assert.deepEqual(
    world.measured.map((it) => [it.name, it.value]),
    [
      ['NewFlowCount', 4],
      ['ActiveFlowCount', 2],
      ['ProcessedBytes', 999],
      ['HealthyHostCount', 0],
      ['UnHealthyHostCount', 0],
    ],
  );
});
