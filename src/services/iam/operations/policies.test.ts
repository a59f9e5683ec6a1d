import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { policyDocument } from '../policy-document.ts';
import { openTestIam, refusal } from '../testing.ts';
import { ADMIN, allowing, createPolicy, policyArnOf, TRUST } from '../testing-policies.ts';

let iam: ReturnType<typeof openTestIam>;
beforeEach(() => {
  iam = openTestIam();
});
afterEach(() => iam.close());

test('a policy is answered as AWS answers it', async () => {
  const tags = [{ Key: 'team', Value: 'blue' }];
  const { Policy } = await iam.call('CreatePolicy', {
    PolicyName: 'Deploy',
    Path: '/ci/',
    Description: 'Deploys.',
    PolicyDocument: allowing('ecs:*'),
    Tags: tags,
  });
  assert.match(Policy?.PolicyId ?? '', /^ANPA[A-Z2-7]{17}$/);
  const created = {
    PolicyName: 'Deploy',
    PolicyId: Policy?.PolicyId,
    Arn: 'arn:aws:iam::123456789012:policy/ci/Deploy',
    Path: '/ci/',
    DefaultVersionId: 'v1',
    AttachmentCount: 0,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    CreateDate: new Date(iam.clock.now()),
    UpdateDate: new Date(iam.clock.now()),
    Tags: tags,
  };
  assert.deepEqual(Policy, created);
  const found = await iam.call('GetPolicy', { PolicyArn: policyArnOf('ci/Deploy') });
  assert.deepEqual(found.Policy, { ...created, Description: 'Deploys.' });
});

test('a name is taken whatever its case and path', async () => {
  await createPolicy(iam, 'Deploy');
  await assert.rejects(
    iam.call('CreatePolicy', { PolicyName: 'DEPLOY', Path: '/x/', PolicyDocument: allowing('ecs:*') }),
    refusal('EntityAlreadyExistsException', 'A policy called DEPLOY already exists. Duplicate names are not allowed.'),
  );
});

test('what is no policy, has no version, or is too long is refused; white space does not count', async () => {
  const create = (PolicyDocument: string) => iam.call('CreatePolicy', { PolicyName: 'p', PolicyDocument });
  await assert.rejects(create('{'), { code: 'MalformedPolicyDocumentException' });
  await assert.rejects(
    create('{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'),
    refusal('MalformedPolicyDocumentException', 'A managed policy must have a version string'),
  );
  const long = allowing(...Array.from({ length: 300 }, (_, i) => `ecs:DescribeThing${i}`));
  await assert.rejects(
    create(long.padEnd(6200)),
    refusal('LimitExceededException', 'Cannot exceed quota for PolicySize: 6144'),
  );
  await create(allowing('ecs:*').padEnd(7000));
});

test('a policy is found by its whole ARN only', async () => {
  await createPolicy(iam, 'Deploy', '/ci/');
  const missing = policyArnOf('Deploy');
  await assert.rejects(
    iam.call('GetPolicy', { PolicyArn: missing }),
    refusal('NoSuchEntityException', `Policy ${missing} was not found.`),
  );
  await assert.rejects(
    iam.call('GetPolicy', { PolicyArn: 'arn:aws:iam::123456789012:role/x' }),
    refusal('InvalidInputException', 'ARN arn:aws:iam::123456789012:role/x is not valid.'),
  );
});

test('policies are listed by scope, path and use, page by page', async () => {
  const a = await createPolicy(iam, 'a');
  const b = await createPolicy(iam, 'B', '/x/');
  await iam.call('CreateUser', { UserName: 'alice' });
  await iam.call('CreateRole', { RoleName: 'web', AssumeRolePolicyDocument: TRUST });
  await iam.call('AttachUserPolicy', { UserName: 'alice', PolicyArn: a });
  await iam.call('AttachRolePolicy', { RoleName: 'web', PolicyArn: a });
  await iam.call('AttachRolePolicy', { RoleName: 'web', PolicyArn: ADMIN });
  await iam.call('PutRolePermissionsBoundary', { RoleName: 'web', PermissionsBoundary: b });
  const list = async (input: Parameters<typeof iam.call<'ListPolicies'>>[1]) =>
    (await iam.call('ListPolicies', input)).Policies?.map(({ PolicyName }) => PolicyName);

  assert.deepEqual(await list({ Scope: 'Local' }), ['a', 'B']);
  assert.deepEqual(await list({ Scope: 'Local', PathPrefix: '/x/' }), ['B']);
  assert.deepEqual(await list({ OnlyAttached: true }), ['a', 'AdministratorAccess']);
  assert.deepEqual(await list({ PolicyUsageFilter: 'PermissionsPolicy' }), ['a', 'AdministratorAccess']);
  assert.deepEqual(await list({ PolicyUsageFilter: 'PermissionsBoundary' }), ['B']);
  assert.ok((await list({ Scope: 'AWS' }))?.every((name) => name !== 'a'));
  await assert.rejects(list({ Scope: 'Mine' as 'All' }), { code: 'ValidationError' });

  const first = await iam.call('ListPolicies', { MaxItems: 2 });
  assert.equal(first.IsTruncated, true);
  assert.equal(first.Policies?.[0]?.AttachmentCount, 2);
  assert.equal(first.Policies?.[1]?.PermissionsBoundaryUsageCount, 1);
  const rest = await iam.call('ListPolicies', { Marker: first.Marker, MaxItems: 1000 });
  assert.equal(rest.IsTruncated, false);
  assert.ok(rest.Policies?.some(({ Arn }) => Arn === ADMIN));
});

test('a policy that is in use or has versions stays', async () => {
  const arn = await createPolicy(iam, 'p');
  const remove = () => iam.call('DeletePolicy', { PolicyArn: arn });
  const inUse = refusal('DeleteConflictException', 'Cannot delete a policy attached to entities.');
  await iam.call('CreateUser', { UserName: 'alice' });
  await iam.call('AttachUserPolicy', { UserName: 'alice', PolicyArn: arn });
  await assert.rejects(remove(), inUse);
  await iam.call('DetachUserPolicy', { UserName: 'alice', PolicyArn: arn });
  await iam.call('PutUserPermissionsBoundary', { UserName: 'alice', PermissionsBoundary: arn });
  await assert.rejects(remove(), inUse);
  await iam.call('DeleteUserPermissionsBoundary', { UserName: 'alice' });
  await iam.call('CreatePolicyVersion', { PolicyArn: arn, PolicyDocument: allowing('s3:*') });
  await assert.rejects(remove(), {
    code: 'DeleteConflictException',
    message: /^This policy has more than one version\./,
  });
  await iam.call('DeletePolicyVersion', { PolicyArn: arn, VersionId: 'v2' });
  await remove();
  await assert.rejects(
    remove(),
    refusal('NoSuchEntityException', `Policy ${arn} does not exist or is not attachable.`),
  );
});

test("AWS's own policies are read like others, and changed by nobody", async () => {
  const { Policy } = await iam.call('GetPolicy', { PolicyArn: ADMIN });
  assert.equal(Policy?.PolicyName, 'AdministratorAccess');
  assert.equal(Policy?.AttachmentCount, 0);
  const outside = refusal('AccessDenied', 'Policy is outside your own account.');
  await assert.rejects(iam.call('DeletePolicy', { PolicyArn: ADMIN }), outside);
  await assert.rejects(
    iam.call('CreatePolicyVersion', { PolicyArn: ADMIN, PolicyDocument: allowing('s3:*') }),
    outside,
  );
  await assert.rejects(iam.call('TagPolicy', { PolicyArn: ADMIN, Tags: [{ Key: 'a', Value: 'b' }] }), outside);
});

test('tags of a policy come, change and go', async () => {
  const PolicyArn = await createPolicy(iam, 'p');
  await iam.call('TagPolicy', {
    PolicyArn,
    Tags: [
      { Key: 'Team', Value: 'a' },
      { Key: 'x', Value: '' },
    ],
  });
  await iam.call('TagPolicy', { PolicyArn, Tags: [{ Key: 'team', Value: 'b' }] });
  await iam.call('UntagPolicy', { PolicyArn, TagKeys: ['X'] });
  const { Tags, IsTruncated } = await iam.call('ListPolicyTags', { PolicyArn });
  assert.deepEqual([Tags, IsTruncated], [[{ Key: 'team', Value: 'b' }], false]);
});

test('who uses a policy is listed once each, by kind, path and use', async () => {
  const PolicyArn = await createPolicy(iam, 'p');
  const user = await iam.call('CreateUser', { UserName: 'alice', Path: '/staff/' });
  const group = await iam.call('CreateGroup', { GroupName: 'devs' });
  const role = await iam.call('CreateRole', { RoleName: 'web', AssumeRolePolicyDocument: TRUST });
  await iam.call('AttachUserPolicy', { UserName: 'alice', PolicyArn });
  await iam.call('PutUserPermissionsBoundary', { UserName: 'alice', PermissionsBoundary: PolicyArn });
  await iam.call('AttachGroupPolicy', { GroupName: 'devs', PolicyArn });
  await iam.call('PutRolePermissionsBoundary', { RoleName: 'web', PermissionsBoundary: PolicyArn });
  const users = [{ UserName: 'alice', UserId: user.User?.UserId }];
  const groups = [{ GroupName: 'devs', GroupId: group.Group?.GroupId }];
  const roles = [{ RoleName: 'web', RoleId: role.Role?.RoleId }];
  const none = { PolicyGroups: [], PolicyUsers: [], PolicyRoles: [], IsTruncated: false };
  const list = (input: object) => iam.call('ListEntitiesForPolicy', { PolicyArn, ...input });

  assert.deepEqual(await list({}), { ...none, PolicyGroups: groups, PolicyUsers: users, PolicyRoles: roles });
  assert.deepEqual(await list({ EntityFilter: 'User' }), { ...none, PolicyUsers: users });
  assert.deepEqual(await list({ PathPrefix: '/staff/' }), { ...none, PolicyUsers: users });
  assert.deepEqual(await list({ PolicyUsageFilter: 'PermissionsBoundary' }), {
    ...none,
    PolicyUsers: users,
    PolicyRoles: roles,
  });
  const first = await list({ MaxItems: 1 });
  assert.deepEqual(first, { ...none, PolicyGroups: groups, IsTruncated: true, Marker: first.Marker });
  assert.deepEqual(await list({ Marker: first.Marker }), { ...none, PolicyUsers: users, PolicyRoles: roles });
});

test('other services find the document that is in force', async () => {
  const arn = await createPolicy(iam, 'p');
  await iam.call('CreatePolicyVersion', { PolicyArn: arn, PolicyDocument: allowing('s3:*'), SetAsDefault: true });
  const read = (wanted: string) => iam.store.read((tx) => policyDocument(tx, '123456789012', wanted));
  assert.deepEqual(
    { ...(await read(arn)), id: undefined },
    { arn, name: 'p', id: undefined, versionId: 'v2', document: allowing('s3:*') },
  );
  assert.equal((await read(ADMIN))?.name, 'AdministratorAccess');
  assert.equal(await read(policyArnOf('none')), undefined);
  assert.equal(await read(arn.replace('123456789012', '210987654321')), undefined);
});
