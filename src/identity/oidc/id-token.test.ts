import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { JWTPayload } from 'jose';
import { FakeClock } from '../../kernel/clock.ts';
import { ServiceError } from '../../kernel/errors.ts';
import { claimedIssuer, verifyIdToken } from './id-token.ts';
import { DiscoveredKeySets } from './key-sets.ts';
import type { OidcProvider } from './key-sets.ts';
import { openTestProvider } from './testing.ts';
import type { TestProvider } from './testing.ts';

const clock = new FakeClock();
const now = clock.now() / 1000;
const CLAIMS: JWTPayload = {
  sub: 'repo:octo/app:ref:refs/heads/main',
  aud: 'sts.amazonaws.com',
  iat: now,
  exp: now + 300,
};

let idp: TestProvider;
let keySets: DiscoveredKeySets;
before(async () => {
  idp = await openTestProvider();
  keySets = new DiscoveredKeySets(clock);
});
after(() => idp.close());

function registered(clientIds = ['other', 'sts.amazonaws.com']): OidcProvider {
  const { url, thumbprint } = idp;
  return { arn: `arn:aws:iam::123456789012:oidc-provider/${url}`, url, clientIds, thumbprints: [thumbprint] };
}

async function verified(claims: JWTPayload, options: { stranger?: boolean; withoutKeyId?: boolean } = {}) {
  return verifyIdToken(await idp.sign(claims, options), registered(), keySets, clock.now());
}

async function refusal(claims: JWTPayload, options: { stranger?: boolean } = {}): Promise<[string, string]> {
  return answerTo(verified(claims, options));
}

async function answerTo(promise: Promise<unknown>): Promise<[string, string]> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof ServiceError) return [error.code, error.message];
    throw error;
  }
  return ['', 'it was accepted'];
}

test('a token of a registered provider is verified by keys that discovery finds', async () => {
  assert.equal(claimedIssuer(await idp.sign(CLAIMS)), idp.url);
  const token = await verified({ ...CLAIMS, actor: 'ann' });
  assert.equal(token.subject, 'repo:octo/app:ref:refs/heads/main');
  assert.equal(token.audience, 'sts.amazonaws.com');
  assert.equal(token.claims['actor'], 'ann');
});

test('the audience is the authorized party where there is one, else any of several', async () => {
  assert.equal((await verified({ ...CLAIMS, aud: ['elsewhere', 'sts.amazonaws.com'] })).audience, 'sts.amazonaws.com');
  assert.equal((await verified({ ...CLAIMS, aud: 'elsewhere', azp: 'other' })).audience, 'other');
  const wrong = ['InvalidIdentityTokenException', 'Incorrect token audience'];
  assert.deepEqual(await refusal({ ...CLAIMS, aud: 'elsewhere' }), wrong);
  assert.deepEqual(await refusal({ ...CLAIMS, azp: 'elsewhere' }), wrong);
  assert.deepEqual(await refusal({ sub: 's', iat: now, exp: now + 1 }), wrong);
});

test('a key that came later is fetched, and a token without a key id is tried with each', async () => {
  await idp.addKey('ES256');
  clock.advance(5000);
  assert.equal((await verified(CLAIMS)).audience, 'sts.amazonaws.com');
  await idp.addKey('RS256');
  clock.advance(5000);
  assert.equal((await verified(CLAIMS)).audience, 'sts.amazonaws.com');
  assert.equal((await verified(CLAIMS, { withoutKeyId: true })).audience, 'sts.amazonaws.com');
});

test('a token that another key signed, and one whose key nobody publishes, are refused', async () => {
  assert.deepEqual(await refusal(CLAIMS, { stranger: true }), [
    'InvalidIdentityTokenException',
    'The signature of the ID Token provided is not valid',
  ]);
  await idp.addKey();
  assert.match((await refusal(CLAIMS))[1], /Couldn't retrieve verification key/);
  clock.advance(5000);
  assert.ok(await verified(CLAIMS));
});

test('times: a token has an end, a beginning, and is not older than a day', async () => {
  const nowSeconds = Math.floor(clock.now() / 1000);
  assert.deepEqual(await refusal({ ...CLAIMS, exp: nowSeconds }), [
    'ExpiredTokenException',
    `Token expired: current date/time ${nowSeconds} must be before the expiration date/time${nowSeconds}`,
  ]);
  const old = { ...CLAIMS, iat: nowSeconds - 86_401, exp: nowSeconds + 10 };
  assert.deepEqual(await refusal(old), ['ExpiredTokenException', 'Token too old: 86401']);
  assert.ok(await verified({ ...CLAIMS, nbf: nowSeconds + 299 }));
  assert.match((await refusal({ ...CLAIMS, nbf: nowSeconds + 301 }))[1], /not yet valid/);
  assert.match((await refusal({ ...CLAIMS, iat: nowSeconds + 301, exp: nowSeconds + 999 }))[1], /not yet valid/);
});

test('claims that must be there', async () => {
  for (const name of ['sub', 'iat', 'exp'] as const) {
    const { [name]: _, ...rest } = CLAIMS;
    assert.deepEqual(await refusal(rest), ['InvalidIdentityTokenException', `Missing a required claim: ${name}`]);
  }
});

test('another issuer in a token that this provider signed', async () => {
  assert.match((await refusal({ ...CLAIMS, iss: 'https://elsewhere.example' }))[1], /Incorrect token issuer/);
});

test('what is no token, or is signed with no key or with a secret, is refused before anything is fetched', async () => {
  for (const text of ['', 'abc', 'a.b.c', `${Buffer.from('{}').toString('base64url')}.e30.x`]) {
    assert.throws(() => claimedIssuer(text), /not a valid JWT/);
  }
  const asked = idp.asked.length;
  const body = Buffer.from(JSON.stringify({ iss: `https://${idp.url}`, ...CLAIMS })).toString('base64url');
  for (const alg of ['none', 'HS256', 'PS256']) {
    const token = `${Buffer.from(JSON.stringify({ alg, kid: 'key-0' })).toString('base64url')}.${body}.eA`;
    const [code] = await answerTo(verifyIdToken(token, registered(), keySets, clock.now()));
    assert.equal(code, 'InvalidIdentityTokenException', alg);
  }
  assert.equal(idp.asked.length, asked);
});
