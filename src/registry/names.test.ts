import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf, isDigest, parseDigest } from './digest.ts';
import { isRepositoryName, isTag } from './names.ts';

test('repository names follow ECR', () => {
  for (const name of ['ab', 'a/b', 'team/web-app_1.0/x9']) assert.ok(isRepositoryName(name), name);
  for (const name of ['a', '', 'A/b', 'a//b', '/ab', 'ab/', '-ab', 'ab-', 'a..b', 'ab@c', 'a:b', 'x'.repeat(257)]) {
    assert.ok(!isRepositoryName(name), name);
  }
});

test('tags follow the distribution specification', () => {
  for (const tag of ['latest', '_x', '1.0-rc.1', 'x'.repeat(128)]) assert.ok(isTag(tag), tag);
  for (const tag of ['', '.x', '-x', 'a/b', 'a:b', 'x'.repeat(129)]) assert.ok(!isTag(tag), tag);
});

test('digests are sha256 and sha512 in lower-case hex', () => {
  assert.equal(digestOf('').slice(0, 19), 'sha256:e3b0c44298fc');
  assert.equal(parseDigest(digestOf('x', 'sha512'))?.hex.length, 128);
  const { hex = '' } = parseDigest(digestOf('')) ?? {};
  for (const text of [hex, `md5:${hex}`, `sha512:${hex}`, `sha256:${hex.toUpperCase()}`, `sha256:${hex}:`, 'sha256:']) {
    assert.ok(!isDigest(text), text);
  }
});
