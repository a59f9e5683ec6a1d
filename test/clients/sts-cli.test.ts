import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { CreateRoleCommand, DeleteRoleCommand, DeleteRolePolicyCommand } from '@aws-sdk/client-iam';
import { cliOf, credentialsIn } from '../harness/cli.ts';
import type { Cli, Credentials } from '../harness/cli.ts';
import { makeRole, makeUser } from '../harness/identities.ts';
import { Longshore } from '../harness/longshore.ts';
import { allowing, trusting } from '../harness/roles.ts';

/*
 * `aws sts` of Debian's CLI: temporary credentials, what they may do, and when they end. The end itself is a matter of
 * unit tests (src/gateway/authentication.test.ts): the least that AWS allows is 15 minutes.
 */

const ACCOUNT = 'arn:aws:iam::123456789012';
const SESSIONS = 'arn:aws:sts::123456789012:assumed-role';
const OPS = `${ACCOUNT}:user/ops`;
const MINUTE_MS = 60_000;

let server: Longshore;
let iam: Awaited<ReturnType<Longshore['clients']>>['iam'];
let root: Cli;
let ops: Cli;
let opsKey: Credentials;

before(async () => {
  server = await Longshore.start();
  ({ iam } = await server.clients());
  root = cliOf(server);
  opsKey = await makeUser(iam, 'ops', { policy: allowing(['sts:*', 'ecs:List*']) });
  ops = cliOf(server, opsKey);
});

after(() => server?.remove());

/** Trusts the user ops, for the actions, under a condition. */
function trustingOps(actions: readonly string[] = ['sts:AssumeRole'], condition?: object): string {
  const statement = { Effect: 'Allow', Principal: { AWS: OPS }, Action: actions };
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [condition ? { ...statement, Condition: condition } : statement],
  });
}

function assume(role: string, session: string): string {
  return `sts assume-role --role-arn ${ACCOUNT}:role/${role} --role-session-name ${session}`;
}

async function as(cli: Cli, line: string, ...more: string[]): Promise<Cli> {
  return cliOf(server, credentialsIn(await cli(line, ...more)));
}

function notAllowed(arn: string, action: string, on: string, because = 'identity-based policy'): string {
  return `User: ${arn} is not authorized to perform: ${action} on resource: ${on} because no ${because} allows the ${action} action`;
}

describe('aws sts', { concurrency: 4 }, () => {
  test('a role with an external id', async () => {
    const condition = { StringEquals: { 'sts:ExternalId': 'third-party-1' } };
    const policy = allowing(['ecs:*']);
    const arn = await makeRole(iam, 'vendor', trustingOps(['sts:AssumeRole'], condition), { path: '/x/', policy });
    const line = `sts assume-role --role-arn ${arn} --role-session-name visit`;
    const denied = `AccessDenied: ${notAllowed(OPS, 'sts:AssumeRole', arn, 'role trust policy')}`;
    assert.equal(await ops.refused(line), denied);
    assert.equal(await ops.refused(`${line} --external-id third-party-2`), denied);
    const answer = await ops(`${line} --external-id third-party-1`);
    const { Credentials: given, AssumedRoleUser: user } = answer;
    assert.match(given.AccessKeyId, /^ASIA[A-Z2-7]{16}$/);
    assert.equal(user.Arn, `${SESSIONS}/vendor/visit`, 'the path is left out');
    assert.match(user.AssumedRoleId, /^AROA[A-Z2-7]{17}:visit$/);
    assert.match(given.Expiration, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\+00:00$/);
    assert.ok(Math.abs(Date.parse(given.Expiration) - Date.now() - 60 * MINUTE_MS) < MINUTE_MS);
    const vendor = cliOf(server, credentialsIn(answer));
    const identity = { UserId: user.AssumedRoleId, Account: '123456789012', Arn: user.Arn };
    assert.deepEqual(await vendor('sts get-caller-identity'), identity);
    assert.deepEqual(await vendor('ecs list-clusters'), { clusterArns: [] });
    assert.equal(await vendor.refused('iam list-users'), `AccessDenied: ${notAllowed(user.Arn, 'iam:ListUsers', '*')}`);
  });

  test('who may not assume, and what cannot be', async () => {
    const arn = await makeRole(iam, 'kept', trusting({ AWS: '123456789012' }), {});
    const plain = cliOf(server, await makeUser(iam, 'plain'));
    const line = assume('kept', 'in');
    const [byRoot, byPlain, absent, foreign, notARole, session] = await Promise.all([
      root.refused(line),
      plain.refused(line),
      ops.code(assume('absent', 'in')),
      ops.code(line.replace('123456789012', '210987654321')),
      ops.refused(`sts assume-role --role-session-name in --role-arn ${OPS}`),
      ops.refused(`sts assume-role --role-arn ${arn} --role-session-name`, 'two words'),
    ]);
    assert.equal(byRoot, 'AccessDenied: Roles may not be assumed by root accounts.');
    // The account is trusted, and leaves it to the policies of its users.
    assert.equal(byPlain, `AccessDenied: ${notAllowed(`${ACCOUNT}:user/plain`, 'sts:AssumeRole', arn)}`);
    assert.deepEqual([absent, foreign], ['AccessDenied', 'AccessDenied']);
    assert.equal(notARole, `ValidationError: ${OPS} is invalid`);
    assert.equal(
      session,
      "ValidationError: 1 validation error detected: Value 'two words' at 'roleSessionName' failed to satisfy constraint: Member must satisfy regular expression pattern: [\\w+=,.@-]*",
    );
    assert.ok(await ops(line));
  });

  test('durations', async () => {
    await makeRole(iam, 'short', trustingOps(), { policy: allowing(['sts:AssumeRole']) });
    await makeRole(iam, 'long', trusting({ AWS: [OPS, `${ACCOUNT}:role/short`] }), { maxSeconds: 43_200 });
    const lasts = async (cli: Cli, line: string) => {
      const { Expiration } = (await cli(line)).Credentials;
      return Math.round((Date.parse(Expiration) - Date.now()) / MINUTE_MS);
    };
    const tooLong = 'ValidationError: The requested DurationSeconds exceeds';
    const [least, most, over, session, federation, rooted] = await Promise.all([
      lasts(ops, `${assume('short', 'least')} --duration-seconds 900`),
      lasts(ops, `${assume('long', 'most')} --duration-seconds 43200`),
      ops.refused(`${assume('short', 'over')} --duration-seconds 3601`),
      lasts(ops, 'sts get-session-token'),
      lasts(ops, 'sts get-federation-token --name longest --duration-seconds 129600'),
      lasts(root, 'sts get-session-token --duration-seconds 43200'),
    ]);
    assert.deepEqual([least, most, session, federation, rooted], [15, 720, 720, 2160, 60]);
    assert.equal(over, `${tooLong} the MaxSessionDuration set for this role.`);
    const chained = await as(ops, assume('short', 'chained'));
    assert.equal(
      await chained.refused(`${assume('long', 'chained')} --duration-seconds 3601`),
      `${tooLong} the 1 hour session limit for roles assumed by role chaining`,
    );
    assert.equal(await lasts(chained, assume('long', 'chained')), 60);
  });

  test('session policies only take away', async () => {
    await makeRole(iam, 'wide', trustingOps(), { policy: allowing(['ecs:*', 'iam:ListUsers']) });
    const narrow = allowing(['ecs:ListClusters', 'ecr:*']);
    const session = await as(ops, assume('wide', 'narrow'), '--policy', narrow);
    await session('ecs list-clusters');
    const arn = `${SESSIONS}/wide/narrow`;
    assert.equal(
      await session.refused('iam list-users'),
      `AccessDenied: ${notAllowed(arn, 'iam:ListUsers', '*', 'session policy')}`,
    );
    assert.equal(
      await session.refused('ecr get-authorization-token'),
      `AccessDeniedException: ${notAllowed(arn, 'ecr:GetAuthorizationToken', '*')}`,
      'a session policy gives nothing',
    );
    const managed = 'arn=arn:aws:iam::aws:policy/AmazonECS_FullAccess';
    const byArn = await as(ops, `${assume('wide', 'managed')} --policy-arns ${managed}`);
    await byArn('ecs list-clusters');
    assert.equal(await byArn.code('iam list-users'), 'AccessDenied');
    const [unknown, malformed] = await Promise.all([
      ops.refused(`${assume('wide', 'none')} --policy-arns arn=${ACCOUNT}:policy/none`),
      ops.refused(assume('wide', 'none'), '--policy', '{"Statement":'),
    ]);
    assert.equal(unknown, `ValidationError: Policy ${ACCOUNT}:policy/none does not exist or is not attachable.`);
    assert.match(malformed, /^MalformedPolicyDocument: /);
  });

  test('session tags, and those that go on through a chain of roles', async () => {
    const tagging = ['sts:AssumeRole', 'sts:TagSession'];
    const mine = { StringEquals: { 'aws:PrincipalTag/team': 'a' } };
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'sts:*', Resource: '*' },
        { Effect: 'Allow', Action: 'ecs:ListClusters', Resource: '*', Condition: mine },
      ],
    });
    await makeRole(iam, 'untagged', trustingOps(), {});
    const first = await makeRole(iam, 'first', trustingOps(tagging), { policy });
    const trust = trustingOps(tagging).replace(OPS, first);
    await makeRole(iam, 'second', trust, { policy, tags: { team: 'b' } });
    const tags = '--tags Key=team,Value=a Key=stage,Value=test';
    const untagged = await ops.refused(`${assume('untagged', 'tags')} ${tags}`);
    assert.equal(
      untagged,
      `AccessDenied: ${notAllowed(OPS, 'sts:TagSession', `${ACCOUNT}:role/untagged`, 'role trust policy')}`,
    );
    const [without, local, carried] = await Promise.all([
      as(ops, assume('first', 'without')),
      as(ops, `${assume('first', 'local')} ${tags}`),
      as(ops, `${assume('first', 'carried')} ${tags} --transitive-tag-keys team`),
    ]);
    assert.equal(await without.code('ecs list-clusters'), 'AccessDeniedException');
    await local('ecs list-clusters');
    const [afterLocal, afterCarried] = await Promise.all([
      as(local, assume('second', 'local')),
      as(carried, assume('second', 'carried')),
    ]);
    assert.equal(await afterLocal.code('ecs list-clusters'), 'AccessDeniedException', 'the role’s own tag');
    await afterCarried('ecs list-clusters');
    assert.equal((await afterCarried('sts get-caller-identity')).Arn, `${SESSIONS}/second/carried`);
    const over = await carried.refused(`${assume('second', 'over')} --tags Key=team,Value=b`);
    assert.equal(
      over,
      "InvalidParameterValue: One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session.",
    );
  });

  test('GetSessionToken: the user itself, but for IAM and most of STS', async () => {
    const session = await as(ops, 'sts get-session-token --duration-seconds 900');
    assert.equal((await session('sts get-caller-identity')).Arn, OPS);
    await session('ecs list-clusters');
    assert.equal(await session.code('ecs create-cluster'), 'AccessDeniedException');
    const [users, again, federated] = await Promise.all([
      session.refused('iam list-users'),
      session.refused('sts get-session-token'),
      session.code('sts get-federation-token --name other'),
    ]);
    assert.equal(users, 'InvalidClientTokenId: The security token included in the request is invalid');
    assert.equal(again, 'AccessDenied: Cannot call GetSessionToken with session credentials');
    assert.equal(federated, 'AccessDenied');
    await makeRole(iam, 'of-session', trustingOps(), {});
    assert.ok(await session(assume('of-session', 'in')));
  });

  test('GetFederationToken: what both the user and the session policy allow', async () => {
    const policy = allowing(['ecs:ListClusters', 'ecs:CreateCluster']);
    const answer = await ops('sts get-federation-token --name guest --policy', policy);
    const arn = 'arn:aws:sts::123456789012:federated-user/guest';
    assert.deepEqual(answer.FederatedUser, { FederatedUserId: '123456789012:guest', Arn: arn });
    const guest = cliOf(server, credentialsIn(answer));
    assert.equal((await guest('sts get-caller-identity')).Arn, arn);
    await guest('ecs list-clusters');
    const cluster = 'arn:aws:ecs:us-east-1:123456789012:cluster/default';
    const [created, users, without] = await Promise.all([
      guest.refused('ecs create-cluster'),
      guest.code('iam list-users'),
      as(ops, 'sts get-federation-token --name empty'),
    ]);
    assert.equal(created, `AccessDeniedException: ${notAllowed(arn, 'ecs:CreateCluster', cluster)}`);
    assert.equal(users, 'InvalidClientTokenId');
    assert.equal(await without.code('ecs list-clusters'), 'AccessDeniedException', 'no session policy: no permissions');
  });

  test('GetAccessKeyInfo and DecodeAuthorizationMessage', async () => {
    const { accessKeyId } = opsKey;
    assert.deepEqual(await ops(`sts get-access-key-info --access-key-id ${accessKeyId}`), { Account: '123456789012' });
    assert.match(
      await ops.refused('sts get-access-key-info --access-key-id AKIAIOSFODNN7EXAMPLE'),
      /^ValidationError: Invalid Access Key/,
    );
    assert.equal(
      await ops.refused('sts decode-authorization-message --encoded-message nonsense'),
      'InvalidAuthorizationMessageException: Message is not valid',
    );
  });
});

test('sessions live on after a kill, and end with their role: one made anew is another', async () => {
  const policy = allowing(['ecs:ListClusters']);
  await makeRole(iam, 'reborn', trustingOps(), { policy });
  const session = await as(ops, assume('reborn', 'before'));
  const token = await as(ops, 'sts get-session-token');
  await server.kill9();
  await server.up();
  await session('ecs list-clusters');
  assert.equal((await token('sts get-caller-identity')).Arn, OPS);

  await iam.send(new DeleteRolePolicyCommand({ RoleName: 'reborn', PolicyName: 'inline' }));
  assert.equal(await session.code('ecs list-clusters'), 'AccessDeniedException');
  await iam.send(new DeleteRoleCommand({ RoleName: 'reborn' }));
  const gone = await session.refused('ecs list-clusters');
  assert.equal(gone, 'UnrecognizedClientException: The security token included in the request is invalid.');
  await iam.send(new CreateRoleCommand({ RoleName: 'reborn', AssumeRolePolicyDocument: trustingOps() }));
  assert.equal(await session.refused('ecs list-clusters'), gone, 'an old session does not come back');
  assert.equal(await session.code('sts get-caller-identity'), 'InvalidClientTokenId');
  assert.ok(await ops(assume('reborn', 'after')));
});

test('older sessions are revoked by a condition on when they began', async () => {
  const policy = allowing(['ecs:ListClusters']);
  await makeRole(iam, 'revoked', trustingOps(), { policy });
  const old = await as(ops, assume('revoked', 'old'));
  await old('ecs list-clusters');
  const later = new Date(Date.now() + MINUTE_MS).toISOString();
  const revoke = JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { DateLessThan: { 'aws:TokenIssueTime': later } },
    },
  });
  await root('iam put-role-policy --role-name revoked --policy-name AWSRevokeOlderSessions --policy-document', revoke);
  assert.equal(
    await old.refused('ecs list-clusters'),
    `AccessDeniedException: User: ${SESSIONS}/revoked/old is not authorized to perform: ecs:ListClusters on resource: * with an explicit deny in an identity-based policy`,
  );
});

test('a session is its key, its secret and its token together', async () => {
  await makeRole(iam, 'whole', trustingOps(), { policy: allowing(['ecs:ListClusters']) });
  const [one, two] = await Promise.all(
    ['one', 'two'].map(async (name) => credentialsIn(await ops(assume('whole', name)))),
  );
  assert.ok(one && two);
  const { accessKeyId, secretAccessKey, sessionToken = '' } = one;
  const broken: Readonly<Record<string, readonly [credentials: Credentials, code: string]>> = {
    'no token': [{ accessKeyId, secretAccessKey }, 'UnrecognizedClientException'],
    'another’s token': [{ ...one, sessionToken: two.sessionToken ?? '' }, 'UnrecognizedClientException'],
    'a changed token': [
      { ...one, sessionToken: `${sessionToken.startsWith('A') ? 'B' : 'A'}${sessionToken.slice(1)}` },
      'UnrecognizedClientException',
    ],
    'another’s secret': [{ ...one, secretAccessKey: two.secretAccessKey }, 'InvalidSignatureException'],
    'a user’s key with a token': [{ ...opsKey, sessionToken }, 'UnrecognizedClientException'],
  };
  await Promise.all(
    Object.entries(broken).map(async ([what, [credentials, code]]) =>
      assert.equal(await cliOf(server, credentials).code('ecs list-clusters'), code, what),
    ),
  );
});
