import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededIds } from '../../kernel/ids.ts';
import { alarmNames } from './policy-alarms.ts';

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
