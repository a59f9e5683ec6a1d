import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { TEST_SCOPE, testServicePrincipal } from '../../../api/testing.ts';
import type { ReadTx } from '../../../store/store.ts';
import { STS_CASES } from '../authorization-cases.ts';
import { ACCOUNT, ANN, chained, openSts, refusal } from '../testing.ts';
import { GetFederationToken } from './user-sessions.ts';

const sts = openSts({ policies: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] });
after(() => sts.close());

const principal = ANN;
const ROOT_ARN = `arn:aws:iam::${ACCOUNT}:root`;
const secondsOf = (answer: { Credentials?: { Expiration: Date | undefined } | undefined }): number =>
  ((answer.Credentials?.Expiration?.getTime() ?? 0) - sts.clock.now()) / 1000;

test('GetSessionToken: a user as before, with an end', async () => {
  const answer = await sts.call('GetSessionToken', {}, { principal });
  assert.equal(secondsOf(answer), 43_200);
  const { accessKeyId, session, ...rest } = sts.opened(answer);
  const { accessKeyId: _, ...user } = ANN;
  assert.deepEqual(rest, user);
  assert.equal(accessKeyId, answer.Credentials?.AccessKeyId);
  assert.deepEqual(session.issuer, { type: 'User', arn: ANN.arn, id: ANN.userId, name: 'ann' });
  assert.equal(secondsOf(await sts.call('GetSessionToken', { DurationSeconds: 129_600 }, { principal })), 129_600);
});

test('GetSessionToken: root gets an hour at most', async () => {
  for (const [asked, given] of [
    [900, 900],
    [3601, 3600],
    [undefined, 3600],
  ] as const) {
    const answer = await sts.call('GetSessionToken', asked === undefined ? {} : { DurationSeconds: asked });
    assert.equal(secondsOf(answer), given);
    const opened = sts.opened(answer);
    assert.equal(opened.kind, 'root');
    assert.deepEqual(opened.session.issuer, { type: 'Root', arn: ROOT_ARN, id: ACCOUNT, name: ACCOUNT });
  }
});

test('neither is for temporary credentials, nor for services', async () => {
  const session = { ...ANN, session: chained().session };
  for (const operation of ['GetSessionToken', 'GetFederationToken'] as const) {
    for (const caller of [chained(), session]) {
      assert.deepEqual(await refusal(sts.call(operation, { Name: 'bob' }, { principal: caller })), [
        'AccessDeniedException',
        `Cannot call ${operation} with session credentials`,
      ]);
    }
    const service = testServicePrincipal('ecs.amazonaws.com');
    assert.equal(
      (await refusal(sts.call(operation, { Name: 'bob' }, { principal: service })))[0],
      'AccessDeniedException',
    );
  }
});

test('durations, and what this server has not', async () => {
  for (const [DurationSeconds, bound] of [
    [899, 'greater than or equal to 900'],
    [129_601, 'less than or equal to 129600'],
  ] as const) {
    for (const operation of ['GetSessionToken', 'GetFederationToken'] as const) {
      const [code, message] = await refusal(sts.call(operation, { Name: 'bob', DurationSeconds }, { principal }));
      assert.equal(code, 'ValidationError');
      assert.ok(message.endsWith(`at 'durationSeconds' failed to satisfy constraint: Member must have value ${bound}`));
    }
  }
  for (const name of ['SerialNumber', 'TokenCode']) {
    const [code, message] = await refusal(sts.call('GetSessionToken', { [name]: '123456' }, { principal }));
    assert.deepEqual([code, message], ['ValidationError', `${name} is not supported: this server has no MFA devices`]);
  }
});

test('GetFederationToken: a name of its own, with what the user may do within the session policies', async () => {
  const Policy = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}';
  const arn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  const answer = await sts.call(
    'GetFederationToken',
    { Name: 'bob', Policy, PolicyArns: [{ arn }], Tags: [{ Key: 'team', Value: 'a' }] },
    { principal },
  );
  assert.deepEqual(answer.FederatedUser, {
    FederatedUserId: `${ACCOUNT}:bob`,
    Arn: `arn:aws:sts::${ACCOUNT}:federated-user/bob`,
  });
  assert.ok((answer.PackedPolicySize ?? 0) > 0);
  assert.equal(secondsOf(answer), 43_200);
  const { accessKeyId: _, ...federated } = sts.opened(answer);
  assert.deepEqual(federated, {
    kind: 'federated-user',
    account: ACCOUNT,
    arn: `arn:aws:sts::${ACCOUNT}:federated-user/bob`,
    userId: `${ACCOUNT}:bob`,
    session: {
      issuedAtMs: sts.clock.now(),
      expiresAtMs: sts.clock.now() + 43_200_000,
      issuer: { type: 'User', arn: ANN.arn, id: ANN.userId, name: 'ann' },
      name: 'bob',
      policies: { inline: Policy, managedArns: [arn] },
      tags: { team: 'a' },
    },
  });
});

test('GetFederationToken: by root, and without policies', async () => {
  const answer = await sts.call('GetFederationToken', { Name: 'bob' });
  assert.equal(answer.PackedPolicySize, 0);
  assert.equal(secondsOf(answer), 3600);
  assert.equal(sts.opened(answer).session.issuer.type, 'Root');
});

test('GetFederationToken: names, policies and tags that AWS refuses', async () => {
  const call = (input: object) => refusal(sts.call('GetFederationToken', { Name: 'bob', ...input }, { principal }));
  for (const Name of ['b', 'x'.repeat(33), 'a b']) assert.match((await call({ Name }))[1], /at 'name'/);
  assert.equal((await call({ Policy: 'no' }))[0], 'MalformedPolicyDocumentException');
  const twice = [
    { Key: 'team', Value: 'a' },
    { Key: 'Team', Value: 'b' },
  ];
  assert.deepEqual(await call({ Tags: twice }), [
    'InvalidParameterValue',
    'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
  ]);
});

test('GetFederationToken: what the gateway is told', async () => {
  const tx = {} as ReadTx;
  const { input, resources, also } = STS_CASES.GetFederationToken ?? assert.fail();
  assert.deepEqual(await GetFederationToken.resources(input, TEST_SCOPE, tx), resources);
  assert.deepEqual(await GetFederationToken.also?.(input, TEST_SCOPE, tx), also);
  assert.deepEqual(await GetFederationToken.also?.({ Name: 'ann' }, TEST_SCOPE, tx), []);
});
