import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { iamKey, lastUses, roles } from '../tables.ts';
import { TASKS_TRUST, openTestRoles, trusting } from './testing-roles.ts';

const ACCOUNT = '123456789012';
let iam = openTestRoles();
beforeEach(async () => {
  await iam.close();
  iam = openTestRoles();
});
after(() => iam.close());

const create = (RoleName: string, more: object = {}) =>
  iam.call('CreateRole', { RoleName, AssumeRolePolicyDocument: TASKS_TRUST, ...more });

test('a role is answered as AWS does: less by CreateRole and ListRoles than by GetRole', async () => {
  const now = new Date(iam.clock.now());
  const { Role: made } = await create('web', {
    Path: '/team/',
    Description: 'serves',
    MaxSessionDuration: 7200,
    Tags: [{ Key: 'team', Value: 'blue' }],
    PermissionsBoundary: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
  });
  assert.match(made?.RoleId ?? '', /^AROA[A-Z2-7]{17}$/);
  const summary = {
    Path: '/team/',
    RoleName: 'web',
    RoleId: made?.RoleId,
    Arn: `arn:aws:iam::${ACCOUNT}:role/team/web`,
    CreateDate: now,
    AssumeRolePolicyDocument: encodeURIComponent(TASKS_TRUST),
  };
  const boundary = {
    PermissionsBoundary: {
      PermissionsBoundaryType: 'Policy',
      PermissionsBoundaryArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
    },
  };
  const tags = { Tags: [{ Key: 'team', Value: 'blue' }] };
  const described = { Description: 'serves', MaxSessionDuration: 7200 };
  assert.deepEqual(made, { ...summary, ...boundary, ...tags });
  const { Role: got } = await iam.call('GetRole', { RoleName: 'WEB' });
  assert.deepEqual(got, { ...summary, ...described, ...boundary, ...tags, RoleLastUsed: {} });
  const listed = await iam.call('ListRoles', { PathPrefix: '/team/' });
  assert.deepEqual(listed, { Roles: [{ ...summary, ...described }], IsTruncated: false });
  assert.deepEqual((await iam.call('ListRoles', { PathPrefix: '/other/' })).Roles, []);
});

test('a role tells where and when it was last used', async () => {
  const { Role } = await create('web');
  const id = Role?.RoleId ?? '';
  await iam.store.write((tx) =>
    tx.put(lastUses, { id, account: ACCOUNT, atMs: 5000, region: 'eu-west-1', service: 'ecs' }),
  );
  const got = await iam.call('GetRole', { RoleName: 'web' });
  assert.deepEqual(got.Role?.RoleLastUsed, { LastUsedDate: new Date(5000), Region: 'eu-west-1' });
  assert.equal(got.Role?.MaxSessionDuration, 3600);
  await iam.call('DeleteRole', { RoleName: 'web' });
  assert.deepEqual(await iam.store.read((tx) => tx.list(lastUses)), []);
});

test('names are taken whatever their case, and some are reserved', async () => {
  await create('web');
  await assert.rejects(create('WEB'), {
    code: 'EntityAlreadyExistsException',
    httpStatus: 409,
    message: 'Role with name WEB already exists.',
  });
  await assert.rejects(create('x', { Path: '/aws-service-role/ecs.amazonaws.com/' }), {
    code: 'InvalidInputException',
    message: "Path prefix '/aws-service-role/' can only be used for AWS Service linked Roles",
  });
  await assert.rejects(create('AWSServiceRoleForMe'), { code: 'InvalidInputException' });
  await assert.rejects(create('a'.repeat(65)), { code: 'ValidationError', message: /'roleName'.*equal to 64/ });
  await assert.rejects(create('a b'), { code: 'ValidationError', message: /roleName is invalid/ });
  await assert.rejects(iam.call('GetRole', { RoleName: 'arn:aws:iam::123456789012:role/web' }), {
    code: 'ValidationError',
    message:
      'The specified value for roleName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
  });
  await assert.rejects(iam.call('GetRole', { RoleName: 'gone' }), {
    code: 'NoSuchEntityException',
    httpStatus: 404,
    message: 'The role with name gone cannot be found.',
  });
});

test('durations, descriptions and boundaries are checked', async () => {
  await assert.rejects(create('web', { MaxSessionDuration: 3599 }), {
    code: 'ValidationError',
    message: /'maxSessionDuration' failed to satisfy constraint: Member must have value greater than or equal to 3600$/,
  });
  await assert.rejects(create('web', { MaxSessionDuration: 43_201 }), { message: /less than or equal to 43200$/ });
  await assert.rejects(create('web', { Description: 'x'.repeat(1001) }), { code: 'ValidationError' });
  await assert.rejects(create('web', { Description: '\u0001' }), { message: /regular expression pattern/ });
  await assert.rejects(create('web', { PermissionsBoundary: `arn:aws:iam::${ACCOUNT}:policy/none` }), {
    code: 'NoSuchEntityException',
    message: `Scope ARN: arn:aws:iam::${ACCOUNT}:policy/none does not exist or is not attachable.`,
  });
});

test('a trust policy is checked, and names principals that exist', async () => {
  const update = (PolicyDocument: string) => iam.call('UpdateAssumeRolePolicy', { RoleName: 'web', PolicyDocument });
  await create('web', { Path: '/team/' });
  await assert.rejects(update('{'), { code: 'MalformedPolicyDocumentException' });
  const withResource = TASKS_TRUST.replace('"Effect"', '"Resource":"*","Effect"');
  await assert.rejects(update(withResource), { code: 'MalformedPolicyDocumentException' });
  const many = Array.from({ length: 100 }, (_, n) => `${100_000_000_000 + n}`);
  await assert.rejects(update(trusting({ AWS: many.map((id) => `arn:aws:iam::${id}:root`) })), {
    code: 'LimitExceededException',
    httpStatus: 409,
    message: 'Cannot exceed quota for ACLSizePerRole: 2048',
  });
  await update(`${TASKS_TRUST}${' '.repeat(4000)}`);
  for (const arn of [
    `arn:aws:iam::${ACCOUNT}:user/ann`,
    `arn:aws:iam::${ACCOUNT}:role/web`,
    `arn:aws:iam::${ACCOUNT}:group/team`,
    `arn:aws:iam::${ACCOUNT}:role/*`,
    'AROAAAAAAAAAAAAAAAAAA',
  ]) {
    await assert.rejects(update(trusting({ AWS: [ACCOUNT, arn] })), {
      code: 'MalformedPolicyDocumentException',
      message: `Invalid principal in policy: "AWS":"${arn}"`,
    });
  }
  for (const principal of [
    '*',
    ACCOUNT,
    `arn:aws:iam::${ACCOUNT}:root`,
    `arn:aws:iam::${ACCOUNT}:role/team/web`,
    `arn:aws:sts::${ACCOUNT}:assumed-role/web/one`,
    'arn:aws:iam::210987654321:user/them',
  ]) {
    await update(trusting({ AWS: principal }));
    const { Role } = await iam.call('GetRole', { RoleName: 'web' });
    assert.equal(decodeURIComponent(Role?.AssumeRolePolicyDocument ?? ''), trusting({ AWS: principal }));
  }
});

test('UpdateRole changes what it is given and leaves the rest', async () => {
  await create('web', { Description: 'serves' });
  await iam.call('UpdateRole', { RoleName: 'web', MaxSessionDuration: 7200 });
  await iam.call('UpdateRole', { RoleName: 'web' });
  const { Role } = await iam.call('GetRole', { RoleName: 'web' });
  assert.deepEqual([Role?.Description, Role?.MaxSessionDuration], ['serves', 7200]);
  const described = await iam.call('UpdateRoleDescription', { RoleName: 'web', Description: 'serves more' });
  assert.equal(described.Role?.Description, 'serves more');
  assert.equal(described.Role?.MaxSessionDuration, undefined);
});

test('a role is deleted once nothing hangs on it', async () => {
  await create('web');
  await iam.call('CreateInstanceProfile', { InstanceProfileName: 'hosts' });
  await iam.call('AddRoleToInstanceProfile', { InstanceProfileName: 'hosts', RoleName: 'web' });
  const change = (change: object) =>
    iam.store.write(async (tx) => {
      const row = await tx.get(roles, iamKey(ACCOUNT, 'web'));
      if (row) await tx.put(roles, { ...row, ...change });
    });
  await change({ attached: ['arn:aws:iam::aws:policy/ReadOnlyAccess'], inline: { one: '{}' } });
  const refused = (message: string) =>
    assert.rejects(iam.call('DeleteRole', { RoleName: 'web' }), {
      code: 'DeleteConflictException',
      httpStatus: 409,
      message: `Cannot delete entity, must ${message} first.`,
    });
  await refused('remove roles from instance profile');
  await iam.call('RemoveRoleFromInstanceProfile', { InstanceProfileName: 'hosts', RoleName: 'web' });
  await refused('detach all policies');
  await change({ attached: [] });
  await refused('delete policies');
  await change({ inline: {} });
  await iam.call('DeleteRole', { RoleName: 'web' });
  await assert.rejects(iam.call('DeleteRole', { RoleName: 'web' }), { code: 'NoSuchEntityException' });
});

test('roles are tagged, and listed page by page', async () => {
  for (const name of ['c', 'A', 'b']) await create(name);
  const first = await iam.call('ListRoles', { MaxItems: 2 });
  assert.deepEqual([first.Roles?.map((role) => role.RoleName), first.IsTruncated], [['A', 'b'], true]);
  const rest = await iam.call('ListRoles', { MaxItems: 2, Marker: first.Marker });
  assert.deepEqual([rest.Roles?.map((role) => role.RoleName), rest.IsTruncated], [['c'], false]);
  await iam.call('TagRole', {
    RoleName: 'A',
    Tags: [
      { Key: 'one', Value: '1' },
      { Key: 'two', Value: '2' },
    ],
  });
  await iam.call('UntagRole', { RoleName: 'A', TagKeys: ['one'] });
  const tags = await iam.call('ListRoleTags', { RoleName: 'A' });
  assert.deepEqual(tags, { Tags: [{ Key: 'two', Value: '2' }], IsTruncated: false });
});
