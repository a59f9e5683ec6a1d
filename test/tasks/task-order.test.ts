import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { StopTaskCommand } from '@aws-sdk/client-ecs';
import type { Task } from '@aws-sdk/client-ecs';
import { describeEnd, exitCodes, TaskLab } from '../harness/task-lab.ts';
import { must } from '../harness/run.ts';
import { given } from '../harness/site-parts.ts';
import { until } from '../harness/until.ts';

/* The order in which a task's containers start and stop, and how it ends. */

/** `at WORD` prints the word with the seconds since the machine's start: a clock that all containers share. */
const AT = 'at() { read now rest < /proc/uptime; echo "$1 $now"; };';
/** Runs until it gets SIGTERM, which it honours from its `begin` on. */
const serve = (code = 0, first = 'true') =>
  `${AT} trap 'at end; exit ${code}' TERM; at begin; ${first}; while true; do sleep 0.05; done`;
const job = (seconds: number, code: number) => `${AT} at begin; sleep ${seconds}; at end; exit ${code}`;
const healthCheck = { command: ['CMD-SHELL', 'test -f /tmp/ready'], interval: 5, timeout: 2, retries: 2 };

let lab: TaskLab;
before(async () => {
  lab = await TaskLab.open('order');
});
after(() => lab?.remove());

/** When each container printed each word: `{ 'web begin': 123.45 }`. */
async function times(task: Task): Promise<Record<string, number>> {
  const found: Record<string, number> = {};
  for (const { name = '' } of task.containers ?? []) {
    for (const line of await lab.lines(task, name).catch(() => [])) {
      const [word, second] = line.split(' ');
      found[`${name} ${word}`] = Number(second);
    }
  }
  return found;
}

/** Waits until containers have printed `begin`: before that, they may not have set their traps. */
const begun = (task: Task, ...names: readonly string[]) =>
  until(`${names.join(', ')} have begun`, async () => {
    const seen = await times(task);
    return names.every((name) => `${name} begin` in seen);
  });

function assertInOrder(seen: Readonly<Record<string, number>>, ...chain: readonly string[]): void {
  for (const [index, later] of chain.entries()) {
    const earlier = chain[index - 1] ?? later;
    const [a, b] = [seen[earlier], seen[later]];
    assert.ok(a !== undefined && b !== undefined && a <= b, `${earlier}, then ${later}: ${JSON.stringify(seen)}`);
  }
}

const stop = (task: Task, reason?: string) =>
  lab.clients.ecs.send(
    new StopTaskCommand({ cluster: lab.name, task: given(task.taskArn, 'taskArn'), ...(reason ? { reason } : {}) }),
  );
const reasonOf = (task: Task, container: string) => task.containers?.find(({ name }) => name === container)?.reason;

describe('a task', { concurrency: true }, () => {
  test('starts in the order of dependsOn, and stops in the reverse one', async () => {
    const task = await lab.running({
      containers: {
        app: {
          run: serve(7),
          dependsOn: [
            { containerName: 'migrate', condition: 'SUCCESS' },
            { containerName: 'database', condition: 'HEALTHY' },
            { containerName: 'proxy', condition: 'START' },
          ],
        },
        migrate: {
          essential: false,
          run: job(0.5, 0),
          dependsOn: [{ containerName: 'prepare', condition: 'COMPLETE' }],
        },
        prepare: { essential: false, run: job(0.5, 3) },
        database: { run: `${AT} sleep 1; touch /tmp/ready; at ready; ${serve(8)}`, healthCheck },
        proxy: { run: serve(9), dependsOn: [{ containerName: 'database', condition: 'START' }] },
      },
    });
    await begun(task, 'app', 'database', 'proxy');
    await stop(task, 'it was enough');
    const ended = await lab.untilStopped(task);
    assert.deepEqual([ended.stopCode, ended.stoppedReason], ['UserInitiated', 'it was enough']);
    assert.deepEqual(exitCodes(ended), { app: 7, migrate: 0, prepare: 3, database: 8, proxy: 9 });
    const seen = await times(ended);
    assertInOrder(seen, 'prepare begin', 'prepare end', 'migrate begin', 'migrate end', 'app begin');
    assertInOrder(seen, 'database ready', 'app begin', 'app end', 'proxy end', 'database end');
    assertInOrder(seen, 'proxy begin', 'app begin');
    assert.equal(ended.healthStatus, 'HEALTHY');
    const at = [
      ended.createdAt,
      ended.connectivityAt,
      ended.pullStartedAt,
      ended.pullStoppedAt,
      ended.startedAt,
      ended.stoppingAt,
      ended.executionStoppedAt,
      ended.stoppedAt,
    ].map((time) => given(time, 'time').getTime());
    assert.deepEqual(
      at,
      at.toSorted((a, b) => a - b),
    );
    assert.equal(ended.connectivity, 'CONNECTED');
    assert.deepEqual([ended.lastStatus, ended.desiredStatus], ['STOPPED', 'STOPPED']);
  });

  test('whose dependency does not succeed fails, and says which', async () => {
    const ended = await lab.finished({
      containers: {
        app: { run: serve(), dependsOn: [{ containerName: 'migrate', condition: 'SUCCESS' }] },
        migrate: {
          essential: false,
          run: job(0, 4),
          dependsOn: [{ containerName: 'other', condition: 'HEALTHY' }],
        },
        other: { run: serve(5, 'touch /tmp/ready'), healthCheck },
      },
    });
    assert.equal(ended.stopCode, 'TaskFailedToStart', describeEnd(ended));
    assert.match(
      reasonOf(ended, 'app') ?? '',
      /container ordering dependency \[migrate\] for target \[app\] did not exit successfully/,
    );
    assert.deepEqual(exitCodes(ended), { app: undefined, migrate: 4, other: 5 });
    assert.equal(ended.startedAt, undefined);
  });

  test('whose dependency is not healthy within its start timeout fails', async () => {
    const ended = await lab.finished({
      containers: {
        app: { run: serve(), dependsOn: [{ containerName: 'database', condition: 'HEALTHY' }] },
        database: { run: serve(6), healthCheck, startTimeout: 2 },
      },
    });
    assert.equal(ended.stopCode, 'TaskFailedToStart', describeEnd(ended));
    assert.match(reasonOf(ended, 'app') ?? '', /\[database\] for target \[app\] has timed out/);
    assert.deepEqual(exitCodes(ended), { app: undefined, database: 6 });
  });

  test('whose dependency ends before it is healthy fails', async () => {
    const ended = await lab.finished({
      containers: {
        app: { run: serve(), dependsOn: [{ containerName: 'database', condition: 'HEALTHY' }] },
        database: { essential: false, run: job(0.2, 0), healthCheck },
      },
    });
    assert.match(reasonOf(ended, 'app') ?? '', /\[database\] for target \[app\] exited before it was healthy/);
  });

  test('outlives a container that is not essential, and ends with one that is', async () => {
    const task = await lab.running({
      containers: {
        main: { run: 'while ! [ -f /tmp/go ]; do sleep 0.05; done; exit 12' },
        helper: { essential: false, run: 'exit 4' },
        side: { run: serve(13) },
      },
    });
    const seen = await until('the helper has ended', async () => {
      const now = await lab.describe(task);
      return now.containers?.find(({ name }) => name === 'helper')?.lastStatus === 'STOPPED' && now;
    });
    assert.equal(seen.lastStatus, 'RUNNING');
    assert.equal(exitCodes(seen).helper, 4);
    await begun(task, 'side');
    const main = seen.containers?.find(({ name }) => name === 'main');
    await must('docker', ['exec', given(main?.runtimeId, 'runtimeId'), '/bin/sh', '-c', 'touch /tmp/go']);
    const ended = await lab.untilStopped(task);
    assert.deepEqual(
      [ended.stopCode, ended.stoppedReason],
      ['EssentialContainerExited', 'Essential container in task exited'],
    );
    assert.deepEqual(exitCodes(ended), { main: 12, helper: 4, side: 13 });
    assert.ok(ended.containers?.every(({ lastStatus }) => lastStatus === 'STOPPED'));
  });

  test('gets SIGTERM, and SIGKILL once its stop timeout is over', async () => {
    const task = await lab.running({
      containers: {
        deaf: { run: `${AT} trap 'at term' TERM; at begin; while true; do sleep 0.05; done`, stopTimeout: 2 },
        init: { run: 'sleep 600; true', linuxParameters: { initProcessEnabled: true } },
        polite: { run: serve() },
      },
    });
    await begun(task, 'deaf', 'polite');
    await stop(task);
    const ended = await lab.untilStopped(task);
    assert.deepEqual([ended.stopCode, ended.stoppedReason], ['UserInitiated', 'Task stopped by user']);
    assert.deepEqual(exitCodes(ended), { deaf: 137, init: 143, polite: 0 });
    assert.equal(reasonOf(ended, 'deaf'), undefined, 'killed, but not for its memory');
    assertInOrder(await times(ended), 'deaf begin', 'deaf term');
    const lasted = given(ended.executionStoppedAt, 'time').getTime() - given(ended.stoppingAt, 'time').getTime();
    assert.ok(lasted >= 1900 && lasted < 10_000, `${lasted} ms`);
  });

  test('that is stopped while it waits never starts the rest', async () => {
    const [task] = await lab.start({
      containers: {
        app: { run: serve(), dependsOn: [{ containerName: 'database', condition: 'HEALTHY' }] },
        database: { run: serve(6), healthCheck },
      },
    });
    const pending = await until('its database runs', async () => {
      const now = await lab.describe(given(task, 'task'));
      return now.containers?.find(({ name }) => name === 'database')?.lastStatus === 'RUNNING' && now;
    });
    assert.equal(pending.lastStatus, 'PENDING');
    await begun(pending, 'database');
    await stop(pending, 'changed our minds');
    const ended = await lab.untilStopped(pending);
    assert.deepEqual([ended.stopCode, ended.stoppedReason], ['UserInitiated', 'changed our minds']);
    assert.deepEqual(exitCodes(ended), { app: undefined, database: 6 });
    assert.equal(ended.startedAt, undefined);
  });
});
