import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TASK_STATUSES } from '../tables.ts';
import type { TaskRow, TaskStatus } from '../tables.ts';
import { planTaskStep } from './task-plan.ts';
import { INTERFACE, definitionRow, taskRow } from './testing-rows.ts';

const NOW = 100_000;
const RETENTION_MS = 3_600_000;
const targets = [{ targetGroupArn: 'g', port: 80 }];

function plan(change: Partial<TaskRow>) {
  const observed = { task: taskRow(change), definition: definitionRow(), stoppedTaskRetentionMs: RETENTION_MS };
  const { actions, wakeAt } = planTaskStep(observed, NOW);
  return { actions: actions.map((action) => action.type).join(' '), wakeAt };
}

/** What is done for a task in each state, wanted or not, without and with target groups. */
function table(desiredStatus: TaskRow['desiredStatus'], change: Partial<TaskRow>) {
  return Object.fromEntries(
    TASK_STATUSES.map((lastStatus) => [lastStatus, plan({ lastStatus, desiredStatus, ...change }).actions]),
  );
}

const STOPPED = { DEPROVISIONING: 'detach', STOPPED: '' };

test('a wanted task gets an interface, then runs, then joins its target groups', () => {
  assert.equal(plan({ lastStatus: 'PROVISIONING' }).actions, 'attach');
  const running = {
    PROVISIONING: 'run',
    PENDING: 'run',
    RUNNING: 'run',
    DEACTIVATING: 'run',
    STOPPING: 'run',
    ...STOPPED,
  };
  assert.deepEqual(table('RUNNING', { interface: INTERFACE, targets }), { ...running, ACTIVATING: 'run register' });
});

test('an unwanted task stops its containers, then gives its interface back', () => {
  const without = Object.fromEntries(TASK_STATUSES.map((status) => [status, 'detach']));
  assert.deepEqual(table('STOPPED', {}), { ...without, ...STOPPED });
  const stopping = Object.fromEntries(TASK_STATUSES.map((status) => [status, 'stop']));
  assert.deepEqual(table('STOPPED', { interface: INTERFACE }), { ...stopping, ...STOPPED });
});

test('a task that joined target groups leaves them first, and looks again every second', () => {
  const stopping: Partial<Record<TaskStatus, string>> = { PROVISIONING: 'stop', PENDING: 'stop', STOPPING: 'stop' };
  const leaving = { ACTIVATING: 'deregister', RUNNING: 'deregister', DEACTIVATING: 'deregister' };
  assert.deepEqual(table('STOPPED', { interface: INTERFACE, targets }), { ...stopping, ...leaving, ...STOPPED });
  const drained = plan({ lastStatus: 'DEACTIVATING', desiredStatus: 'STOPPED', interface: INTERFACE, targets });
  assert.equal(drained.wakeAt, NOW + 1000);
});

test('a stopped task is forgotten when its time is over', () => {
  const stopped = (stoppedAtMs: number) => plan({ lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stoppedAtMs });
  assert.deepEqual(stopped(NOW), { actions: '', wakeAt: NOW + RETENTION_MS });
  assert.deepEqual(stopped(NOW - RETENTION_MS + 1), { actions: '', wakeAt: NOW + 1 });
  assert.deepEqual(stopped(NOW - RETENTION_MS), { actions: 'forget', wakeAt: undefined });
});

test('a stopped task that tells its daemon something is kept', () => {
  const task = taskRow({ lastStatus: 'STOPPED', desiredStatus: 'STOPPED', stoppedAtMs: 0 });
  const observed = { task, definition: definitionRow(), stoppedTaskRetentionMs: 1, isRemembered: true };
  assert.deepEqual(planTaskStep(observed, NOW).actions, []);
});
