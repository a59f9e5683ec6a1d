import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { MissingData } from './alarm.ts';
import { evaluate, lastEndMs, type Datapoint } from './alarm-evaluation.ts';

/** `X` breaches, `0` does not, `-` is missing; oldest first. */
function range(drawn: string): readonly Datapoint[] {
  return drawn.split(' ').map((mark, index) => ({
    atMs: index * 60_000,
    ...(mark !== '-' && { value: mark === 'X' ? 100 : 0 }),
  }));
}

function state(drawn: string, m: number, missingData: MissingData): string {
  const rules = { comparison: 'GreaterThanThreshold', threshold: 50, evaluationPeriods: 3 } as const;
  return evaluate({ ...rules, datapointsToAlarm: m, missingData }, range(drawn))?.state ?? 'RETAIN';
}

const TREATMENTS = ['missing', 'ignore', 'breaching', 'notBreaching'] as const satisfies readonly MissingData[];

/** https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html */
const THREE_OF_THREE = {
  '0 - X - X': ['OK', 'OK', 'OK', 'OK'],
  '0 - - - -': ['OK', 'OK', 'OK', 'OK'],
  '- - - - -': ['INSUFFICIENT_DATA', 'RETAIN', 'ALARM', 'OK'],
  '0 X X - X': ['ALARM', 'ALARM', 'ALARM', 'ALARM'],
  '- - X - -': ['ALARM', 'RETAIN', 'ALARM', 'OK'],
};
const TWO_OF_THREE = {
  '0 - X - X': ['ALARM', 'ALARM', 'ALARM', 'ALARM'],
  '0 0 X 0 X': ['ALARM', 'ALARM', 'ALARM', 'ALARM'],
  '0 - X - -': ['OK', 'OK', 'ALARM', 'OK'],
  '- - - - 0': ['OK', 'OK', 'ALARM', 'OK'],
  '- - - X -': ['ALARM', 'RETAIN', 'ALARM', 'OK'],
};

test('AWS’s own tables of missing data', () => {
  for (const [rows, m] of [[THREE_OF_THREE, 3] as const, [TWO_OF_THREE, 2] as const]) {
    for (const [drawn, expected] of Object.entries(rows)) {
      assert.deepEqual(
        TREATMENTS.map((treatment) => state(drawn, m, treatment)),
        expected,
        `${drawn}, ${m} of 3`,
      );
    }
  }
});

test('one breaching datapoint is no alarm of three', () => {
  assert.equal(state('- - - - X', 3, 'missing'), 'RETAIN');
});

test('alarms look at whole periods', () => {
  assert.equal(lastEndMs(10_000, 25_000), 20_000);
  assert.equal(lastEndMs(300_000, 425_000), 420_000);
});
