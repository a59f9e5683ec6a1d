import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failing, openWorld, withListener, withLoadBalancer } from './testing.ts';

test('a load balancer is provisioning until its interfaces stand, then active', async () => {
  await using world = openWorld();
  const { service, neighbours, names } = world;
  const { LoadBalancers: [made] = [] } = await service.call('CreateLoadBalancer', {
    Name: 'web',
    Subnets: ['subnet-a', 'subnet-b'],
    SecurityGroups: ['sg-web'],
    Tags: [{ Key: 'team', Value: 'shop' }],
  });
  assert.match(
    made?.LoadBalancerArn ?? '',
    /^arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer\/app\/web\/[0-9a-f]{16}$/,
  );
  assert.match(made?.DNSName ?? '', /^web-\d+\.us-east-1\.elb\.localhost$/);
  assert.equal(made?.CanonicalHostedZoneId, 'Z35SXDOTRQ7X7K');
  assert.deepEqual(made?.State, { Code: 'provisioning' });
  assert.deepEqual(
    made?.AvailabilityZones?.map((zone) => zone.ZoneName),
    ['us-east-1a', 'us-east-1b'],
  );

  await service.reconcile();
  const { LoadBalancers: [now] = [] } = await service.call('DescribeLoadBalancers', { Names: ['web'] });
  assert.deepEqual(now?.State, { Code: 'active' });
  const id = made?.LoadBalancerArn?.split('/').at(-1) ?? '';
  assert.deepEqual(
    [...neighbours.interfaces.values()].map((it) => [it.SubnetId, it.Description, it.groups]),
    [
      ['subnet-a', `ELB app/web/${id}`, ['sg-web']],
      ['subnet-b', `ELB app/web/${id}`, ['sg-web']],
    ],
  );
  assert.deepEqual(names.get(`elb:${id}`)?.records, [
    { name: made?.DNSName, type: 'A', ttlSeconds: 60, values: ['198.18.0.1', '198.18.0.2'] },
  ]);
  await service.reconcile();
  assert.equal(neighbours.interfaces.size, 2, 'a second look changes nothing');
  assert.equal(neighbours.addresses, 2);
});

test('an internal load balancer answers its private addresses and has no public one', async () => {
  await using world = openWorld();
  const { loadBalancerArn, dnsName } = await withLoadBalancer(world, { scheme: 'internal' });
  await world.service.reconcile();
  assert.match(dnsName, /^internal-web-/);
  assert.equal(world.neighbours.addresses, 0);
  const id = loadBalancerArn.split('/').at(-1) ?? '';
  assert.deepEqual(world.names.get(`elb:${id}`)?.records[0]?.values, ['10.0.0.10', '10.0.1.11']);
});

test('creating again with the same settings answers the first; with others it is a duplicate', async () => {
  await using world = openWorld();
  const { loadBalancerArn, groupArn } = await withLoadBalancer(world);
  const again = await withLoadBalancer(world);
  assert.deepEqual([again.loadBalancerArn, again.groupArn], [loadBalancerArn, groupArn]);
  const subnets = ['subnet-a', 'subnet-b'];
  await assert.rejects(
    world.service.call('CreateLoadBalancer', { Name: 'web', Subnets: subnets }),
    failing('DuplicateLoadBalancerNameException', /with the same name 'web' exists, but with different settings/),
  );
});

test('what AWS refuses is refused, and what is not built is refused by name', async () => {
  await using world = openWorld();
  const create = (input: object) =>
    world.service.call('CreateLoadBalancer', { Name: 'x', Subnets: ['subnet-a', 'subnet-b'], ...input });
  await assert.rejects(create({ Name: '-x' }), failing('ValidationError', /cannot begin or end with a hyphen/));
  await assert.rejects(create({ Name: 'internal-x' }), failing('ValidationError'));
  await assert.rejects(
    create({ Subnets: ['subnet-a'] }),
    failing('ValidationError', /two different Availability Zones/),
  );
  await assert.rejects(create({ Subnets: ['subnet-a', 'subnet-a2'] }), failing('InvalidConfigurationRequestException'));
  await assert.rejects(create({ Subnets: ['subnet-a', 'subnet-z'] }), failing('SubnetNotFoundException'));
  await assert.rejects(create({ Type: 'gateway' }), failing('ValidationError', /'gateway' is not supported/));
  await assert.rejects(
    create({ IpAddressType: 'dualstack' }),
    failing('ValidationError', /'dualstack' is not supported/),
  );
  await assert.rejects(
    world.service.call('DescribeLoadBalancers', { Names: ['nobody'] }),
    failing('LoadBalancerNotFoundException'),
  );
});

test('attributes have AWS defaults, and only what is built may change', async () => {
  await using world = openWorld();
  const { loadBalancerArn: LoadBalancerArn } = await withLoadBalancer(world);
  const { Attributes = [] } = await world.service.call('DescribeLoadBalancerAttributes', { LoadBalancerArn });
  assert.equal(Attributes.find((it) => it.Key === 'idle_timeout.timeout_seconds')?.Value, '60');
  const modify = (Key: string, Value: string) =>
    world.service.call('ModifyLoadBalancerAttributes', { LoadBalancerArn, Attributes: [{ Key, Value }] });
  await assert.rejects(modify('no.such', '1'), failing('InvalidConfigurationRequestException'));
  await assert.rejects(modify('idle_timeout.timeout_seconds', '0'), failing('InvalidConfigurationRequestException'));
  await assert.rejects(modify('waf.fail_open.enabled', 'true'), failing('ValidationError', /not supported/));
  await modify('waf.fail_open.enabled', 'false');
  await modify('deletion_protection.enabled', 'true');
  await assert.rejects(
    world.service.call('DeleteLoadBalancer', { LoadBalancerArn }),
    failing('OperationNotPermittedException'),
  );
});

test('security groups and subnets can be changed, and the interfaces follow', async () => {
  await using world = openWorld();
  const { loadBalancerArn: LoadBalancerArn } = await withLoadBalancer(world);
  await world.service.reconcile();
  await world.service.call('SetSecurityGroups', { LoadBalancerArn, SecurityGroups: ['sg-default'] });
  await world.service.call('SetSubnets', { LoadBalancerArn, Subnets: ['subnet-a2', 'subnet-b'] });
  await world.service.reconcile();
  assert.deepEqual(
    [...world.neighbours.interfaces.values()]
      .map((it) => [it.SubnetId, it.groups] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
    [
      ['subnet-a2', ['sg-default']],
      ['subnet-b', ['sg-default']],
    ],
  );
});

test('deleting takes listeners, interfaces and names along, and its name is free at once', async () => {
  await using world = openWorld();
  const { loadBalancerArn, groupArn } = await withLoadBalancer(world);
  const listenerArn = await withListener(world, loadBalancerArn, groupArn);
  await world.service.reconcile();
  assert.equal(world.plane.tables.size, 1);
  await world.service.call('DeleteLoadBalancer', { LoadBalancerArn: loadBalancerArn });
  await world.service.call('DeleteLoadBalancer', { LoadBalancerArn: loadBalancerArn });
  await assert.rejects(
    world.service.call('DescribeListeners', { ListenerArns: [listenerArn] }),
    failing('ListenerNotFoundException'),
  );
  const again = await withLoadBalancer(world);
  assert.notEqual(again.loadBalancerArn, loadBalancerArn);
  await world.service.reconcile();
  const descriptions = [...world.neighbours.interfaces.values()].map((it) => it.Description);
  assert.ok(descriptions.every((text) => again.loadBalancerArn.endsWith(text.replace('ELB ', ''))));
  assert.equal(world.plane.tables.size, 0);
  assert.equal(world.names.size, 1);
});

test('pages follow markers', async () => {
  await using world = openWorld();
  for (const Name of ['a', 'b', 'c']) {
    await world.service.call('CreateLoadBalancer', { Name, Subnets: ['subnet-a', 'subnet-b'] });
  }
  const first = await world.service.call('DescribeLoadBalancers', { PageSize: 2 });
  const second = await world.service.call('DescribeLoadBalancers', { PageSize: 2, Marker: first.NextMarker });
  assert.deepEqual(
    [...(first.LoadBalancers ?? []), ...(second.LoadBalancers ?? [])].map((it) => it.LoadBalancerName),
    ['a', 'b', 'c'],
  );
  assert.equal(second.NextMarker, undefined);
  await assert.rejects(world.service.call('DescribeLoadBalancers', { Marker: 'junk' }), failing('ValidationError'));
});
