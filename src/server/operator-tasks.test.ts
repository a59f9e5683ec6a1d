import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rootPrincipal } from '../api/invoke.ts';
import type { Permission } from '../api/operation.ts';
import { FakeClock } from '../kernel/clock.ts';
import { ServiceError } from '../kernel/errors.ts';
import { taskDefinitions, tasks } from '../services/ecs/tables.ts';
import { definitionRow, taskRow } from '../services/ecs/domain/testing-rows.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';
import { AuthError } from '../wire/auth-errors.ts';
import { taskEndpoints } from './operator-tasks.ts';

const ACCOUNT = '123456789012';

/** With one task on Spot. */
async function open(mayDo = true, account = ACCOUNT) {
  const store = new SqliteStore(':memory:');
  const task = taskRow({ capacityProviderName: 'FARGATE_SPOT' });
  await store.write(async (tx) => {
    await tx.put(tasks, task);
    await tx.put(taskDefinitions, definitionRow());
  });
  const asked: Permission[] = [];
  const regions = new Set<string>();
  const own = taskEndpoints({
    store,
    clock: new FakeClock(),
    stoppedTaskRetentionMs: 1000,
    authenticate: async () => {
      if (account === '') throw new AuthError('missing-token', 'awsJson1_1');
      return { principal: rootPrincipal(account), accessKeyId: 'AKIA', scope: { account, region: 'eu-west-1' } };
    },
    authorizer: {
      require: async ({ region }, permission) => {
        regions.add(region);
        asked.push(permission);
        if (!mayDo) throw new ServiceError('AccessDeniedException', 'not allowed');
      },
    },
  });
  const call = async (method: string, what: string, reference = task.arn) => {
    const rawUrl = `/_longshore/tasks/${encodeURIComponent(reference)}/${what}`;
    const answer = await own({ method, rawUrl, headers: [], body: Buffer.alloc(0) }, '127.0.0.1');
    return answer && { status: answer.status, body: JSON.parse(String(answer.body)) };
  };
  return { call, asked, regions, task, close: () => store.close() };
}

test('a timeline is for who may describe the task', async () => {
  const { call, asked, regions, task, close } = await open();
  const answer = await call('GET', 'timeline');
  assert.deepEqual([...regions], [task.region], 'whatever region it was signed for');
  assert.deepEqual(
    [answer?.status, answer?.body.taskArn, answer?.body.why],
    [200, task.arn, 'it needs a network interface'],
  );
  assert.deepEqual(asked, [
    { action: 'ecs:DescribeTasks', resources: [task.arn], conditions: { 'ecs:cluster': task.clusterArn } },
  ]);
  assert.equal((await call('GET', 'timeline', 'gone'))?.status, 404);
  assert.equal(await call('POST', 'timeline'), undefined);
  assert.equal(await call('GET', 'else'), undefined);
  await close();
});

test('an interruption is for who may stop the task, and changes nothing for a GET', async () => {
  const { call, asked, task, close } = await open();
  assert.equal(await call('GET', 'spot-interruption'), undefined);
  const answer = await call('POST', 'spot-interruption');
  assert.deepEqual(answer, {
    status: 200,
    body: { taskArn: task.arn, stopCode: 'SpotInterruption', stoppedReason: 'Your Spot Task was interrupted.' },
  });
  assert.deepEqual(
    asked.map((one) => one.action),
    ['ecs:StopTask'],
  );
  await close();
});

test('strangers, other accounts and those without the permission are told nothing', async () => {
  for (const [mayDo, account, status] of [
    [false, ACCOUNT, 403],
    [true, '', 403],
    [true, '111122223333', 404],
  ] as const) {
    const { call, close } = await open(mayDo, account);
    for (const [method, what] of [
      ['GET', 'timeline'],
      ['POST', 'spot-interruption'],
    ] as const) {
      assert.equal((await call(method, what))?.status, status);
    }
    await close();
  }
});
