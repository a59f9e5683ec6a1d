import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { evaluateLifecycle, matches } from './lifecycle-evaluation.ts';
import type { LifecycleImage } from './lifecycle-evaluation.ts';
import { parseLifecyclePolicy } from './lifecycle-policy.ts';
import {
  DAY_MS,
  NOW,
  any,
  archivedFor,
  moreThan,
  notPulled,
  older,
  policyText,
  pushed,
  ruleText,
  tagged,
  untagged,
} from './testing-lifecycle.ts';
import type { RuleText } from './testing-lifecycle.ts';

/** As `A expires by 1`, oldest first. */
function taken(images: readonly LifecycleImage[], ...rules: readonly RuleText[]): readonly string[] {
  return evaluateLifecycle(images, parseLifecyclePolicy(policyText(...rules)).rules, NOW).map(
    ({ digest, action, rulePriority }) =>
      `${digest} ${action === 'EXPIRE' ? 'expires' : 'is archived'}${rulePriority === undefined ? '' : ` by ${rulePriority}`}`,
  );
}

const ago = (days: number) => NOW - days * DAY_MS;
const archived = (days: number): Partial<LifecycleImage> => ({ storageClass: 'ARCHIVE', archivedAtMs: ago(days) });

// https://docs.aws.amazon.com/AmazonECR/latest/userguide/lifecycle_policy_examples.html
describe("the user guide's examples", () => {
  test('filtering on image age', () => {
    const images = [pushed('A', 20, ['prod-1']), pushed('B', 10, ['prod-2']), pushed('C', 20, ['beta'])];
    assert.deepEqual(taken(images, ruleText(1, { ...tagged('prod*'), ...older(14) })), ['A expires by 1']);
  });

  test('filtering on last pulled time', () => {
    const images = [
      pushed('A', 200, ['never pulled']),
      pushed('B', 200, ['pulled'], { pulledAtMs: ago(89) }),
      pushed('C', 200, ['pulled long ago'], { pulledAtMs: ago(91) }),
      pushed('D', 80),
    ];
    const rule = ruleText(1, { ...any, ...notPulled(90) }, 'transition');
    assert.deepEqual(taken(images, rule), ['A is archived by 1', 'C is archived by 1']);
  });

  test('filtering on archive transition time', () => {
    const images = [pushed('A', 900, ['a'], archived(366)), pushed('B', 800, [], archived(365)), pushed('C', 900)];
    assert.deepEqual(taken(images, ruleText(1, { ...any, ...archivedFor(365) })), ['A expires by 1']);
  });

  test('filtering on image count', () => {
    const images = [pushed('A', 3), pushed('B', 2), pushed('C', 1), pushed('D', 4, ['v1'])];
    const said = taken(images, ruleText(1, { ...untagged, ...moreThan(1) }));
    assert.deepEqual(said, ['A expires by 1', 'B expires by 1']);
  });

  const multiple = [
    pushed('A', 10, ['beta-1', 'prod-1']),
    pushed('B', 9, ['beta-2', 'prod-2']),
    pushed('C', 8, ['beta-3']),
  ];
  const prod = { ...tagged('prod*'), ...moreThan(1) };
  const beta = { ...tagged('beta*'), ...moreThan(1) };

  test('multiple rules, A', () => {
    assert.deepEqual(taken(multiple, ruleText(1, prod), ruleText(2, beta)), ['A expires by 1']);
  });

  test('multiple rules, B', () => {
    assert.deepEqual(taken(multiple, ruleText(2, prod), ruleText(1, beta)), ['A expires by 1', 'B expires by 1']);
  });

  test('multiple tags in a single rule, A', () => {
    const images = [
      pushed('A', 12, ['alpha-1']),
      pushed('B', 11, ['beta-1']),
      pushed('C', 10, ['alpha-2', 'beta-2']),
      pushed('D', 4, ['alpha-3']),
      pushed('E', 3, ['beta-3']),
      pushed('F', 2, ['alpha-4', 'beta-4']),
    ];
    assert.deepEqual(taken(images, ruleText(1, { ...tagged('alpha*', 'beta*'), ...older(5) })), ['C expires by 1']);
  });

  test('multiple tags in a single rule, B', () => {
    const images = [
      pushed('A', 10, ['alpha-1', 'beta-1', 'gamma-1']),
      pushed('B', 9, ['alpha-2', 'beta-2']),
      pushed('C', 8, ['alpha-3', 'beta-3', 'gamma-2']),
    ];
    const said = taken(images, ruleText(1, { ...tagged('alpha*', 'beta*'), ...moreThan(1) }));
    assert.deepEqual(said, ['A expires by 1', 'B expires by 1']);
  });

  test('all images, A', () => {
    const images = [pushed('A', 4, ['alpha-1']), pushed('B', 3, ['beta-1']), pushed('C', 2), pushed('D', 1, ['alpha'])];
    const said = taken(images, ruleText(1, { ...any, ...moreThan(1) }));
    assert.deepEqual(said, ['A expires by 1', 'B expires by 1', 'C expires by 1']);
  });

  test('all images, B', () => {
    const images = [
      pushed('A', 4, ['alpha-1', 'beta-1']),
      pushed('B', 3),
      pushed('C', 2, ['alpha-2']),
      pushed('D', 1, ['git hash']),
      // "1 day ago" in the guide, as D: one of the two is the newest.
      pushed('E', 1, [], { pushedAtMs: ago(1) + 1 }),
    ];
    const said = taken(
      images,
      ruleText(1, { ...tagged('alpha*'), ...moreThan(1) }),
      ruleText(2, { ...untagged, ...older(1) }),
      ruleText(3, { ...any, ...moreThan(1) }),
    );
    assert.deepEqual(said, ['A expires by 1', 'B expires by 2', 'D expires by 3']);
  });

  test('archiving images older than a specified number of days', () => {
    const images = [pushed('A', 31, ['prod-1']), pushed('B', 30, ['prod-2']), pushed('C', 31, ['beta'])];
    const said = taken(images, ruleText(1, { ...tagged('prod*'), ...older(30) }, 'transition'));
    assert.deepEqual(said, ['A is archived by 1']);
  });

  test('combining archive and expire rules', () => {
    const images = [
      pushed('A', 500, ['a'], archived(400)),
      pushed('B', 400, ['b'], archived(300)),
      pushed('C', 31, ['c']),
      pushed('D', 29, ['d']),
    ];
    const said = taken(
      images,
      ruleText(1, { ...any, ...older(30) }, 'transition'),
      ruleText(2, { ...any, ...archivedFor(365) }),
    );
    assert.deepEqual(said, ['A expires by 2', 'C is archived by 1']);
  });
});

// https://docs.aws.amazon.com/AmazonECR/latest/userguide/LifecyclePolicies.html#lp_evaluation_rules
describe('the evaluation rules', () => {
  test('patterns and prefixes', () => {
    const fit = (pattern: string) =>
      ['prod', 'prod1', 'production-team1', 'repo-production', 'v1-prod'].filter((tag) => matches({ pattern }, tag));
    assert.deepEqual(fit('prod*'), ['prod', 'prod1', 'production-team1']);
    assert.deepEqual(fit('*prod'), ['prod', 'v1-prod']);
    assert.deepEqual(fit('*prod*').length, 5);
    assert.deepEqual(fit('p*d*1'), ['prod1', 'production-team1']);
    assert.deepEqual(fit('prod'), ['prod']);
    assert.equal(matches({ pattern: 'ab*ba' }, 'aba'), false);
    assert.equal(matches({ pattern: 'a.c' }, 'abc'), false);
    assert.equal(matches({ prefix: 'pro' }, 'prod'), true);
    assert.equal(matches({ prefix: 'p*' }, 'prod'), false);
  });

  test('a rule that keeps an image keeps it from all that come after', () => {
    const images = [pushed('A', 100, ['keep-1', 'x-1']), pushed('B', 100, ['x-2'])];
    const said = taken(
      images,
      ruleText(1, { ...tagged('keep*'), ...moreThan(9999) }),
      ruleText(2, { ...tagged('x*'), ...older(1) }),
    );
    assert.deepEqual(said, ['B expires by 2']);
  });

  test('what an index holds counts, but stays until the index is gone', () => {
    const children = [pushed('A', 9, [], { indexes: ['I'] }), pushed('B', 9, [], { indexes: ['I'] })];
    const rules = [ruleText(1, { ...untagged, ...older(1) }), ruleText(2, { ...any, ...moreThan(1) })];
    const index = pushed('I', 9, ['v1']);
    assert.deepEqual(taken([...children, index, pushed('J', 1, ['v2'])], ...rules), ['I expires by 2']);
    const left = children.map((image) => ({ ...image, indexes: [] }));
    assert.deepEqual(taken([...left, pushed('J', 1, ['v2'])], ...rules), ['A expires by 1', 'B expires by 1']);
  });

  test('what an archived index holds may be archived, not expired', () => {
    const index = pushed('I', 9, ['v1'], archived(1));
    const child = pushed('A', 9, [], { indexes: ['I'] });
    assert.deepEqual(taken([child, index], ruleText(1, { ...untagged, ...older(1) })), []);
    const archive = ruleText(1, { ...untagged, ...older(1) }, 'transition');
    assert.deepEqual(taken([child, index], archive), ['A is archived by 1']);
    assert.deepEqual(taken([child, pushed('I', 9, ['v1'])], archive), []);
  });

  test('an artifact follows its subject, whatever the rules say of it', () => {
    const rule = ruleText(1, { ...untagged, ...older(1) });
    const signature = (daysAgo: number) => pushed('S', daysAgo, [], { subject: 'A' });
    assert.deepEqual(taken([pushed('A', 9, ['v1']), signature(9)], rule), []);
    assert.deepEqual(taken([pushed('A', 9, ['v1'], archived(1)), signature(9)], rule), ['S is archived']);
    assert.deepEqual(taken([signature(2)], rule), ['S expires']);
    assert.deepEqual(taken([signature(1)], rule), [], 'the subject may still come');
  });

  test('an image that came back from the archive is as old as its return', () => {
    const images = [pushed('A', 100, [], { activatedAtMs: ago(10), pulledAtMs: ago(50) }), pushed('B', 40)];
    assert.deepEqual(taken(images, ruleText(1, { ...any, ...moreThan(1) })), ['B expires by 1']);
    assert.deepEqual(taken(images, ruleText(1, { ...any, ...older(20) })), ['B expires by 1']);
    const notPulledFor = (days: number) => taken(images, ruleText(1, { ...any, ...notPulled(days) }, 'transition'));
    assert.deepEqual(notPulledFor(9), ['B is archived by 1', 'A is archived by 1']);
    assert.deepEqual(notPulledFor(20), ['B is archived by 1']);
  });

  test('a spared image counts, and stays', () => {
    const images = [pushed('A', 3, [], { isSpared: true }), pushed('B', 2), pushed('C', 1)];
    assert.deepEqual(taken(images, ruleText(1, { ...any, ...moreThan(1) })), ['B expires by 1']);
    assert.deepEqual(taken(images, ruleText(1, { ...any, ...older(1) }, 'transition')), ['B is archived by 1']);
  });
});
