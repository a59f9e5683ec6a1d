import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forwardTo, listenerOf } from '../testing.ts';
import { HostWorld, LB, TARGETS, until } from './testing-world.ts';

const [ONE, TWO] = TARGETS;
const URL = `http://${LB}`;

test('requests are counted over changes of targets and over reloads', async () => {
  await using world = new HostWorld();
  await world.serve(ONE, TWO);
  const plane = world.plane();
  const gone = {
    ruleId: 'r1',
    conditions: [{ field: 'path-pattern', values: ['/gone'] }],
    action: { type: 'fixed-response', status: 410 },
  } as const;
  const serve = (ips: readonly string[], ...rules: readonly (typeof gone)[]) =>
    plane.apply(
      world.table(ips, { listeners: [listenerOf({ addresses: [LB], rules: [...rules, forwardTo('web')] })] }),
    );
  const healthy = () => until(async () => (await plane.health('vpc-1')).every((health) => health.state === 'healthy'));
  await serve([ONE], gone);
  await healthy();
  for (let i = 0; i < 3; i++) assert.equal((await world.get(URL)).status, 200);
  assert.equal((await world.get(`${URL}/gone`)).status, 410);
  const first = await plane.traffic('vpc-1');
  assert.equal(first.targetGroups[0]?.requests, 3);
  assert.deepEqual(first.targetGroups[0].responses, { '2xx': 3, '3xx': 0, '4xx': 0, '5xx': 0 });
  assert.deepEqual(first.listeners[0]?.responses, { '2xx': 3, '3xx': 0, '4xx': 1, '5xx': 0 });
  assert.equal(first.listeners[0].connections, 4);
  assert.ok(first.listeners[0].bytes > 400);
  assert.ok(first.targetGroups[0].responseMs >= 0);

  await world.get(URL);
  await serve([TWO], gone);
  await healthy();
  await world.get(URL);
  const second = await plane.traffic('vpc-1');
  assert.equal(second.targetGroups[0]?.requests, 5);

  await world.get(URL);
  await serve([TWO]);
  await world.get(URL);
  const third = await plane.traffic('vpc-1');
  assert.equal(third.targetGroups[0]?.requests, 7);
  assert.equal(third.listeners[0]?.responses['4xx'], 1);
  assert.equal(third.listeners[0].connections, 8);
});
