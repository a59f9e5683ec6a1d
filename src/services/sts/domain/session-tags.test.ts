import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sessionTags, tagProblems } from './session-tags.ts';

const pair = (Key: string, Value = '1') => ({ Key, Value });

test('tags of a request and those that the caller hands on', () => {
  const caller = {
    issuedAtMs: 0,
    expiresAtMs: 1,
    issuer: { type: 'Role', arn: 'arn', id: 'id', name: 'name' },
    tags: { Heart: '1', Sun: '2' },
    transitiveTagKeys: ['heart'],
  } as const;
  assert.deepEqual(sessionTags([pair('Star')], ['STAR'], caller), {
    tags: { Heart: '1', Star: '1' },
    transitiveTagKeys: ['Heart', 'STAR'],
  });
  assert.deepEqual(sessionTags(undefined, undefined, caller), { tags: { Heart: '1' }, transitiveTagKeys: ['Heart'] });
  assert.deepEqual(sessionTags(), { tags: {}, transitiveTagKeys: [] });
});

test('what STS refuses', () => {
  assert.throws(() => sessionTags([pair('a'), pair('A')]), /Tag keys are case insensitive/);
  assert.throws(() => sessionTags([pair('a')], ['b']), /must be included in the requested tags/);
  assert.throws(() => sessionTags([], ['b']), /must be included/);
  assert.throws(() => sessionTags([pair('AWS:x')]), /reserved/);
});

test('bounds of tags', () => {
  assert.deepEqual(tagProblems([pair('Ünïcode key_.:/=+-@', '')]), []);
  assert.equal(tagProblems(Array.from({ length: 51 }, (_, i) => pair(`k${i}`))).length, 1);
  assert.match(tagProblems([pair('a'), pair('')])[0] ?? '', /at 'tags\.2\.member\.key'/);
  assert.match(tagProblems([pair('x'.repeat(129))])[0] ?? '', /less than or equal to 128/);
  assert.match(tagProblems([pair('a', '#')])[0] ?? '', /at 'tags\.1\.member\.value'.*regular expression/);
});
