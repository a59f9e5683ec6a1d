import assert from 'node:assert/strict';
import { test } from 'node:test';
import { queriesFrom } from './query-input.ts';

const metric = (Id: string) => ({
  Id,
  MetricStat: { Metric: { Namespace: 'app', MetricName: 'requests' }, Period: 60, Stat: 'Sum' },
});

test('expressions that name each other many times over are checked at once', { timeout: 2000 }, () => {
  const chain = Array.from({ length: 30 }, (_, i) => {
    const next = i === 29 ? 'm' : `e${i + 1}`;
    return { Id: `e${i}`, Expression: Array(8).fill(next).join('+') };
  });
  assert.equal(queriesFrom([metric('m'), ...chain], 500).length, 31);
});

test('an expression that comes back to itself, by whatever way, is refused', () => {
  const circle = [
    metric('m'),
    { Id: 'a', Expression: 'm + b' },
    { Id: 'b', Expression: 'c * 2' },
    { Id: 'c', Expression: 'a' },
  ];
  assert.throws(() => queriesFrom(circle, 500), /refers to itself/);
  assert.throws(() => queriesFrom([{ Id: 'a', Expression: 'a' }], 500), /refers to itself/);
  const many = Array.from({ length: 31 }, (_, i) => ({ Id: `e${i}`, Expression: 'm' }));
  assert.throws(() => queriesFrom([metric('m'), ...many], 500), /More than 30 expressions/);
});

test('an expression longer than any of AWS is refused unread', () => {
  const long = { Id: 'a', Expression: `m${'+m'.repeat(100_000)}` };
  assert.throws(() => queriesFrom([metric('m'), long], 500), /at most 2048 characters/);
});
