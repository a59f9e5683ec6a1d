import assert from 'node:assert/strict';
import { test } from 'node:test';
import { exclusionFilters, mutabilityOf } from './mutability-setting.ts';

const wildcards = (...filters: readonly string[]) =>
  filters.map((filter) => ({ filterType: 'WILDCARD' as const, filter }));

test('up to five filters, each with up to two wildcards', () => {
  const filters = wildcards('latest', 'dev-*', '*-rc*', 'a.b_c-D9', '*');
  const setting = mutabilityOf({
    imageTagMutability: 'IMMUTABLE_WITH_EXCLUSION',
    imageTagMutabilityExclusionFilters: filters,
  });
  assert.deepEqual(setting.mutabilityExclusions, ['latest', 'dev-*', '*-rc*', 'a.b_c-D9', '*']);
  assert.deepEqual(exclusionFilters(setting), { imageTagMutabilityExclusionFilters: filters });
  assert.deepEqual(exclusionFilters(mutabilityOf({})), {});
  assert.deepEqual(mutabilityOf({ imageTagMutabilityExclusionFilters: [] }), { imageTagMutability: 'MUTABLE' });
});

test('other filters are refused', () => {
  const refuses = (
    filters: readonly unknown[] | undefined,
    words: RegExp,
    imageTagMutability = 'MUTABLE_WITH_EXCLUSION',
  ) =>
    assert.throws(
      () =>
        mutabilityOf({
          imageTagMutability,
          imageTagMutabilityExclusionFilters: filters as ReturnType<typeof wildcards>,
        }),
      { code: 'InvalidParameterException', message: words },
    );
  refuses(undefined, /length between 1 and 5/);
  refuses([], /length between 1 and 5/);
  refuses(wildcards('a', 'b', 'c', 'd', 'e', 'f'), /length between 1 and 5/);
  refuses([{ filterType: 'PREFIX', filter: 'a' }], /enum value set: \[WILDCARD\]/);
  refuses(wildcards('a b'), /regular expression pattern/);
  refuses(wildcards(''), /regular expression pattern/);
  refuses(wildcards('x'.repeat(129)), /regular expression pattern/);
  refuses(wildcards('*a*b*'), /more than 2 wildcards/);
  refuses(wildcards('a'), /only be given with an imageTagMutability/, 'IMMUTABLE');
});
