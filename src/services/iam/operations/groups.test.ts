import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { groups } from '../tables.ts';
import { openTestIam, refusal } from '../testing.ts';

let iam: ReturnType<typeof openTestIam>;
beforeEach(async () => {
  iam = openTestIam();
  await iam.call('CreateUser', { UserName: 'alice' });
  await iam.call('CreateGroup', { GroupName: 'Devs' });
});
afterEach(() => iam.close());

const join = (GroupName: string, UserName = 'alice') => iam.call('AddUserToGroup', { UserName, GroupName });
const leave = (GroupName: string, UserName = 'alice') => iam.call('RemoveUserFromGroup', { UserName, GroupName });
const groupsOfAlice = async () =>
  (await iam.call('ListGroupsForUser', { UserName: 'alice' })).Groups?.map(({ GroupName }) => GroupName);

test('a group is answered as AWS answers it', async () => {
  const { Group } = await iam.call('CreateGroup', { GroupName: 'Ops', Path: '/x/' });
  assert.match(Group?.GroupId ?? '', /^AGPA[A-Z2-7]{17}$/);
  assert.deepEqual(Group, {
    Path: '/x/',
    GroupName: 'Ops',
    GroupId: Group?.GroupId,
    Arn: 'arn:aws:iam::123456789012:group/x/Ops',
    CreateDate: new Date(iam.clock.now()),
  });
  assert.deepEqual(await iam.call('GetGroup', { GroupName: 'ops' }), { Group, Users: [], IsTruncated: false });
  await assert.rejects(
    iam.call('CreateGroup', { GroupName: 'OPS' }),
    refusal('EntityAlreadyExistsException', 'Group with name OPS already exists.'),
  );
  const listed = await iam.call('ListGroups', { PathPrefix: '/x/' });
  assert.deepEqual(listed, { Groups: [Group], IsTruncated: false });
});

test('members join and leave, and doing so again changes nothing', async () => {
  await join('devs');
  await join('DEVS');
  assert.deepEqual(await groupsOfAlice(), ['Devs']);
  await leave('devs');
  await leave('devs');
  assert.deepEqual(await groupsOfAlice(), []);
});

test('the user is looked for before the group', async () => {
  await assert.rejects(join('none', 'nobody'), { message: 'The user with name nobody cannot be found.' });
  await assert.rejects(leave('none', 'nobody'), { message: 'The user with name nobody cannot be found.' });
  await assert.rejects(join('none'), { message: 'The group with name none cannot be found.' });
  await assert.rejects(leave('none'), { message: 'The group with name none cannot be found.' });
});

test('members are paged, by name', async () => {
  await iam.call('CreateUser', { UserName: 'Bob' });
  await join('Devs', 'bob');
  await join('Devs');
  const first = await iam.call('GetGroup', { GroupName: 'Devs', MaxItems: 1 });
  assert.deepEqual([first.Users?.[0]?.UserName, first.IsTruncated], ['alice', true]);
  const second = await iam.call('GetGroup', { GroupName: 'Devs', ...(first.Marker && { Marker: first.Marker }) });
  assert.deepEqual([second.Users?.map(({ UserName }) => UserName), second.IsTruncated], [['Bob'], false]);
});

test('a renamed group keeps its members and its id', async () => {
  await join('Devs');
  const before = (await iam.call('GetGroup', { GroupName: 'Devs' })).Group;
  await iam.call('UpdateGroup', { GroupName: 'Devs', NewGroupName: 'Ops', NewPath: '/x/' });
  const { Group, Users } = await iam.call('GetGroup', { GroupName: 'Ops' });
  assert.deepEqual([Group?.GroupId, Group?.Arn], [before?.GroupId, 'arn:aws:iam::123456789012:group/x/Ops']);
  assert.equal(Users?.[0]?.UserName, 'alice');
  assert.deepEqual(await groupsOfAlice(), ['Ops']);
  await assert.rejects(iam.call('GetGroup', { GroupName: 'Devs' }), { code: 'NoSuchEntityException' });
});

test('a group is not renamed to one that exists', async () => {
  await iam.call('CreateGroup', { GroupName: 'ops' });
  await assert.rejects(
    iam.call('UpdateGroup', { GroupName: 'Devs', NewGroupName: 'ops' }),
    refusal('EntityAlreadyExistsException', 'Group with name ops already exists.'),
  );
});

test('members and policies are in the way of a deletion', async () => {
  await join('Devs');
  const remove = () => iam.call('DeleteGroup', { GroupName: 'Devs' });
  const put = (change: object) =>
    iam.store.write(async (tx) => {
      const [row] = await tx.list(groups);
      if (row) await tx.put(groups, { ...row, ...change });
    });
  await assert.rejects(
    remove,
    refusal('DeleteConflictException', 'Cannot delete entity, must remove users from group first.'),
  );
  await leave('Devs');
  await put({ attached: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] });
  await assert.rejects(remove, { message: 'Cannot delete entity, must detach all policies first.' });
  await put({ inline: { p: '{}' } });
  await assert.rejects(remove, { message: 'Cannot delete entity, must delete policies first.' });
  await put({ inline: {}, attached: [] });
  await remove();
  await assert.rejects(remove, refusal('NoSuchEntityException', 'The group with name Devs cannot be found.'));
});

test('a user is in 10 groups at most', async () => {
  for (let n = 0; n < 11; n++) await iam.call('CreateGroup', { GroupName: `g${n}` });
  for (let n = 0; n < 10; n++) await join(`g${n}`);
  await assert.rejects(join('g10'), refusal('LimitExceededException', 'Cannot exceed quota for GroupsPerUser: 10'));
});

test('an account has 300 groups at most', async () => {
  for (let n = 1; n < 300; n++) await iam.call('CreateGroup', { GroupName: `g${n}` });
  await assert.rejects(
    iam.call('CreateGroup', { GroupName: 'more' }),
    refusal('LimitExceededException', 'Cannot exceed quota for GroupsPerAccount: 300'),
  );
});
