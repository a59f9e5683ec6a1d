import assert from 'node:assert/strict';
import { test } from 'node:test';
import { openWorld, withListener, withLoadBalancer } from './testing.ts';

test('the edge gets the names of public load balancers, their aliases, and who may come in', async () => {
  await using world = openWorld();
  const { loadBalancerArn, groupArn, dnsName } = await withLoadBalancer(world);
  const listenerArn = await withListener(world, loadBalancerArn, groupArn);
  const alias = (Name: string, DNSName: string) => ({
    Name,
    Type: 'A' as const,
    AliasTarget: { HostedZoneId: 'Z35SXDOTRQ7X7K', DNSName, EvaluateTargetHealth: true },
  });
  world.neighbours.records = [
    alias('shop.example.com.', `dualstack.${dnsName.toUpperCase()}.`),
    alias('\\052.example.com.', `${dnsName}.`),
    alias('else.example.com.', 'someone-1.us-east-1.elb.localhost.'),
    { Name: 'plain.example.com.', Type: 'A', TTL: 60, ResourceRecords: [{ Value: '192.0.2.1' }] },
  ];
  await world.service.reconcile();
  assert.equal(world.plane.edge?.httpsPort, 8443);
  assert.deepEqual(
    world.plane.edge?.routes.map((route) => route.hostname),
    [dnsName, 'shop.example.com', '*.example.com'],
  );
  assert.deepEqual(world.plane.edge?.routes[0]?.listeners, [
    { listenerId: listenerArn.split('/').at(-1), port: 80, protocol: 'HTTP', allowedCidrs: ['0.0.0.0/0'] },
  ]);
});

test('which names lead here is asked by the service itself, all else under its service-linked role', async () => {
  await using world = openWorld();
  const { loadBalancerArn } = await withLoadBalancer(world);
  await world.service.reconcile();
  const asItself = { sourceArn: loadBalancerArn };
  assert.deepEqual(world.calledAs.get('route53:ListHostedZones'), asItself);
  assert.deepEqual(world.calledAs.get('route53:ListResourceRecordSets'), asItself);
  const others = [...world.calledAs].filter(([name]) => name.startsWith('ec2:'));
  assert.ok(others.length >= 4);
  assert.deepEqual(
    others.filter(([, as]) => as !== undefined),
    [],
  );
});

test('internal load balancers are not on the edge', async () => {
  await using world = openWorld();
  const { loadBalancerArn, groupArn } = await withLoadBalancer(world, { scheme: 'internal' });
  await withListener(world, loadBalancerArn, groupArn);
  await world.service.reconcile();
  assert.equal(world.plane.edge, undefined);
});

test('the fixed lists of the service', async () => {
  await using world = openWorld();
  const { SslPolicies = [] } = await world.service.call('DescribeSSLPolicies', {
    Names: ['ELBSecurityPolicy-TLS13-1-3-2021-06'],
  });
  assert.deepEqual(SslPolicies[0]?.SslProtocols, ['TLSv1.3']);
  const { Limits = [] } = await world.service.call('DescribeAccountLimits', {});
  assert.ok(Limits.some((limit) => limit.Name === 'listeners-per-application-load-balancer' && limit.Max === '50'));
});
