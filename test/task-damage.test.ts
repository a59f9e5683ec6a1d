import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import {
  CreateServiceCommand,
  DescribeServicesCommand,
  StopTaskCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import type { Task } from '@aws-sdk/client-ecs';
import { Census } from './harness/census.ts';
import { containerOf, containersOf, namespacesOf, taskLinks } from './harness/host.ts';
import { must, run } from './harness/run.ts';
import { TaskLab, describeEnd, exitCodes } from './harness/task-lab.ts';
import type { LabTask } from './harness/task-lab.ts';
import { until } from './harness/until.ts';

/* What somebody, or something, does to tasks on the host behind the server's back. */

/** What the ECS agent calls the container that holds a task's network. */
const PAUSE = '~internal~ecs~pause';
const WAIT = "trap 'exit 0' TERM; while true; do sleep 0.1; done";
const PAIR: LabTask = { containers: { main: { run: WAIT }, side: { run: WAIT, essential: false } } };

let lab: TaskLab;
let census: Census;
let definition: string;

before(async () => {
  lab = await TaskLab.open('damage');
  census = await Census.of(lab);
  definition = await lab.register(PAIR);
});
after(() => lab?.remove());

const idOf = async (task: Task, name: string) => (await containerOf(census.instance, task.taskArn, name)).id;

async function stop(task: Task): Promise<Task> {
  await lab.clients.ecs.send(new StopTaskCommand({ cluster: lab.name, task: task.taskArn }));
  return lab.untilStopped(task);
}

interface Damage {
  readonly what: string;
  readonly command: readonly string[];
  readonly victim: string;
  readonly reason: RegExp;
  /** Any of them. */
  readonly codes: Readonly<Record<'main' | 'side', readonly (number | undefined)[]>>;
}

for (const { what, command, victim, reason, codes } of [
  {
    what: 'removed by hand',
    command: ['rm', '--force'],
    victim: 'main',
    reason: /^Essential container in task exited/,
    // Its end may have been seen before it was gone.
    codes: { main: [137, undefined], side: [0] },
  },
  {
    what: 'killed',
    command: ['kill'],
    victim: 'main',
    reason: /^Essential container in task exited$/,
    codes: { main: [137], side: [0] },
  },
  {
    what: 'stopped by hand',
    command: ['stop'],
    victim: 'main',
    reason: /^Essential container in task exited$/,
    codes: { main: [0], side: [0] },
  },
  {
    what: 'killed that holds its network',
    command: ['kill'],
    victim: PAUSE,
    reason: /^Essential container in task exited/,
    codes: { main: [0], side: [0] },
  },
  {
    what: 'removed that holds its network',
    command: ['rm', '--force'],
    victim: PAUSE,
    reason: /^Essential container in task exited/,
    codes: { main: [0], side: [0] },
  },
] satisfies readonly Damage[] as readonly Damage[]) {
  test(`a task of which a container is ${what} stops and says why, and leaves nothing`, async () => {
    const task = await lab.running(definition);
    await must('docker', [...command, await idOf(task, victim)]);
    const end = await lab.untilStopped(task);
    assert.equal(end.stopCode, 'EssentialContainerExited', describeEnd(end));
    assert.match(end.stoppedReason ?? '', reason);
    const { main, side } = exitCodes(end);
    assert.ok(codes.main.includes(main) && codes.side.includes(side), describeEnd(end));
    await census.untilEmpty();
  });
}

for (const command of [['kill'], ['rm', '--force']]) {
  test(`docker ${command.join(' ')} of a container that is not essential disturbs nothing`, async () => {
    const task = await lab.running(definition);
    const main = await idOf(task, 'main');
    await must('docker', [...command, await idOf(task, 'side')]);
    const seen = await until('its end is seen', async () => {
      const now = await lab.describe(task);
      return now.containers?.some(({ name, lastStatus }) => name === 'side' && lastStatus === 'STOPPED') && now;
    });
    assert.equal(seen.lastStatus, 'RUNNING');
    assert.equal(seen.containers?.find(({ name }) => name === 'main')?.runtimeId, main);
    assert.equal((await stop(task)).stopCode, 'UserInitiated');
    await census.untilEmpty();
  });
}

test('the tasks of a service that were damaged are replaced, each by one', async () => {
  const { ecs } = lab.clients;
  const service = 'replaced';
  await ecs.send(
    new CreateServiceCommand({
      cluster: lab.name,
      serviceName: service,
      taskDefinition: definition,
      desiredCount: 2,
      launchType: 'FARGATE',
      networkConfiguration: {
        awsvpcConfiguration: { subnets: [...lab.placement.subnetIds], assignPublicIp: 'ENABLED' },
      },
    }),
  );
  const steady = () =>
    until('the service has its tasks', async () => {
      const seen = await ecs.send(new DescribeServicesCommand({ cluster: lab.name, services: [service] }));
      const [one] = seen.services ?? [];
      const containers = await containersOf(census.instance);
      return one?.runningCount === 2 && one.pendingCount === 0 && containers.length === 6 && containers;
    });
  const before = await steady();
  const ofRole = (name: string) => before.filter(({ labels }) => labels['longshore.container'] === name);
  const [main] = ofRole('main');
  const pause = ofRole(PAUSE).find(({ labels }) => labels['longshore.task'] !== main?.labels['longshore.task']);
  await must('docker', ['kill', main?.id ?? '', pause?.id ?? '']);
  const tasks = [main, pause].map((one) => ({ taskArn: one?.labels['longshore.task'] }));
  for (const task of tasks) assert.equal((await lab.untilStopped(task)).stopCode, 'EssentialContainerExited');
  const later = await steady();
  const ids = new Set(before.map(({ id }) => id));
  assert.ok(later.every(({ id }) => !ids.has(id)));
  await ecs.send(new UpdateServiceCommand({ cluster: lab.name, service, desiredCount: 0 }));
  await census.untilEmpty();
});

/** Whether the task reaches its metadata endpoint, which lies behind its VPC. */
async function hasNetwork(task: Task): Promise<boolean> {
  const script = 'timeout 2 wget -q -O /dev/null $ECS_CONTAINER_METADATA_URI_V4';
  return (await run('docker', ['exec', await idOf(task, 'main'), '/bin/sh', '-c', script])).code === 0;
}

test('a task whose link is deleted has it again, and runs on', async (t) => {
  const task = await lab.running(definition);
  const main = await idOf(task, 'main');
  assert.ok(await hasNetwork(task), 'at first');
  const [namespace = ''] = await namespacesOf(census.instance);
  const [link = ''] = (await taskLinks(namespace)).map((name) => name.split('@')[0]);
  // The kernel gives no number twice: another one is another link, however soon it is there.
  const number = async () => {
    const { code, stdout } = await run('ip', ['-n', namespace, '-json', 'link', 'show', 'dev', link]);
    return code === 0 ? Number(JSON.parse(stdout)[0].ifindex) : undefined;
  };
  const deleted = await number();
  assert.ok(deleted);
  await must('ip', ['-n', namespace, 'link', 'del', link]);
  const at = performance.now();
  assert.notEqual(await number(), deleted);
  await until('there is a link again', async () => (await number()) !== undefined);
  await until('the task has its network again', () => hasNetwork(task));
  assert.notEqual(await number(), deleted);
  t.diagnostic(`back after ${Math.round(performance.now() - at)} ms`);
  assert.equal(await idOf(task, 'main'), main);
  assert.equal((await lab.describe(task)).lastStatus, 'RUNNING');
  await stop(task);
  await census.untilEmpty();
});

test('a VPC whose namespace is deleted is made anew around its running tasks', async (t) => {
  const tasks = [await lab.running(definition), await lab.running(definition)];
  const ids = await Promise.all(tasks.map((task) => idOf(task, 'main')));
  for (const namespace of await namespacesOf(census.instance)) await must('ip', ['netns', 'delete', namespace]);
  const at = performance.now();
  const late = await lab.running(definition);
  for (const task of [...tasks, late]) await until('the task has its network', () => hasNetwork(task));
  t.diagnostic(`back after ${Math.round(performance.now() - at)} ms`);
  assert.deepEqual(await Promise.all(tasks.map((task) => idOf(task, 'main'))), ids);
  await Promise.all([...tasks, late].map(stop));
  await census.untilEmpty();
});
