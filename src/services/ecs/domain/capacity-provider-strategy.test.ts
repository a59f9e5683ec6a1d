import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { checkPlacing, checkStrategy, nextProvider } from './capacity-provider-strategy.ts';

const BOTH = ['FARGATE', 'FARGATE_SPOT'];

function place(strategy: Parameters<typeof nextProvider>[0], count: number) {
  const placed: string[] = [];
  for (let i = 0; i < count; i++) placed.push(nextProvider(strategy, placed));
  const of = (name: string) => placed.filter((one) => one === name).length;
  return { fargate: of('FARGATE'), spot: of('FARGATE_SPOT'), placed };
}

test('property: the base first, then by weight within one task, whatever the order of the items', () => {
  const weight = fc.integer({ min: 0, max: 20 });
  const world = fc.record({
    weights: fc.tuple(weight, weight).filter(([a, b]) => a + b > 0),
    base: fc.integer({ min: 0, max: 12 }),
    baseOn: fc.constantFrom(0, 1),
    isReversed: fc.boolean(),
    count: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(world, ({ weights, base, baseOn, isReversed, count }) => {
      const items = BOTH.map((capacityProvider, i) => ({
        capacityProvider,
        weight: weights[i] ?? 0,
        ...(i === baseOn ? { base } : {}),
      }));
      const { fargate, spot, placed } = place(isReversed ? items.toReversed() : items, count);
      const counts = [fargate, spot];
      const inBase = Math.min(base, count);
      assert.equal(fargate + spot, count);
      assert.ok(placed.slice(0, inBase).every((name) => name === BOTH[baseOn]));
      for (const i of [0, 1]) {
        const beyond = (counts[i] ?? 0) - (i === baseOn ? inBase : 0);
        const share = ((count - inBase) * (weights[i] ?? 0)) / (weights[0] + weights[1]);
        assert.ok(Math.abs(beyond - share) <= 1, `${beyond} of a share of ${share}`);
        if (weights[i] === 0) assert.equal(beyond, 0);
      }
    }),
  );
});

test('AWS’s own example: a base of one, then one to four', () => {
  const strategy = [
    { capacityProvider: 'FARGATE', weight: 1, base: 1 },
    { capacityProvider: 'FARGATE_SPOT', weight: 4 },
  ];
  const { fargate, spot } = place(strategy, 6);
  assert.deepEqual([fargate, spot], [2, 4]);
});

test('what no strategy may be', () => {
  const refused = (strategy: Parameters<typeof nextProvider>[0], message: RegExp, associated = BOTH) =>
    assert.throws(() => checkStrategy(strategy, associated), { code: 'InvalidParameterException', message });
  refused([{ capacityProvider: 'mine', weight: 1 }], /'mine' was not found/);
  refused([{ capacityProvider: 'FARGATE', weight: 1 }], /not associated with the cluster/, ['FARGATE_SPOT']);
  refused([{ capacityProvider: 'FARGATE', weight: 1001 }], /weight must be between 0 and 1000/);
  refused([{ capacityProvider: 'FARGATE', base: 100_001 }], /base must be/);
  refused(
    BOTH.map((capacityProvider) => ({ capacityProvider, base: 1 })),
    /Only one capacity provider/,
  );
  refused([{ capacityProvider: 'FARGATE' }, { capacityProvider: 'FARGATE' }], /more than once/);
  refused(
    Array.from({ length: 21 }, () => ({ capacityProvider: 'FARGATE' })),
    /maximum of 20/,
  );
  refused(
    [
      { capacityProvider: 'FARGATE', weight: 1 },
      { capacityProvider: 'mine', weight: 1 },
    ],
    /cannot contain a mix/,
    ['FARGATE', 'mine'],
  );
  assert.throws(() => checkPlacing([{ capacityProvider: 'FARGATE' }], true), /in the default capacity provider/);
  checkPlacing([{ capacityProvider: 'FARGATE', weight: 1 }], false);
});
