import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ListTagsForResourceCommand, ListTasksCommand, StopTaskCommand } from '@aws-sdk/client-ecs';
import type { ListTasksCommandInput, RunTaskCommandInput, Task } from '@aws-sdk/client-ecs';
import { serviceRole } from '../harness/roles.ts';
import { given } from '../harness/site-parts.ts';
import { describeEnd, exitCodes, TaskLab } from '../harness/task-lab.ts';

/* RunTask: how many, whose, called what; and what it changes of the task definition. */

const SERVE = `trap 'exit 0' TERM; while true; do sleep 0.05; done`;

let lab: TaskLab;
/** Tagged with `team`. */
let served = '';
before(async () => {
  lab = await TaskLab.open('run-task');
  const tags = [{ key: 'team', value: 'definition' }];
  served = await lab.register({ containers: { main: { run: SERVE } }, tags }, 'served');
});
after(() => lab?.remove());

const arnsOf = (tasks: readonly Task[]) => tasks.map(({ taskArn }) => given(taskArn, 'taskArn')).toSorted();

async function list(filters: Partial<ListTasksCommandInput>): Promise<string[]> {
  const { taskArns = [] } = await lab.clients.ecs.send(new ListTasksCommand({ cluster: lab.name, ...filters }));
  return taskArns.toSorted();
}

async function stop(tasks: readonly Task[]): Promise<void> {
  for (const task of arnsOf(tasks)) await lab.clients.ecs.send(new StopTaskCommand({ cluster: lab.name, task }));
  await Promise.all(tasks.map((task) => lab.untilStopped(task)));
}

const refused = (more: Partial<RunTaskCommandInput>, name: string, message: RegExp, definition = served) =>
  assert.rejects(lab.start(definition, more), { name, message });

describe('RunTask', { concurrency: true }, () => {
  test('starts as many as were asked for, each on an interface of its own', async () => {
    const tasks = await lab.start(served, { count: 3, startedBy: 'counting' });
    const running = await Promise.all(tasks.map((task) => lab.untilRunning(task)));
    const addresses = running.map(({ containers }) => containers?.[0]?.networkInterfaces?.[0]?.privateIpv4Address);
    assert.equal(new Set(addresses).size, 3);
    assert.equal(new Set(arnsOf(running)).size, 3);
    for (const task of running) {
      assert.deepEqual(
        [task.group, task.startedBy, task.launchType, task.platformVersion, task.platformFamily],
        ['family:served', 'counting', 'FARGATE', '1.4.0', 'Linux'],
      );
    }
    assert.deepEqual(await list({ startedBy: 'counting' }), arnsOf(tasks));
    await stop(tasks);
    assert.deepEqual(await list({ startedBy: 'counting' }), []);
    assert.deepEqual(await list({ startedBy: 'counting', desiredStatus: 'STOPPED' }), arnsOf(tasks));
    await refused({ count: 11 }, 'InvalidParameterException', /count/);
    await refused({ count: 0 }, 'InvalidParameterException', /count/);
  });

  test('starts one task for one client token, however often it is asked', async () => {
    const wish = { clientToken: 'just-once', startedBy: 'token' };
    const asked = await Promise.all([1, 2, 3].map(() => lab.start(served, wish)));
    assert.equal(new Set(asked.flatMap(arnsOf)).size, 1);
    assert.deepEqual(await list({ startedBy: 'token' }), arnsOf(asked[0] ?? []));
    await refused({ ...wish, count: 2 }, 'ConflictException', /token/i);
    await stop(asked[0] ?? []);
  });

  test('tags its tasks, with the tags of their definition below its own', async () => {
    const tags = [
      { key: 'team', value: 'task' },
      { key: 'run', value: '7' },
    ];
    const [plain, propagated, both] = await Promise.all([
      lab.start(served, { tags: tags.slice(1) }),
      lab.start(served, { propagateTags: 'TASK_DEFINITION' }),
      lab.start(served, { propagateTags: 'TASK_DEFINITION', tags, enableECSManagedTags: true }),
    ]);
    const tagsOf = async ([task]: readonly Task[]) => {
      const seen = (await lab.describe(given(task, 'task'))).tags ?? [];
      const { tags: listed = [] } = await lab.clients.ecs.send(
        new ListTagsForResourceCommand({ resourceArn: given(task?.taskArn, 'ARN') }),
      );
      assert.deepEqual(seen, listed);
      return Object.fromEntries(seen.map(({ key = '', value }) => [key, value]));
    };
    assert.deepEqual(await tagsOf(plain), { run: '7' });
    assert.deepEqual(await tagsOf(propagated), { team: 'definition' });
    assert.deepEqual(await tagsOf(both), { team: 'task', run: '7', 'aws:ecs:clusterName': lab.name });
    await stop([...plain, ...propagated, ...both]);
  });

  test('names a group; ListTasks finds tasks by family, by starter, by launch type and by state, in pages', async () => {
    const other = await lab.register({ containers: { main: { run: SERVE } } }, 'listed');
    const first = await lab.start(other, { count: 2, group: 'batch', startedBy: 'list/one' });
    const second = await lab.start(other, { startedBy: 'list/two' });
    const all = arnsOf([...first, ...second]);
    assert.ok(first.every(({ group }) => group === 'batch'));
    assert.deepEqual(await list({ family: 'listed' }), all);
    assert.deepEqual(await list({ family: 'listed', launchType: 'FARGATE', desiredStatus: 'RUNNING' }), all);
    assert.deepEqual(await list({ family: 'listed', launchType: 'EC2' }), []);
    assert.deepEqual(await list({ startedBy: 'list/two' }), arnsOf(second));
    const { taskArns = [], nextToken } = await lab.clients.ecs.send(
      new ListTasksCommand({ cluster: lab.name, family: 'listed', maxResults: 2 }),
    );
    const rest = await list({ family: 'listed', maxResults: 2, nextToken });
    assert.deepEqual([...taskArns, ...rest].toSorted(), all);
    await stop([...first, ...second]);
    assert.deepEqual(await list({ family: 'listed', desiredStatus: 'STOPPED' }), all);
  });

  test('changes command, environment, sizes and roles of what the definition says, for its tasks alone', async () => {
    const [definitionRole, taskRoleArn] = await Promise.all([
      serviceRole(lab.clients, 'of-the-definition'),
      serviceRole(lab.clients, 'of-the-task'),
    ]);
    const say =
      'echo "$COLOUR $SHAPE"; cat /sys/fs/cgroup/memory/memory.limit_in_bytes;' +
      ' wget -qO- http://169.254.170.2$AWS_CONTAINER_CREDENTIALS_RELATIVE_URI | grep -o "role/[a-z-]*"';
    const definition = await lab.register(
      {
        taskRoleArn: definitionRole,
        containers: {
          main: {
            run: say,
            memory: 100,
            environment: [
              { name: 'COLOUR', value: 'red' },
              { name: 'SHAPE', value: 'round' },
            ],
          },
        },
      },
      'overridden',
    );
    const plain = await lab.finished(definition);
    assert.deepEqual(await lab.lines(plain, 'main'), ['red round', `${100 << 20}`, 'role/of-the-definition']);
    const environment = [
      { name: 'COLOUR', value: 'blue' },
      { name: 'EXTRA', value: 'more' },
    ];
    const containerOverrides = [{ name: 'main', command: [`${say}; echo $EXTRA; exit 5`], environment, memory: 200 }];
    const overrides = { taskRoleArn, cpu: '512', memory: '1024', containerOverrides };
    const changed = await lab.finished(definition, { overrides });
    assert.deepEqual(exitCodes(changed), { main: 5 }, describeEnd(changed));
    assert.deepEqual(await lab.lines(changed, 'main'), ['blue round', `${200 << 20}`, 'role/of-the-task', 'more']);
    assert.deepEqual([changed.cpu, changed.memory, changed.containers?.[0]?.memory], ['512', '1024', '200']);
    assert.equal(changed.overrides?.taskRoleArn, taskRoleArn);
    assert.deepEqual(changed.overrides?.containerOverrides?.[0]?.environment, environment);
    const executionRoleArn = await serviceRole(lab.clients, 'may-nothing');
    const starved = await lab.finished(definition, { overrides: { executionRoleArn } });
    assert.match(starved.stoppedReason ?? '', /^ResourceInitializationError: .*may-nothing/);
  });

  test('refuses what it cannot do, in AWS’s words', async () => {
    const one = (override: object) => ({ overrides: { containerOverrides: [{ name: 'main', ...override }] } });
    await refused(one({ name: 'nobody' }), 'InvalidParameterException', /nobody/);
    await refused({ overrides: { cpu: '256', memory: '8192' } }, 'ClientException', /No Fargate configuration exists/);
    await refused({}, 'ClientException', /^TaskDefinition not found\.$/, 'nothing:1');
    await refused({ cluster: 'nowhere' }, 'ClusterNotFoundException', /^Cluster not found\.$/);
    await refused({ networkConfiguration: undefined }, 'InvalidParameterException', /Network Configuration/i);
    await refused({ group: 'service:web' }, 'InvalidParameterException', /service:/);
  });
});
