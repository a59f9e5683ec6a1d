import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TEST_SCOPE } from '../../api/testing.ts';
import { elbv2 } from './index.ts';
import { openWorld, withListener, withLoadBalancer, type TestWorld } from './testing.ts';

async function conditionsOf({ service }: TestWorld, name: string, input: object) {
  return service.store.read(async (tx) => elbv2.operations[name]?.conditions?.(input, TEST_SCOPE, tx));
}

async function resourcesOf({ service }: TestWorld, name: string, input: object) {
  return service.store.read(async (tx) => elbv2.operations[name]?.resources(input, TEST_SCOPE, tx));
}

test('conditions see what the request asks for, by either member, and the scheme in any case', async () => {
  await using world = openWorld();
  const input = { Name: 'web', SubnetMappings: [{ SubnetId: 'subnet-a' }, { SubnetId: 'subnet-b' }] };
  assert.deepEqual(await conditionsOf(world, 'CreateLoadBalancer', input), {
    'elasticloadbalancing:scheme': 'internet-facing',
    'elasticloadbalancing:subnet': ['subnet-a', 'subnet-b'],
  });
  const internal = { Name: 'web', Scheme: 'internal', Subnets: ['subnet-a'], SecurityGroups: [] };
  assert.deepEqual(await conditionsOf(world, 'CreateLoadBalancer', internal), {
    'elasticloadbalancing:scheme': 'internal',
    'elasticloadbalancing:subnet': ['subnet-a'],
  });
});

test('a listener for HTTP has no security policy, and a change has only what it changes', async () => {
  await using world = openWorld();
  assert.deepEqual(await conditionsOf(world, 'CreateListener', { Protocol: 'HTTP' }), {
    'elasticloadbalancing:listenerprotocol': ['HTTP'],
  });
  assert.deepEqual(await conditionsOf(world, 'ModifyListener', { Protocol: 'HTTPS' }), {
    'elasticloadbalancing:listenerprotocol': ['HTTPS'],
  });
  assert.deepEqual(await conditionsOf(world, 'ModifyListener', { Port: 81 }), {});
});

test('a call that names nothing needs permission on everything', async () => {
  await using world = openWorld();
  assert.deepEqual(await resourcesOf(world, 'AddTags', { ResourceArns: [], Tags: [] }), ['*']);
  assert.deepEqual(await resourcesOf(world, 'SetRulePriorities', { RulePriorities: [] }), ['*']);
});

test('the tags behind an ARN are those of the resource that it names', async () => {
  await using world = openWorld();
  const { service } = world;
  const { loadBalancerArn, groupArn } = await withLoadBalancer(world);
  const listenerArn = await withListener(world, loadBalancerArn, groupArn);
  const { Rules: made = [] } = await service.call('CreateRule', {
    ListenerArn: listenerArn,
    Priority: 1,
    Conditions: [{ Field: 'path-pattern', Values: ['/api'] }],
    Actions: [{ Type: 'forward', TargetGroupArn: groupArn }],
  });
  const { Rules: all = [] } = await service.call('DescribeRules', { ListenerArn: listenerArn });
  const defaultRule = all.find((rule) => rule.IsDefault)?.RuleArn ?? '';
  const arns = [loadBalancerArn, groupArn, listenerArn, made[0]?.RuleArn ?? '', defaultRule];
  for (const [at, arn] of arns.entries()) {
    await service.call('AddTags', { ResourceArns: [arn], Tags: [{ Key: 'number', Value: String(at) }] });
  }
  const tagsOf = (arn: string) => service.store.read(async (tx) => elbv2.resourceTags?.(tx, arn));
  for (const [at, arn] of arns.entries()) assert.deepEqual(await tagsOf(arn), { number: String(at) });
  for (const arn of arns) assert.equal(await tagsOf(`${arn}0`), undefined);
  assert.equal(await tagsOf('arn:aws:ecs:us-east-1:123456789012:cluster/web'), undefined);
  await service.call('DeleteLoadBalancer', { LoadBalancerArn: loadBalancerArn });
  assert.equal(await tagsOf(loadBalancerArn), undefined);
});
