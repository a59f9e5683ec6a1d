import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isPublicPolicy } from './public-policy.ts';

const isPublic = (statement: object) =>
  isPublicPolicy(
    JSON.stringify({ Statement: { Effect: 'Allow', Action: 'secretsmanager:*', Resource: '*', ...statement } }),
  );

test('a policy is public that lets anybody in from anywhere', () => {
  assert.ok(isPublic({ Principal: '*' }));
  assert.ok(isPublic({ Principal: { AWS: ['arn:aws:iam::123456789012:root', '*'] } }));
  assert.ok(isPublic({ NotPrincipal: { AWS: 'arn:aws:iam::123456789012:root' } }));
  assert.ok(isPublic({ Principal: '*', Condition: { StringLike: { 'aws:PrincipalArn': '*' } } }));
  assert.ok(isPublic({ Principal: '*', Condition: { IpAddress: { 'aws:SourceIp': '0.0.0.0/0' } } }));
  assert.ok(isPublic({ Principal: '*', Condition: { StringNotEquals: { 'aws:PrincipalAccount': '123456789012' } } }));
});

test('one that names who, or confines where, is not', () => {
  assert.ok(!isPublic({ Principal: { AWS: 'arn:aws:iam::123456789012:root' } }));
  assert.ok(!isPublic({ Principal: '*', Effect: 'Deny' }));
  assert.ok(!isPublic({ Principal: '*', Condition: { StringEquals: { 'aws:PrincipalAccount': '123456789012' } } }));
  assert.ok(!isPublic({ Principal: '*', Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }));
});
