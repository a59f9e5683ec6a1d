import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { BackfillRow } from '../tables.ts';
import { advance } from './backfill-progress.ts';
import type { Outcome } from './backfill-progress.ts';

const COMPLETE: Outcome = { status: 'COMPLETE' };
const FAILED: Outcome = { status: 'FAILED', failureCode: 'RegistryNotFound' };

function after(total: number, outcomes: readonly Outcome[]): BackfillRow {
  const scope = { account: '123456789012', region: 'us-east-1' };
  const row: BackfillRow = {
    ...scope,
    id: 'one',
    destination: { ...scope, region: 'eu-west-1' },
    status: 'IN_PROGRESS',
    total,
    completed: 0,
    failed: 0,
    failureCodes: [],
    startedAtMs: 0,
  };
  return outcomes.reduce((latest, outcome) => advance(latest, outcome, 5), row);
}

const times = (count: number, outcome: Outcome) => Array.from({ length: count }, () => outcome);

test('a backfill is complete with its last replication, not before', () => {
  assert.equal(after(2, [COMPLETE]).status, 'IN_PROGRESS');
  const { status, completed, endedAtMs } = after(2, times(2, COMPLETE));
  assert.deepEqual([status, completed, endedAtMs], ['COMPLETE', 2, 5]);
});

test('half of the replications failing fails it, once a hundred were tried', () => {
  assert.equal(after(99, times(99, FAILED)).status, 'COMPLETE');
  assert.equal(after(200, times(99, FAILED)).status, 'IN_PROGRESS');
  assert.equal(after(200, [...times(51, COMPLETE), ...times(49, FAILED)]).status, 'IN_PROGRESS');
  const failed = after(200, [...times(50, COMPLETE), ...times(50, FAILED)]);
  assert.deepEqual([failed.status, failed.failureCodes, failed.endedAtMs], ['FAILED', ['RegistryNotFound'], 5]);
});
