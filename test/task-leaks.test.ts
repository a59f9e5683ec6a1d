import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { DescribeTasksCommand, ListTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import type { Task } from '@aws-sdk/client-ecs';
import { Census } from './harness/census.ts';
import { usageOf } from './harness/host-usage.ts';
import type { HostUsage } from './harness/host-usage.ts';
import { TaskLab, describeEnd } from './harness/task-lab.ts';
import type { LabTask } from './harness/task-lab.ts';
import { until } from './harness/until.ts';

/*
 * Many tasks leave nothing behind. The whole measure, 1,000 one after another and 100 at once:
 *
 *   TASKS_IN_TURN=1000 TASKS_AT_ONCE=100 node --test test/task-leaks.test.ts
 */

const IN_TURN = Number(process.env['TASKS_IN_TURN'] ?? 40);
const AT_ONCE = Number(process.env['TASKS_AT_ONCE'] ?? 40);
/** What a server opens and keeps it has opened after so many. */
const WARM_UP = 10;
/** RunTask's own limit. */
const COUNT = 10;
/** Stopped tasks are forgotten after so long. */
const RETENTION_SECONDS = AT_ONCE > 50 ? 60 : 20;
/** Pools and caches that grow to their size and no further. */
const FILES_SLACK = 20;
const RESIDENT_SLACK_MIB = 120;
const LONGEST_MS = 300_000;

const scratch = { mountPoints: [{ sourceVolume: 'scratch', containerPath: '/scratch' }] };
const ENDS: LabTask = {
  volumes: [{ name: 'scratch' }],
  containers: { main: { run: 'echo done > /scratch/done; cat /scratch/done', ...scratch } },
};
const WAITS: LabTask = {
  volumes: [{ name: 'scratch' }],
  containers: { main: { run: "trap 'exit 0' TERM; while true; do sleep 1 & wait $!; done", ...scratch } },
};

let lab: TaskLab;
let census: Census;
let usual: HostUsage;

before(async () => {
  lab = await TaskLab.open('leaks', { args: ['--stopped-task-retention-seconds', String(RETENTION_SECONDS)] });
  census = await Census.of(lab);
});
after(() => lab?.remove());

async function inTurn(t: TestContext, definition: string, count: number): Promise<number> {
  let slowest = 0;
  for (let done = 0; done < count; done++) {
    const at = performance.now();
    const end = await lab.finished(definition);
    slowest = Math.max(slowest, performance.now() - at);
    assert.equal(end.stopCode, 'EssentialContainerExited', describeEnd(end));
    assert.equal(end.containers?.[0]?.exitCode, 0, describeEnd(end));
    if (done % 100 === 99) t.diagnostic(`${done + 1} tasks, the slowest in ${Math.round(slowest)} ms`);
  }
  return slowest;
}

async function describeAll(tasks: readonly Task[]): Promise<Task[]> {
  const arns = tasks.map(({ taskArn = '' }) => taskArn);
  const seen = await lab.clients.ecs.send(new DescribeTasksCommand({ cluster: lab.name, tasks: arns }));
  assert.deepEqual(seen.failures, []);
  return seen.tasks ?? [];
}

async function untilAll(tasks: readonly Task[], status: string): Promise<Task[]> {
  const reached = async () => {
    const seen = await describeAll(tasks);
    const early = seen.find(({ lastStatus }) => lastStatus === 'STOPPED' && status !== 'STOPPED');
    if (early) throw new Error(`One stopped: ${describeEnd(early)}`);
    return seen.every(({ lastStatus }) => lastStatus === status) && seen;
  };
  return until(`all tasks are ${status}`, reached, LONGEST_MS);
}

/** The host is as it was. */
async function nothingIsLeft(t: TestContext): Promise<void> {
  await census.untilEmpty(LONGEST_MS);
  // Closes its idle connections, which the server would keep for a minute.
  lab.clients.ecs.destroy();
  const kinds = ['images', 'rules', 'hostLinks', 'children'] as const;
  let now = await usageOf(lab, census.instance);
  try {
    // A program that looks at the host may be a child of the server just now.
    await until('the server has closed and removed what it made', async () => {
      now = await usageOf(lab, census.instance);
      return now.files <= usual.files + FILES_SLACK && kinds.every((kind) => now[kind] <= usual[kind]);
    });
  } finally {
    t.diagnostic(`before: ${JSON.stringify(usual)}`);
    t.diagnostic(`after:  ${JSON.stringify(now)}`);
  }
  assert.ok(now.residentMib <= usual.residentMib + RESIDENT_SLACK_MIB, `${now.residentMib} MiB`);
}

test(`${IN_TURN} tasks one after another leave nothing behind`, async (t) => {
  const definition = await lab.register(ENDS);
  await inTurn(t, definition, WARM_UP);
  usual = await usageOf(lab, census.instance);
  const at = performance.now();
  const slowest = await inTurn(t, definition, IN_TURN);
  const seconds = (performance.now() - at) / 1000;
  t.diagnostic(
    `${seconds.toFixed(1)} s, ${((seconds / IN_TURN) * 1000).toFixed(0)} ms each, ${slowest.toFixed(0)} at most`,
  );
  await nothingIsLeft(t);
});

test(`${AT_ONCE} tasks at once run, are adopted by a server that starts anew, stop, and leave nothing behind`, async (t) => {
  const definition = await lab.register(WAITS);
  const at = performance.now();
  const said = (what: string) => t.diagnostic(`${what} after ${((performance.now() - at) / 1000).toFixed(1)} s`);
  const batches = Array.from({ length: Math.ceil(AT_ONCE / COUNT) }, (_, batch) =>
    Math.min(COUNT, AT_ONCE - batch * COUNT),
  );
  const tasks = (await Promise.all(batches.map((count) => lab.start(definition, { count })))).flat();
  assert.equal(tasks.length, AT_ONCE);
  const running = await untilAll(tasks, 'RUNNING');
  said('all were running');
  const { residentMib } = await usageOf(lab, census.instance);
  t.diagnostic(`${residentMib} MiB while they ran`);
  await lab.server.kill9();
  const downAt = performance.now();
  await lab.server.up();
  t.diagnostic(`the server was ready ${Math.round(performance.now() - downAt)} ms after its start`);
  const idsOf = (all: readonly Task[]) => all.map((task) => task.containers?.[0]?.runtimeId ?? '').toSorted();
  assert.deepEqual(idsOf(await untilAll(tasks, 'RUNNING')), idsOf(running));
  await Promise.all(
    tasks.map(({ taskArn }) => lab.clients.ecs.send(new StopTaskCommand({ cluster: lab.name, task: taskArn }))),
  );
  for (const task of await untilAll(tasks, 'STOPPED')) assert.equal(task.stopCode, 'UserInitiated', describeEnd(task));
  said('all had stopped');
  await nothingIsLeft(t);
});

test('the server has forgotten them all', async () => {
  const forgotten = async () => {
    const wish = { cluster: lab.name, desiredStatus: 'STOPPED' as const };
    return (await lab.clients.ecs.send(new ListTasksCommand(wish))).taskArns?.length === 0;
  };
  await until('no stopped task is listed', forgotten, LONGEST_MS);
});
