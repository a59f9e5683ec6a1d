import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { checkPolicy, type PolicyKind } from './document.ts';
import { policyText } from './testing.ts';

const ALLOW = { Effect: 'Allow', Action: 'ecs:RunTask', Resource: '*' };
const TRUST = { Effect: 'Allow', Principal: { Service: 'ecs-tasks.amazonaws.com' }, Action: 'sts:AssumeRole' };
const SYNTAX = 'Syntax errors in policy.';
const LEGACY = 'The policy failed legacy parsing';

function problem(kind: PolicyKind, json: object | string): string | undefined {
  return checkPolicy(typeof json === 'string' ? json : policyText(json), kind)?.message;
}

const permissions = (statement: object | string) => problem('identity', statement);
const trust = (statement: object | string) => problem('trust', statement);

describe('a policy of permissions', () => {
  test('may be as AWS documents it', () => {
    const policies = [
      ALLOW,
      { ...ALLOW, Sid: 'One1', Condition: { 'ForAnyValue:StringLike': { 'aws:TagKeys': ['a', 'b'] } } },
      { Effect: 'Deny', NotAction: ['iam:*', '*'], NotResource: ['arn:aws:s3:::b/${aws:username}/*', 'arn:*:ecs:*'] },
      { ...ALLOW, Condition: { NumericLessThan: { 's3:max-keys': 10 }, Bool: { 'aws:SecureTransport': true } } },
      { ...ALLOW, Condition: { DateLessThan: { 'aws:CurrentTime': ['2026-01-01T00:00:00Z', '1767225600'] } } },
      { ...ALLOW, Condition: { StringEquals: { 'token.actions.githubusercontent.com:sub': 'repo:a/b:*' } } },
      { Version: '2008-10-17', Id: 'x', Statement: [ALLOW, ALLOW] },
      { Statement: ALLOW },
    ];
    for (const kind of ['identity', 'session', 'boundary'] as const) {
      for (const policy of policies) assert.equal(problem(kind, policy), undefined, JSON.stringify(policy));
    }
  });

  test('has the syntax of the language', () => {
    const wrong = [
      '',
      '[]',
      '{',
      '{"Version":"2012-10-17"}',
      '{"Statement":[]}',
      '{"Statement":{"Effect":"Allow","Effect":"Deny","Action":"*","Resource":"*"}}',
      `{"Statement":${JSON.stringify(ALLOW)},"Statement":[]}`,
      { Version: '2012-10-18', Statement: ALLOW },
      { Version: '2012-10-17', Statement: ALLOW, Conditions: {} },
      { Statement: [ALLOW, 'x'] },
      { ...ALLOW, Effect: undefined },
      { ...ALLOW, Effect: 'Grant' },
      { ...ALLOW, Actions: '*' },
      { ...ALLOW, NotAction: '*' },
      { ...ALLOW, NotResource: '*' },
      { ...ALLOW, Action: [1] },
      { ...ALLOW, Resource: {} },
      { ...ALLOW, Sid: 1 },
      { ...ALLOW, Condition: [] },
      { ...ALLOW, Condition: { StringEquals: 'a' } },
      { ...ALLOW, Condition: { StringEquals: { 'aws:userid': { a: 1 } } } },
      { ...ALLOW, Condition: { StringMatches: { 'aws:userid': 'a' } } },
    ];
    for (const policy of wrong) assert.equal(permissions(policy), SYNTAX, JSON.stringify(policy));
  });

  test('names twice are found wherever they are, and only names', () => {
    assert.equal(permissions(policyText({ ...ALLOW, Action: ['ecs:RunTask', 'ecs:RunTask'] })), undefined);
    const twice = policyText({ ...ALLOW, Condition: { Null: { 'aws:a': 'true' } } });
    assert.equal(permissions(twice.replace('"aws:a":"true"', '"aws:a":"true","\\u0061ws:a":"true"')), SYNTAX);
  });

  test('says what it is about', () => {
    assert.equal(permissions({ ...ALLOW, Principal: '*' }), 'Policy document should not specify a principal.');
    assert.equal(permissions({ ...ALLOW, Action: undefined }), 'Policy statement must contain actions.');
    assert.equal(permissions({ ...ALLOW, Action: [] }), 'Policy statement must contain actions.');
    assert.equal(permissions({ ...ALLOW, Resource: undefined }), 'Policy statement must contain resources.');
    assert.equal(
      permissions({
        Statement: [
          { ...ALLOW, Sid: 'a' },
          { ...ALLOW, Sid: 'a' },
        ],
      }),
      'Statement IDs (SID) in a single policy must be unique.',
    );
    assert.match(permissions({ ...ALLOW, Sid: 'a b' }) ?? '', /^Statement IDs \(SID\) must be alpha-numeric/);
  });

  test('names actions with their vendor', () => {
    const prefaced = 'Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.';
    assert.equal(permissions({ ...ALLOW, Action: 'RunTask' }), prefaced);
    assert.equal(permissions({ ...ALLOW, Condition: { StringEquals: { userid: 'a' } } }), prefaced);
    assert.equal(permissions({ ...ALLOW, Action: 'ecs:Run:Task' }), 'Actions/Condition can contain only one colon.');
    assert.equal(permissions({ ...ALLOW, Action: 'e_s:RunTask' }), 'Vendor e_s is not valid');
    assert.equal(permissions({ ...ALLOW, Action: 'ecs:Run Task' }), LEGACY);
  });

  test('names resources as IAM wants them', () => {
    const resource = (Resource: string) => permissions({ ...ALLOW, Resource });
    assert.equal(resource('cluster'), 'Resource cluster must be in ARN format or "*".');
    assert.equal(resource(''), 'Resource  must be in ARN format or "*".');
    assert.equal(resource('arn:azure:ecs:x'), 'Partition "azure" is not valid for resource "arn:azure:ecs:x:*:*".');
    assert.equal(resource('arn:aws:e*:::x'), 'Resource vendor must be fully qualified and cannot contain regexes.');
    assert.equal(resource('arn:aws'), 'Resource vendor must be fully qualified and cannot contain regexes.');
    assert.equal(resource('arn:aws:s3:eu:: b'), 'Resource arn:aws:s3:eu:: b can not contain region information.');
    assert.equal(
      resource('arn:aws:iam:eu:1:role/x'),
      'IAM resource arn:aws:iam:eu:1:role/x cannot contain region information.',
    );
    assert.match(resource('arn:aws:iam::1:u*') ?? '', /^IAM resource path must either be "\*" or start with user\/, /);
    assert.equal(resource('arn:aws:iam::1:user/x'), undefined);
    assert.equal(resource('arn:aws:iam::1:*'), undefined);
  });

  test('passes the older parser', () => {
    assert.equal(permissions({ ...ALLOW, Effect: 'allow' }), LEGACY);
    assert.equal(permissions({ ...ALLOW, Resource: 'arn:aws::us-east-1:1:x' }), LEGACY);
    assert.equal(permissions({ ...ALLOW, Resource: 'arn:aws:s3::b' }), LEGACY);
    assert.equal(permissions({ ...ALLOW, Condition: { DateEquals: { 'aws:CurrentTime': 'noon' } } }), LEGACY);
  });
});

describe('a trust policy', () => {
  test('may be as AWS documents it', () => {
    const principals = [
      '*',
      { AWS: '*' },
      { AWS: ['123456789012', 'arn:aws:iam::123456789012:root', 'arn:aws:iam::123456789012:user/a/b'] },
      { AWS: 'arn:aws:sts::123456789012:assumed-role/web/task-1', Service: ['ec2.amazonaws.com', 'ecs.amazonaws.com'] },
      { AWS: 'AROAEXAMPLEWEB000000' },
      { Federated: 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com' },
      { Federated: 'cognito-identity.amazonaws.com' },
    ];
    for (const Principal of principals) assert.equal(trust({ ...TRUST, Principal }), undefined);
    assert.equal(trust({ ...TRUST, Action: ['sts:AssumeRoleWithWebIdentity', 'sts:TagSession'] }), undefined);
  });

  test('says who may do what', () => {
    assert.equal(trust('x'), 'This policy contains invalid Json');
    assert.equal(trust({ Version: '1', Statement: TRUST }), 'The policy must contain a valid version string');
    assert.equal(trust({ Statement: [] }), 'Could not parse the policy: Statement is empty!');
    assert.equal(trust({ ...TRUST, Effect: undefined }), 'Missing required field Effect');
    assert.equal(trust({ ...TRUST, Effect: 'allow' }), 'Invalid effect: allow');
    assert.equal(trust({ ...TRUST, Principal: undefined }), 'Missing required field Principal');
    assert.equal(trust({ ...TRUST, Principal: {} }), 'Missing required field Principal cannot be empty!');
    assert.equal(trust({ ...TRUST, Action: undefined }), 'Missing required field Action');
    const notPrincipal = { ...TRUST, Principal: undefined, NotPrincipal: '*' };
    assert.equal(trust(notPrincipal), 'AssumeRole policy must not contain NotPrincipal field.');
    assert.equal(trust({ ...TRUST, Resource: '*' }), 'Has prohibited field Resource');
    assert.equal(trust({ ...TRUST, NotResource: '*' }), 'AssumeRole policy must not contain resources.');
    const only = 'AssumeRole policy may only specify STS AssumeRole actions.';
    assert.equal(trust({ ...TRUST, Action: '*' }), only);
    assert.equal(trust({ ...TRUST, Action: ['sts:AssumeRole', 's3:GetObject'] }), only);
    const twice = [
      { ...TRUST, Sid: 'a' },
      { ...TRUST, Sid: 'a' },
    ];
    assert.equal(trust({ Statement: twice }), 'The Statement Ids in the policy are not unique');
    assert.equal(trust({ ...TRUST, Condition: { Equals: {} }, Extra: 1 }), 'Syntax error in policy.');
  });

  test('names principals that can be', () => {
    const invalid = (Principal: unknown) => trust({ ...TRUST, Principal });
    const wildcard = 'arn:aws:iam::123456789012:role/*';
    assert.equal(invalid({ AWS: wildcard }), `Invalid principal in policy: "AWS":"${wildcard}"`);
    assert.equal(invalid({ AWS: ['123456789012', '12'] }), 'Invalid principal in policy: "AWS":"12"');
    assert.equal(invalid({ Service: 'ecs' }), 'Invalid principal in policy: "SERVICE":"ecs"');
    for (const type of ['User', 'constructor', '__proto__']) {
      assert.equal(invalid({ [type]: 'a' }), `Invalid principal in policy: "${type}"`);
    }
    assert.equal(invalid('123456789012'), 'Invalid principal in policy: "AWS":"123456789012"');
    assert.equal(
      invalid({ Federated: 'x y' }),
      'Federated principals must be valid domain names or SAML metadata ARNs',
    );
  });
});

test('a resource policy names principals and need not name resources', () => {
  const statement = { Effect: 'Allow', Principal: '*', Action: 'ecr:BatchGetImage' };
  assert.equal(problem('resource', statement), undefined);
  assert.equal(problem('resource', { ...statement, Sid: 'pull from here', Resource: '*' }), undefined);
  assert.equal(problem('resource', { ...statement, Principal: undefined }), 'Missing required field Principal');
  assert.equal(problem('resource', { ...statement, Action: [] }), 'Missing required field Action');
  assert.match(problem('resource', { ...statement, Action: 'Pull' }) ?? '', /prefaced by a vendor/);
  assert.match(problem('resource', { ...statement, Principal: { AWS: 'x' } }) ?? '', /^Invalid principal/);
  assert.equal(problem('resource', '{}'), SYNTAX);
});
