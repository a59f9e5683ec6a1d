import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rootPrincipal } from '../api/invoke.ts';
import { FakeClock } from '../kernel/clock.ts';
import { ServiceError } from '../kernel/errors.ts';
import { serviceRow } from '../services/ecs/domain/testing-rows.ts';
import { services } from '../services/ecs/tables.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';
import { serviceEndpoints } from './operator-services.ts';

const ACCOUNT = '123456789012';

async function open(mayDo = true) {
  const store = new SqliteStore(':memory:');
  const { revision: _, ...row } = serviceRow();
  await store.write((tx) => tx.put(services, row));
  const own = serviceEndpoints({
    store,
    clock: new FakeClock(),
    authenticate: async () => ({
      principal: rootPrincipal(ACCOUNT),
      accessKeyId: 'AKIA',
      scope: { account: ACCOUNT, region: 'us-east-1' },
    }),
    authorizer: {
      require: async () => {
        if (!mayDo) throw new ServiceError('AccessDeniedException', 'not allowed');
      },
    },
  });
  const ask = async (reference: string, encoded = encodeURIComponent(reference)) => {
    const rawUrl = `/_longshore/services/${encoded}/why`;
    const answer = await own({ method: 'GET', rawUrl, headers: [], body: Buffer.alloc(0) }, '127.0.0.1');
    return { status: answer?.status, body: JSON.parse(String(answer?.body)) };
  };
  return { ask, row, close: () => store.close() };
}

test('the story of a service is told by its name and its ARN, to who may describe it', async () => {
  const { ask, row, close } = await open();
  for (const reference of [row.name, row.arn]) {
    const { status, body } = await ask(reference);
    assert.deepEqual([status, body.serviceArn, body.why], [200, row.arn, '2 tasks are missing']);
  }
  assert.equal((await ask('gone')).status, 404);
  assert.equal((await ask('badly encoded', '%zz')).status, 404);
  await close();
  const stranger = await open(false);
  assert.equal((await stranger.ask(row.name)).status, 403);
  await stranger.close();
});
