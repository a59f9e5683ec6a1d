import assert from 'node:assert/strict';
import { test } from 'node:test';
import { roleSession } from './role-session.ts';

const role = {
  arn: 'arn:aws:iam::123456789012:role/service-role/web',
  id: 'AROAAAAAAAAAAAAAAAAAA',
  account: '123456789012',
  name: 'web',
};

test("the names of a role's session are those of STS: the role's path is left out of the ARN", () => {
  const times = { issuedAtMs: 1000, expiresAtMs: 5000 };
  assert.deepEqual(roleSession(role, { sessionName: 'task1', ...times }), {
    kind: 'assumed-role',
    account: '123456789012',
    arn: 'arn:aws:sts::123456789012:assumed-role/web/task1',
    userId: 'AROAAAAAAAAAAAAAAAAAA:task1',
    session: {
      ...times,
      issuer: { type: 'Role', arn: role.arn, id: role.id, name: 'web' },
      name: 'task1',
    },
  });
});

test('tags, policies and what else is known of a session go with it', () => {
  const facts = {
    issuedAtMs: 1000,
    expiresAtMs: 5000,
    tags: { team: 'a' },
    transitiveTagKeys: ['team'],
    sourceIdentity: 'ann',
    policies: { managedArns: ['arn:aws:iam::aws:policy/ReadOnlyAccess'] },
  };
  const session = roleSession(role, { sessionName: 's', invokedBy: 'ecs.amazonaws.com', ...facts });
  assert.equal(session.invokedBy, 'ecs.amazonaws.com');
  const { issuer: _, name: __, ...rest } = session.session;
  assert.deepEqual(rest, facts);
});
