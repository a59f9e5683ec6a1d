import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Target, TargetGroupState } from '../load-balancer.ts';
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

test('listeners that the other table does not have, or that forward elsewhere there, stay', () => {
  const served = tableOf({ listeners: [listenerOf({ rules: [weighted(1, 0)] })] });
  assert.deepEqual(withTargetsOf(served, tableOf({ listeners: [] })), served);
  assert.deepEqual(withTargetsOf(served, tableOf({ listeners: [listenerOf({ rules: [forwardTo('blue')] })] })), served);
});

test('targets are the new ones where nothing forwards to the group any more; a group that is gone has none', () => {
  const elsewhere = listenerOf({ rules: [forwardTo('red')] });
  const web = (...ips: readonly string[]) => groupOf({ targets: targets(...ips) });
  const served = tableOf({ targetGroups: [web('10.0.1.1', '10.0.1.2')] });
  const wanted = (...targetGroups: readonly TargetGroupState[]) => tableOf({ listeners: [elsewhere], targetGroups });
  assert.deepEqual(withTargetsOf(served, wanted(web('10.0.1.2'))).targetGroups, [web('10.0.1.2')]);
  assert.deepEqual(withTargetsOf(served, wanted()).targetGroups, [web()]);
});

test('load balancers are kept one by one, with their target groups', () => {
  const loadBalancer = (id: string, idleTimeoutMs: number, groups: readonly string[] = [`g-${id}`]) =>
    listenerOf({
      listenerId: `l-${id}`,
      loadBalancerId: id,
      idleTimeoutMs,
      rules: groups.map((group) => forwardTo(group, { ruleId: group })),
    });
  const one = (idleTimeoutMs: number) => loadBalancer('one', idleTimeoutMs, ['g-one', 'h-one', 'i-one']);
  const group = (id: string, slowStartMs = 0) => groupOf({ targetGroupId: id, slowStartMs });
  const groupsOfOne = ['g-one', 'h-one', 'i-one'].map((id) => group(id));
  const served = tableOf({
    listeners: [loadBalancer('same', 1), one(1), loadBalancer('two', 1), loadBalancer('gone', 1)],
    targetGroups: [group('g-same'), ...groupsOfOne, group('g-two'), group('g-gone')],
  });
  const wanted = tableOf({
    listeners: [loadBalancer('same', 1), one(2), loadBalancer('two', 1), loadBalancer('new', 2)],
    targetGroups: [group('g-same'), ...groupsOfOne, group('g-two', 5), group('g-new')],
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
    rest.targetGroups.map((it) => [it.targetGroupId, it.slowStartMs]),
    [
      ['g-same', 0],
      ['g-two', 5],
      ['g-one', 0],
      ['h-one', 0],
      ['i-one', 0],
    ],
  );
  assert.deepEqual(keeping(['one', 'new'], rest, wanted), rest, 'the same each time');
  assert.deepEqual(changedLoadBalancers(rest, wanted), ['one', 'new']);
});

test('a target group that went from one that is kept to another is as the other one wants it', () => {
  const to = (id: string, group: string) =>
    listenerOf({ listenerId: `l-${id}`, loadBalancerId: id, rules: [forwardTo(group)] });
  const group = (id: string, slowStartMs: number) => groupOf({ targetGroupId: id, slowStartMs });
  const served = tableOf({ listeners: [to('one', 'a')], targetGroups: [group('a', 1)] });
  const wanted = tableOf({ listeners: [to('one', 'b'), to('two', 'a')], targetGroups: [group('a', 2), group('b', 2)] });
  assert.deepEqual(keeping(['one'], served, wanted).targetGroups, [group('a', 2)]);
});
