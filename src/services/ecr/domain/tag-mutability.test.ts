import assert from 'node:assert/strict';
import { test } from 'node:test';
import { isMutable } from './tag-mutability.ts';

test('exclusions turn the setting around for the tags that they fit', () => {
  const tags = ['latest', 'dev-1', 'v1.0', 'dev'];
  const mutable = (imageTagMutability: Parameters<typeof isMutable>[0]['imageTagMutability']) =>
    tags.filter((tag) => isMutable({ imageTagMutability, mutabilityExclusions: ['latest', 'dev-*', 'v*0'] }, tag));
  assert.deepEqual(mutable('MUTABLE'), tags);
  assert.deepEqual(mutable('IMMUTABLE'), []);
  assert.deepEqual(mutable('MUTABLE_WITH_EXCLUSION'), ['dev']);
  assert.deepEqual(mutable('IMMUTABLE_WITH_EXCLUSION'), ['latest', 'dev-1', 'v1.0']);
});
