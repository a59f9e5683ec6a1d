import assert from 'node:assert/strict';
import { test } from 'node:test';
import { claimConditions, sourceIdentityOfClaims, tagsOfClaims } from './web-identity-claims.ts';

const GITHUB = 'token.actions.githubusercontent.com';

test("condition keys of GitHub's tokens: those that AWS documents, by provider", () => {
  const claims = { sub: 's', aud: 'a', actor: 'octocat', repository_id: '42', ref: 'refs/heads/main', run_id: '7' };
  const token = { subject: 's', audience: 'a', claims };
  assert.deepEqual(claimConditions(GITHUB, token), {
    [`${GITHUB}:sub`]: 's',
    [`${GITHUB}:aud`]: 'a',
    [`${GITHUB}:actor`]: 'octocat',
    [`${GITHUB}:ref`]: 'refs/heads/main',
    [`${GITHUB}:repository_id`]: '42',
  });
  assert.equal(claimConditions(`${GITHUB}/octo`, token)[`${GITHUB}/octo:actor`], 'octocat');
  assert.equal(claimConditions('token.actions.acme.ghe.com', token)['token.actions.acme.ghe.com:actor'], 'octocat');
  const elsewhere = claimConditions('IdP.example/Realm', token);
  assert.deepEqual(elsewhere, { 'idp.example/realm:sub': 's', 'idp.example/realm:aud': 'a' });
});

test("values that are no texts, lists, and Google's own names", () => {
  const gitlab = claimConditions('gitlab.com', {
    subject: 's',
    audience: 'a',
    claims: { project_id: 7, ref_protected: true, user_id: { no: 1 }, amr: ['pwd', 'mfa'] },
  });
  assert.equal(gitlab['gitlab.com:project_id'], '7');
  assert.equal(gitlab['gitlab.com:ref_protected'], 'true');
  assert.deepEqual(gitlab['gitlab.com:amr'], ['pwd', 'mfa']);
  assert.ok(!('gitlab.com:user_id' in gitlab));
  const google = claimConditions('accounts.google.com', { subject: 's', audience: 'azp', claims: { aud: 'app' } });
  assert.equal(google['accounts.google.com:aud'], 'azp');
  assert.equal(google['accounts.google.com:oaud'], 'app');
});

test('session tags, nested and flat', () => {
  const expected = { tags: { Project: 'Automation', CostCenter: '1' }, transitiveTagKeys: ['Project'] };
  const nested = { principal_tags: { Project: ['Automation'], CostCenter: '1' }, transitive_tag_keys: ['Project'] };
  assert.deepEqual(tagsOfClaims({ 'https://aws.amazon.com/tags': nested }), expected);
  const flat = {
    'https://aws.amazon.com/tags/principal_tags/Project': 'Automation',
    'https://aws.amazon.com/tags/principal_tags/CostCenter': ['1'],
    'https://aws.amazon.com/tags/transitive_tag_keys': ['Project'],
  };
  assert.deepEqual(tagsOfClaims(flat), expected);
  assert.deepEqual(tagsOfClaims({ sub: 's' }), { tags: {}, transitiveTagKeys: [] });
});

test('session tags and source identities that are not what they should be', () => {
  const tagged = (principal_tags: object) => () => tagsOfClaims({ 'https://aws.amazon.com/tags': { principal_tags } });
  assert.throws(tagged({ a: ['1', '2'] }), /not a single text/);
  assert.throws(tagged({ a: 1 }), /not a single text/);
  assert.throws(tagged({ a: '1', A: '2' }), /Duplicate tag keys/);
  assert.throws(tagged({ a: 'x'.repeat(257) }), /less than or equal to 256/);
  assert.equal(sourceIdentityOfClaims({}), undefined);
  assert.throws(() => sourceIdentityOfClaims({ 'https://aws.amazon.com/source_identity': 7 }), /not a text/);
  assert.throws(() => sourceIdentityOfClaims({ 'https://aws.amazon.com/source_identity': 'a b' }), /sourceIdentity/);
});
