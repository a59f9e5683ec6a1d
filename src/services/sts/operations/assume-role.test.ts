import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { TEST_SCOPE, testServicePrincipal } from '../../../api/testing.ts';
import type { Input } from '../../../api/clients.ts';
import type { Principal } from '../../../identity/principal.ts';
import type { ReadTx } from '../../../store/store.ts';
import { STS_CASES } from '../authorization-cases.ts';
import { ACCOUNT, ANN, chained, openSts, refusal, roleArn, roleId } from '../testing.ts';
import { AssumeRole } from './assume-role.ts';

const sts = openSts({
  roles: { app: { path: '/team/', maxSessionSeconds: 7200 }, second: {} },
  policies: ['arn:aws:iam::aws:policy/ReadOnlyAccess', `arn:aws:iam::${ACCOUNT}:policy/own`],
});
after(() => sts.close());

const APP = roleArn('app', '/team/');
const POLICY = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }],
});

function assume(input: Partial<Input<'sts', 'AssumeRole'>> = {}, principal: Principal = ANN) {
  return sts.call('AssumeRole', { RoleArn: APP, RoleSessionName: 'session', ...input }, { principal });
}

test('a user assumes a role', async () => {
  const answer = await assume();
  assert.deepEqual(answer.AssumedRoleUser, {
    AssumedRoleId: `${roleId('app')}:session`,
    Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/app/session`,
  });
  assert.equal(answer.Credentials?.Expiration?.getTime(), sts.clock.now() + 3_600_000);
  assert.match(answer.Credentials?.SecretAccessKey ?? '', /^.{40}$/);
  assert.ok(!('PackedPolicySize' in answer) && !('SourceIdentity' in answer));
  const principal = sts.opened(answer);
  assert.equal(principal.kind, 'assumed-role');
  assert.deepEqual(principal.session, {
    issuedAtMs: sts.clock.now(),
    expiresAtMs: sts.clock.now() + 3_600_000,
    issuer: { type: 'Role', arn: APP, id: roleId('app'), name: 'app' },
    name: 'session',
  });
});

test('a service assumes a role, root does not, nor does a federated user', async () => {
  assert.ok((await assume({}, testServicePrincipal('ecs-tasks.amazonaws.com'))).Credentials);
  const root = sts.call('AssumeRole', { RoleArn: APP, RoleSessionName: 'session' });
  assert.deepEqual(await refusal(root), ['AccessDeniedException', 'Roles may not be assumed by root accounts.']);
  const { session } = chained();
  const [code] = await refusal(assume({}, { ...ANN, kind: 'federated-user', session }));
  assert.equal(code, 'AccessDeniedException');
});

test('a role that is not there, of another path or of another account', async () => {
  for (const RoleArn of [roleArn('gone'), roleArn('app'), 'arn:aws:iam::111122223333:role/app']) {
    assert.deepEqual(await refusal(assume({ RoleArn })), [
      'AccessDeniedException',
      `User: ${ANN.arn} is not authorized to perform: sts:AssumeRole on resource: ${RoleArn}`,
    ]);
  }
});

test("durations go up to the role's own, and to an hour in a chain", async () => {
  const answer = await assume({ DurationSeconds: 7200 });
  assert.equal(answer.Credentials?.Expiration?.getTime(), sts.clock.now() + 7_200_000);
  assert.ok((await assume({ DurationSeconds: 900 })).Credentials);
  assert.deepEqual(await refusal(assume({ DurationSeconds: 7201 })), [
    'ValidationError',
    'The requested DurationSeconds exceeds the MaxSessionDuration set for this role.',
  ]);
  assert.ok((await assume({ DurationSeconds: 3600 }, chained())).Credentials);
  assert.deepEqual(await refusal(assume({ DurationSeconds: 3601 }, chained())), [
    'ValidationError',
    'The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining',
  ]);
});

test('what breaks a constraint is told all at once, before permissions are looked at', async () => {
  const input = { RoleArn: APP, RoleSessionName: 'a b', DurationSeconds: 899, ExternalId: 'x', SourceIdentity: 'é!' };
  const message =
    "4 validation errors detected: Value 'a b' at 'roleSessionName' failed to satisfy constraint: " +
    String.raw`Member must satisfy regular expression pattern: [\w+=,.@-]*; ` +
    "Value '899' at 'durationSeconds' failed to satisfy constraint: Member must have value greater than or equal to 900; " +
    "Value 'x' at 'externalId' failed to satisfy constraint: Member must have length greater than or equal to 2; " +
    "Value 'é!' at 'sourceIdentity' failed to satisfy constraint: " +
    String.raw`Member must satisfy regular expression pattern: [\w+=,.@-]*`;
  assert.deepEqual(await refusal(assume(input)), ['ValidationError', message]);
  assert.throws(() => AssumeRole.resources(input, TEST_SCOPE, {} as ReadTx), { message });
});

test('what is not a role is not assumed', async () => {
  for (const RoleArn of [
    `arn:aws:iam::${ACCOUNT}:user/ann`,
    'arn:aws:sts::role/application',
    `arn:aws:iam::${ACCOUNT}:role/`,
  ]) {
    assert.deepEqual(await refusal(assume({ RoleArn })), ['ValidationError', `${RoleArn} is invalid`]);
  }
  assert.match((await refusal(assume({ RoleArn: 'app' })))[1], /Value 'app' at 'roleArn' .* length greater than/);
});

test('what this server has not is refused by name', async () => {
  const inputs = [
    { SerialNumber: 'arn:aws:iam::123456789012:mfa/ann' },
    { TokenCode: '123456' },
    { ProvidedContexts: [{ ProviderArn: 'arn:aws:iam::aws:contextProvider/IdentityCenter' }] },
  ];
  for (const input of inputs) {
    const [code, message] = await refusal(assume(input));
    assert.equal(code, 'ValidationError');
    assert.ok(message.startsWith(`${Object.keys(input)[0]} is not supported: `), message);
  }
});

test('session policies go into the session', async () => {
  const arns = ['arn:aws:iam::aws:policy/ReadOnlyAccess', `arn:aws:iam::${ACCOUNT}:policy/own`];
  const answer = await assume({ Policy: POLICY, PolicyArns: arns.map((arn) => ({ arn })) });
  assert.deepEqual(sts.opened(answer).session.policies, { inline: POLICY, managedArns: arns });
  assert.ok((answer.PackedPolicySize ?? 0) > 0 && (answer.PackedPolicySize ?? 0) < 20);
});

test('session policies that are none, or too long, or too many', async () => {
  for (const Policy of ['{}', 'no', '{"Statement":[{"Effect":"Maybe"}]}']) {
    assert.equal((await refusal(assume({ Policy })))[0], 'MalformedPolicyDocumentException', Policy);
  }
  const [code, message] = await refusal(assume({ Policy: ' '.repeat(2049) }));
  assert.equal(code, 'ValidationError');
  assert.match(message, /at 'policy' failed to satisfy constraint: Member must have length less than or equal to 2048/);
  const arn = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
  assert.match((await refusal(assume({ PolicyArns: Array.from({ length: 11 }, () => ({ arn })) })))[1], /to 10$/);
  const together = assume({ Policy: POLICY + ' '.repeat(2040 - POLICY.length), PolicyArns: [{ arn }] });
  assert.match((await refusal(together))[1], /at most 2048/);
  for (const gone of ['arn:aws:iam::aws:policy/Nothing', 'arn:aws:iam::111122223333:policy/own', APP]) {
    assert.deepEqual(await refusal(assume({ PolicyArns: [{ arn: gone }] })), [
      'ValidationError',
      `Policy ${gone} does not exist or is not attachable.`,
    ]);
  }
});

test('tags that cannot be packed', async () => {
  const noise = (seed: number) => Buffer.from(Array.from({ length: 192 }, (_, i) => (i * seed * 31 + seed ** 3) % 251));
  const Tags = Array.from({ length: 50 }, (_, i) => ({ Key: `k${i}`, Value: noise(i + 1).toString('base64') }));
  const [code, message] = await refusal(assume({ Tags }));
  assert.equal(code, 'PackedPolicyTooLargeException');
  assert.match(message, /^Packed policy consumes \d{3}% of allotted space, please use smaller policy\.$/);
});

test('transitive tags stay through a chain and cannot be overwritten', async () => {
  const Tags = [
    { Key: 'Star', Value: '1' },
    { Key: 'Moon', Value: '2' },
  ];
  const first = sts.opened(await assume({ Tags, TransitiveTagKeys: ['star'] }));
  assert.deepEqual(first.session.tags, { Star: '1', Moon: '2' });
  const second = sts.opened(await assume({ RoleArn: roleArn('second'), Tags: [{ Key: 'Sun', Value: '3' }] }, first));
  assert.deepEqual(second.session.tags, { Star: '1', Sun: '3' });
  const third = sts.opened(await assume({ RoleArn: roleArn('second') }, second));
  assert.deepEqual(third.session.tags, { Star: '1' });
  const over = await refusal(assume({ Tags: [{ Key: 'STAR', Value: '9' }] }, third));
  assert.equal(over[0], 'InvalidParameterValue');
  assert.match(over[1], /conflicts with a transitive tag key from the calling session/);
});

test('a source identity stays through a chain and cannot be changed', async () => {
  const answer = await assume({ SourceIdentity: 'ann' });
  assert.equal(answer.SourceIdentity, 'ann');
  const first = sts.opened(answer);
  const second = await assume({ RoleArn: roleArn('second') }, first);
  assert.equal(second.SourceIdentity, 'ann');
  assert.equal(sts.opened(second).session.sourceIdentity, 'ann');
  assert.ok(await assume({ SourceIdentity: 'ann' }, first));
  assert.equal((await refusal(assume({ SourceIdentity: 'bob' }, first)))[0], 'AccessDeniedException');
});

test('what the gateway is told: condition keys, and permissions for tags and source identity', async () => {
  const tx = {} as ReadTx;
  const { input, resources, conditions, also } = STS_CASES.AssumeRole ?? assert.fail();
  assert.deepEqual(await AssumeRole.resources(input, TEST_SCOPE, tx), resources);
  assert.deepEqual(await AssumeRole.conditions?.(input, TEST_SCOPE, tx), conditions);
  assert.deepEqual(await AssumeRole.also?.(input, TEST_SCOPE, tx), also);
  const plain = { RoleArn: APP, RoleSessionName: 'session' };
  assert.deepEqual(await AssumeRole.conditions?.(plain, TEST_SCOPE, tx), { 'sts:rolesessionname': 'session' });
  assert.deepEqual(await AssumeRole.also?.(plain, TEST_SCOPE, tx), []);
  // What a calling session hands on needs them too.
  const also4: (...args: unknown[]) => unknown = AssumeRole.also as never;
  const caller = chained({ tags: { a: '1' }, transitiveTagKeys: ['a'], sourceIdentity: 'ann' });
  const further = (await also4(plain, TEST_SCOPE, tx, caller)) as { action: string }[];
  assert.deepEqual(
    further.map(({ action }) => action),
    ['sts:TagSession', 'sts:SetSourceIdentity'],
  );
});
