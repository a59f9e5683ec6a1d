import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { Principal, SessionFacts } from '../../identity/principal.ts';
import { FakeClock } from '../../kernel/clock.ts';
import { seededIds } from '../../kernel/ids.ts';
import { SealedBox } from '../../kernel/sealed-box.ts';
import { SqliteStore } from '../../store/sqlite/sqlite-store.ts';
import type { Table } from '../../store/store.ts';
import { iamDirectory } from './directory.ts';
import {
  accessKeys,
  groups,
  iamKey,
  lastUses,
  policies,
  roles,
  users,
  type PolicyRow,
  type RoleRow,
  type UserRow,
} from './tables.ts';

const account = '123456789012';
const box = new SealedBox(Buffer.alloc(32, 7), 'iam-access-keys', seededIds(1));
const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';
const LOCAL = `arn:aws:iam::${account}:policy/team/Local`;

let store: SqliteStore;
let clock: FakeClock;
let directory: ReturnType<typeof iamDirectory>;

beforeEach(() => {
  store = new SqliteStore(':memory:');
  clock = new FakeClock();
  directory = iamDirectory({
    store,
    box,
    clock,
    rootCredentials: { account, accessKeyId: 'AKIAROOT', secretAccessKey: 'root-secret' },
  });
});

afterEach(async () => {
  await directory.close();
  await store.close();
});

const put = <R extends object>(table: Table<R>, row: R) =>
  store.write(async (tx) => {
    const before = await tx.get(table, table.key(row));
    await tx.put(table, { ...row, ...(before && { revision: before.revision }) });
  });

const identity = { account, path: '/', createdAtMs: 0, inline: {}, attached: [] };
const alice: UserRow = { ...identity, name: 'alice', id: 'AIDAALICE', tags: { team: 'web' }, groups: [] };
const web: RoleRow = {
  ...identity,
  name: 'web',
  id: 'AROAWEB',
  path: '/svc/',
  tags: { team: 'web', Stage: 'prod' },
  trustPolicy: '{}',
  maxSessionDurationSeconds: 3600,
};
const local = (document: string): PolicyRow => ({
  account,
  name: 'Local',
  path: '/team/',
  id: 'ANPALOCAL',
  arn: LOCAL,
  createdAtMs: 0,
  updatedAtMs: 0,
  tags: {},
  defaultVersionId: 'v2',
  versions: [
    { id: 'v1', document: 'old', createdAtMs: 0 },
    { id: 'v2', document, createdAtMs: 0 },
  ],
  lastVersion: 2,
});
const key = {
  id: 'AKIAALICE',
  account,
  userName: 'alice',
  status: 'Active' as const,
  createdAtMs: 0,
  sealedSecret: box.seal('hush'),
};

const asAlice: Principal = {
  kind: 'user',
  account,
  arn: `arn:aws:iam::${account}:user/alice`,
  userId: 'AIDAALICE',
  userName: 'alice',
  accessKeyId: 'AKIAALICE',
};
function asWeb(session: Partial<SessionFacts> = {}, roleId = 'AROAWEB'): Principal {
  const issuer = { type: 'Role', arn: `arn:aws:iam::${account}:role/svc/web`, id: roleId, name: 'web' } as const;
  return {
    kind: 'assumed-role',
    account,
    arn: `arn:aws:sts::${account}:assumed-role/web/s`,
    userId: `${roleId}:s`,
    accessKeyId: 'ASIAWEB',
    session: { issuedAtMs: 0, expiresAtMs: 1, issuer, name: 's', ...session },
  };
}

test('an access key is known with its secret and its user, the same object until a commit touches it', async () => {
  assert.equal(await directory.accessKey('AKIAALICE'), undefined);
  await put(users, { ...alice, path: '/staff/' });
  await put(accessKeys, key);
  const known = await directory.accessKey('AKIAALICE');
  assert.deepEqual(known, {
    accessKeyId: 'AKIAALICE',
    secretAccessKey: 'hush',
    active: true,
    principal: { ...asAlice, arn: `arn:aws:iam::${account}:user/staff/alice` },
  });
  assert.equal(await directory.accessKey('AKIAALICE'), known);
  await put(accessKeys, { ...key, status: 'Inactive' });
  assert.equal((await directory.accessKey('AKIAALICE'))?.active, false);
  await store.write((tx) => tx.delete(accessKeys, 'AKIAALICE'));
  assert.equal(await directory.accessKey('AKIAALICE'), undefined);
});

test('the root key is known without a row, and nothing is attached to root or a service', async () => {
  const root = await directory.accessKey('AKIAROOT');
  assert.equal(root?.secretAccessKey, 'root-secret');
  assert.equal(root?.principal.arn, `arn:aws:iam::${account}:root`);
  assert.deepEqual(root && (await directory.attached(root.principal)), { identity: [], tags: {} });
});

test("a user has its inline, its managed and its groups' policies, and its boundary", async () => {
  await put(policies, local('local v2'));
  await put(groups, { ...identity, name: 'Devs', id: 'AGPADEVS', attached: [LOCAL], inline: { 'in-group': 'g' } });
  await put(users, { ...alice, inline: { mine: 'm' }, attached: [ADMIN], groups: ['Devs'], boundaryArn: LOCAL });
  const found = await directory.attached(asAlice);
  const user = `arn:aws:iam::${account}:user/alice`;
  const group = `arn:aws:iam::${account}:group/Devs`;
  assert.deepEqual(
    found?.identity.map(({ kind, id, attachedTo }) => [kind, id, attachedTo]),
    [
      ['inline', 'mine', user],
      ['managed', ADMIN, user],
      ['inline', 'in-group', group],
      ['managed', LOCAL, group],
    ],
  );
  assert.match(found?.identity[1]?.document ?? '', /"Effect":\s*"Allow"/);
  assert.deepEqual(found?.boundary, { kind: 'managed', id: LOCAL, attachedTo: user, document: 'local v2' });
  assert.deepEqual(found?.tags, { team: 'web' });
  assert.equal(found?.session, undefined);
});

test('an answer is the same object until a policy, a group or the user changes', async () => {
  await put(policies, local('before'));
  await put(groups, { ...identity, name: 'Devs', id: 'AGPADEVS', attached: [LOCAL] });
  await put(users, { ...alice, groups: ['Devs'] });
  const first = await directory.attached(asAlice);
  assert.equal(await directory.attached({ ...asAlice }), first);
  await put(policies, local('after'));
  assert.equal((await directory.attached(asAlice))?.identity[0]?.document, 'after');
  await put(groups, { ...identity, name: 'Devs', id: 'AGPADEVS' });
  assert.deepEqual((await directory.attached(asAlice))?.identity, []);
});

test('an answer that a commit overtook is not kept', async () => {
  await put(users, alice);
  const reading = directory.attached(asAlice);
  await put(users, { ...alice, inline: { late: 'x' } });
  await reading;
  assert.deepEqual(
    (await directory.attached(asAlice))?.identity.map(({ id }) => id),
    ['late'],
  );
});

test('a user or role that is gone, or was made anew, has no answer', async () => {
  assert.equal(await directory.attached(asAlice), undefined);
  await put(users, { ...alice, id: 'AIDAANOTHER' });
  assert.equal(await directory.attached(asAlice), undefined);
  await put(roles, web);
  assert.ok(await directory.attached(asWeb()));
  assert.equal(await directory.attached(asWeb({}, 'AROAOLD')), undefined);
});

test('a session of a user that was renamed is still its own', async () => {
  await put(users, { ...alice, name: 'alicia' });
  assert.deepEqual((await directory.attached(asAlice))?.tags, { team: 'web' });
});

test("a role's session has its policies, its session policies, and its tags over the role's", async () => {
  await put(policies, local('local v2'));
  await put(roles, { ...web, attached: [LOCAL] });
  const plain = await directory.attached(asWeb());
  assert.equal(plain?.session, undefined);
  const bounded = await directory.attached(
    asWeb({
      policies: { inline: 'less', managedArns: [LOCAL, 'arn:aws:iam::aws:policy/None'] },
      tags: { TEAM: 'ops' },
    }),
  );
  assert.notEqual(bounded, plain);
  assert.deepEqual(bounded?.session, [
    { kind: 'session', id: 'inline', document: 'less' },
    { kind: 'session', id: LOCAL, document: 'local v2' },
  ]);
  assert.deepEqual(bounded?.tags, { Stage: 'prod', TEAM: 'ops' });
});

test('a boundary whose policy is gone allows nothing', async () => {
  await put(roles, { ...web, boundaryArn: `arn:aws:iam::${account}:policy/gone` });
  assert.match((await directory.attached(asWeb()))?.boundary?.document ?? '', /"Effect":"Deny"/);
});

test('sessions of a user act as it; a federated user has its policies bounded by the session', async () => {
  await put(users, { ...alice, inline: { mine: 'm' } });
  const session: SessionFacts = {
    issuedAtMs: 0,
    expiresAtMs: 1,
    issuer: { type: 'User', arn: asAlice.arn, id: 'AIDAALICE', name: 'alice' },
  };
  const own = await directory.attached({ ...asAlice, accessKeyId: 'ASIAX', session });
  assert.deepEqual(
    own?.identity.map(({ id }) => id),
    ['mine'],
  );
  assert.equal(own?.session, undefined);
  const federated: Principal = {
    kind: 'federated-user',
    account,
    arn: `arn:aws:sts::${account}:federated-user/bob`,
    userId: `${account}:bob`,
    session: { ...session, name: 'bob' },
  };
  assert.deepEqual((await directory.attached(federated))?.session, []);
  const issuer = { type: 'Root', arn: `arn:aws:iam::${account}:root`, id: account, name: account } as const;
  const ofRoot = await directory.attached({
    ...federated,
    session: { ...session, issuer, policies: { inline: 'some' } },
  });
  assert.match(ofRoot?.identity[0]?.document ?? '', /"Allow"/);
  assert.equal(ofRoot?.session?.[0]?.document, 'some');
});

const lastUse = (id: string) => store.read((tx) => tx.get(lastUses, id));

test('last uses reach the store within seconds, and no more than once a minute for a key', async () => {
  const use = { accessKeyId: 'AKIAALICE', principal: asAlice, service: 'ecs', region: 'eu-west-1', at: clock.now() };
  directory.used(use);
  directory.used({ ...use, action: 'ecr:GetAuthorizationToken' });
  clock.advance(5_000);
  const { revision, ...row } = (await lastUse('AKIAALICE')) ?? { revision: 0 };
  assert.deepEqual(row, { id: 'AKIAALICE', account, atMs: use.at, region: 'eu-west-1', service: 'ecs' });
  assert.equal((await lastUse('AIDAALICE/ecr'))?.service, 'ecr');

  directory.used({ ...use, at: clock.now() });
  clock.advance(5_000);
  assert.equal((await lastUse('AKIAALICE'))?.revision, revision);
  await directory.close();
  assert.equal((await lastUse('AKIAALICE'))?.atMs, use.at + 5_000);
});

test("a role's last use is under its id, and no row is kept for a temporary key", async () => {
  directory.used({
    accessKeyId: 'ASIAWEB',
    principal: asWeb(),
    service: 'logs',
    region: 'us-east-1',
    at: 5,
    action: 'logs:PutLogEvents',
  });
  await directory.close();
  const rows = await store.read((tx) => tx.list(lastUses));
  assert.deepEqual(
    rows.map(({ id }) => id),
    ['AROAWEB', 'AROAWEB/logs'],
  );
});

test('a last use does not forget what is known', async () => {
  await put(users, alice);
  const known = await directory.attached(asAlice);
  directory.used({ accessKeyId: 'AKIAALICE', principal: asAlice, service: 'ecs', region: 'us-east-1', at: 1 });
  clock.advance(5_000);
  assert.ok(await lastUse('AKIAALICE'));
  assert.equal(await directory.attached(asAlice), known);
  assert.ok(await store.read((tx) => tx.get(users, iamKey(account, 'ALICE'))));
});
