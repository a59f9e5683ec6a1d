import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseLifecyclePolicy } from './lifecycle-policy.ts';
import {
  any,
  archivedFor,
  moreThan,
  notPulled,
  older,
  policyText,
  ruleText,
  tagged,
  untagged,
} from './testing-lifecycle.ts';

const FAILURE =
  "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Lifecycle policy validation failure: ";
const NO_SCHEMA = 'instance failed to match exactly one schema (matched 0 out of 2)';

function refuses(text: string, words: string): void {
  assert.throws(() => parseLifecyclePolicy(text), {
    code: 'InvalidParameterException',
    message: `${FAILURE}${words}'`,
  });
}

const refusesRules = (words: string, ...rules: readonly unknown[]) => refuses(policyText(...rules), words);

test('the text is kept without its white space, the rules by priority', () => {
  const rules = [
    { ...ruleText(7, { ...untagged, ...older(14) }), description: 'Old  ones' },
    ruleText(2, { tagStatus: 'tagged', tagPrefixList: ['prod'], ...moreThan(3) }),
  ];
  const parsed = parseLifecyclePolicy(JSON.stringify({ rules }, undefined, 4));
  assert.equal(parsed.text, JSON.stringify({ rules }));
  assert.deepEqual(parsed.rules, [
    {
      priority: 2,
      tags: { status: 'tagged', filters: [{ prefix: 'prod' }] },
      storageClass: 'STANDARD',
      count: { type: 'imageCountMoreThan', number: 3 },
      action: 'EXPIRE',
    },
    {
      priority: 7,
      tags: { status: 'untagged' },
      storageClass: 'STANDARD',
      count: { type: 'sinceImagePushed', number: 14 },
      action: 'EXPIRE',
    },
  ]);
});

test("the template's every member", () => {
  const { rules } = parseLifecyclePolicy(
    policyText(
      ruleText(1, { ...any, storageClass: 'standard', ...notPulled(90) }, 'transition'),
      ruleText(2, { ...any, ...archivedFor(90) }),
    ),
  );
  assert.deepEqual(
    rules.map(({ storageClass, count, action }) => [storageClass, count.type, count.number, action]),
    [
      ['STANDARD', 'sinceImagePulled', 90, 'ARCHIVE'],
      ['ARCHIVE', 'sinceImageTransitioned', 90, 'EXPIRE'],
    ],
  );
});

test('what is no policy', () => {
  const unmapped = 'Could not map policyString into LifecyclePolicy.';
  refuses('not JSON '.repeat(20), unmapped);
  refuses(JSON.stringify(['rules']).padEnd(100), unmapped);
  refuses(JSON.stringify({ no: 'rules' }).padEnd(100), 'object has missing required properties (["rules"])');
  refusesRules('array is too short: must have at least 1 elements but instance has 0 elements');
  refusesRules('instance type (string) does not match any allowed primitive type (allowed: ["object"])', 'rule');
  const many = Array.from({ length: 51 }, (_, i) => ruleText(i + 1, { ...tagged(`v${i}*`), ...moreThan(1) }));
  refusesRules('array is too long: must have at most 50 elements but instance has 51 elements', ...many);
  assert.equal(parseLifecyclePolicy(policyText(...many.slice(1))).rules.length, 50);
});

test('a text is 100 to 30,720 characters long', () => {
  const message =
    "Invalid parameter at 'LifecyclePolicyText' failed to satisfy constraint: 'Member must have length between 100 and 30720'";
  assert.throws(() => parseLifecyclePolicy('{"rules":[]}'), { code: 'InvalidParameterException', message });
  const policy = policyText(ruleText(1, { ...any, ...moreThan(1) }));
  assert.ok(parseLifecyclePolicy(policy.padEnd(30_720)));
  assert.throws(() => parseLifecyclePolicy(policy.padEnd(30_721)), { message });
});

test('members that are missing, unknown or out of range', () => {
  const selection = { ...untagged, ...moreThan(30) };
  const action = { type: 'expire' };
  const missing = (names: string) => `object has missing required properties (${names})`;
  const unknown = 'object instance has properties which are not allowed by the schema: (["unknown"])';
  refusesRules(missing('["rulePriority"]'), { selection, action });
  refusesRules(missing('["action","selection"]'), { rulePriority: 1 });
  refusesRules(missing('["tagStatus"]'), ruleText(1, moreThan(1)));
  refusesRules(missing('["type"]'), ruleText(1, selection, {}));
  refusesRules(unknown, { ...ruleText(1, selection), unknown: 1 });
  refusesRules(unknown, ruleText(1, { ...selection, unknown: 1 }));
  refusesRules(unknown, ruleText(1, selection, { ...action, unknown: 1 }));
  const below = 'numeric instance is lower than the required minimum';
  refusesRules(`${below} (minimum: 1, found: 0)`, ruleText(1, { ...untagged, ...moreThan(0) }));
  refusesRules(`${below} (minimum: 1, found: 0)`, ruleText(0, selection));
  refusesRules(`${below} (minimum: 90, found: 89)`, ruleText(1, { ...any, ...archivedFor(89) }));
  const enumerated = (value: string, values: string) =>
    `instance value (${value}) not found in enum (possible values: ${values})`;
  refusesRules(enumerated('"all"', '["any","tagged","untagged"]'), ruleText(1, { ...moreThan(1), tagStatus: 'all' }));
  refusesRules(enumerated('"hours"', '["days"]'), ruleText(1, { ...untagged, ...older(1), countUnit: 'hours' }));
  refusesRules(enumerated('"keep"', '["expire","transition"]'), ruleText(1, selection, { type: 'keep' }));
});

test('counts, units, storage classes and actions that do not go together', () => {
  const rule = (selection: object, action?: object | 'transition') => ruleText(1, selection, action);
  for (const wrong of [
    rule({ ...any, ...moreThan(1), countType: 'sinceImageLiked' }),
    rule({ ...any, ...moreThan(1), countUnit: 'days' }),
    rule({ ...any, ...moreThan(1), countType: 'sinceImagePushed' }),
    rule({ ...any, ...moreThan(1), storageClass: 'archive' }),
    rule({ ...any, ...archivedFor(90), storageClass: 'standard' }),
    rule({ ...any, ...archivedFor(90) }, 'transition'),
    rule({ ...any, ...notPulled(90) }),
    rule({ ...any, ...older(1) }, { type: 'transition' }),
    rule({ ...any, ...older(1) }, { type: 'expire', targetStorageClass: null }),
  ]) {
    refusesRules(NO_SCHEMA, wrong);
  }
});

test('tag lists', () => {
  const one = (selection: object) => ruleText(1, { ...selection, ...moreThan(1) });
  const tagPrefixList = ['a'];
  refusesRules('Must specify tagPrefixList or tagPatternList when tagStatus=TAGGED.', one({ tagStatus: 'tagged' }));
  refusesRules(
    'Only one of tagPrefixList and tagPatternList can be specified in a rule.',
    one({ ...tagged('a*'), tagPrefixList }),
  );
  refusesRules(
    'tagPrefixList and tagPatternList can only be specified when tagStatus=TAGGED, not ANY.',
    one({ ...any, tagPrefixList }),
  );
  refusesRules('array is too short: must have at least 1 elements but instance has 0 elements', one(tagged()));
  assert.ok(parseLifecyclePolicy(policyText(one(tagged('*test*1*2*3', 'test*1*2*3*')))));
  assert.throws(() => parseLifecyclePolicy(policyText(one(tagged('test*1*2*3*4*5*6')))), {
    message: /does not match input string "test\*1\*2\*3\*4\*5\*6"'$/,
  });
});

test('rules that do not go together', () => {
  const rule = (priority: number, selection: object) => ruleText(priority, { ...selection, ...moreThan(1) });
  refusesRules('Rule priorities must be unique.', rule(1, untagged), rule(1, tagged('a')));
  refusesRules('Only one rule can select Untagged images per storage class.', rule(1, untagged), rule(2, untagged));
  refusesRules('Only one rule can select Any images per storage class.', rule(1, any), rule(2, any));
  refusesRules(
    'Rule for tagStatus=ANY must have the lowest priority per storage class',
    rule(1, any),
    rule(2, tagged('a')),
  );
  refusesRules(
    'Rules must have unique sets of tag prefixes and patterns per storage class.',
    rule(1, tagged('a*', 'b*')),
    rule(2, tagged('b*', 'a*')),
  );
});
