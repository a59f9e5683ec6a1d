import assert from 'node:assert/strict';
import { test } from 'node:test';
import { rootPrincipal, servicePrincipal } from '../../../api/invoke.ts';
import { linkedRole, sessionOf } from '../testing.ts';
import { ipOwnerAlias, LOAD_BALANCING, serviceAlias, serviceOf } from './requester.ts';

test('a service is known as itself and under its service-linked role, a user under no role', () => {
  assert.equal(serviceOf(servicePrincipal('ecs.amazonaws.com', '123456789012')), 'ecs.amazonaws.com');
  assert.equal(serviceOf(linkedRole('ecs.amazonaws.com', 'AWSServiceRoleForECS')), 'ecs.amazonaws.com');
  assert.equal(serviceOf(sessionOf('AWSServiceRoleForECS')), undefined);
  assert.equal(serviceOf(rootPrincipal('123456789012')), undefined);
});

test('what EC2 calls a service', () => {
  assert.deepEqual([serviceAlias('ecs.amazonaws.com'), ipOwnerAlias('ecs.amazonaws.com')], ['amazon-ecs', 'amazon']);
  assert.deepEqual([serviceAlias(LOAD_BALANCING), ipOwnerAlias(LOAD_BALANCING)], ['amazon-elb', 'amazon-elb']);
});
