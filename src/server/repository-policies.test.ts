import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { Principal } from '../api/context.ts';
import { rootPrincipal } from '../api/invoke.ts';
import { Authorizer } from '../gateway/authorizer.ts';
import { allowed, testDirectory } from '../gateway/testing-directory.ts';
import { seededIds } from '../kernel/ids.ts';
import { SealedBox } from '../kernel/sealed-box.ts';
import { ecr } from '../services/ecr/index.ts';
import { registries, repositories } from '../services/ecr/tables.ts';
import { SqliteStore } from '../store/sqlite/sqlite-store.ts';

/*
 * What repository and registry policies decide, for principals of the registry's account and of another.
 */

const HERE = { account: '123456789012', region: 'us-east-1' };
const THERE = '210987654321';
const WEB = 'arn:aws:ecr:us-east-1:123456789012:repository/web';
const ann = userOf('ann', HERE.account);
const bob = userOf('bob', THERE);

const store = new SqliteStore(':memory:');
const directory = testDirectory();
const messages = new SealedBox(Buffer.alloc(32, 2), 'authorization-messages', seededIds(5));
const authorizer = new Authorizer({ services: [ecr], store, directory, messages });

function userOf(userName: string, account: string): Principal {
  return { kind: 'user', account, arn: `arn:aws:iam::${account}:user/${userName}`, userId: userName, userName };
}

const policyOf = (...Statement: readonly object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const pulling = (Principal: unknown, Effect = 'Allow') => ({ Effect, Principal, Action: 'ecr:BatchGetImage' });

/** Sets both policies; left out, there is none. */
async function policies(onRepository?: string, onRegistry?: string): Promise<void> {
  const row = {
    ...HERE,
    name: 'web',
    imageTagMutability: 'MUTABLE' as const,
    scanOnPush: false,
    tags: {},
    createdAtMs: 0,
  };
  await store.write(async (tx) => {
    const found = await tx.get(repositories, '123456789012/us-east-1/web');
    await tx.put(repositories, { ...found, ...row, ...(onRepository !== undefined && { policy: onRepository }) });
    const registry = await tx.get(registries, '123456789012/us-east-1');
    await tx.put(registries, { ...registry, ...HERE, ...(onRegistry !== undefined && { policy: onRegistry }) });
  });
}

async function tryPull(principal: Principal, resource = WEB): Promise<string> {
  const facts = { sourceIp: '127.0.0.1', secure: false };
  const scope = { account: principal.account, region: 'us-east-1' };
  try {
    await authorizer.require(
      { principal, ...scope, facts, now: 0 },
      { action: 'ecr:BatchGetImage', resources: [resource] },
    );
    return 'allowed';
  } catch (error) {
    return error instanceof Error ? (/(?:with|because) .*/.exec(error.message)?.[0] ?? '') : '';
  }
}

const NO_IDENTITY = 'because no identity-based policy allows the ecr:BatchGetImage action';
const NO_RESOURCE = 'because no resource-based policy allows the ecr:BatchGetImage action';
const DENIED = 'with an explicit deny in a resource-based policy';

before(() => policies());
after(() => store.close());

test('without a policy the account’s own policies decide, and another account has no part', async () => {
  assert.equal(await tryPull(rootPrincipal(HERE.account)), 'allowed');
  assert.equal(await tryPull(ann), NO_IDENTITY);
  assert.equal(await tryPull(rootPrincipal(THERE)), NO_RESOURCE);
  directory.policies.set(bob.arn, allowed({ Effect: 'Allow', Action: 'ecr:*', Resource: '*' }));
  assert.equal(await tryPull(bob), NO_RESOURCE);
});

test('a repository policy lets in a user of the account, who needs no other', async () => {
  await policies(policyOf(pulling({ AWS: ann.arn })));
  assert.equal(await tryPull(ann), 'allowed');
  assert.equal(await tryPull(bob), NO_RESOURCE);
  await policies(policyOf(pulling({ AWS: HERE.account })));
  assert.equal(await tryPull(ann), NO_IDENTITY, 'naming the account leaves it to the account');
});

test('and users of another account whose own policies let them out', async () => {
  await policies(policyOf(pulling({ AWS: THERE })));
  assert.equal(await tryPull(bob), 'allowed');
  assert.equal(await tryPull(rootPrincipal(THERE)), 'allowed');
  assert.equal(await tryPull(userOf('carl', THERE)), NO_IDENTITY);
  assert.equal(await tryPull(bob, `${WEB}-2`), NO_RESOURCE, 'of this repository only');
});

test('a Deny goes over all, root too', async () => {
  directory.policies.set(ann.arn, allowed({ Effect: 'Allow', Action: 'ecr:*', Resource: '*' }));
  await policies(policyOf(pulling({ AWS: [ann.arn, `arn:aws:iam::${HERE.account}:root`] }, 'Deny')));
  assert.equal(await tryPull(ann), DENIED);
  assert.equal(await tryPull(rootPrincipal(HERE.account)), DENIED);
});

test('a registry policy is about each of its repositories that it names', async () => {
  const everywhere = 'arn:aws:ecr:us-east-1:123456789012:repository/*';
  await policies(policyOf(pulling({ AWS: ann.arn })), policyOf({ ...pulling({ AWS: THERE }), Resource: everywhere }));
  assert.equal(await tryPull(ann), 'allowed');
  assert.equal(await tryPull(bob), 'allowed');
  assert.equal(await tryPull(bob, `${WEB}-2`), 'allowed', 'one that is not there, too');
  await policies(undefined, policyOf({ ...pulling('*', 'Deny'), Resource: `${WEB}-2` }));
  assert.equal(await tryPull(ann, `${WEB}-2`), DENIED);
  assert.equal(await tryPull(ann), 'allowed');
});
