import assert from 'node:assert/strict';
import { statfsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { StopTaskCommand } from '@aws-sdk/client-ecs';
import { Census } from './harness/census.ts';
import { Engine } from './harness/engine.ts';
import { pushImage } from './harness/registry.ts';
import { must, run } from './harness/run.ts';
import { buildSiteImage } from './harness/site-image.ts';
import { TaskLab, describeEnd } from './harness/task-lab.ts';
import { until } from './harness/until.ts';

/* The engine's disk, and then the server's, has not a byte left, and has some again. */

const ENGINE_MIB = 64;
const HOME_MIB = 64;
/** Of busybox, unpacked. */
const IMAGE_BYTES = 2 * 1024 * 1024;
const WAIT = "trap 'exit 0' TERM; while true; do sleep 0.1; done";
const local = `longshore-test-full-${process.pid}:v2`;

let engine: Engine;
let lab: TaskLab;
let census: Census;
/** In the registry, not in the engine. */
let absent: string;
let folder: string;
let isMounted = false;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'ls-full-'));
  engine = await Engine.start({ diskMib: ENGINE_MIB });
  lab = await TaskLab.open('full');
  census = await Census.of(lab);
  await buildSiteImage(local, 'v2');
  absent = await pushImage(lab.clients.ecr, local, lab.image.replace(/:v1$/, ''), 'v2');
  await must('docker', ['image', 'rm', local, absent]);
  const { home } = lab.server;
  await lab.server.stop();
  await must('cp', ['-a', `${home}/.`, join(folder, 'home')]);
  await must('mount', ['-t', 'tmpfs', '-o', `size=${HOME_MIB}m,mode=0700`, 'longshore-test', home]);
  isMounted = true;
  await must('cp', ['-a', `${join(folder, 'home')}/.`, home]);
  await lab.server.up();
});
after(async () => {
  await lab?.server.stop();
  if (isMounted) await must('umount', [lab.server.home]);
  await lab?.remove();
  await engine?.remove();
  await rm(folder, { recursive: true, force: true });
});

/** Takes a small disk, but for some bytes; answers how to give it back. */
async function fill(disk: string, leftBytes = 0): Promise<() => Promise<void>> {
  const file = join(disk, 'filler');
  await until('the disk is taken', async () => {
    const { bavail, bsize } = statfsSync(disk);
    const bytes = bavail * bsize - leftBytes;
    // What is written in between makes it too much: then less is free at the next look.
    return bytes <= 0 || (await run('fallocate', ['--length', String(bytes), file])).code === 0;
  });
  return () => rm(file);
}

test('a pull that finds no space fails its task in the words of AWS, and works when there is some', async () => {
  const definition = await lab.register({ containers: { main: { image: absent, run: WAIT } } });
  const running = await lab.running({ containers: { main: { run: WAIT } } });
  // A container has room, an image has not.
  const free = await fill(engine.dataFolder, IMAGE_BYTES / 2);
  const end = await lab.finished(definition);
  await free();
  assert.equal(end.stopCode, 'TaskFailedToStart', describeEnd(end));
  // The pull takes the last byte; whether it or what starts beside it finds that out first is nobody's choice.
  const first = /^(CannotPullContainerError|ResourceInitializationError): .*no space left on device/;
  assert.match(end.stoppedReason ?? '', first);
  const later = await lab.running(definition);
  assert.equal((await lab.describe(running)).lastStatus, 'RUNNING');
  for (const task of [running, later]) {
    await lab.clients.ecs.send(new StopTaskCommand({ cluster: lab.name, task: task.taskArn }));
    assert.equal((await lab.untilStopped(task)).stopCode, 'UserInitiated');
  }
  await census.untilEmpty();
});

test('a task for whose containers there is no space stops and says so', async () => {
  const definition = await lab.register({ containers: { main: { run: WAIT } } });
  const free = await fill(engine.dataFolder);
  const end = await lab.finished(definition);
  await free();
  assert.equal(end.stopCode, 'TaskFailedToStart', describeEnd(end));
  assert.match(end.stoppedReason ?? '', /Error: .*no space left on device/);
  await census.untilEmpty();
});

test('a server without space goes on: tasks run, and what could not be written is when there is some', async () => {
  const definition = await lab.register({ containers: { main: { run: WAIT } } });
  const [staying, ending] = [await lab.running(definition), await lab.running(definition)];
  const free = await fill(lab.server.home);
  const refusals: unknown[] = [];
  await until('the store takes nothing more', async () => {
    const started = await lab.start(definition).catch((error: unknown) => void refusals.push(error));
    return started === undefined;
  });
  assert.match(String(refusals[0]), /^InternalFailure|^ServerException/);
  const [container] = await containersOfTask(ending.taskArn);
  await must('docker', ['kill', container ?? '']);
  assert.equal((await lab.describe(staying)).lastStatus, 'RUNNING');
  await free();
  assert.equal((await lab.untilStopped(ending)).containers?.[0]?.exitCode, 137);
  await lab.running(definition);
  assert.equal((await lab.describe(staying)).containers?.[0]?.runtimeId, staying.containers?.[0]?.runtimeId);
});

async function containersOfTask(taskArn: string | undefined): Promise<string[]> {
  const filters = [`label=longshore.task=${taskArn}`, 'label=longshore.container=main'];
  const ids = await must('docker', ['ps', '--quiet', '--no-trunc', ...filters.flatMap((one) => ['--filter', one])]);
  return ids.split('\n').filter((id) => id !== '');
}
