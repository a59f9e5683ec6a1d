import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { TestContext } from 'node:test';
import { ListTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import type { Task } from '@aws-sdk/client-ecs';
import { CreateSecretCommand } from '@aws-sdk/client-secrets-manager';
import { Census } from './harness/census.ts';
import { containersOf } from './harness/host.ts';
import { seededRandom } from './harness/random.ts';
import { serviceRole, allowing } from './harness/roles.ts';
import { TaskLab, describeEnd, exitCodes } from './harness/task-lab.ts';
import type { LabTask } from './harness/task-lab.ts';
import { until } from './harness/until.ts';

/*
 * The server is killed at random moments of starts and stops of tasks with all that a task can have: each goes on as if
 * nothing had been.
 */

const KILLS = 8;
/** Per round. */
const COUNT = 3;
/** The longest of a start, in ms; a stop is over sooner. */
const LONGEST_WAIT_MS = 1500;
/** Pause, init, main and side. */
const CONTAINERS = 4;

let lab: TaskLab;
let census: Census;

before(async () => {
  lab = await TaskLab.open('adoption');
  census = await Census.of(lab);
});
after(() => lab?.remove());

async function everything(): Promise<LabTask> {
  const { secretsmanager } = lab.clients;
  const { ARN = '' } = await secretsmanager.send(new CreateSecretCommand({ Name: 'word', SecretString: 'xyzzy' }));
  await serviceRole(lab.clients, 'ecsTaskExecutionRole', {
    policy: allowing(['secretsmanager:GetSecretValue'], [ARN]),
  });
  const mountPoints = [{ sourceVolume: 'scratch', containerPath: '/scratch' }];
  const waits = (sign: string) =>
    `trap 'echo ${sign} ends; exit 0' TERM; echo ${sign} $(cat /scratch/word); while true; do sleep 0.1; done`;
  return {
    volumes: [{ name: 'scratch' }],
    containers: {
      init: {
        run: 'echo "$WORD" >> /scratch/word',
        essential: false,
        mountPoints,
        secrets: [{ name: 'WORD', valueFrom: ARN }],
      },
      main: { run: waits('main'), mountPoints, dependsOn: [{ containerName: 'init', condition: 'SUCCESS' }] },
      side: {
        run: waits('side'),
        essential: false,
        volumesFrom: [{ sourceContainer: 'main' }],
        restartPolicy: { enabled: true, restartAttemptPeriod: 60 },
        dependsOn: [{ containerName: 'main', condition: 'START' }],
        healthCheck: { command: ['CMD-SHELL', 'test -s /scratch/word'], interval: 5, retries: 3 },
      },
    },
  };
}

/** A call that the kill may break off. */
async function unlessKilled<T>(call: Promise<T>): Promise<T | undefined> {
  return call.catch((error: unknown) => {
    if (/ECONNRESET|ECONNREFUSED|socket hang up|EPIPE/.test(String(error))) return undefined;
    throw error;
  });
}

const stop = (task: Task) =>
  lab.clients.ecs.send(new StopTaskCommand({ cluster: lab.name, task: task.taskArn, reason: 'enough' }));

/** Asked for again after a kill, as the SDK's own retries do: the token makes it one request. */
const startOf = (definition: string, round: string) =>
  lab.start(definition, { count: COUNT, clientToken: round, startedBy: round });

const runtimeIds = ({ containers = [] }: Task) =>
  Object.fromEntries(containers.map(({ name = '', runtimeId }) => [name, runtimeId]));

async function stoppedAsAsked(task: Task): Promise<void> {
  const end = await lab.untilStopped(task);
  assert.deepEqual([end.stopCode, end.stoppedReason], ['UserInitiated', 'enough'], describeEnd(end));
  const { main, side } = exitCodes(end);
  // One that had not been started yet has no exit code.
  for (const code of [main, side]) assert.ok(code === 0 || code === undefined, describeEnd(end));
}

/** Each container of it exactly once, each has run exactly once, and it prints what it should. */
async function runsWhole(task: Task): Promise<Task> {
  const seen = await lab.untilRunning(task);
  const own = (await containersOf(census.instance)).filter(({ labels }) => labels['longshore.task'] === task.taskArn);
  assert.equal(own.length, CONTAINERS);
  for (const { name = '', runtimeId } of seen.containers ?? []) {
    assert.equal(own.find(({ labels }) => labels['longshore.container'] === name)?.id, runtimeId);
  }
  return seen;
}

/** What a container has printed, once there is any: a kill may hold its lines back for a while. */
const said = (task: Task, container: string) =>
  until(`${container} has printed a line`, async () => {
    const lines = await lab.lines(task, container).catch(() => []);
    return lines.length > 0 && lines;
  });

async function kill(random: () => number): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_WAIT_MS));
  await lab.server.kill9();
  if (random() < 0.3) {
    lab.server.boot();
    await new Promise((resolve) => setTimeout(resolve, random() * LONGEST_WAIT_MS));
    await lab.server.kill9();
  }
}

test(`${KILLS} kills while tasks start and stop: each task goes on, and nothing is there twice`, async (t: TestContext) => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 100_000);
  t.diagnostic(`SEED=${seed}`);
  const random = seededRandom(seed);
  const definition = await lab.register(await everything());
  let running: Task[] = [];
  for (let round = 0; round < KILLS; round++) {
    const leaving = running.slice(0, 2);
    const staying = running.slice(2);
    const token = `round-${round}`;
    const calls = [unlessKilled(startOf(definition, token)), ...leaving.map((task) => unlessKilled(stop(task)))];
    await kill(random);
    const [first] = await Promise.all(calls);
    const upAt = performance.now();
    await lab.server.up();
    t.diagnostic(`${token}: back after ${Math.round(performance.now() - upAt)} ms`);
    const started = await startOf(definition, token);
    if (Array.isArray(first))
      assert.deepEqual(
        started.map(({ taskArn }) => taskArn),
        first.map(({ taskArn }) => taskArn),
      );
    const { taskArns = [] } = await lab.clients.ecs.send(new ListTasksCommand({ cluster: lab.name, startedBy: token }));
    assert.deepEqual(new Set(taskArns), new Set(started.map(({ taskArn }) => taskArn)));
    assert.equal(taskArns.length, COUNT);
    await Promise.all(leaving.map(stop));
    await Promise.all(leaving.map(stoppedAsAsked));
    const whole = await Promise.all(started.map(runsWhole));
    for (const task of staying) assert.deepEqual(runtimeIds(await runsWhole(task)), runtimeIds(task));
    running = [...staying, ...whole];
  }
  for (const task of running) {
    assert.deepEqual(await said(task, 'main'), ['main xyzzy'], 'said once, with what init wrote once');
    assert.deepEqual(await said(task, 'side'), ['side xyzzy']);
  }
  await Promise.all(running.map(stop));
  await Promise.all(running.map(stoppedAsAsked));
  for (const task of running) {
    assert.deepEqual(await lab.lines(task, 'main'), ['main xyzzy', 'main ends'], 'the last line too');
  }
  await census.untilEmpty();
});
