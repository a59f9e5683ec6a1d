import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rootPrincipal } from '../api/invoke.ts';
import type { Permission } from '../api/operation.ts';
import { ServiceError } from '../kernel/errors.ts';
import { imagesOf } from '../services/ec2/domain/machine-images.ts';
import { must, openTestEc2 } from '../services/ec2/testing.ts';
import { instanceEndpoints } from './operator-instances.ts';

const ACCOUNT = '123456789012';

/** With one instance that runs, on Spot or not. */
async function open(options: { readonly isSpot?: boolean; readonly account?: string; readonly mayDo?: boolean } = {}) {
  const { isSpot = true, account = ACCOUNT, mayDo = true } = options;
  const ec2 = openTestEc2();
  const { Instances: made } = await ec2.call('RunInstances', {
    ImageId: must(imagesOf('us-east-1', 'x86_64')[0]).id,
    InstanceType: 't3.micro',
    MinCount: 1,
    MaxCount: 1,
    ...(isSpot && { InstanceMarketOptions: { MarketType: 'spot' } }),
  });
  await ec2.reconcile();
  const id = must(made?.[0]?.InstanceId);
  const asked: Permission[] = [];
  const own = instanceEndpoints({
    store: ec2.store,
    clock: ec2.clock,
    authenticate: async () => ({
      principal: rootPrincipal(account),
      accessKeyId: 'AKIA',
      scope: { account, region: 'eu-west-1' },
    }),
    authorizer: {
      require: async (_access, permission) => {
        asked.push(permission);
        if (!mayDo) throw new ServiceError('AccessDeniedException', 'not allowed');
      },
    },
  });
  const post = async (path: string, method = 'POST') => {
    const rawUrl = `/_longshore/instances/${path}`;
    const answer = await own({ method, rawUrl, headers: [], body: Buffer.alloc(0) }, '127.0.0.1');
    return answer && { status: answer.status, body: JSON.parse(String(answer.body)) };
  };
  return { ec2, id, asked, post };
}

test('who may send interruptions takes the Spot capacity of an instance away', async () => {
  const { ec2, id, asked, post } = await open();
  const arn = `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/${id}`;
  assert.equal(await post(`${id}/spot-interruption`, 'GET'), undefined);
  const time = new Date(ec2.clock.now() + 10_000).toISOString();
  const expected = { status: 200, body: { instanceId: id, action: 'terminate', time } };
  assert.deepEqual(await post(`${id}/spot-interruption/10`), expected);
  assert.deepEqual(await post(`${encodeURIComponent(arn)}/spot-interruption`), expected, 'it has its notice already');
  assert.deepEqual([asked[0]?.action, asked[0]?.resources], ['ec2:SendSpotInstanceInterruptions', [arn]]);
  assert.equal(asked[0]?.conditions?.['ec2:instancemarkettype'], 'spot');
  for (const unknown of ['i-0', '%zz']) assert.equal((await post(`${unknown}/spot-interruption`))?.status, 404);
  await ec2.close();
});

test('nobody else, and nothing but Spot Instances', async () => {
  const refused = await open({ mayDo: false });
  assert.equal((await refused.post(`${refused.id}/spot-interruption`))?.status, 403);
  const other = await open({ account: '210987654321' });
  assert.equal((await other.post(`${other.id}/spot-interruption`))?.status, 404);
  const onDemand = await open({ isSpot: false });
  const answer = await onDemand.post(`${onDemand.id}/spot-interruption`);
  assert.deepEqual([answer?.status, answer?.body.code], [400, 'UnsupportedOperation']);
  for (const { ec2 } of [refused, other, onDemand]) await ec2.close();
});
