import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { DeleteLogGroupCommand, FilterLogEventsCommand } from '@aws-sdk/client-cloudwatch-logs';
import { StopTaskCommand } from '@aws-sdk/client-ecs';
import { logsTo } from '../harness/site.ts';
import { TaskLab } from '../harness/task-lab.ts';
import { until } from '../harness/until.ts';

/* The awslogs driver: what a container prints is in CloudWatch Logs, as its options say. */

let lab: TaskLab;

before(async () => {
  lab = await TaskLab.open('driver');
});

after(() => lab?.remove());

function logConfiguration(options: Readonly<Record<string, string>>) {
  const base = logsTo(lab.name);
  return { logDriver: 'awslogs' as const, options: { ...base?.options, ...options } };
}

test('no line is lost at exit, in either mode', async () => {
  const run = 'i=0; while [ $i -lt 5000 ]; do i=$((i+1)); echo line $i; done; echo last';
  const task = await lab.finished({
    containers: {
      waits: { run, logConfiguration: logConfiguration({ mode: 'blocking' }) },
      buffers: { run, essential: false, logConfiguration: logConfiguration({ 'max-buffer-size': '4m' }) },
    },
  });
  const expected = [...Array.from({ length: 5000 }, (_, at) => `line ${at + 1}`), 'last'];
  assert.deepEqual(await lab.lines(task, 'waits'), expected);
  const buffered = await lab.lines(task, 'buffers');
  assert.deepEqual(buffered, expected.slice(0, buffered.length), 'it may have been stopped with the other');
});

test('multiline: a stack trace is one event', async () => {
  const run = `printf '2026-01-31 ERROR it broke\\n  at one\\n  at two\\n2026-01-31 INFO done\\n'`;
  const options = { 'awslogs-datetime-format': '^%Y-%m-%d' };
  const task = await lab.finished({ containers: { app: { run, logConfiguration: logConfiguration(options) } } });
  assert.deepEqual(await lab.lines(task, 'app'), [
    '2026-01-31 ERROR it broke\n  at one\n  at two\n',
    '2026-01-31 INFO done\n',
  ]);
});

test('options that cannot be are refused at registration', async () => {
  const refused: readonly Readonly<Record<string, string>>[] = [
    { mode: 'fast' },
    { mode: 'blocking', 'max-buffer-size': '1m' },
    { 'awslogs-multiline-pattern': '(' },
    { 'awslogs-multiline-pattern': 'a', 'awslogs-datetime-format': '%Y' },
  ];
  for (const options of refused) {
    await assert.rejects(
      lab.register({ containers: { app: { logConfiguration: logConfiguration(options) } } }),
      { name: 'ClientException' },
      JSON.stringify(options),
    );
  }
});

test('a group deleted meanwhile holds up no task', async () => {
  const run = 'trap "exit 0" TERM; while :; do echo tick; sleep 0.05; done';
  const task = await lab.running({ containers: { app: { run } } });
  const logGroupName = `/ecs/${lab.name}`;
  await until('it has printed', async () => {
    const { events = [] } = await lab.clients.logs.send(
      new FilterLogEventsCommand({ logGroupName, filterPattern: 'tick', limit: 1 }),
    );
    return events.length > 0;
  });
  await lab.clients.logs.send(new DeleteLogGroupCommand({ logGroupName }));
  await until('the server says so', async () => lab.server.log.includes('log lines could not be stored'));
  await lab.clients.ecs.send(new StopTaskCommand({ cluster: lab.name, task: task.taskArn }));
  const stopped = await lab.untilStopped(task);
  assert.equal(stopped.containers?.[0]?.exitCode, 0);
});
