import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JWTPayload } from 'jose';
import type { Input } from '../../../api/clients.ts';
import { DiscoveredKeySets } from '../../../identity/oidc/key-sets.ts';
import { openTestProvider } from '../../../identity/oidc/testing.ts';
import type { TestProvider } from '../../../identity/oidc/testing.ts';
import { FakeClock } from '../../../kernel/clock.ts';
import type { Principal } from '../../../identity/principal.ts';
import { ACCOUNT, openSts, refusal, roleArn, roleId } from '../testing.ts';
import type { TestRole, TestSts } from '../testing.ts';

const SUBJECT = 'repo:octo/app:ref:refs/heads/main';
const NOT_AUTHORIZED = ['AccessDeniedException', 'Not authorized to perform sts:AssumeRoleWithWebIdentity'];
/** As the gateway names whoever did not sign. */
const principal: Principal = { kind: 'web-identity', account: ACCOUNT, arn: 'anonymous', userId: 'anonymous' };

let idp: TestProvider;
let sts: TestSts;
let providerArn: string;

before(async () => {
  idp = await openTestProvider();
  providerArn = `arn:aws:iam::${ACCOUNT}:oidc-provider/${idp.url}`;
  sts = openSts(
    {
      providers: { [providerArn]: { clientIds: ['sts.amazonaws.com'], thumbprints: [idp.thumbprint] } },
      roles: rolesOf(providerArn, idp.url),
    },
    new DiscoveredKeySets(new FakeClock()),
  );
});
after(async () => {
  await sts.close();
  await idp.close();
});

function rolesOf(Federated: string, url: string): Record<string, TestRole> {
  const statement = (more: object, Action: string | string[] = 'sts:AssumeRoleWithWebIdentity') => ({
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Principal: { Federated }, Action, ...more }],
  });
  const Condition = {
    StringEquals: { [`${url}:aud`]: 'sts.amazonaws.com' },
    StringLike: { [`${url}:sub`]: 'repo:octo/app:*' },
  };
  const tagging = ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession', 'sts:SetSourceIdentity'];
  const tagged = {
    StringEquals: { 'aws:RequestTag/team': 'a', 'sts:SourceIdentity': 'octocat', 'sts:RoleSessionName': 'run' },
    'ForAllValues:StringEquals': { 'aws:TagKeys': ['team'], 'sts:TransitiveTagKeys': ['team'] },
  };
  return {
    deploy: { trustPolicy: statement({ Condition }), maxSessionSeconds: 7200 },
    tagging: { trustPolicy: statement({ Condition: tagged }, tagging) },
    other: { trustPolicy: statement({ Principal: { Federated: `${Federated}x` } }) },
    account: { trustPolicy: statement({ Principal: { AWS: ACCOUNT } }) },
    methods: { trustPolicy: statement({ Condition: { 'ForAnyValue:StringEquals': { [`${url}:amr`]: 'mfa' } } }) },
  };
}

function token(claims: JWTPayload = {}, options?: { stranger: boolean }): Promise<string> {
  const now = sts.clock.now() / 1000;
  return idp.sign({ sub: SUBJECT, aud: 'sts.amazonaws.com', iat: now, exp: now + 300, ...claims }, options);
}

async function assume(claims: JWTPayload = {}, input: Partial<Input<'sts', 'AssumeRoleWithWebIdentity'>> = {}) {
  const WebIdentityToken = input.WebIdentityToken ?? (await token(claims));
  const RoleArn = roleArn('deploy');
  return sts.call(
    'AssumeRoleWithWebIdentity',
    { RoleArn, RoleSessionName: 'run', ...input, WebIdentityToken },
    { principal },
  );
}

test("GitHub's flow: a workflow's token assumes the role that trusts its repository", async () => {
  const answer = await assume({}, { DurationSeconds: 7200 });
  const { Credentials, ...rest } = answer;
  assert.deepEqual(rest, {
    AssumedRoleUser: {
      AssumedRoleId: `${roleId('deploy')}:run`,
      Arn: `arn:aws:sts::${ACCOUNT}:assumed-role/deploy/run`,
    },
    SubjectFromWebIdentityToken: SUBJECT,
    Audience: 'sts.amazonaws.com',
    Provider: providerArn,
  });
  assert.equal(Credentials?.Expiration?.getTime(), sts.clock.now() + 7_200_000);
  assert.deepEqual(sts.opened(answer).session.webIdentity, {
    provider: providerArn,
    subject: SUBJECT,
    audience: 'sts.amazonaws.com',
  });
});

test('another repository, another provider, a role for somebody else, and one that is not there', async () => {
  assert.deepEqual(await refusal(assume({ sub: 'repo:evil/app:ref:refs/heads/main' })), NOT_AUTHORIZED);
  for (const RoleArn of [
    roleArn('other'),
    roleArn('account'),
    roleArn('gone'),
    roleArn('deploy', '/path/'),
    'arn:aws:iam::111122223333:role/deploy',
  ]) {
    assert.deepEqual(await refusal(assume({}, { RoleArn })), NOT_AUTHORIZED, RoleArn);
  }
});

test('claims of the token are condition keys', async () => {
  const RoleArn = roleArn('methods');
  assert.ok(await assume({ amr: ['pwd', 'mfa'] }, { RoleArn }));
  assert.deepEqual(await refusal(assume({ amr: ['pwd'] }, { RoleArn })), NOT_AUTHORIZED);
  assert.deepEqual(await refusal(assume({}, { RoleArn })), NOT_AUTHORIZED);
});

test('a token that is not good is told from a role that does not trust it', async () => {
  const other = await openTestProvider();
  const now = sts.clock.now() / 1000;
  const unknown = await other.sign({ sub: SUBJECT, aud: 'sts.amazonaws.com', iat: now, exp: now + 300 });
  await other.close();
  assert.deepEqual(await refusal(assume({}, { WebIdentityToken: unknown })), [
    'InvalidIdentityTokenException',
    `No OpenIDConnect provider found in your account for https://${other.url}`,
  ]);
  const stranger = await token({}, { stranger: true });
  assert.equal((await refusal(assume({}, { WebIdentityToken: stranger })))[0], 'InvalidIdentityTokenException');
  assert.equal((await refusal(assume({ exp: now - 1 })))[0], 'ExpiredTokenException');
  assert.deepEqual(await refusal(assume({ aud: 'sts.example.com' })), [
    'InvalidIdentityTokenException',
    'Incorrect token audience',
  ]);
  assert.match((await refusal(assume({}, { WebIdentityToken: 'Atza|abc' })))[1], /not a valid JWT/);
});

test('tags and a source identity of the token go into the session, where the role trusts it with them', async () => {
  const RoleArn = roleArn('tagging');
  const claims = {
    'https://aws.amazon.com/tags': { principal_tags: { team: ['a'] }, transitive_tag_keys: ['team'] },
    'https://aws.amazon.com/source_identity': 'octocat',
  };
  const answer = await assume(claims, { RoleArn });
  assert.equal(answer.SourceIdentity, 'octocat');
  assert.ok((answer.PackedPolicySize ?? 0) > 0);
  const { tags, transitiveTagKeys, sourceIdentity } = sts.opened(answer).session;
  assert.deepEqual([tags, transitiveTagKeys, sourceIdentity], [{ team: 'a' }, ['team'], 'octocat']);
  const [, message] = await refusal(assume(claims));
  assert.equal(message, 'Not authorized to perform sts:TagSession');
  const identityOnly = { 'https://aws.amazon.com/source_identity': 'octocat' };
  assert.equal((await refusal(assume(identityOnly)))[1], 'Not authorized to perform sts:SetSourceIdentity');
  const otherTeam = { ...claims, 'https://aws.amazon.com/tags': { principal_tags: { team: 'b' } } };
  assert.deepEqual(await refusal(assume(otherTeam, { RoleArn })), NOT_AUTHORIZED);
  assert.deepEqual(await refusal(assume(claims, { RoleArn, RoleSessionName: 'other' })), NOT_AUTHORIZED);
});

test('parameters: durations, names, session policies, and ProviderId', async () => {
  assert.match((await refusal(assume({}, { DurationSeconds: 7201 })))[1], /exceeds the MaxSessionDuration/);
  assert.match((await refusal(assume({}, { DurationSeconds: 43_201 })))[1], /less than or equal to 43200/);
  assert.match((await refusal(assume({}, { RoleSessionName: 'a b' })))[1], /at 'roleSessionName'/);
  assert.equal((await refusal(assume({}, { Policy: 'x' })))[0], 'MalformedPolicyDocumentException');
  assert.match((await refusal(assume({}, { ProviderId: 'www.amazon.com' })))[1], /^ProviderId is not supported/);
  const [, message] = await refusal(assume({}, { WebIdentityToken: 'x'.repeat(20_001) }));
  assert.equal(
    message,
    "1 validation error detected: Value '***' at 'webIdentityToken' failed to satisfy constraint: " +
      'Member must have length less than or equal to 20000',
  );
});
