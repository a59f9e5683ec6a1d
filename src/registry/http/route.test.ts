import assert from 'node:assert/strict';
import { test } from 'node:test';
import { digestOf } from '../digest.ts';
import { routeOf } from './route.ts';

test('paths are read from their end', () => {
  const digest = digestOf('');
  assert.deepEqual(routeOf('/v2'), { kind: 'base' });
  assert.deepEqual(routeOf('/v2/'), { kind: 'base' });
  assert.deepEqual(routeOf('/v2/_catalog'), { kind: 'catalog' });
  assert.deepEqual(routeOf('/v2/a/b/tags/list'), { kind: 'tags', name: 'a/b' });
  assert.deepEqual(routeOf('/v2/ab/manifests/v1'), { kind: 'manifest', name: 'ab', reference: 'v1' });
  assert.deepEqual(routeOf(`/v2/ab/manifests/${digest}`), { kind: 'manifest', name: 'ab', reference: digest });
  assert.deepEqual(routeOf('/v2/tags/list/manifests/v1'), { kind: 'manifest', name: 'tags/list', reference: 'v1' });
  assert.deepEqual(routeOf(`/v2/blobs/uploads/blobs/${digest}`), { kind: 'blob', name: 'blobs/uploads', digest });
  assert.deepEqual(routeOf(`/v2/ab/blobs/${encodeURIComponent(digest)}`), { kind: 'blob', name: 'ab', digest });
  assert.deepEqual(routeOf(`/v2/a/b/referrers/${digest}`), { kind: 'referrers', name: 'a/b', subject: digest });
  assert.deepEqual(routeOf('/v2/ab/blobs/uploads/'), { kind: 'uploads', name: 'ab' });
  assert.deepEqual(routeOf('/v2/ab/blobs/uploads'), { kind: 'uploads', name: 'ab' });
  assert.deepEqual(routeOf('/v2/ab/blobs/uploads/1-2'), { kind: 'upload', name: 'ab', id: '1-2' });
});

test('what is no path of the protocol', () => {
  for (const path of ['/', '/v1/', '/v2/ab', '/v2/ab/tags', '/v2/ab/manifests/', '/v2/ab/referrers/']) {
    assert.equal(routeOf(path), undefined, path);
  }
  assert.throws(() => routeOf('/v2/ab/blobs/sha256:x'), { code: 'DIGEST_INVALID' });
  assert.throws(() => routeOf('/v2/ab/manifests/sha256:x'), { code: 'DIGEST_INVALID' });
  assert.throws(() => routeOf('/v2/ab/referrers/v1'), { code: 'DIGEST_INVALID' });
  assert.throws(() => routeOf('/v2/ab/manifests/..%2f'), { code: 'TAG_INVALID' });
  assert.throws(() => routeOf('/v2/../ab/manifests/v1'), { code: 'NAME_INVALID' });
  assert.throws(() => routeOf('/v2/manifests/v1'), { code: 'NAME_INVALID' });
});
