import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { StopTaskCommand } from '@aws-sdk/client-ecs';
import type { Task } from '@aws-sdk/client-ecs';
import { createRepository, pushImage } from '../harness/registry.ts';
import { must, run } from '../harness/run.ts';
import { given } from '../harness/site-parts.ts';
import { describeEnd, exitCodes, TaskLab } from '../harness/task-lab.ts';
import { until } from '../harness/until.ts';

/* What containers of a task share on disk and in memory, and what is left of it. */

const SERVE = `trap 'exit 0' TERM; while true; do sleep 0.05; done`;
const IMAGE = `longshore-test-volumes-own-${process.pid}:v1`;

let lab: TaskLab;
/** The lab's, with files below /site, and a volume of its own at /declared. */
let image = '';
before(async () => {
  lab = await TaskLab.open('volumes');
  const folder = await mkdtemp(join(tmpdir(), 'ls-volumes-'));
  try {
    await writeFile(join(folder, 'page'), 'of the image\n');
    const lines = [`FROM ${lab.image}`, 'COPY page /site/page', 'COPY page /declared/page', 'VOLUME /declared'];
    await writeFile(join(folder, 'Dockerfile'), `${lines.join('\n')}\n`);
    await must('docker', ['build', '-q', '--network', 'none', '-t', IMAGE, folder], { env: { DOCKER_BUILDKIT: '0' } });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  image = await pushImage(lab.clients.ecr, IMAGE, await createRepository(lab.clients.ecr, 'volumes-own'), 'v1');
});
after(async () => {
  await lab?.remove();
  await must('docker', ['image', 'rm', IMAGE]);
});

const reasonOf = (task: Task, container: string) => task.containers?.find(({ name }) => name === container)?.reason;
const from = (sourceContainer: string, readOnly = false) => ({ sourceContainer, readOnly });
const at = (containerPath: string, readOnly = false) => ({ sourceVolume: 'shared', containerPath, readOnly });
const once = (containerName: string) => [{ containerName, condition: 'COMPLETE' as const }];
const begun = (containerName: string) => [{ containerName, condition: 'START' as const }];

/** Names of the engine's volumes that a task's containers use. */
async function volumesOf(task: Task): Promise<string[]> {
  const label = `label=com.amazonaws.ecs.task-arn=${task.taskArn}`;
  const ids = (await must('docker', ['ps', '-aq', '--filter', label])).trim().split('\n');
  const inspected: any[] = JSON.parse(await must('docker', ['inspect', ...ids]));
  const mounts = inspected.flatMap(({ Mounts }) => Mounts).filter(({ Type }) => Type === 'volume');
  return [...new Set<string>(mounts.map(({ Name }) => Name))];
}

/** The task's own control groups, wherever this kernel has them. */
async function cgroupsOf({ taskArn }: Task): Promise<string[]> {
  const id = given(taskArn?.split('/').at(-1), 'id');
  // Groups of others come and go while it looks: its exit code says nothing.
  const { stdout } = await run('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `*${id}*`]);
  return stdout.split('\n').filter((line) => line !== '');
}

async function end(task: Task): Promise<Task> {
  await lab.clients.ecs.send(new StopTaskCommand({ cluster: lab.name, task: given(task.taskArn, 'ARN') }));
  return lab.untilStopped(task);
}

describe('a task', { concurrency: true }, () => {
  test('has volumes of its own: filled from the image, shared by its containers, gone with it', async () => {
    const task = await lab.running({
      volumes: [{ name: 'shared' }, { name: 'unused', host: {} }],
      containers: {
        writer: {
          image,
          run: `cat /site/page; echo more > /site/more; touch /site/done; ${SERVE}`,
          mountPoints: [at('/site')],
        },
        reader: {
          run: `until [ -f /in/done ]; do sleep 0.05; done; cat /in/page /in/more; echo x 2>&1 > /in/page; ${SERVE}`,
          mountPoints: [at('/in', true)],
          dependsOn: begun('writer'),
        },
      },
    });
    const lines = await until('the reader has read', async () => {
      const seen = await lab.lines(task, 'reader');
      return seen.length >= 3 && seen;
    });
    assert.deepEqual(lines.slice(0, 2), ['of the image', 'more']);
    assert.match(lines[2] ?? '', /Read-only file system/);
    assert.deepEqual(await lab.lines(task, 'writer'), ['of the image']);
    const volumes = await volumesOf(task);
    assert.equal(volumes.length, 2, 'the task’s, and the one that the image declares');
    assert.ok((await cgroupsOf(task)).length > 0);
    assert.ok((await end(task)).containers?.every(({ exitCode }) => exitCode === 0));
    await until('its volumes and control groups are gone', async () => {
      const left = await Promise.all(volumes.map((name) => run('docker', ['volume', 'inspect', name])));
      return left.every(({ code }) => code !== 0) && (await cgroupsOf(task)).length === 0;
    });
  });

  test('gives a container the volumes of another one, those of its image too', async () => {
    const task = await lab.finished({
      volumes: [{ name: 'shared' }],
      containers: {
        source: {
          image,
          essential: false,
          run: 'echo written > /declared/new; echo mine > /site/new; sleep 0.5',
          mountPoints: [at('/site')],
        },
        all: {
          essential: false,
          run: 'cat /declared/page /declared/new /site/new; echo all >> /declared/new',
          volumesFrom: [from('source')],
          dependsOn: once('source'),
        },
        some: {
          run: 'cat /declared/new; (echo x > /declared/new) 2>&1; (echo x > /site/new) 2>&1; echo end',
          volumesFrom: [from('source', true)],
          dependsOn: once('all'),
        },
      },
    });
    assert.deepEqual(exitCodes(task), { source: 0, all: 0, some: 0 }, describeEnd(task));
    assert.deepEqual(await lab.lines(task, 'all'), ['of the image', 'written', 'mine']);
    const lines = await lab.lines(task, 'some');
    assert.deepEqual(lines.slice(0, 2), ['written', 'all']);
    assert.equal(lines.filter((line) => /Read-only/.test(line)).length, 2, lines.join('\n'));
  });

  test('has memory as a disk, as large as was said', async () => {
    const task = await lab.finished({
      containers: {
        main: {
          run: `
            exec 2>&1
            df -k /scratch | tail -1
            dd if=/dev/zero of=/scratch/f bs=1M count=9
            rm /scratch/f; cp /bin/true /scratch/true; /scratch/true
            ls -ld /scratch | cut -c1-10`,
          linuxParameters: {
            tmpfs: [{ containerPath: '/scratch', size: 8, mountOptions: ['noexec', 'mode=0700'] }],
          },
          readonlyRootFilesystem: true,
        },
      },
    });
    const lines = await lab.lines(task, 'main');
    assert.match(lines[0] ?? '', /^tmpfs +8192 /);
    assert.ok(lines.some((line) => /No space left/.test(line)) && lines.some((line) => /Permission denied/.test(line)));
    assert.equal(lines.at(-1), 'drwx------');
  });

  test('kills the container that passes its own hard limit, and no other', async () => {
    const task = await lab.running({
      containers: {
        eater: { essential: false, memory: 16, run: 'sleep 0.5; exec tail /dev/zero' },
        main: { run: SERVE, memory: 64, memoryReservation: 32 },
      },
    });
    const seen = await until('the eater has ended', async () => {
      const now = await lab.describe(task);
      return exitCodes(now)['eater'] !== undefined && now;
    });
    assert.deepEqual(exitCodes(seen), { eater: 137, main: undefined });
    assert.equal(reasonOf(seen, 'eater'), 'OutOfMemoryError: Container killed due to memory usage');
    assert.equal(seen.lastStatus, 'RUNNING');
    const ended = await end(task);
    assert.deepEqual([exitCodes(ended)['main'], reasonOf(ended, 'main')], [0, undefined]);
  });

  test('shares one limit of memory: two containers that pass it together are killed for it', async () => {
    // `tail` keeps the whole of a line that does not end.
    const holding = (mib: number) =>
      `mkfifo /tmp/p; (head -c ${mib}m /dev/zero; exec sleep 600) > /tmp/p & exec tail -n 1 < /tmp/p > /dev/null`;
    const hold = { run: holding(300), stopTimeout: 2 };
    const [within, beyond] = await Promise.all([
      lab.finished({ containers: { main: { run: 'head -c 300m /dev/zero | tail -n 1 > /dev/null; echo alone' } } }),
      lab.finished({ containers: { one: hold, two: hold } }),
    ]);
    assert.deepEqual([exitCodes(within)['main'], await lab.lines(within, 'main')], [0, ['alone']]);
    const killed = (beyond.containers ?? []).filter(({ reason }) => reason?.startsWith('OutOfMemoryError'));
    assert.ok(killed.length >= 1, describeEnd(beyond));
    assert.ok(killed.every(({ exitCode, reason = '' }) => exitCode === 137 && reason.endsWith('due to memory usage')));
    assert.equal(beyond.stopCode, 'EssentialContainerExited');
  });

  test('gets the CPU that it has asked for, and no more; the storage of a task is shown', async () => {
    const spin = 'i=0; end=$(($(date +%s) + 3)); while [ $(date +%s) -lt $end ]; do i=$((i+1)); done; ';
    const used = "awk '/^user|^system/ { t += $2 } END { print t }' /sys/fs/cgroup/cpuacct/cpuacct.stat";
    const task = await lab.finished({
      containers: { one: { run: `${spin} ${used}` }, two: { run: `${spin} ${used}; sleep 1` } },
      ephemeralStorage: { sizeInGiB: 30 },
    });
    const ticks = await Promise.all(['one', 'two'].map(async (name) => Number((await lab.lines(task, name))[0])));
    // A quarter of a CPU for some three seconds, in hundredths: both together, whatever number they are.
    const total = ticks.reduce((sum, each) => sum + each, 0);
    assert.ok(total > 30 && total < 150, ticks.join(' + '));
    assert.deepEqual(task.ephemeralStorage, { sizeInGiB: 30 });
    assert.deepEqual([task.cpu, task.memory], ['256', '512']);
  });
});
