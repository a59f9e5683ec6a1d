import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { AddUserToGroupCommand, CreateGroupCommand, CreateUserCommand } from '@aws-sdk/client-iam';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';
import { allowing, trusting } from '../harness/roles.ts';
import { until } from '../harness/until.ts';

/*
 * `aws iam` of Debian's CLI: who there is. Users, groups, roles, instance profiles, access keys and tags; their policies
 * are in iam-policies-cli.test.ts. Each test goes its own way, several at once.
 */

const ACCOUNT = 'arn:aws:iam::123456789012';
const READ_ONLY = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
/** What AWS prints: whole seconds. */
const DATE = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/;
const ECS_TASKS = { Service: 'ecs-tasks.amazonaws.com' };
const TRUST = trusting(ECS_TASKS);
const LISTS = allowing(['ecs:ListClusters']);

let server: Longshore;
let aws: Cli;

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
});

after(() => server?.remove());

describe('aws iam', { concurrency: 4 }, () => {
  test('users: made, found, listed by path, renamed, deleted', async () => {
    const { User } = await aws('iam create-user --user-name ann --path /team/ --tags Key=team,Value=a');
    const { UserId, CreateDate } = User;
    assert.match(UserId, /^AIDA[A-Z2-7]{17}$/);
    assert.match(CreateDate, DATE);
    const Tags = [{ Key: 'team', Value: 'a' }];
    assert.deepEqual(User, {
      Path: '/team/',
      UserName: 'ann',
      UserId,
      Arn: `${ACCOUNT}:user/team/ann`,
      CreateDate,
      Tags,
    });
    await aws('iam create-user --user-name annex');
    const [found, team, root, again, bad, missing] = await Promise.all([
      aws('iam get-user --user-name ann'),
      aws('iam list-users --path-prefix /team'),
      aws('iam get-user'),
      aws.refused('iam create-user --user-name ANN'),
      aws.refused('iam create-user --user-name', 'no spaces'),
      aws.refused('iam get-user --user-name nobody'),
    ]);
    assert.deepEqual(found, { User });
    assert.deepEqual(team.Users, [{ Path: '/team/', UserName: 'ann', UserId, Arn: User.Arn, CreateDate }]);
    assert.equal(root.User.Arn, `${ACCOUNT}:root`);
    assert.equal(again, 'EntityAlreadyExists: User with name ANN already exists.');
    assert.equal(
      bad,
      'ValidationError: The specified value for userName is invalid. It must contain only alphanumeric characters and/or the following: +=,.@_-',
    );
    assert.equal(missing, 'NoSuchEntity: The user with name nobody cannot be found.');

    await aws('iam update-user --user-name ann --new-user-name anna --new-path /staff/');
    const { User: renamed } = await aws('iam get-user --user-name anna');
    assert.deepEqual(renamed, { ...User, Path: '/staff/', UserName: 'anna', Arn: `${ACCOUNT}:user/staff/anna` });
    assert.equal(await aws.code('iam update-user --user-name annex --new-user-name anna'), 'EntityAlreadyExists');
    await aws('iam delete-user --user-name anna');
    assert.equal(await aws.code('iam delete-user --user-name anna'), 'NoSuchEntity');
  });

  test('a user goes only when all it has is gone', async () => {
    await aws('iam create-user --user-name full');
    await aws('iam create-group --group-name of-full');
    const { AccessKey } = await aws('iam create-access-key --user-name full');
    await Promise.all([
      aws('iam add-user-to-group --group-name of-full --user-name full'),
      aws('iam put-user-policy --user-name full --policy-name lists --policy-document', LISTS),
      aws('iam attach-user-policy --user-name full --policy-arn', READ_ONLY),
      aws('iam create-login-profile --user-name full --password Secret-Password-1'),
    ]);
    const steps = [
      ['delete policies', 'delete-user-policy --user-name full --policy-name lists'],
      ['detach all policies', `detach-user-policy --user-name full --policy-arn ${READ_ONLY}`],
      ['delete access keys', `delete-access-key --user-name full --access-key-id ${AccessKey.AccessKeyId}`],
      ['delete login profile', 'delete-login-profile --user-name full'],
      ['remove users from group', 'remove-user-from-group --user-name full --group-name of-full'],
    ];
    for (const [must, step] of steps) {
      const refused = await aws.refused('iam delete-user --user-name full');
      assert.equal(refused, `DeleteConflict: Cannot delete entity, must ${must} first.`);
      await aws(`iam ${step}`);
    }
    await aws('iam delete-user --user-name full');
  });

  test('groups', async () => {
    const { Group } = await aws('iam create-group --group-name devs --path /team/');
    assert.match(Group.GroupId, /^AGPA[A-Z2-7]{17}$/);
    assert.match(Group.CreateDate, DATE);
    assert.equal(Group.Arn, `${ACCOUNT}:group/team/devs`);
    const add = 'iam add-user-to-group --group-name devs --user-name';
    for (const name of ['dev-a', 'dev-b', 'dev-c']) {
      await aws('iam create-user --user-name', name);
      await aws(add, name);
    }
    await aws('iam put-group-policy --group-name devs --policy-name lists --policy-document', LISTS);
    const [page, groups, inline, again, unknown, noGroup, notEmpty] = await Promise.all([
      aws('iam get-group --group-name devs --max-items 2'),
      aws('iam list-groups-for-user --user-name dev-a'),
      aws('iam get-group-policy --group-name devs --policy-name lists'),
      aws.refused('iam create-group --group-name Devs'),
      aws.refused(add, 'nobody'),
      aws.refused('iam get-group --group-name nobodies'),
      aws.refused('iam delete-group --group-name devs'),
    ]);
    const next = await aws('iam get-group --group-name devs --starting-token', page.NextToken);
    const names = [page, next].map(({ Users }) => Users.map((user: any) => user.UserName));
    assert.deepEqual(names, [['dev-a', 'dev-b'], ['dev-c']]);
    assert.deepEqual(groups, { Groups: [Group] });
    assert.deepEqual(inline.PolicyDocument, JSON.parse(LISTS));
    assert.equal(again, 'EntityAlreadyExists: Group with name Devs already exists.');
    assert.equal(unknown, 'NoSuchEntity: The user with name nobody cannot be found.');
    assert.equal(noGroup, 'NoSuchEntity: The group with name nobodies cannot be found.');
    assert.equal(notEmpty, 'DeleteConflict: Cannot delete entity, must delete policies first.');
    await aws('iam update-group --group-name devs --new-group-name makers');
    const after = await aws('iam list-groups-for-user --user-name dev-b');
    assert.deepEqual(after.Groups, [{ ...Group, GroupName: 'makers', Arn: `${ACCOUNT}:group/team/makers` }]);
  });

  test('a user is in ten groups at most', async () => {
    const { iam } = await server.clients();
    await iam.send(new CreateUserCommand({ UserName: 'joiner' }));
    const groups = Array.from({ length: 11 }, (_, index) => `joined-${index}`);
    for (const GroupName of groups) await iam.send(new CreateGroupCommand({ GroupName }));
    for (const GroupName of groups.slice(0, 10)) {
      await iam.send(new AddUserToGroupCommand({ UserName: 'joiner', GroupName }));
    }
    const add = 'iam add-user-to-group --user-name joiner --group-name';
    await aws(add, 'joined-0');
    assert.equal(await aws.refused(add, 'joined-10'), 'LimitExceeded: Cannot exceed quota for GroupsPerUser: 10');
  });

  test('access keys', async () => {
    await aws('iam create-user --user-name keys');
    const { AccessKey } = await aws('iam create-access-key --user-name keys');
    assert.match(AccessKey.AccessKeyId, /^AKIA[A-Z2-7]{16}$/);
    assert.match(AccessKey.SecretAccessKey, /^[\w/+]{40}$/);
    assert.match(AccessKey.CreateDate, DATE);
    assert.deepEqual([AccessKey.UserName, AccessKey.Status], ['keys', 'Active']);
    const second = await aws('iam create-access-key --user-name keys');
    const [third, unknown, used, stranger] = await Promise.all([
      aws.refused('iam create-access-key --user-name keys'),
      aws.refused('iam create-access-key --user-name nobody'),
      aws('iam get-access-key-last-used --access-key-id', AccessKey.AccessKeyId),
      aws.refused('iam delete-access-key --user-name keys --access-key-id AKIAIOSFODNN7EXAMPLE'),
    ]);
    assert.equal(third, 'LimitExceeded: Cannot exceed quota for AccessKeysPerUser: 2');
    assert.equal(unknown, 'NoSuchEntity: The user with name nobody cannot be found.');
    assert.deepEqual(used, { UserName: 'keys', AccessKeyLastUsed: { Region: 'N/A', ServiceName: 'N/A' } });
    assert.equal(stranger, 'NoSuchEntity: The Access Key with id AKIAIOSFODNN7EXAMPLE cannot be found.');
    await aws('iam update-access-key --user-name keys --status Inactive --access-key-id', second.AccessKey.AccessKeyId);
    const { AccessKeyMetadata } = await aws('iam list-access-keys --user-name keys');
    assert.equal(AccessKeyMetadata.length, 2);
    const state = Object.fromEntries(AccessKeyMetadata.map((key: any) => [key.AccessKeyId, key.Status]));
    assert.deepEqual(state, { [AccessKey.AccessKeyId]: 'Active', [second.AccessKey.AccessKeyId]: 'Inactive' });
    assert.ok(!JSON.stringify(AccessKeyMetadata).includes('Secret'), 'a secret is told once');
  });

  test('a user’s own calls: no name means itself, and its last use is noted', async () => {
    await aws('iam create-user --user-name own');
    const document = allowing(['iam:*'], [`${ACCOUNT}:user/\${aws:username}`]);
    await aws('iam put-user-policy --user-name own --policy-name self --policy-document', document);
    const { AccessKey } = await aws('iam create-access-key --user-name own');
    const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey } = AccessKey;
    const own = cliOf(server, { accessKeyId, secretAccessKey });
    assert.equal((await own('iam get-user')).User.Arn, `${ACCOUNT}:user/own`);
    assert.equal((await own('iam create-access-key')).AccessKey.UserName, 'own');
    assert.equal((await own('iam list-access-keys')).AccessKeyMetadata.length, 2);
    assert.equal(
      await own.refused('iam create-access-key --user-name root-of-all'),
      `AccessDenied: User: ${ACCOUNT}:user/own is not authorized to perform: iam:CreateAccessKey on resource: ${ACCOUNT}:user/root-of-all because no identity-based policy allows the iam:CreateAccessKey action`,
    );
    const used = await until('the last use of the key is written down', async () => {
      const { UserName, AccessKeyLastUsed } = await aws('iam get-access-key-last-used --access-key-id', accessKeyId);
      assert.equal(UserName, 'own');
      return AccessKeyLastUsed.Region === 'us-east-1' && AccessKeyLastUsed;
    });
    assert.equal(used.ServiceName, 'iam');
    assert.match(used.LastUsedDate, DATE);
  });

  test('roles', async () => {
    const create = 'iam create-role --role-name';
    const more = ['--path', '/app/', '--description', 'the site', '--max-session-duration', '7200'];
    const { Role } = await aws(create, 'site', '--assume-role-policy-document', TRUST, ...more);
    assert.match(Role.RoleId, /^AROA[A-Z2-7]{17}$/);
    assert.match(Role.CreateDate, DATE);
    assert.equal(Role.Arn, `${ACCOUNT}:role/app/site`);
    assert.deepEqual(Role.AssumeRolePolicyDocument, JSON.parse(TRUST));
    const [found, listed, again, missing, nobody, action, name, path] = await Promise.all([
      aws('iam get-role --role-name site'),
      aws('iam list-roles --path-prefix /app/'),
      aws.refused(create, 'Site', '--assume-role-policy-document', TRUST),
      aws.refused('iam get-role --role-name nothing'),
      aws.refused(create, 'r', '--assume-role-policy-document', trusting({ AWS: `${ACCOUNT}:user/nobody` })),
      aws.refused(create, 'r', '--assume-role-policy-document', TRUST.replace('sts:AssumeRole', 's3:GetObject')),
      aws.refused(create, 'AWSServiceRoleForMine', '--assume-role-policy-document', TRUST),
      aws.code(create, 'r', '--path', 'app', '--assume-role-policy-document', TRUST),
    ]);
    assert.equal(found.Role.Description, 'the site');
    assert.equal(found.Role.MaxSessionDuration, 7200);
    assert.deepEqual(found.Role.RoleLastUsed, {});
    assert.deepEqual(
      listed.Roles.map((role: any) => role.RoleName),
      ['site'],
    );
    assert.equal(again, 'EntityAlreadyExists: Role with name Site already exists.');
    assert.equal(missing, 'NoSuchEntity: The role with name nothing cannot be found.');
    assert.equal(nobody, `MalformedPolicyDocument: Invalid principal in policy: "AWS":"${ACCOUNT}:user/nobody"`);
    assert.equal(action, 'MalformedPolicyDocument: AssumeRole policy may only specify STS AssumeRole actions.');
    assert.match(name, /^InvalidInput: /);
    assert.equal(path, 'ValidationError');

    await aws('iam update-role --role-name site --description other --max-session-duration 3600');
    const other = trusting({ Service: 'ec2.amazonaws.com' });
    await aws('iam update-assume-role-policy --role-name site --policy-document', other);
    await aws('iam put-role-permissions-boundary --role-name site --permissions-boundary', READ_ONLY);
    const updated = (await aws('iam get-role --role-name site')).Role;
    assert.deepEqual([updated.Description, updated.MaxSessionDuration], ['other', 3600]);
    assert.deepEqual(updated.AssumeRolePolicyDocument, JSON.parse(other));
    assert.equal(updated.PermissionsBoundary.PermissionsBoundaryArn, READ_ONLY);
    await aws('iam delete-role-permissions-boundary --role-name site');
    assert.equal((await aws('iam get-role --role-name site')).Role.PermissionsBoundary, undefined);
  });

  test('instance profiles, which hold a role fast', async () => {
    await aws(
      'iam create-role --role-name machine --assume-role-policy-document',
      trusting({ Service: 'ec2.amazonaws.com' }),
    );
    const create = 'iam create-instance-profile --instance-profile-name machine';
    const { InstanceProfile } = await aws(create, '--path', '/app/');
    assert.match(InstanceProfile.InstanceProfileId, /^AIPA[A-Z2-7]{17}$/);
    assert.match(InstanceProfile.CreateDate, DATE);
    assert.equal(InstanceProfile.Arn, `${ACCOUNT}:instance-profile/app/machine`);
    const add = 'iam add-role-to-instance-profile --instance-profile-name machine --role-name machine';
    await aws(add);
    const [found, ofRole, twice, again, missing, held, full] = await Promise.all([
      aws('iam get-instance-profile --instance-profile-name machine'),
      aws('iam list-instance-profiles-for-role --role-name machine'),
      aws.refused(add),
      aws.refused(create),
      aws.refused('iam get-instance-profile --instance-profile-name none'),
      aws.refused('iam delete-role --role-name machine'),
      aws.refused('iam delete-instance-profile --instance-profile-name machine'),
    ]);
    assert.equal(found.InstanceProfile.Roles[0].Arn, `${ACCOUNT}:role/machine`);
    assert.equal(ofRole.InstanceProfiles[0].Arn, InstanceProfile.Arn);
    assert.equal(twice, 'LimitExceeded: Cannot exceed quota for InstanceSessionsPerInstanceProfile: 1');
    assert.equal(again, 'EntityAlreadyExists: Instance Profile machine already exists.');
    assert.equal(missing, 'NoSuchEntity: Instance Profile none cannot be found.');
    const conflict = 'DeleteConflict: Cannot delete entity, must remove roles from instance profile first.';
    assert.deepEqual([held, full], [conflict, conflict]);
    await aws('iam remove-role-from-instance-profile --instance-profile-name machine --role-name machine');
    await aws('iam delete-role --role-name machine');
    await aws('iam delete-instance-profile --instance-profile-name machine');
  });

  test('tags of users, roles and instance profiles', async () => {
    await aws('iam create-user --user-name tagged');
    await aws('iam create-role --role-name tagged --assume-role-policy-document', TRUST);
    await aws('iam create-instance-profile --instance-profile-name tagged');
    for (const [kind, name] of [
      ['user', 'user'],
      ['role', 'role'],
      ['instance-profile', 'instance-profile'],
    ]) {
      const of = `--${name}-name tagged`;
      await aws(`iam tag-${kind} ${of} --tags Key=Team,Value=a Key=stage,Value=b`);
      await aws(`iam tag-${kind} ${of} --tags Key=team,Value=c`);
      await aws(`iam untag-${kind} ${of} --tag-keys stage`);
      const { Tags } = await aws(`iam list-${kind}-tags ${of}`);
      assert.deepEqual(Tags, [{ Key: 'team', Value: 'c' }], kind);
    }
    const [double, ofAws, nobody] = await Promise.all([
      aws.refused('iam tag-user --user-name tagged --tags Key=a,Value=b Key=A,Value=b'),
      aws.refused('iam tag-user --user-name tagged --tags Key=aws:a,Value=b'),
      aws.refused('iam tag-role --role-name nobody --tags Key=a,Value=b'),
    ]);
    assert.match(double, /^InvalidInput: Duplicate tag keys found\. Please note that Tag keys are case insensitive\.$/);
    assert.match(ofAws, /^InvalidInput: aws: prefixed tag key names are not allowed for external use\.$/);
    assert.equal(nobody, 'NoSuchEntity: The role with name nobody cannot be found.');
  });

  test('service-linked roles', async () => {
    const create = 'iam create-service-linked-role --aws-service-name';
    const { Role } = await aws(create, 'autoscaling.amazonaws.com', '--custom-suffix', 'mine');
    const path = '/aws-service-role/autoscaling.amazonaws.com/';
    assert.equal(Role.Arn, `${ACCOUNT}:role${path}AWSServiceRoleForAutoScaling_mine`);
    const of = `--role-name ${Role.RoleName}`;
    const [again, unknown, attached, deleted, changed] = await Promise.all([
      aws.refused(create, 'autoscaling.amazonaws.com', '--custom-suffix', 'mine'),
      aws.code(create, 'nonsense.amazonaws.com'),
      aws.code(`iam attach-role-policy ${of} --policy-arn`, READ_ONLY),
      aws.code(`iam delete-role ${of}`),
      aws.refused(`iam update-assume-role-policy ${of} --policy-document`, TRUST),
    ]);
    assert.equal(
      again,
      `InvalidInput: Service role name ${Role.RoleName} has been taken in this account, please try a different suffix.`,
    );
    assert.deepEqual([unknown, attached, deleted], ['InvalidInput', 'UnmodifiableEntity', 'UnmodifiableEntity']);
    assert.equal(
      changed,
      `UnmodifiableEntity: Cannot perform the operation on the protected role '${Role.RoleName}' - this role is only modifiable by AWS`,
    );
    const { DeletionTaskId } = await aws(`iam delete-service-linked-role ${of}`);
    assert.ok(DeletionTaskId.startsWith(`task${path}${Role.RoleName}/`));
    // Its status is there at once, and then the role is gone.
    const { Status } = await aws('iam get-service-linked-role-deletion-status --deletion-task-id', DeletionTaskId);
    assert.match(Status, /^(?:IN_PROGRESS|SUCCEEDED)$/);
  });

  test('lists come in pages', async () => {
    const names = ['page-a', 'page-b', 'page-c', 'page-d', 'page-e'];
    for (const name of names) await aws('iam create-user --path /pages/ --user-name', name);
    const list = 'iam list-users --path-prefix /pages/';
    const first = await aws(`${list} --max-items 2`);
    const rest = await aws(`${list} --starting-token`, first.NextToken);
    const marked = await aws(`${list} --no-paginate --max-items 3`);
    const all = await aws(`${list} --page-size 2`);
    const ofPage = ({ Users }: any) => Users.map((user: any) => user.UserName);
    assert.deepEqual(ofPage(first), names.slice(0, 2));
    assert.deepEqual(ofPage(rest), names.slice(2));
    assert.deepEqual(ofPage(all), names);
    assert.deepEqual([marked.IsTruncated, ofPage(marked)], [true, names.slice(0, 3)]);
    const after = await aws(`${list} --no-paginate --marker`, marked.Marker);
    assert.deepEqual([after.IsTruncated, ofPage(after)], [false, names.slice(3)]);
    assert.match(await aws.refused(`${list} --starting-token nonsense`), /^ValidationError: /);
  });

  test('waiters wait until it is there', async () => {
    const made = async (line: string, ...more: string[]) => {
      const waiting = aws(line);
      await aws(...(more as [string, ...string[]]));
      await waiting;
    };
    await Promise.all([
      made('iam wait user-exists --user-name awaited', 'iam create-user --user-name awaited'),
      made(
        'iam wait role-exists --role-name awaited',
        'iam create-role --role-name awaited --assume-role-policy-document',
        TRUST,
      ),
      made(
        'iam wait instance-profile-exists --instance-profile-name awaited',
        'iam create-instance-profile --instance-profile-name awaited',
      ),
      made(
        `iam wait policy-exists --policy-arn ${ACCOUNT}:policy/awaited`,
        'iam create-policy --policy-name awaited --policy-document',
        LISTS,
      ),
    ]);
  });
});
