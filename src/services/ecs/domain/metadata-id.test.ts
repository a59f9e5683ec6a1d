import assert from 'node:assert/strict';
import { test } from 'node:test';
import { metadataId } from './metadata-id.ts';

test('an id is the task’s, with ten digits that the container’s name and the task’s own secret decide', () => {
  const task = { id: 't1', credentialsId: 'secret' };
  for (const name of ['web', 'a', 'x'.repeat(255)]) {
    assert.match(metadataId(task, name), /^t1-[1-9]\d{9}$/);
    assert.equal(metadataId(task, name), metadataId({ ...task }, name));
    assert.notEqual(metadataId(task, name), metadataId({ ...task, credentialsId: 'other' }, name));
    assert.notEqual(metadataId(task, name), metadataId({ id: 't1' }, name));
  }
  assert.notEqual(metadataId(task, 'web'), metadataId(task, 'log'));
});
