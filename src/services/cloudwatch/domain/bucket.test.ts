import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { bucketOfValues, mergeBuckets, percentile } from './bucket.ts';

const one = (value: number) => bucketOfValues([value], [1]);

test('percentiles of few values are exact', () => {
  const bucket = [10, 20, 30, 40].map(one).reduce(mergeBuckets);
  assert.deepEqual(bucket, { count: 4, sum: 100, min: 10, max: 40, values: [10, 1, 20, 1, 30, 1, 40, 1] });
  assert.deepEqual(
    [0, 50, 100].map((percent) => percentile(bucket, percent)),
    [10, 25, 40],
  );
  assert.equal(percentile(one(5), 99), 5);
  assert.deepEqual(bucketOfValues([1, 2], [3, 0]), { count: 3, sum: 3, min: 1, max: 1 });
});

test('of a statistic set no percentile is known', () => {
  const set = { count: 3, sum: 6, min: 1, max: 3 };
  assert.equal(percentile(set, 50), undefined);
  assert.equal(percentile(mergeBuckets(set, one(2)), 50), undefined);
});

test('a bucket stays small, and its percentiles near', () => {
  fc.assert(
    fc.property(
      fc.array(fc.double({ min: 0.001, max: 1e6, noNaN: true }), { minLength: 200, maxLength: 400 }),
      (values) => {
        const bucket = values.map(one).reduce(mergeBuckets);
        assert.ok((bucket.values ?? []).length <= 128);
        assert.equal(bucket.count, values.length);
        const sorted = values.toSorted((a, b) => a - b);
        for (const percent of [0, 50, 90, 100]) {
          const found = percentile(bucket, percent) ?? Number.NaN;
          assert.ok(found >= (sorted[0] ?? 0) && found <= (sorted.at(-1) ?? 0), `p${percent} ${found}`);
        }
      },
    ),
    { numRuns: 30 },
  );
});
