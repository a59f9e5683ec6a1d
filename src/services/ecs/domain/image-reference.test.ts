import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolveImage } from './image-reference.ts';

test("an ECR host name is this server's registry, in the scope that it names", () => {
  assert.deepEqual(resolveImage('123456789012.dkr.ecr.eu-west-1.amazonaws.com/team/site:v1', '127.0.0.1:4566'), {
    reference: '127.0.0.1:4566/team/site:v1',
    from: 'ecr',
    account: '123456789012',
    region: 'eu-west-1',
  });
});

test("this registry's own host is ECR, every other is public", () => {
  assert.equal(resolveImage('127.0.0.1:4566/site@sha256:00', '127.0.0.1:4566').from, 'ecr');
  assert.equal(resolveImage('httpd:2.4', '127.0.0.1:4566').from, 'public');
  assert.equal(resolveImage('ghcr.io/a/b', '127.0.0.1:4566').from, 'public');
});
