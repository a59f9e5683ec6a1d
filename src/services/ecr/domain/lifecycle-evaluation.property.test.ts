import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { evaluateLifecycle, matches } from './lifecycle-evaluation.ts';
import type { LifecycleImage, Verdict } from './lifecycle-evaluation.ts';
import type { LifecyclePolicy, LifecycleRule, TagFilter } from './lifecycle-policy.ts';
import { DAY_MS, NOW } from './testing-lifecycle.ts';

const daysAgo = fc.integer({ min: 0, max: 40 }).map((days) => NOW - days * DAY_MS);
const tag = fc.constantFrom('a', 'a1', 'b', 'b1', 'ab');
const digest = fc.integer({ min: 0, max: 14 }).map((n) => `sha256:${n}`);

const image: fc.Arbitrary<LifecycleImage> = fc.record(
  {
    digest,
    tags: fc.uniqueArray(tag, { maxLength: 3 }),
    storageClass: fc.constantFrom('STANDARD' as const, 'STANDARD' as const, 'ARCHIVE' as const),
    pushedAtMs: daysAgo,
    pulledAtMs: daysAgo,
    archivedAtMs: daysAgo,
    activatedAtMs: daysAgo,
    indexes: fc.uniqueArray(digest, { maxLength: 1 }),
    isSpared: fc.boolean(),
    subject: digest,
  },
  { requiredKeys: ['digest', 'tags', 'storageClass', 'pushedAtMs', 'indexes'] },
);

/** An index and a subject are other images; an index is there, a subject need not be. */
const images = fc.uniqueArray(image, { selector: (made) => made.digest, maxLength: 12 }).map((made) => {
  const known = new Set(made.map(({ digest }) => digest));
  return made.map(({ subject, ...rest }): LifecycleImage => {
    const indexes = rest.indexes.filter((index) => known.has(index) && index !== rest.digest);
    return { ...rest, indexes, ...(subject !== undefined && subject !== rest.digest && { subject }) };
  });
});

const filter: fc.Arbitrary<TagFilter> = fc.oneof(
  fc.constantFrom('a*', '*1', '*b*', 'a').map((pattern) => ({ pattern })),
  fc.constantFrom('a', 'b').map((prefix) => ({ prefix })),
);

const rule: fc.Arbitrary<LifecycleRule> = fc.record({
  priority: fc.integer({ min: 1, max: 9 }),
  tags: fc.oneof(
    fc.constantFrom({ status: 'any' as const }, { status: 'untagged' as const }),
    fc.array(filter, { minLength: 1, maxLength: 2 }).map((filters) => ({ status: 'tagged' as const, filters })),
  ),
  storageClass: fc.constantFrom('STANDARD' as const, 'ARCHIVE' as const),
  count: fc.record({
    type: fc.constantFrom('imageCountMoreThan', 'sinceImagePushed', 'sinceImagePulled', 'sinceImageTransitioned'),
    number: fc.integer({ min: 1, max: 20 }),
  }),
  action: fc.constantFrom('EXPIRE' as const, 'ARCHIVE' as const),
});

/** As the parser lets them through: archived images are not archived again, and only those are told by it. */
const policy: fc.Arbitrary<LifecyclePolicy> = fc
  .uniqueArray(rule, { selector: (made) => made.priority, minLength: 1, maxLength: 4 })
  .map((rules) =>
    rules.map((made): LifecycleRule => {
      const isOfArchive = made.count.type === 'sinceImageTransitioned';
      return isOfArchive
        ? { ...made, storageClass: 'ARCHIVE', action: 'EXPIRE' }
        : { ...made, storageClass: 'STANDARD' };
    }),
  );

/** The repository after these verdicts, at the same time. */
function after(before: readonly LifecycleImage[], verdicts: readonly Verdict[]): LifecycleImage[] {
  const action = new Map(verdicts.map((verdict) => [verdict.digest, verdict.action]));
  return before
    .filter((one) => action.get(one.digest) !== 'EXPIRE')
    .map((one) => ({
      ...one,
      indexes: one.indexes.filter((index) => action.get(index) !== 'EXPIRE'),
      ...(action.has(one.digest) && { storageClass: 'ARCHIVE' as const, archivedAtMs: NOW }),
    }));
}

const waitsForNothing = (one: LifecycleImage) => one.indexes.length === 0 && one.subject === undefined;

test('the order of images and of rules means nothing', () => {
  fc.assert(
    fc.property(images, policy, fc.infiniteStream(fc.nat()), (some, rules, order) => {
      const shuffled = <T>(items: readonly T[]): T[] =>
        items
          .map((item) => ({ item, at: order.next().value }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ item }) => item);
      assert.deepEqual(evaluateLifecycle(shuffled(some), shuffled(rules), NOW), evaluateLifecycle(some, rules, NOW));
    }),
  );
});

test('what is spared, or in an index, never expires; each image is taken once', () => {
  fc.assert(
    fc.property(images, policy, (some, rules) => {
      const verdicts = evaluateLifecycle(some, rules, NOW);
      assert.equal(new Set(verdicts.map((verdict) => verdict.digest)).size, verdicts.length);
      for (const { digest: of, action } of verdicts) {
        const found = some.find((one) => one.digest === of);
        assert.ok(found && !found.isSpared);
        assert.ok(action === 'ARCHIVE' || found.indexes.length === 0);
      }
    }),
  );
});

test('a second evaluation takes nothing but what waited for an index or a subject', () => {
  fc.assert(
    fc.property(images, policy, (some, rules) => {
      const free = some.filter(waitsForNothing);
      assert.deepEqual(evaluateLifecycle(after(free, evaluateLifecycle(free, rules, NOW)), rules, NOW), []);
      let left = some;
      for (let round = 0; ; round++) {
        const verdicts = evaluateLifecycle(left, rules, NOW);
        if (verdicts.length === 0) break;
        assert.ok(round <= 2 * some.length, 'it comes to an end');
        left = after(left, verdicts);
      }
    }),
  );
});

test('in parts or at once: the same images are taken', () => {
  const all = (start: readonly LifecycleImage[], rules: LifecyclePolicy, most: number): string[] => {
    let left = start;
    for (;;) {
      const verdicts = evaluateLifecycle(left, rules, NOW).slice(0, most);
      if (verdicts.length === 0) return left.map((one) => `${one.digest} ${one.storageClass}`).toSorted();
      left = after(left, verdicts);
    }
  };
  fc.assert(
    fc.property(images, policy, fc.integer({ min: 1, max: 3 }), (some, rules, most) => {
      const free = some.filter((one) => one.subject === undefined);
      assert.deepEqual(all(free, rules, most), all(free, rules, Infinity));
    }),
  );
});

test('a rule alone keeps the newest so many, and a higher one keeps its images from it', () => {
  fc.assert(
    fc.property(images, fc.integer({ min: 1, max: 5 }), (some, number) => {
      const free = some
        .filter(waitsForNothing)
        .map((one): LifecycleImage => ({ ...one, isSpared: false, storageClass: 'STANDARD' }));
      const count = { type: 'imageCountMoreThan' as const, number };
      const keepNewest: LifecycleRule = {
        priority: 2,
        tags: { status: 'any' },
        storageClass: 'STANDARD',
        count,
        action: 'EXPIRE',
      };
      const verdicts = evaluateLifecycle(free, [keepNewest], NOW);
      assert.equal(verdicts.length, Math.max(0, free.length - number));
      const guard: LifecycleRule = {
        ...keepNewest,
        priority: 1,
        tags: { status: 'tagged', filters: [{ prefix: 'a' }] },
        count: { ...count, number: 999 },
      };
      const isGuarded = ({ tags }: LifecycleImage) => tags.some((name) => name.startsWith('a'));
      const guarded = new Set(free.filter(isGuarded).map((one) => one.digest));
      assert.deepEqual(
        evaluateLifecycle(free, [guard, keepNewest], NOW),
        verdicts.filter((verdict) => !guarded.has(verdict.digest)),
      );
    }),
  );
});

test('a pattern fits what the same regular expression fits', () => {
  const pattern = fc.array(fc.constantFrom('a', 'b', '*'), { maxLength: 7 }).map((parts) => parts.join(''));
  const name = fc.array(fc.constantFrom('a', 'b'), { maxLength: 7 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(pattern, name, (of, text) => {
      assert.equal(matches({ pattern: of }, text), new RegExp(`^${of.replaceAll('*', '.*')}$`).test(text));
    }),
    { numRuns: 1000 },
  );
});
