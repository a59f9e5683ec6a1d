import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ContainerState } from '../runtime/runtime.ts';
import type { DependencyCondition } from './executor.ts';
import { startStates } from './start-order.ts';
import { type ContainerSeen, UNTOUCHED } from './task-seen.ts';
import { NOTHING_SEEN, testContainer, testTask } from './testing.ts';

const STARTED_AT = 1000;

function dependency(status: 'running' | 'exited', options: Partial<ContainerState> = {}): ContainerSeen {
  const base = { id: 'db', name: 'db', labels: {}, image: '', imageId: '', createdAtMs: 0 };
  return { ...UNTOUCHED, hasRun: true, state: { ...base, status, startedAtMs: STARTED_AT, ...options } };
}

function resolve(condition: DependencyCondition, db: ContainerSeen, now = STARTED_AT): string {
  const spec = testTask([
    testContainer('web', { dependsOn: [{ container: 'db', condition }] }),
    testContainer('db', { startTimeoutMs: 5000 }),
  ]);
  const what = { ...NOTHING_SEEN, containers: new Map([['db', db]]), plugged: true };
  const state = startStates(spec, what, now).get('web');
  if (state?.is === 'failed') return state.reason.replace(/^.*target \[web\] /, '');
  return state?.is === 'waiting' ? `waiting until ${state.untilMs}` : (state?.is ?? '');
}

test('each condition waits, is met, or can no longer be met', () => {
  const healthy = dependency('running', { health: 'healthy' });
  const run = dependency('running');
  const done = dependency('exited', { exitCode: 0 });
  const failed = dependency('exited', { exitCode: 1 });
  const never = { ...UNTOUCHED, failure: 'CannotPullContainerError: x' };
  const table: Record<DependencyCondition, readonly string[]> = {
    START: ['waiting until undefined', 'ready', 'ready', 'ready', 'ready', 'did not start.'],
    COMPLETE: [
      'waiting until undefined',
      'waiting until 6000',
      'waiting until 6000',
      'ready',
      'ready',
      'did not start.',
    ],
    SUCCESS: [
      'waiting until undefined',
      'waiting until 6000',
      'waiting until 6000',
      'ready',
      'did not exit successfully.',
      'did not start.',
    ],
    HEALTHY: [
      'waiting until undefined',
      'waiting until 6000',
      'ready',
      'exited before it was healthy.',
      'exited before it was healthy.',
      'did not start.',
    ],
  };
  for (const [condition, expected] of Object.entries(table)) {
    const got = [UNTOUCHED, run, healthy, done, failed, never].map((db) =>
      resolve(condition as DependencyCondition, db),
    );
    assert.deepEqual(got, expected, condition);
  }
});

test('a start timeout counts from the start of the dependency', () => {
  assert.equal(resolve('HEALTHY', dependency('running'), STARTED_AT + 4999), 'waiting until 6000');
  assert.equal(resolve('HEALTHY', dependency('running'), STARTED_AT + 5000), 'has timed out.');
  assert.equal(resolve('START', dependency('running'), STARTED_AT + 9000), 'ready');
});

test('a failure passes down a chain, and a circle only waits', () => {
  const spec = testTask([
    testContainer('a', { dependsOn: [{ container: 'b', condition: 'START' }] }),
    testContainer('b', { dependsOn: [{ container: 'c', condition: 'START' }] }),
    testContainer('c'),
    testContainer('d', { dependsOn: [{ container: 'd', condition: 'START' }] }),
    testContainer('e', { dependsOn: [{ container: 'nosuch', condition: 'START' }] }),
  ]);
  const containers = new Map([['c', { ...UNTOUCHED, failure: 'x' }]]);
  const what = { ...NOTHING_SEEN, containers, plugged: true };
  const states = startStates(spec, what, 0);
  assert.deepEqual([...states.values()].map(({ is }) => is).sort(), [
    'failed',
    'failed',
    'failed',
    'failed',
    'waiting',
  ]);
});

test('a dependency that is about to start again is neither over nor healthy', () => {
  const restart = { ignoredExitCodes: [], attemptPeriodMs: 0 };
  const spec = testTask([
    ...(['COMPLETE', 'SUCCESS', 'HEALTHY'] as const).map((condition) =>
      testContainer(condition, { dependsOn: [{ container: 'db', condition }] }),
    ),
    testContainer('db', { restart }),
  ]);
  const db = dependency('exited', { exitCode: 0, finishedAtMs: STARTED_AT, health: 'healthy' });
  const states = startStates(spec, { ...NOTHING_SEEN, containers: new Map([['db', db]]) }, STARTED_AT);
  for (const condition of ['COMPLETE', 'SUCCESS', 'HEALTHY']) assert.equal(states.get(condition)?.is, 'waiting');
});
