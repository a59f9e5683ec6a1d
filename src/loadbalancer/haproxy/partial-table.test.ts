import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Target } from '../load-balancer.ts';
import { forwardTo, groupOf, listenerOf, tableOf } from '../testing.ts';
import { changedLoadBalancers, keeping, withTargetsOf } from './partial-table.ts';

const targets = (...ips: readonly string[]): readonly Target[] => ips.map((ip) => ({ ip, port: 80, draining: false }));
const weighted = (blue: number, green: number, ruleId = 'default') =>
  forwardTo('', {
    ruleId,
    action: {
      type: 'forward',
      targets: [
        { targetGroupId: 'blue', weight: blue },
        { targetGroupId: 'green', weight: green },
      ],
    },
  });

test('targets and weights are the new ones; settings, rules and groups are those that were', () => {
  const groups = (ip: string) =>
    ['blue', 'green'].map((targetGroupId) => groupOf({ targetGroupId, targets: targets(ip) }));
  const served = tableOf({ listeners: [listenerOf({ rules: [weighted(1, 0)] })], targetGroups: groups('10.0.1.1') });
  const wanted = tableOf({
    listeners: [
      listenerOf({ idleTimeoutMs: 1, rules: [forwardTo('red', { ruleId: 'more' }), weighted(0, 1)] }),
      listenerOf({ listenerId: 'l81' }),
    ],
    targetGroups: [
      ...groups('10.0.1.2').map((group) => ({ ...group, slowStartMs: 30_000 })),
      groupOf({ targetGroupId: 'red' }),
    ],
  });
  assert.deepEqual(withTargetsOf(served, wanted), {
    ...served,
    listeners: [listenerOf({ rules: [weighted(0, 1)] })],
    targetGroups: groups('10.0.1.2'),
  });
});

test('what the other table does not have, or forwards elsewhere, stays', () => {
  const served = tableOf({ listeners: [listenerOf({ rules: [weighted(1, 0)] })] });
  assert.deepEqual(withTargetsOf(served, tableOf({ listeners: [], targetGroups: [] })), served);
  assert.deepEqual(withTargetsOf(served, tableOf({ listeners: [listenerOf({ rules: [forwardTo('blue')] })] })), served);
});

test('load balancers are kept one by one, with their target groups', () => {
  const loadBalancer = (id: string, idleTimeoutMs: number) =>
    listenerOf({ listenerId: `l-${id}`, loadBalancerId: id, idleTimeoutMs, rules: [forwardTo(`g-${id}`)] });
  const group = (id: string, slowStartMs = 0) => groupOf({ targetGroupId: `g-${id}`, slowStartMs });
  const served = tableOf({
    listeners: ['same', 'one', 'two', 'gone'].map((id) => loadBalancer(id, 1)),
    targetGroups: ['same', 'one', 'two', 'gone'].map((id) => group(id)),
  });
  const wanted = tableOf({
    listeners: [loadBalancer('same', 1), loadBalancer('one', 2), loadBalancer('two', 1), loadBalancer('new', 2)],
    targetGroups: [group('same'), group('one'), group('two', 5), group('new')],
  });
  assert.deepEqual(changedLoadBalancers(served, wanted), ['one', 'two', 'new']);
  assert.deepEqual(changedLoadBalancers(wanted, wanted), []);
  const rest = keeping(['one', 'new'], served, wanted);
  assert.deepEqual(
    rest.listeners.map((it) => [it.loadBalancerId, it.idleTimeoutMs]),
    [
      ['same', 1],
      ['two', 1],
      ['one', 1],
    ],
  );
  assert.deepEqual(
    new Map(rest.targetGroups.map((it) => [it.targetGroupId, it.slowStartMs])),
    new Map([
      ['g-same', 0],
      ['g-two', 5],
      ['g-one', 0],
    ]),
  );
  assert.deepEqual(keeping(['one', 'new'], rest, wanted), rest, 'the same each time');
});
