import assert from 'node:assert/strict';
import { test } from 'node:test';
import { familiarRepository, parseImageReference } from './image-reference.ts';

test('a reference is cut into repository, tag and digest', () => {
  assert.deepEqual(parseImageReference('nginx'), { repository: 'nginx', tag: 'latest' });
  assert.deepEqual(parseImageReference('httpd:2.4'), { repository: 'httpd', tag: '2.4' });
  assert.deepEqual(parseImageReference('127.0.0.1:4566/team/web'), {
    repository: '127.0.0.1:4566/team/web',
    tag: 'latest',
  });
  assert.deepEqual(parseImageReference('127.0.0.1:4566/web:v1'), { repository: '127.0.0.1:4566/web', tag: 'v1' });
  assert.deepEqual(parseImageReference('h:1/web@sha256:ab'), { repository: 'h:1/web', digest: 'sha256:ab' });
  assert.deepEqual(parseImageReference('web:v1@sha256:ab'), { repository: 'web', tag: 'v1', digest: 'sha256:ab' });
});

test("Docker Hub's repositories have a short form", () => {
  assert.equal(familiarRepository('docker.io/library/nginx'), 'nginx');
  assert.equal(familiarRepository('index.docker.io/team/web'), 'team/web');
  assert.equal(familiarRepository('library/nginx'), 'nginx');
  assert.equal(familiarRepository('127.0.0.1:4566/library/nginx'), '127.0.0.1:4566/library/nginx');
});
