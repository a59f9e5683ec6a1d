import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededIds } from '../../kernel/ids.ts';
import { alarmNames } from './policy-alarms.ts';
import { isLowAlarm } from './signal.ts';

const LONG = `service/${'c'.repeat(255)}/${'s'.repeat(255)}`;

test('the names of alarms fit into CloudWatch, tell what is scaled, and stay', () => {
  const ids = seededIds(1);
  const [high = '', low = ''] = alarmNames(LONG, { disableScaleIn: false }, [], ids);
  assert.deepEqual([high.length, high.slice(0, 24)], [255, 'TargetTracking-service/c']);
  assert.ok(low.length < 255 && low.includes('-AlarmLow-'));
  assert.deepEqual(alarmNames(LONG, { disableScaleIn: true }, [low, high], ids), [high]);
  const [short = ''] = alarmNames('web', { disableScaleIn: true }, [], ids);
  assert.match(short, /^TargetTracking-web-AlarmHigh-[0-9a-f-]{36}$/);
});

test('a name that CloudWatch never took is given up', () => {
  const old = `TargetTracking-${LONG}-AlarmHigh-1`;
  assert.notDeepEqual(alarmNames(LONG, { disableScaleIn: true }, [old], seededIds(1)), [old]);
});

test('what is scaled may be named as alarms are', () => {
  const names = alarmNames('web-AlarmLow-1', { disableScaleIn: false }, [], seededIds(1));
  assert.deepEqual(names.map(isLowAlarm), [false, true]);
  assert.deepEqual(alarmNames('web-AlarmLow-1', { disableScaleIn: false }, names.toReversed(), seededIds(2)), names);
});
