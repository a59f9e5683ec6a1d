import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { TEST_SCOPE } from '../../api/testing.ts';
import { resourceTags } from './resource-tags.ts';
import { instanceProfiles, oidcProviders, policies, roles, users } from './tables.ts';
import { openTestIam } from './testing.ts';

const { account } = TEST_SCOPE;
const arn = (resource: string) => `arn:aws:iam::${account}:${resource}`;
const iam = openTestIam();
const tagsOf = (of: string) => iam.store.read((tx) => resourceTags(tx, of));

before(async () => {
  const named = (name: string) => ({ account, name, path: '/x/', id: name, createdAtMs: 0, tags: { is: name } });
  const identity = { inline: {}, attached: [] };
  const oidc = { account, url: 'h/p', arn: arn('oidc-provider/h/p'), clientIds: [], thumbprints: [], createdAtMs: 0 };
  const versions = { defaultVersionId: 'v1', versions: [], lastVersion: 1, updatedAtMs: 0 };
  await iam.store.write(async (tx) => {
    await tx.put(users, { ...named('u'), ...identity, groups: [] });
    await tx.put(roles, { ...named('r'), ...identity, trustPolicy: '{}', maxSessionDurationSeconds: 3600 });
    await tx.put(policies, { ...named('p'), ...versions, arn: arn('policy/x/p') });
    await tx.put(instanceProfiles, named('i'));
    await tx.put(oidcProviders, { ...oidc, tags: { is: 'o' } });
  });
});
after(() => iam.close());

test('everything with tags is found by its ARN', async () => {
  const resources = {
    u: 'user/x/u',
    r: 'role/x/r',
    p: 'policy/x/p',
    i: 'instance-profile/x/i',
    o: 'oidc-provider/h/p',
  };
  for (const [is, resource] of Object.entries(resources)) assert.deepEqual(await tagsOf(arn(resource)), { is });
});

test('nothing is found by another path, account or service, and groups have no tags', async () => {
  const foreign = 'arn:aws:iam::210987654321:user/x/u';
  for (const of of [
    arn('user/u'),
    arn('user/y/u'),
    arn('group/x/u'),
    arn('root'),
    arn('constructor/x/u'),
    foreign,
    'arn:aws:ecs:::user/x/u',
    '*',
  ]) {
    assert.equal(await tagsOf(of), undefined);
  }
});
