import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alarmsSeen } from './deployment-alarms.ts';

const seen = (StateValue: 'OK' | 'ALARM', change: object = {}, before = { triggered: [], bakeMs: 0 }) =>
  alarmsSeen(before, [{ AlarmName: 'errors', StateValue, EvaluationPeriods: 3, Period: 60, ...change }], []);

test('a deployment bakes for as long as its slowest alarm takes to go off', () => {
  assert.equal(seen('OK').bakeMs, 180_000);
  const stat = (Period: number) => ({ Id: 'm', MetricStat: { Metric: {}, Period, Stat: 'Sum' } });
  const Metrics = [stat(60), stat(300), { Id: 'e', Expression: 'm' }];
  assert.equal(seen('OK', { Period: undefined, Metrics }).bakeMs, 900_000, 'an expression is as slow as its metrics');
});

test('an alarm that was on before the deployment says nothing of it', () => {
  assert.deepEqual(alarmsSeen(undefined, [{ AlarmName: 'errors', StateValue: 'ALARM' }], []), {
    isIgnored: true,
    triggered: [],
    bakeMs: 0,
  });
  assert.deepEqual(seen('ALARM').triggered, ['errors']);
});
