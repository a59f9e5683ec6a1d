import assert from 'node:assert/strict';
import { test } from 'node:test';
import * as fc from 'fast-check';
import {
  SCALE_IN_SHARE,
  stepScale,
  trackIn,
  trackOut,
  type Decision,
  type Recent,
  type StepScaling,
  type TargetTracking,
} from './scaling-decision.ts';

const MINUTE_MS = 60_000;
const POLICY: TargetTracking = {
  targetValue: 50,
  scaleOutCooldownMs: 5 * MINUTE_MS,
  scaleInCooldownMs: 5 * MINUTE_MS,
  disableScaleIn: false,
};
const limits = fc.tuple(fc.nat(20), fc.nat(80)).map(([min, more]) => ({ min, max: min + more }));
const situations = fc.record({
  current: fc.nat(100),
  limits,
  recent: fc.record(
    { lastOut: fc.record({ atMs: fc.nat(1e6), from: fc.nat(100) }), lastIn: fc.record({ atMs: fc.nat(1e6) }) },
    { requiredKeys: [] },
  ),
  now: fc.nat(2e6),
});

test('no decision leaves the limits', () => {
  const steps: StepScaling = { adjustmentType: 'PercentChangeInCapacity', steps: [{ adjustment: 1 }], cooldownMs: 0 };
  fc.assert(
    fc.property(
      situations,
      fc.double({ min: 0, max: 1e4, noNaN: true }),
      fc.integer({ min: -300, max: 300 }),
      (situation, value, adjustment) => {
        const decisions: readonly Decision[] = [
          trackOut(POLICY, value, situation),
          trackIn([{ policy: POLICY, value }], situation),
          ...(['ChangeInCapacity', 'PercentChangeInCapacity', 'ExactCapacity'] as const).map((adjustmentType) =>
            stepScale({ ...steps, adjustmentType, steps: [{ adjustment }] }, value, situation),
          ),
        ];
        for (const decision of decisions) {
          if (decision.kind !== 'scale') continue;
          assert.ok(
            decision.to >= situation.limits.min && decision.to <= situation.limits.max,
            JSON.stringify(decision),
          );
        }
      },
    ),
  );
});

/** A service under a load, with its two alarms (3 minutes above, 15 minutes below), minute by minute. */
function simulate(loadAt: (minute: number) => number, start: number, minutes: number): readonly number[] {
  const capacities: number[] = [];
  const values: number[] = [];
  let current = start;
  let recent: Recent = {};
  for (let minute = 0; minute < minutes; minute++) {
    values.push(loadAt(minute) / current);
    const now = minute * MINUTE_MS;
    const situation = { current, limits: { min: 1, max: 100 }, recent, now };
    const last = (count: number) => values.slice(-count);
    if (minute >= 3 && last(3).every((value) => value > POLICY.targetValue)) {
      const decision = trackOut(POLICY, values.at(-1) ?? 0, situation);
      if (decision.kind === 'scale') {
        recent = { lastOut: { atMs: now, from: current } };
        current = decision.to;
      }
    } else if (minute >= 15 && last(15).every((value) => value < POLICY.targetValue * SCALE_IN_SHARE)) {
      const decision = trackIn([{ policy: POLICY, value: Math.max(...last(15)) }], situation);
      if (decision.kind === 'scale') {
        recent = { ...recent, lastIn: { atMs: now } };
        current = decision.to;
      }
    }
    capacities.push(current);
  }
  return capacities;
}

test('under a load that stays it comes to rest, at a capacity that fits', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 4000 }), fc.integer({ min: 1, max: 100 }), (load, start) => {
      const capacities = simulate(() => load, start, 600);
      const rest = capacities.slice(400);
      assert.equal(new Set(rest).size, 1, `it swings: ${rest.join(' ')}`);
      const value = load / (rest[0] ?? 1);
      assert.ok(value <= POLICY.targetValue, `${value} with ${rest[0]}`);
      const turns = capacities
        .map((one, index) => Math.sign(one - (capacities[index - 1] ?? start)))
        .filter((turn) => turn !== 0);
      assert.equal(new Set(turns).size <= 1, true, `it turns round: ${turns.join(' ')}`);
    }),
    { numRuns: 50 },
  );
});

test('a load that trembles by a few percent never makes it go in and out', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 200, max: 4000 }),
      fc.infiniteStream(fc.double({ min: 0.97, max: 1, noNaN: true })),
      (load, tremble) => {
        const noise = [...tremble.take(500)];
        const capacities = simulate((minute) => load * (noise[minute] ?? 1), 1, 500);
        assert.deepEqual(
          capacities,
          capacities.toSorted((a, b) => a - b),
        );
      },
    ),
    { numRuns: 30 },
  );
});

test('a step of the load: out at once to where it fits, in gradually', () => {
  const capacities = simulate((minute) => (minute < 60 ? 480 : 95), 2, 200);
  assert.equal(capacities[10], 10);
  const inward = capacities.slice(60).filter((one, index, all) => one !== all[index - 1]);
  assert.deepEqual(inward, [10, 8, 6, 5, 4, 3]);
});

test('steps: bounds, percentages, exact capacities and cooldowns', () => {
  const situation = { current: 10, limits: { min: 1, max: 20 }, recent: {}, now: 1e6 };
  const out: StepScaling = {
    adjustmentType: 'PercentChangeInCapacity',
    steps: [
      { lower: 0, upper: 10, adjustment: 10 },
      { lower: 10, adjustment: 30 },
    ],
    minMagnitude: 2,
    cooldownMs: 60_000,
  };
  assert.deepEqual(stepScale(out, 0, situation), { kind: 'scale', to: 12 });
  assert.deepEqual(stepScale(out, 10, situation), { kind: 'scale', to: 13 });
  assert.deepEqual(stepScale(out, -1, situation).kind, 'wait');
  const cooling = { ...situation, current: 12, recent: { lastOut: { atMs: 999_000, from: 10 } } };
  assert.equal(stepScale(out, 0, cooling).kind, 'wait');
  assert.deepEqual(stepScale(out, 20, cooling), { kind: 'scale', to: 13 });
  assert.deepEqual(stepScale(out, 20, { ...situation, current: 20 }), {
    kind: 'stay',
    reason: { code: 'AlreadyAtMaxCapacity', capacity: 20 },
  });
  const inward: StepScaling = {
    adjustmentType: 'ChangeInCapacity',
    steps: [{ upper: 0, adjustment: -20 }],
    cooldownMs: 60_000,
  };
  assert.deepEqual(stepScale(inward, -5, situation), { kind: 'scale', to: 1 });
  assert.equal(stepScale(inward, -5, cooling).kind, 'wait');
  const exact: StepScaling = { adjustmentType: 'ExactCapacity', steps: [{ lower: 0, adjustment: 5 }], cooldownMs: 0 };
  assert.deepEqual(stepScale(exact, 1, { ...situation, current: 2 }), { kind: 'scale', to: 5 });
  assert.deepEqual(stepScale(exact, 1, situation), { kind: 'scale', to: 5 });
  assert.equal(stepScale(exact, 1, { ...situation, current: 5 }).kind, 'wait');
  const held = { ...situation, recent: { lastIn: { atMs: 999_000 } } };
  assert.equal(stepScale({ ...exact, cooldownMs: 60_000 }, 1, held).kind, 'wait', 'the cooldown runs');
});
