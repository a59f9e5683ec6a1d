import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import type { TaskReport } from '../../../executor/executor.ts';
import { TASK_STATUSES } from '../tables.ts';
import type { TaskRow } from '../tables.ts';
import { advance, taskHealth, withReport } from './task-report.ts';
import { containerRow, taskRow } from './testing-rows.ts';

const CONTAINER_STATUSES = ['PENDING', 'RUNNING', 'STOPPED'] as const;
const order = (list: readonly string[], status: string) => list.indexOf(status);

const status = fc.constantFrom(...CONTAINER_STATUSES);
const health = fc.constantFrom('HEALTHY' as const, 'UNHEALTHY' as const, 'UNKNOWN' as const);
const container = (name: string) =>
  fc.record(
    { name: fc.constant(name), status, health, exitCode: fc.integer({ min: 0, max: 255 }) },
    { requiredKeys: ['name', 'status', 'health'] },
  );
const report: fc.Arbitrary<TaskReport> = fc.record(
  {
    taskArn: fc.constant('t'),
    status,
    containers: fc.tuple(container('web'), container('side')).map((pair) => [...pair]),
    stopCode: fc.constantFrom('TaskFailedToStart' as const, 'EssentialContainerExited' as const),
    stoppedReason: fc.constantFrom('a', 'b'),
    executionStoppedAtMs: fc.nat(1000),
  },
  { requiredKeys: ['taskArn', 'status', 'containers'] },
);
const task = fc
  .record({ lastStatus: fc.constantFrom(...TASK_STATUSES), isTarget: fc.boolean() })
  .map(({ lastStatus, isTarget }) =>
    taskRow({
      lastStatus,
      desiredStatus: order(TASK_STATUSES, lastStatus) > order(TASK_STATUSES, 'RUNNING') ? 'STOPPED' : 'RUNNING',
      targets: isTarget ? [{ targetGroupArn: 'g', port: 80 }] : [],
      containers: [containerRow('web'), containerRow('side')],
    }),
  );

/** What must not change once it is known. */
const settled = (row: TaskRow) => ({
  stopCode: row.stopCode,
  reason: row.stoppedReason,
  started: row.startedAtMs,
  stopping: row.stoppingAtMs,
});

function assertForward(before: TaskRow, after: TaskRow): void {
  assert.ok(order(TASK_STATUSES, after.lastStatus) >= order(TASK_STATUSES, before.lastStatus));
  assert.ok(!(before.desiredStatus === 'STOPPED' && after.desiredStatus === 'RUNNING'));
  for (const [i, container] of before.containers.entries()) {
    const next = after.containers[i];
    assert.ok(order(CONTAINER_STATUSES, next?.status ?? '') >= order(CONTAINER_STATUSES, container.status));
    if (container.status === 'STOPPED') assert.deepEqual(next, container);
  }
  for (const [name, value] of Object.entries(settled(before))) {
    if (value !== undefined) assert.equal(settled(after)[name as keyof ReturnType<typeof settled>], value, name);
  }
}

test('property: whatever comes, in whatever order, nothing goes back', () => {
  fc.assert(
    fc.property(task, fc.array(report, { maxLength: 12 }), (first, reports) => {
      let row = first;
      for (const [i, next] of reports.entries()) {
        const after = withReport(row, next, 1000 + i);
        assertForward(row, after);
        assert.equal(after.version, row.version + (after === row ? 0 : 1));
        row = after;
      }
    }),
  );
});

test('property: a report that comes twice changes nothing', () => {
  fc.assert(
    fc.property(task, report, (row, next) => {
      const once = withReport(row, next, 1000);
      assert.equal(withReport(once, next, 2000), once);
    }),
  );
});

const says = (change: Partial<TaskReport>): TaskReport => ({
  taskArn: 't',
  status: 'RUNNING',
  containers: [{ name: 'web', status: change.status ?? 'RUNNING', health: 'UNKNOWN' }],
  ...change,
});

test('containers that run make a task RUNNING, or ACTIVATING while it has target groups to join', () => {
  const pending = taskRow({ lastStatus: 'PENDING' });
  const running = withReport(pending, says({ pullStartedAtMs: 1, pullStoppedAtMs: 2 }), 5);
  assert.deepEqual(
    [running.lastStatus, running.startedAtMs, running.pullStartedAtMs, running.pullStoppedAtMs, running.version],
    ['RUNNING', 5, 1, 2, 2],
  );
  const target = { ...pending, targets: [{ targetGroupArn: 'g', port: 80 }] };
  assert.equal(withReport(target, says({}), 5).lastStatus, 'ACTIVATING');
});

test('what ended is DEPROVISIONING, with the reason that was first', () => {
  const running = taskRow({ lastStatus: 'RUNNING', startedAtMs: 1 });
  const ending = withReport(running, says({ stopCode: 'EssentialContainerExited', stoppedReason: 'it ended' }), 5);
  assert.deepEqual(
    [ending.lastStatus, ending.desiredStatus, ending.stopCode, ending.stoppedReason, ending.stoppingAtMs],
    ['RUNNING', 'STOPPED', 'EssentialContainerExited', 'it ended', 5],
  );
  const ended = withReport(ending, says({ status: 'STOPPED', executionStoppedAtMs: 6 }), 7);
  assert.deepEqual([ended.lastStatus, ended.executionStoppedAtMs, ended.stoppingAtMs], ['DEPROVISIONING', 6, 5]);
  const asked = taskRow({
    lastStatus: 'STOPPING',
    desiredStatus: 'STOPPED',
    stopCode: 'UserInitiated',
    stoppedReason: 'me',
  });
  const both = withReport(asked, says({ status: 'STOPPED', stopCode: 'EssentialContainerExited' }), 7);
  assert.deepEqual([both.stopCode, both.stoppedReason], ['UserInitiated', 'me']);
});

test('a report of RUNNING that was overtaken starts nothing', () => {
  const ended = withReport(taskRow({ lastStatus: 'PENDING' }), says({ status: 'STOPPED' }), 5);
  assert.equal(withReport(ended, says({}), 6), ended);
});

test('states are in order', () => {
  for (const [i, from] of TASK_STATUSES.entries()) {
    for (const [j, to] of TASK_STATUSES.entries()) assert.equal(advance(from, to), TASK_STATUSES[Math.max(i, j)]);
  }
});

test('a task is as healthy as its essential containers with checks', () => {
  const of = (...all: TaskRow['containers'][number]['health'][]) =>
    taskHealth(
      all.map((health, i) => ({ name: `c${i}`, health })),
      new Set(['c0', 'c1']),
    );
  assert.equal(of('HEALTHY', 'HEALTHY', 'UNHEALTHY'), 'HEALTHY');
  assert.equal(of('HEALTHY', 'UNKNOWN'), 'UNKNOWN');
  assert.equal(of('UNKNOWN', 'UNHEALTHY'), 'UNHEALTHY');
  assert.equal(taskHealth([{ name: 'web', health: 'UNHEALTHY' }], new Set()), 'UNKNOWN');
});

test('a container that has ended keeps the health that it had: the engine calls every ended one unhealthy', () => {
  const row = taskRow({ containers: [containerRow('web')] });
  const says = (status: 'RUNNING' | 'STOPPED', health: 'HEALTHY' | 'UNHEALTHY'): TaskReport => ({
    taskArn: row.arn,
    status,
    containers: [{ name: 'web', status, health }],
  });
  const running = withReport(row, says('RUNNING', 'HEALTHY'), 1);
  assert.equal(withReport(running, says('STOPPED', 'UNHEALTHY'), 2).containers[0]?.health, 'HEALTHY');
  const sick = withReport(running, says('RUNNING', 'UNHEALTHY'), 2);
  assert.equal(withReport(sick, says('STOPPED', 'UNHEALTHY'), 3).containers[0]?.health, 'UNHEALTHY');
});

test('why a container ended may come after its end, once', () => {
  const row = taskRow({ containers: [containerRow('web')] });
  const ended = (reason?: string): TaskReport => ({
    taskArn: row.arn,
    status: 'RUNNING',
    containers: [{ name: 'web', status: 'STOPPED', health: 'UNKNOWN', exitCode: 137, ...(reason ? { reason } : {}) }],
  });
  const silent = withReport(row, ended(), 1);
  assert.equal(silent.containers[0]?.reason, undefined);
  const told = withReport(silent, ended('OutOfMemoryError: a'), 2);
  assert.equal(told.containers[0]?.reason, 'OutOfMemoryError: a');
  assert.equal(withReport(told, ended('b'), 3), told);
  assert.equal(withReport(told, ended(), 3), told);
});
