import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ContainerState } from '../runtime/runtime.ts';
import { LABEL } from './labels.ts';
import type { TaskContainer } from './executor.ts';
import { type DesiredStatus, planTask, type TaskPlan } from './plan-task.ts';
import { printAction } from './task-action.ts';
import { type ContainerSeen, type TaskSeen, UNTOUCHED } from './task-seen.ts';
import { NOTHING_SEEN, testContainer, testTask } from './testing.ts';

const NOW = 1_000_000;

function state(name: string, options: Partial<ContainerState>): ContainerState {
  const labels = { [LABEL.container]: name };
  return {
    id: `id-${name}`,
    name,
    labels,
    image: 'i',
    imageId: 'sha256:1',
    status: 'created',
    createdAtMs: 1,
    ...options,
  };
}

const running = (name: string, options: Partial<ContainerState> = {}): ContainerSeen => ({
  ...UNTOUCHED,
  hasRun: true,
  logs: 'drained',
  state: state(name, { status: 'running', pid: 42, startedAtMs: NOW - 1000, ...options }),
});

const exited = (name: string, exitCode: number, options: Partial<ContainerState> = {}): ContainerSeen =>
  running(name, { status: 'exited', exitCode, finishedAtMs: NOW - 10, ...options });

const created = (name: string): ContainerSeen => ({ ...UNTOUCHED, logs: 'opened', state: state(name, {}) });

const pause = state('pause', { status: 'running', pid: 7, startedAtMs: NOW - 2000 });

function seen(containers: Record<string, ContainerSeen>, options: Partial<TaskSeen> = {}): TaskSeen {
  return {
    ...NOTHING_SEEN,
    containers: new Map(Object.entries(containers)),
    cgroup: {},
    pause,
    ...options,
  };
}

function plan(
  containers: readonly TaskContainer[],
  what: TaskSeen,
  desired: DesiredStatus = 'RUNNING',
): TaskPlan & { printed: string[] } {
  const result = planTask(testTask(containers), what, NOW, desired);
  return { ...result, printed: result.actions.map(printAction) };
}

const web = testContainer('web');
const image = { id: 'sha256:1', digest: 'sha256:2', sizeBytes: 1 };
const noPause: TaskSeen = { ...NOTHING_SEEN, cgroup: {} };

describe('starting', () => {
  test('the pause container, the pulls and the log streams go at once', () => {
    const logs = { account: '1', region: 'r', group: 'g', stream: 's', createGroup: false };
    const side = testContainer('side', { logs });
    const { printed, status, containers } = plan([web, side], noPause);
    assert.deepEqual(printed, ['create-pause', 'pull web', 'open-logs side', 'pull side']);
    assert.equal(status, 'PENDING');
    assert.deepEqual(containers[0], { name: 'web', status: 'PENDING', health: 'UNKNOWN' });
  });

  test('containers are created while the pause container starts', () => {
    const what = seen({ web: { ...UNTOUCHED, image } }, { pause: state('pause', {}) });
    assert.deepEqual(plan([web], what).printed, ['start-pause', 'create web']);
    const { pause: _pause, ...without } = what;
    assert.deepEqual(plan([web], without).printed, ['create-pause']);
  });

  test('the interface is plugged before anything starts', () => {
    assert.deepEqual(plan([web], seen({ web: created('web') })).printed, ['plug']);
    assert.deepEqual(plan([web], seen({ web: created('web') }, { plugged: true })).printed, ['start web']);
  });

  test('a container does not start before its log stream is open', () => {
    const logs = { account: '1', region: 'r', group: 'g', stream: 's', createGroup: false };
    const what = seen({ web: { ...created('web'), logs: 'closed' } }, { plugged: true });
    assert.deepEqual(plan([testContainer('web', { logs })], what).printed, ['open-logs web']);
  });

  test('what runs is left alone, and followed', () => {
    const logs = { account: '1', region: 'r', group: 'g', stream: 's', createGroup: false };
    const adopted = { ...running('web', { labels: { [LABEL.imageDigest]: 'sha256:9' } }), logs: 'closed' } as const;
    const { printed, status, containers } = plan([testContainer('web', { logs })], seen({ web: adopted }));
    assert.deepEqual(printed, ['follow-logs web']);
    assert.equal(status, 'RUNNING');
    assert.deepEqual(containers, [
      { name: 'web', status: 'RUNNING', health: 'UNKNOWN', runtimeId: 'id-web', imageDigest: 'sha256:9' },
    ]);
  });

  test('a pause container that ended before anything ran begins anew', () => {
    const ended = { pause: state('pause', { status: 'exited', exitCode: 137 }) };
    assert.deepEqual(plan([web], seen({ web: created('web') }, ended)).printed, ['remove web', 'remove-pause']);
    const busy = { ...ended, inFlight: [{ do: 'create', container: 'web', pauseId: 'p' }] as const };
    assert.deepEqual(plan([web], seen({}, busy)).printed, []);
    const { pause: _pause, ...gone } = seen({ web: created('web') });
    assert.deepEqual(plan([web], gone).printed, ['remove web']);
  });

  test('health is that of the task definition only', () => {
    const healthCheck = { command: ['CMD', 'x'], intervalMs: 1, timeoutMs: 1, retries: 1, startPeriodMs: 0 };
    const what = seen({ web: running('web', { health: 'healthy' }) });
    assert.equal(plan([web], what).containers[0]?.health, 'UNKNOWN');
    assert.equal(plan([testContainer('web', { healthCheck })], what).containers[0]?.health, 'HEALTHY');
    const bad = seen({ web: running('web', { health: 'unhealthy' }) });
    assert.equal(plan([testContainer('web', { healthCheck })], bad).containers[0]?.health, 'UNHEALTHY');
  });
});

describe('stopping', () => {
  test('an essential exit stops the rest, dependents first', () => {
    const db = testContainer('db', { stopTimeoutMs: 5000 });
    const app = testContainer('app', { dependsOn: [{ container: 'db', condition: 'START' }] });
    const main = testContainer('main');
    const what = { db: running('db'), app: running('app'), main: exited('main', 3) };
    const first = plan([db, app, main], seen(what));
    assert.deepEqual(first.printed, ['stop app (30000 ms)']);
    assert.deepEqual(first.cause, {
      stopCode: 'EssentialContainerExited',
      stoppedReason: 'Essential container in task exited',
    });
    assert.equal(first.status, 'RUNNING');
    assert.equal(first.containers[2]?.exitCode, 3);
    const second = plan([db, app, main], seen({ ...what, app: exited('app', 143) }));
    assert.deepEqual(second.printed, ['stop db (5000 ms)']);
  });

  test('a container that is not essential may exit', () => {
    const init = testContainer('init', { essential: false });
    const { printed, status, cause } = plan([init, web], seen({ init: exited('init', 0), web: running('web') }));
    assert.deepEqual([printed, status, cause], [[], 'RUNNING', undefined]);
  });

  test('desired STOPPED: interface, pause container, last lines, then STOPPED, then the remains', () => {
    const logs = { account: '1', region: 'r', group: 'g', stream: 's', createGroup: false };
    const spec = [testContainer('web', { logs })];
    const ended = exited('web', 143);
    const following = { ...ended, logs: 'following' } as const;
    assert.deepEqual(plan(spec, seen({ web: running('web') }), 'STOPPED').printed, ['stop web (30000 ms)']);
    assert.deepEqual(plan(spec, seen({ web: following }), 'STOPPED').printed, ['unplug', 'drain-logs web']);
    assert.deepEqual(plan(spec, seen({ web: ended }, { unplugged: true }), 'STOPPED').printed, ['stop-pause']);
    const pauseEnded = state('pause', { status: 'exited', exitCode: 137 });
    const last = plan(spec, seen({ web: ended }, { unplugged: true, pause: pauseEnded }), 'STOPPED');
    assert.deepEqual([last.printed, last.status, last.cause], [[], 'STOPPED', {}]);
    assert.equal(last.executionStoppedAtMs, NOW - 10);
    const accepted = { unplugged: true, pause: pauseEnded, stoppedAccepted: true };
    assert.deepEqual(plan(spec, seen({ web: ended }, accepted)).printed, ['remove web', 'remove-pause']);
    assert.deepEqual(plan(spec, { ...noPause, stoppedAccepted: true }).printed, ['remove-cgroup']);
    assert.equal(plan(spec, { ...noPause, stoppedAccepted: true, cgroupRemoved: true }).done, true);
  });

  test('what is being started is waited for', () => {
    const inFlight = [{ do: 'start', container: 'web', id: 'x' }] as const;
    const { printed, status } = plan([web], seen({ web: created('web') }, { inFlight, unplugged: true }), 'STOPPED');
    assert.deepEqual([printed, status], [[], 'PENDING']);
  });

  test('a task that never began is STOPPED without an exit code', () => {
    const { status, containers } = plan([web], { ...noPause, unplugged: true }, 'STOPPED');
    assert.equal(status, 'STOPPED');
    assert.deepEqual(containers, [{ name: 'web', status: 'STOPPED', health: 'UNKNOWN' }]);
  });

  test('failures have the wording of ECS', () => {
    const reason = 'CannotPullContainerError: Error response from daemon: manifest unknown';
    const pull = plan([web], seen({ web: { ...UNTOUCHED, failure: reason } }));
    assert.deepEqual(pull.cause, { stopCode: 'TaskFailedToStart', stoppedReason: reason });
    assert.equal(pull.containers[0]?.reason, reason);

    const broken = { ...created('web'), state: state('web', { error: 'no such file' }) };
    const start = plan([web], seen({ web: broken }));
    assert.equal(start.cause?.stoppedReason, 'CannotStartContainerError: Error response from daemon: no such file');

    const oom = plan([web], seen({ web: exited('web', 137, { oomKilled: true }) }));
    assert.equal(oom.containers[0]?.reason, 'OutOfMemoryError: Container killed due to memory usage');

    const logs = plan([web], seen({}, { failure: 'ResourceInitializationError: x' }));
    assert.deepEqual(logs.cause, { stopCode: 'TaskFailedToStart', stoppedReason: 'ResourceInitializationError: x' });

    const side = testContainer('side', { essential: false });
    const tolerated = plan([web, side], seen({ web: running('web'), side: { ...UNTOUCHED, failure: reason } }));
    assert.equal(tolerated.cause, undefined);
    assert.equal(tolerated.status, 'RUNNING');
    assert.equal(tolerated.containers[1]?.status, 'STOPPED');
  });

  test('without its network namespace a task ends, as with a container that vanished', () => {
    const ended = { pause: state('pause', { status: 'exited', exitCode: 137 }) };
    const cutOff = plan([web], seen({ web: running('web') }, ended));
    assert.match(cutOff.cause?.stoppedReason ?? '', /network namespace is gone/);
    assert.deepEqual(cutOff.printed, ['stop web (30000 ms)']);
    const { state: _state, ...vanished } = running('web');
    assert.equal(plan([web], seen({ web: vanished })).cause?.stopCode, 'EssentialContainerExited');
  });
});

test('between two runs a container has no health: the engine calls whatever has ended unhealthy', () => {
  const healthCheck = { command: ['CMD', 'x'], intervalMs: 10, timeoutMs: 10, retries: 1, startPeriodMs: 0 };
  const restart = { ignoredExitCodes: [], attemptPeriodMs: 60_000 };
  const checked = testContainer('web', { healthCheck, restart });
  const ended = exited('web', 1, { startedAtMs: NOW - 120_000, health: 'unhealthy' });
  const { printed, containers } = plan([checked], seen({ web: ended }));
  assert.deepEqual(printed, ['restart web']);
  assert.deepEqual([containers[0]?.status, containers[0]?.health], ['RUNNING', 'UNKNOWN']);
});

describe('a container that has not started', () => {
  const database = testContainer('database', { essential: false });
  const app = testContainer('app', { dependsOn: [{ container: 'database', condition: 'SUCCESS' }] });
  const what = seen({ database: exited('database', 1), app: created('app') });

  test('fails with its dependency, and its task was never RUNNING', () => {
    const { status, cause, containers } = plan([database, app], what);
    assert.deepEqual([status, cause?.stopCode], ['PENDING', 'TaskFailedToStart']);
    assert.match(containers[1]?.reason ?? '', /\[database\] for target \[app\] did not exit successfully/);
  });

  test('and waits when its task is stopped has not failed, though its dependency ends then', () => {
    for (const [desired, told] of [
      ['STOPPED', what],
      ['RUNNING', { ...what, cause: {} }],
    ] as const) {
      const { status, containers, failures } = plan([database, app], told, desired);
      assert.equal(status, 'PENDING');
      assert.equal(failures.size, 0);
      assert.deepEqual(containers[1], { name: 'app', status: 'STOPPED', health: 'UNKNOWN', runtimeId: 'id-app' });
    }
  });

  test('and need not does not hold the others back', () => {
    const side = { ...app, essential: false };
    const { status, cause } = plan(
      [database, side, web],
      seen({ ...Object.fromEntries(what.containers), web: running('web') }),
    );
    assert.deepEqual([status, cause], ['RUNNING', undefined]);
  });
});
