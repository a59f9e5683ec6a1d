import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Arbitrary, array, assert as check, boolean, constantFrom, integer, property, record } from 'fast-check';
import type { ConnectionRow } from '../service-connect-tables.ts';
import type { TaskRow } from '../tables.ts';
import { checkEndpoints } from '../../../network/check-vpc-state.ts';
import { planConnect, stopsFrom } from './service-connect-plan.ts';
import { INTERFACE, containerRow, taskRow } from './testing-rows.ts';

const connection = constantFrom<(ConnectionRow | undefined)[]>(
  undefined,
  { state: 'JOINED' },
  { state: 'LEFT', leftAtMs: 5 },
);
const someTask: Arbitrary<Omit<TaskRow, 'arn' | 'id'>> = record({
  lastStatus: constantFrom('PENDING' as const, 'RUNNING' as const, 'DEPROVISIONING' as const),
  desiredStatus: constantFrom('RUNNING' as const, 'STOPPED' as const),
  health: constantFrom('HEALTHY' as const, 'UNHEALTHY' as const, 'UNKNOWN' as const),
  connection,
  aliases: array(integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 2 }).map((all) => [...new Set(all)]),
}).map(({ health, connection: joined, aliases, ...more }) =>
  taskRow({
    ...more,
    ...(joined && { connection: joined }),
    containers: [containerRow('web', { health })],
    connect: {
      hosts: [],
      servers: aliases.map((last) => ({
        registryArn: `srv-${last}`,
        port: 8080,
        endpoints: [{ address: `169.254.176.${last}`, port: 80 }],
      })),
    },
  }),
);
const someTasks = array(someTask, { maxLength: 8 }).map((all) =>
  all.map((task, index) =>
    taskRow({
      ...task,
      id: `t${index}`,
      arn: `task-${index}`,
      interface: { ...INTERFACE, privateIp: `172.31.0.${index + 1}` },
    }),
  ),
);

function observed(tasks: readonly TaskRow[], isChecked: boolean) {
  const checked = new Set(isChecked ? ['web'] : []);
  return { vpcId: 'vpc-1', tasks: tasks.map((task) => ({ task, checked })) };
}

const isServing = (task: TaskRow, isChecked: boolean) =>
  task.lastStatus === 'RUNNING' &&
  task.desiredStatus === 'RUNNING' &&
  (!isChecked || task.containers[0]?.health === 'HEALTHY');

test('connections are led to the tasks that run and are healthy, and to no other', () => {
  check(
    property(someTasks, boolean(), (tasks, isChecked) => {
      const [action] = planConnect(observed(tasks, isChecked)).actions;
      checkEndpoints(action?.endpoints ?? []);
      const led = (action?.endpoints ?? []).flatMap(({ address, targets }) =>
        targets.map((one) => `${address} ${one.privateIp}`),
      );
      const wanted = tasks
        .filter((task) => isServing(task, isChecked))
        .flatMap(({ connect, interface: own }) =>
          (connect?.servers ?? []).flatMap(({ endpoints }) =>
            endpoints.map(({ address }) => `${address} ${own?.privateIp}`),
          ),
        );
      assert.deepEqual(led.toSorted(), wanted.toSorted());
    }),
  );
});

test('who joins is written down before, who leaves after; a second pass changes nothing', () => {
  check(
    property(someTasks, boolean(), (tasks, isChecked) => {
      const [action] = planConnect(observed(tasks, isChecked)).actions;
      assert.ok(action);
      const after = tasks.map((task): TaskRow => {
        if (action.joining.includes(task.arn)) return { ...task, connection: { state: 'JOINED' } };
        return action.leaving.includes(task.arn) ? { ...task, connection: { state: 'LEFT', leftAtMs: 9 } } : task;
      });
      for (const task of after) assert.equal(task.connection?.state === 'JOINED', isServing(task, isChecked));
      const [again] = planConnect(observed(after, isChecked)).actions;
      assert.deepEqual(again, { ...action, joining: [], leaving: [] });
    }),
  );
});

test('a task stops once no connection is led to it, and those it has had their time', () => {
  const stopping = { desiredStatus: 'STOPPED', stopCode: 'ServiceSchedulerInitiated' } as const;
  assert.equal(stopsFrom(taskRow(stopping)), 0);
  assert.equal(stopsFrom(taskRow({ ...stopping, connection: { state: 'JOINED' } })), undefined);
  const left = { state: 'LEFT', leftAtMs: 1000 } as const;
  assert.equal(stopsFrom(taskRow({ ...stopping, connection: left })), 6000);
  assert.equal(stopsFrom(taskRow({ ...stopping, connection: left, stopCode: 'EssentialContainerExited' })), 0);
});
