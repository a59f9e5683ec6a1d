import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FakeClock } from '../../kernel/clock.ts';
import { DiscoveredKeySets } from './key-sets.ts';

const provider = { url: 'idp.example/realm', thumbprints: ['a'] };
const CONFIGURATION = 'https://idp.example/realm/.well-known/openid-configuration';
const KEYS = 'https://keys.example/jwks';

function world(documents: Record<string, unknown> = {}) {
  const answers: Record<string, unknown> = {
    [CONFIGURATION]: { issuer: 'https://idp.example/realm', jwks_uri: KEYS },
    [KEYS]: { keys: [{ kty: 'RSA', kid: 'k' }] },
    ...documents,
  };
  const asked: string[] = [];
  const clock = new FakeClock();
  const keySets = new DiscoveredKeySets(clock, async (url) => {
    asked.push(url.href);
    const answer = answers[url.href];
    if (answer instanceof Error) throw answer;
    return answer;
  });
  return { keySets, asked, clock, answers };
}

test('keys are found by discovery and kept for an hour', async () => {
  const { keySets, asked, clock } = world();
  const [first] = await Promise.all([keySets.known(provider), keySets.known(provider)]);
  assert.deepEqual(first, { keys: [{ kty: 'RSA', kid: 'k' }] });
  assert.deepEqual(asked, [CONFIGURATION, KEYS]);
  clock.advance(3_599_999);
  await keySets.known(provider);
  assert.equal(asked.length, 2);
  clock.advance(1);
  await keySets.known(provider);
  assert.equal(asked.length, 4);
});

test('they are fetched again for an unknown key, at most every five seconds, and under another thumbprint', async () => {
  const { keySets, asked, clock } = world();
  await keySets.known(provider);
  await keySets.renewed(provider);
  assert.equal(asked.length, 2);
  clock.advance(5000);
  await Promise.all([keySets.renewed(provider), keySets.renewed(provider)]);
  assert.equal(asked.length, 4);
  await keySets.known({ ...provider, thumbprints: ['b'] });
  assert.equal(asked.length, 6);
});

test('a fetch that failed is tried again at once', async () => {
  const { keySets, answers } = world({ [KEYS]: new Error('away') });
  await assert.rejects(keySets.known(provider), /away/);
  answers[KEYS] = { keys: [] };
  assert.deepEqual(await keySets.known(provider), { keys: [] });
});

test("another issuer, a key set that is not on https, and what is no key set are refused in AWS's words", async () => {
  const wrong: Record<string, unknown>[] = [
    { [CONFIGURATION]: { issuer: 'https://evil.example', jwks_uri: KEYS } },
    { [CONFIGURATION]: { issuer: 'https://idp.example/realm', jwks_uri: 'http://keys.example/jwks' } },
    { [CONFIGURATION]: { issuer: 'https://idp.example/realm' } },
    { [CONFIGURATION]: null },
    { [KEYS]: { keys: 'none' } },
    { [KEYS]: [] },
  ];
  for (const documents of wrong) {
    const { keySets } = world(documents);
    await assert.rejects(keySets.known(provider), /^ServiceError: Couldn't retrieve verification key/);
  }
});
