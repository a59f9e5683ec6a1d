import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { StopTaskCommand } from '@aws-sdk/client-ecs';
import type { Task } from '@aws-sdk/client-ecs';
import { must } from '../harness/run.ts';
import { given } from '../harness/site-parts.ts';
import { exitCodes, TaskLab } from '../harness/task-lab.ts';
import { until } from '../harness/until.ts';

/* What a container definition says of the process in the container, seen from inside. */

const SERVE = `trap 'exit 0' TERM; while true; do sleep 0.05; done`;

let lab: TaskLab;
before(async () => {
  lab = await TaskLab.open('process');
});
after(() => lab?.remove());

/** What the containers have printed, once the task has ended. */
async function printed(task: Task): Promise<Record<string, string[]>> {
  const names = (task.containers ?? []).map(({ name = '' }) => name);
  return Object.fromEntries(await Promise.all(names.map(async (name) => [name, await lab.lines(task, name)])));
}

const containerOf = async (task: Task, name: string): Promise<any> => {
  const filters = [`com.amazonaws.ecs.task-arn=${task.taskArn}`, `com.amazonaws.ecs.container-name=${name}`];
  const ids = await must('docker', ['ps', '-aq', ...filters.flatMap((label) => ['--filter', `label=${label}`])]);
  return JSON.parse(await must('docker', ['inspect', ids.trim()]))[0];
};

describe('a process', { concurrency: true }, () => {
  test('is what entry point and command say, where and as whom the definition says', async () => {
    const task = await lab.finished({
      containers: {
        main: {
          dependsOn: ['words', 'user', 'limits', 'readonly'].map((containerName) => ({
            containerName,
            condition: 'COMPLETE',
          })),
          run: `echo "$GREETING|$EMPTY|$QUOTED"; hostname`,
          environment: [
            { name: 'GREETING', value: 'hello world' },
            { name: 'EMPTY', value: '' },
            { name: 'QUOTED', value: `it's "a=b" $HOME` },
          ],
        },
        words: { essential: false, entryPoint: ['/bin/echo', 'a b', '$HOME'], command: ['c', '', 'd'] },
        user: { essential: false, run: 'id -u; id -g; pwd', user: '1234:2345', workingDirectory: '/www/new' },
        limits: {
          essential: false,
          run: 'ulimit -n; ulimit -Hn; ulimit -c; ulimit -u; exit 9',
          ulimits: [
            { name: 'nofile', softLimit: 2048, hardLimit: 4096 },
            { name: 'core', softLimit: 0, hardLimit: 0 },
          ],
        },
        readonly: {
          essential: false,
          run: 'touch /file 2>&1; touch /tmp/file 2>&1; echo x > /etc/hosts; cat /etc/resolv.conf > /dev/null && echo read',
          readonlyRootFilesystem: true,
        },
      },
    });
    assert.deepEqual(exitCodes(task), { main: 0, words: 0, user: 0, limits: 9, readonly: 0 });
    const lines = await printed(task);
    const address = task.attachments?.[0]?.details?.find(({ name }) => name === 'privateIPv4Address')?.value ?? '';
    assert.deepEqual(lines['main'], [
      `hello world||it's "a=b" $HOME`,
      `ip-${address.replaceAll('.', '-')}.ec2.internal`,
    ]);
    assert.deepEqual(lines['words'], ['a b $HOME c  d']);
    assert.deepEqual(lines['user'], ['1234', '2345', '/www/new']);
    assert.deepEqual(lines['limits']?.slice(0, 3), ['2048', '4096', '0']);
    // Two streams: the lines of one may come before those of the other.
    const refused = lines['readonly']?.filter((line) => line.includes('Read-only file system'));
    assert.equal(refused?.length, 3);
    assert.ok(lines['readonly']?.includes('read'));
  });

  test('has the labels and the kernel parameters of its definition; the network’s are the task’s', async () => {
    const task = await lab.running({
      containers: {
        web: {
          run: `sysctl -n net.core.somaxconn net.ipv4.tcp_keepalive_time; ${SERVE}`,
          dockerLabels: { 'com.example.team': 'blue', 'com.amazonaws.ecs.task-arn': 'mine' },
          systemControls: [
            { namespace: 'net.core.somaxconn', value: '777' },
            { namespace: 'net.ipv4.tcp_keepalive_time', value: '123' },
          ],
          linuxParameters: { capabilities: { add: ['SYS_PTRACE'], drop: ['CHOWN'] } },
        },
        side: {
          run: `sysctl -n net.core.somaxconn; touch /tmp/f; chown 1 /tmp/f && echo may; ${SERVE}`,
          dependsOn: [{ containerName: 'web', condition: 'START' }],
        },
        chown: { essential: false, run: 'touch /tmp/f; chown 1 /tmp/f', ...dropping('CHOWN') },
      },
    });
    const lines = await until('both have printed', async () => {
      const seen = await printed(task);
      return seen['web']?.length === 2 && seen['side']?.length === 2 && seen;
    });
    assert.deepEqual(lines['web'], ['777', '123']);
    assert.deepEqual(lines['side'], ['777', 'may']);
    assert.notEqual((await must('sysctl', ['-n', 'net.core.somaxconn'])).trim(), '777');
    const { Config, HostConfig } = await containerOf(task, 'web');
    assert.equal(Config.Labels['com.example.team'], 'blue');
    assert.equal(Config.Labels['com.amazonaws.ecs.task-definition-family'], lab.name);
    assert.deepEqual([HostConfig.CapAdd, HostConfig.CapDrop], [['SYS_PTRACE'], ['CHOWN']]);
    const ended = await until('the one without the capability has ended', async () => {
      const seen = await lab.describe(task);
      return exitCodes(seen)['chown'] !== undefined && seen;
    });
    assert.equal(exitCodes(ended)['chown'], 1);
    await lab.clients.ecs.send(new StopTaskCommand({ cluster: lab.name, task: given(task.taskArn, 'ARN') }));
    await lab.untilStopped(task);
  });

  test('is the first of its container, unless there is an init process; pidMode task shows all to all', async () => {
    const [own, shared] = await Promise.all([
      lab.finished({
        containers: {
          plain: { essential: false, run: 'echo $$; cat /proc/1/cmdline | tr "\\0" " "' },
          init: { run: 'echo $$; cat /proc/1/cmdline | tr "\\0" " "', ...withInit(), ...afterAll('plain') },
        },
      }),
      lab.finished({
        pidMode: 'task',
        containers: {
          first: { essential: false, run: 'exec sleep 54321' },
          second: { run: 'ps -o args | grep -c "[s]leep 54321"', dependsOn: [start('first')] },
        },
      }),
    ]);
    const lines = await printed(own);
    assert.equal(lines['plain']?.[0], '1');
    assert.notEqual(lines['init']?.[0], '1');
    assert.match(lines['init']?.[1] ?? '', /init/);
    assert.deepEqual((await printed(shared))['second'], ['1']);
  });

  test('reads its open input and has a terminal where the definition says so', async () => {
    const task = await lab.finished({
      containers: {
        open: { run: 'tty; timeout 1 cat; echo "cat $?"', interactive: true, pseudoTerminal: true },
        closed: { essential: false, run: 'tty; cat; echo "cat $?"' },
      },
    });
    const lines = await printed(task);
    assert.match(lines['open']?.[0] ?? '', /^\/dev\/(pts\/\d|console)\r?$/);
    assert.match(lines['open']?.at(-1) ?? '', /^cat (143|124)\r?$/);
    assert.deepEqual(lines['closed'], ['not a tty', 'cat 0']);
  });
});

function dropping(...drop: string[]) {
  return { linuxParameters: { capabilities: { drop } } };
}

function withInit() {
  return { linuxParameters: { initProcessEnabled: true } };
}

function start(containerName: string) {
  return { containerName, condition: 'START' as const };
}

function afterAll(...names: readonly string[]) {
  return { dependsOn: names.map((containerName) => ({ containerName, condition: 'COMPLETE' as const })) };
}
