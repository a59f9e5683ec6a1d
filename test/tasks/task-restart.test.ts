import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { StopTaskCommand } from '@aws-sdk/client-ecs';
import type { Task } from '@aws-sdk/client-ecs';
import { containerOf as seenContainerOf } from '../harness/host.ts';
import { must, run } from '../harness/run.ts';
import { given } from '../harness/site-parts.ts';
import { exitCodes, longshoreOf, TaskLab } from '../harness/task-lab.ts';
import { until } from '../harness/until.ts';

/*
 * Containers that are asked how they are, and containers that start again. A restart comes after a minute at the least,
 * as AWS has it: so long this takes.
 */

const SERVE = `trap 'exit 0' TERM; while true; do sleep 0.05; done`;
/** Ends as told after what AWS calls an attempt period; then serves, once it hears of its restart. */
const once = (code: number) => `
  count() { wget -qO- $ECS_CONTAINER_METADATA_URI_V4 | grep -o '"RestartCount":[0-9]*'; }
  if [ -f /tmp/again ]; then until count | grep 1; do sleep 0.1; done; ${SERVE}; fi
  count; touch /tmp/again; sleep 61; exit ${code}`;
const restartPolicy = { enabled: true, restartAttemptPeriod: 60 };
const PERIOD_MS = 90_000;

let lab: TaskLab;
before(async () => {
  lab = await TaskLab.open('restart');
});
after(() => lab?.remove());

const containerOf = (task: Task, name: string) =>
  given(
    task.containers?.find((one) => one.name === name),
    name,
  );
const healthOf = async (task: Task, name: string, health: string) =>
  until(
    `${name} is ${health}`,
    async () => {
      const seen = await lab.describe(task);
      return containerOf(seen, name).healthStatus === health && seen;
    },
    PERIOD_MS,
  );
const why = async (task: Task) => (await longshoreOf(lab, 'why', task.taskArn?.split('/').at(-1) ?? '')).stdout;

describe('containers', { concurrency: true }, () => {
  test('their checks make them and their task HEALTHY, and then UNHEALTHY', async () => {
    const check = (path: string) => ({
      command: ['CMD-SHELL', `test -f ${path}`],
      interval: 5,
      timeout: 2,
      retries: 1,
    });
    const task = await lab.running({
      containers: {
        web: { run: `touch /tmp/up; ${SERVE}`, healthCheck: check('/tmp/up') },
        side: {
          essential: false,
          run: SERVE,
          healthCheck: { ...check('/none'), command: ['CMD', 'test', '-f', '/none'], startPeriod: 60 },
        },
        silent: { run: SERVE },
      },
    });
    assert.equal(containerOf(task, 'web').healthStatus, 'UNKNOWN');
    const healthy = await healthOf(task, 'web', 'HEALTHY');
    assert.equal(healthy.healthStatus, 'HEALTHY', 'a check of a container that is not essential does not count');
    assert.equal(containerOf(healthy, 'side').healthStatus, 'UNKNOWN', 'in its start period');
    assert.equal(containerOf(healthy, 'silent').healthStatus, 'UNKNOWN');
    const { id } = await seenContainerOf(await lab.server.instanceId(), task.taskArn);
    await must('docker', ['exec', id, 'rm', '/tmp/up']);
    const unhealthy = await healthOf(task, 'web', 'UNHEALTHY');
    assert.deepEqual([unhealthy.healthStatus, unhealthy.lastStatus], ['UNHEALTHY', 'RUNNING']);
    assert.match(await why(task), /web: healthy[^]*web: unhealthy/);
    await lab.clients.ecs.send(new StopTaskCommand({ cluster: lab.name, task: given(task.taskArn, 'ARN') }));
    const ended = await lab.untilStopped(task);
    assert.equal(ended.healthStatus, 'UNHEALTHY');
  });

  test('a policy starts them again where the code is not ignored and they ran for the period', async () => {
    const task = await lab.running({
      containers: {
        main: { run: SERVE },
        fails: { run: once(1), restartPolicy },
        ends: { essential: false, run: once(0), restartPolicy: { ...restartPolicy, ignoredExitCodes: [0] } },
        early: { essential: false, run: 'exit 5', restartPolicy },
        plain: { essential: false, run: 'exit 6' },
      },
    });
    const restarted = await until(
      'it has started again',
      async () => {
        const seen = await lab.describe(task);
        const lines = await lab.lines(task, 'fails');
        return containerOf(seen, 'ends').lastStatus === 'STOPPED' && lines.length > 1 && seen;
      },
      PERIOD_MS,
    );
    assert.deepEqual(exitCodes(restarted), { main: undefined, fails: undefined, ends: 0, early: 5, plain: 6 });
    assert.deepEqual([containerOf(restarted, 'fails').lastStatus, restarted.lastStatus], ['RUNNING', 'RUNNING']);
    assert.deepEqual(await lab.lines(task, 'fails'), ['"RestartCount":0', '"RestartCount":1']);
    assert.match(await why(task), /fails: exited with code 1[^]*fails: restarted \(1\)/);
    const left = await run('docker', ['ps', '--filter', `label=com.amazonaws.ecs.task-arn=${task.taskArn}`, '-q']);
    assert.equal(left.stdout.trim().split('\n').length, 3, 'main, fails and the pause container');
  });
});
