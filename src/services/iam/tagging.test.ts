import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tagList, tagMember, tagPage, tagsFrom, withoutTags } from './tagging.ts';

const fifty = Array.from({ length: 50 }, (_, n) => ({ Key: `k${n}`, Value: '' }));

test('a key takes the place of the one that differs in case only, and keeps its own spelling', () => {
  assert.deepEqual(tagsFrom([{ Key: 'team', Value: 'b' }], { Team: 'a', env: 'x' }), { env: 'x', team: 'b' });
  assert.deepEqual(withoutTags({ Team: 'a', env: 'x' }, ['TEAM', 'none']), { env: 'x' });
});

test('the same key twice is refused, whatever its case', () => {
  const twice = [
    { Key: 'a', Value: '1' },
    { Key: 'A', Value: '2' },
  ];
  assert.throws(() => tagsFrom(twice), {
    code: 'InvalidInputException',
    message: 'Duplicate tag keys found. Please note that Tag keys are case insensitive.',
  });
});

test('fifty tags at most: in one request, and together', () => {
  assert.equal(Object.keys(tagsFrom(fifty)).length, 50);
  assert.throws(() => tagsFrom([...fifty, { Key: 'one', Value: '' }]), /at 'tags' .* less than or equal to 50$/);
  assert.throws(() => tagsFrom([{ Key: 'one', Value: '' }], tagsFrom(fifty)), {
    code: 'LimitExceededException',
    message: 'The number of tags has reached the maximum limit.',
  });
  assert.throws(() => withoutTags({}, [...fifty.map(({ Key }) => Key), 'one']), /at 'tagKeys'/);
});

test('keys and values have their lengths and characters; aws: is reserved', () => {
  const bad = (Key: string, Value = '') => [
    { Key: 'fine', Value: '' },
    { Key, Value },
  ];
  assert.throws(() => tagsFrom(bad('')), /at 'tags.2.member.key' .* greater than or equal to 1$/);
  assert.throws(() => tagsFrom(bad('k'.repeat(129))), /at 'tags.2.member.key' .* less than or equal to 128$/);
  assert.throws(() => tagsFrom(bad('k', 'v'.repeat(257))), /at 'tags.2.member.value' .* less than or equal to 256$/);
  assert.throws(() => tagsFrom(bad('a*')), /at 'tags.2.member.key' .* pattern: \[/);
  assert.throws(() => tagsFrom(bad('a', 'b*')), /at 'tags.2.member.value' .* pattern: \[/);
  assert.throws(() => tagsFrom(bad('AWS:x')), { code: 'InvalidInputException', message: /^aws: prefixed/ });
});

test('tags are listed, paged, and left out of a view where there are none', () => {
  assert.deepEqual(tagList({ b: '1', a: '2' }), [
    { Key: 'b', Value: '1' },
    { Key: 'a', Value: '2' },
  ]);
  assert.deepEqual(tagMember({}), {});
  assert.deepEqual(tagPage({ b: '1', a: '2' }, { MaxItems: 1 }).Tags, [{ Key: 'a', Value: '2' }]);
});
