import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roleSession } from '../identity/role-session.ts';
import { requestContext } from './request-context.ts';

const NOW = Date.parse('2026-01-02T03:04:05Z');
const ACCOUNT = '123456789012';

test('a session keeps what the token of its web identity proved', () => {
  const role = { arn: `arn:aws:iam::${ACCOUNT}:role/deploy`, id: 'AROAEXAMPLE', account: ACCOUNT, name: 'deploy' };
  const provider = `arn:aws:iam::${ACCOUNT}:oidc-provider/Tokens.example.com:8443/org`;
  const context = (webIdentity?: { provider: string; subject: string; audience: string }) =>
    requestContext({
      principal: roleSession(role, {
        sessionName: 'ci',
        issuedAtMs: NOW,
        expiresAtMs: NOW + 3_600_000,
        ...(webIdentity && { webIdentity }),
      }),
      facts: { sourceIp: '192.0.2.1', secure: false },
      region: 'us-east-1',
      now: NOW,
      principalTags: {},
      conditions: {},
      resourceAccount: ACCOUNT,
    });
  const known = context({ provider, subject: 'repo:org/name', audience: 'sts.amazonaws.com' });
  assert.equal(known.get('tokens.example.com:8443/org:sub'), 'repo:org/name');
  assert.equal(known.get('tokens.example.com:8443/org:aud'), 'sts.amazonaws.com');
  assert.equal(known.get('other.example.com:sub'), undefined);
  assert.equal(known.get('aws:federatedprovider'), provider);
  assert.equal(context().get('tokens.example.com:8443/org:sub'), undefined);
  assert.equal(context().get('constructor'), undefined);
});
