import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../testing.ts';
import { KINDS } from './resource-kind.ts';
import { mergeTags, tagsFor, withoutTags } from './tags.ts';

test('tags come out of the specification of the right type only', () => {
  const tags = [{ Key: 'a', Value: '1' }];
  assert.deepEqual(tagsFor(KINDS.vpc, undefined, false), {});
  assert.deepEqual(tagsFor(KINDS.vpc, [{ ResourceType: 'vpc', Tags: tags }], false), { a: '1' });
  assert.throws(
    () => tagsFor(KINDS.vpc, [{ ResourceType: 'subnet', Tags: tags }], false),
    failure('InvalidParameterValue', "'subnet' is not a valid taggable resource type for this operation."),
  );
});

const refused = (items: { Key: string; Value?: string }[], code: string) =>
  assert.throws(() => mergeTags({}, items, false), failure(code));

test('EC2 refuses doubles, reserved keys, long ones and the fifty-first', () => {
  refused([{ Key: 'a' }, { Key: 'a' }], 'InvalidParameterValue');
  refused([{ Key: 'AWS:x' }], 'InvalidParameterValue');
  refused([{ Key: '' }], 'InvalidParameterValue');
  refused([{ Key: 'k', Value: 'v'.repeat(257) }], 'InvalidParameterValue');
  refused(
    Array.from({ length: 51 }, (_, index) => ({ Key: `k${index}` })),
    'TagLimitExceeded',
  );
  assert.deepEqual(mergeTags({ a: '1' }, [{ Key: 'a', Value: '2' }, { Key: 'aws:x' }], true), { a: '2', 'aws:x': '' });
});

test('a value, given, must match for a tag to go; aws: tags stay', () => {
  const tags = { a: '1', b: '', c: '3', 'aws:x': 'y' };
  assert.deepEqual(withoutTags(tags, [{ Key: 'a' }, { Key: 'c', Value: '4' }]), { b: '', c: '3', 'aws:x': 'y' });
  assert.deepEqual(withoutTags(tags, [{ Key: 'b', Value: '' }]), { a: '1', c: '3', 'aws:x': 'y' });
  assert.deepEqual(withoutTags(tags, undefined), { 'aws:x': 'y' });
});
