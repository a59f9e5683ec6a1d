import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decide } from './evaluate.ts';
import { explainDecision, refusal } from './explain.ts';
import type { AuthorizationRequest } from './model.ts';
import { ACCOUNT, ALICE, ALLOW_ALL, applied, ask, CLUSTER, contextOf, DENY_ALL, WEB } from './testing.ts';

/** What comes after the resource. */
function reason(request: Partial<AuthorizationRequest>): string {
  const asked = ask(request);
  const text = refusal(asked, decide(asked));
  const start = `User: ${asked.principal.arn} is not authorized to perform: ${asked.action} on resource: ${asked.resource} `;
  assert.ok(text.startsWith(start), text);
  return text.slice(start.length);
}

test('a refusal names what does not allow it', () => {
  const identity = [applied('inline', ALLOW_ALL)];
  const because = (type: string, action = 'ecs:DescribeClusters') => `because no ${type} allows the ${action} action`;
  assert.equal(reason({}), because('identity-based policy'));
  const nothing = { ...ALLOW_ALL, Action: 's3:*' };
  assert.equal(reason({ identity, boundary: applied('boundary', nothing) }), because('permissions boundary'));
  assert.equal(reason({ identity, principal: WEB, session: [] }), because('session policy'));
  assert.equal(reason({ identity, resourceAccount: '999988887777' }), because('resource-based policy'));
  const role = { action: 'sts:AssumeRole', resource: `arn:aws:iam::${ACCOUNT}:role/web` };
  assert.equal(reason({ identity, ...role }), because('role trust policy', 'sts:AssumeRole'));
});

test('a refusal names what denies it, by its ARN where it has one', () => {
  const arn = `arn:aws:iam::${ACCOUNT}:policy/no`;
  const denying = (kind: Parameters<typeof applied>[0], id: string) => ({ ...applied(kind, DENY_ALL), id });
  assert.equal(reason({ identity: [denying('inline', 'no')] }), 'with an explicit deny in an identity-based policy');
  assert.equal(
    reason({ identity: [denying('managed', arn)] }),
    `with an explicit deny in an identity-based policy: ${arn}`,
  );
  assert.equal(
    reason({ boundary: denying('boundary', arn) }),
    `with an explicit deny in a permissions boundary: ${arn}`,
  );
  assert.equal(reason({ session: [denying('session', 'inline')] }), 'with an explicit deny in a session policy');
  const resourcePolicy = { ...applied('resource', { ...DENY_ALL, Principal: '*' }), id: CLUSTER };
  assert.equal(reason({ resourcePolicy }), 'with an explicit deny in a resource-based policy');
  const role = { action: 'sts:AssumeRole', resource: `arn:aws:iam::${ACCOUNT}:role/web`, resourcePolicy };
  assert.equal(reason(role), 'with an explicit deny in the role trust policy');
});

test('EC2 says nothing of a resource that is none', () => {
  const asked = ask({ action: 'ec2:DescribeVpcs', resource: '*' });
  assert.match(refusal(asked, decide(asked)), /perform: ec2:DescribeVpcs because no/);
  assert.match(reason({ action: 'ecs:ListClusters', resource: '*' }), /^because no/);
});

test('the decoded message has the form that AWS documents', () => {
  const statement = {
    Sid: 'NoLaunch',
    Effect: 'Deny',
    Action: 'ec2:RunInstances',
    Resource: '*',
    Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' }, Null: { 'aws:TagKeys': 'false' } },
  };
  const context = contextOf({
    'aws:requestedregion': 'us-east-1',
    'aws:tagkeys': ['a', 'b'],
    'aws:userid': 'not asked for',
  });
  const resource = `arn:aws:ec2:us-east-1:${ACCOUNT}:instance/*`;
  const asked = ask({
    principal: WEB,
    action: 'ec2:RunInstances',
    resource,
    context,
    identity: [applied('inline', statement)],
  });
  const values = (...list: string[]) => ({ items: list.map((value) => ({ value })) });
  assert.deepEqual(explainDecision(asked, decide(asked)), {
    allowed: false,
    explicitDeny: true,
    matchedStatements: {
      items: [
        {
          statementId: 'NoLaunch',
          effect: 'DENY',
          principals: values('AROAEXAMPLEWEB000000'),
          principalGroups: values(),
          actions: values('ec2:RunInstances'),
          resources: values('*'),
          conditions: {
            items: [
              { key: 'aws:RequestedRegion', values: values('us-east-1') },
              { key: 'aws:TagKeys', values: values('false') },
            ],
          },
        },
      ],
    },
    failures: { items: [] },
    context: {
      principal: { id: 'AROAEXAMPLEWEB000000:task-1', arn: WEB.arn },
      action: 'ec2:RunInstances',
      resource,
      conditions: {
        items: [
          { key: 'aws:requestedregion', values: values('us-east-1') },
          { key: 'aws:tagkeys', values: values('a', 'b') },
        ],
      },
    },
  });
  const { context: of } = explainDecision(ask(), decide(ask()));
  assert.deepEqual(of.principal, { id: ALICE.userId, name: 'alice', arn: ALICE.arn });
});
