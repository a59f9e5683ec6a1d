import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { CreateServiceCommand, DeleteServiceCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import { run } from '../harness/run.ts';
import type { Ran } from '../harness/run.ts';
import { TaskLab } from '../harness/task-lab.ts';
import { until } from '../harness/until.ts';

/* `longshore logs`: what containers have printed, and what they print. */

const BIN = join(import.meta.dirname, '../../bin/longshore');
const WAITS = 'trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.1; done';

let lab: TaskLab;

before(async () => {
  lab = await TaskLab.open('printed');
});

after(() => lab?.remove());

function logs(...args: readonly string[]): Promise<Ran> {
  return run(BIN, ['logs', ...args], { env: { LONGSHORE_HOME: lab.server.home } });
}

function follow(...args: readonly string[]) {
  const env = { ...process.env, LONGSHORE_HOME: lab.server.home };
  const child = spawn(BIN, ['logs', '-f', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let shown = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => (shown += text));
  }
  const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
  return { child, ended, shown: () => shown };
}

test('of a task: all containers by time, one of them, the last lines; following ends with the task', async () => {
  const task = await lab.running({
    containers: {
      app: { run: `echo one; echo two; ${WAITS}` },
      side: { run: 'echo beside; sleep 600', essential: false, stopTimeout: 2 },
    },
  });
  const id = task.taskArn?.split('/').at(-1) ?? '';
  const inCluster = ['--cluster', lab.name];
  const follower = follow(id, ...inCluster);
  try {
    await until('all is shown', async () => /app \| up\n/.test(follower.shown()) && /beside/.test(follower.shown()));
    await lab.clients.ecs.send(new StopTaskCommand({ cluster: lab.name, task: id }));
    assert.equal(await follower.ended, 0, follower.shown());
  } finally {
    follower.child.kill('SIGKILL');
  }
  const lines = follower.shown().trimEnd().split('\n');
  assert.deepEqual(
    lines.filter((line) => line.startsWith('app')),
    ['app | one', 'app | two', 'app | up', 'app | bye'],
  );
  assert.deepEqual(lines.toSorted(), (await logs(id, ...inCluster)).stdout.trimEnd().split('\n').toSorted());
  const arn = task.taskArn ?? '';
  assert.equal((await logs(arn, '--container', 'side')).stdout, 'side | beside\n');
  assert.equal((await logs(id, ...inCluster, '--container', 'app', '--tail', '1')).stdout, 'app | bye\n');
  assert.equal((await logs(id, ...inCluster, '--since', '2099-01-01T00:00:00Z')).stdout, '');
});

test('of a service: its tasks now, and new ones as they come, until Ctrl-C', async () => {
  const taskDefinition = await lab.register({ containers: { app: { run: WAITS } } });
  await lab.clients.ecs.send(
    new CreateServiceCommand({
      cluster: lab.name,
      serviceName: 'web',
      taskDefinition,
      desiredCount: 1,
      launchType: 'FARGATE',
      networkConfiguration: {
        awsvpcConfiguration: { subnets: [...lab.placement.subnetIds], assignPublicIp: 'ENABLED' },
      },
    }),
  );
  const follower = follow('web', '--cluster', lab.name);
  const taskOf = (line: string) => /^app\/([0-9a-f]{8}) \| up$/.exec(line)?.[1];
  const seen = () =>
    follower
      .shown()
      .split('\n')
      .map(taskOf)
      .filter((id) => id !== undefined);
  try {
    await until('the first task is heard', async () => seen().length === 1);
    const { taskArns } = await lab.server.awsJson(['ecs', 'list-tasks', '--cluster', lab.name]);
    await lab.clients.ecs.send(new StopTaskCommand({ cluster: lab.name, task: taskArns[0] }));
    await until('its successor is heard', async () => seen().length === 2);
    follower.child.kill('SIGINT');
    assert.equal(await follower.ended, 0, follower.shown());
  } finally {
    follower.child.kill('SIGKILL');
    await lab.clients.ecs.send(new DeleteServiceCommand({ cluster: lab.name, service: 'web', force: true }));
  }
  assert.equal(new Set(seen()).size, 2);
  assert.match(follower.shown(), /\| bye\n/);
});

test('what is not there, and wrong usage', async () => {
  const nothing = await logs('nobody', '--cluster', lab.name);
  assert.equal(nothing.code, 1);
  assert.equal(nothing.stderr, `longshore: there is no task or service nobody in the cluster ${lab.name}\n`);
  const wrong = await logs('web', '--since', 'soon');
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /It takes a time/);
});
