/** What scaling policies decide, of tasks or of instances: Application Auto Scaling and EC2 Auto Scaling share it. */

export interface Step {
  readonly lower?: number;
  readonly upper?: number;
  readonly adjustment: number;
}

export interface StepScaling {
  readonly adjustmentType: 'ChangeInCapacity' | 'PercentChangeInCapacity' | 'ExactCapacity';
  /** In order of their bounds. */
  readonly steps: readonly Step[];
  readonly minMagnitude?: number;
  readonly cooldownMs: number;
  readonly aggregation?: 'Average' | 'Minimum' | 'Maximum';
}

export interface TargetTracking {
  readonly targetValue: number;
  readonly scaleOutCooldownMs: number;
  readonly scaleInCooldownMs: number;
  readonly disableScaleIn: boolean;
  /** At which share of the target one less is enough; left out: SCALE_IN_SHARE. 1 for a metric that counts exactly. */
  readonly scaleInShare?: number;
}

export interface Limits {
  readonly min: number;
  readonly max: number;
}

/** What was scaled last: what cooldowns count from. */
export interface Recent {
  readonly lastOut?: { readonly atMs: number; readonly from: number };
  readonly lastIn?: { readonly atMs: number };
}

export interface NotScaled {
  readonly code: string;
  readonly capacity?: number;
}

export type Decision =
  | { readonly kind: 'scale'; readonly to: number }
  /** It would, but may not. */
  | { readonly kind: 'stay'; readonly reason: NotScaled }
  /** There is nothing to do, or a cooldown runs. */
  | { readonly kind: 'wait'; readonly why: string };

export interface Situation {
  readonly current: number;
  readonly limits: Limits;
  readonly recent: Recent;
  readonly now: number;
}

/** Between the load that one task more was started for and the load that it is stopped at. */
export const SCALE_IN_SHARE = 0.9;
/** So much of the tasks goes at once at most. */
const LARGEST_SCALE_IN = 0.25;

export const clamp = ({ min, max }: Limits, capacity: number) => Math.min(max, Math.max(min, capacity));

/** The capacity at which the metric meets its target. It goes with one over the number of tasks. */
function proportional(current: number, value: number, target: number): number {
  if (current === 0) return value > 0 ? 1 : 0;
  // A hair over a whole number is a rounding error.
  return Math.ceil((current * value) / target - 1e-9);
}

/** Out in one step to where the metric meets its target; while a cooldown runs, only further than it went. */
export function trackOut(policy: TargetTracking, value: number, situation: Situation): Decision {
  const { current, limits, recent, now } = situation;
  const { lastOut } = recent;
  const isCooling = lastOut !== undefined && now < lastOut.atMs + policy.scaleOutCooldownMs;
  // The new tasks do not show in the metric yet: what it says is of those before.
  const base = isCooling ? Math.min(lastOut.from, current) : current;
  return outTo(proportional(base, value, policy.targetValue), { current, limits, isCooling });
}

interface Outward {
  readonly current: number;
  readonly limits: Limits;
  readonly isCooling: boolean;
}

function outTo(wanted: number, { current, limits, isCooling }: Outward): Decision {
  if (wanted <= current) return { kind: 'wait', why: isCooling ? 'The scale-out cooldown runs.' : 'It is enough.' };
  if (current >= limits.max) return { kind: 'stay', reason: { code: 'AlreadyAtMaxCapacity', capacity: limits.max } };
  return { kind: 'scale', to: clamp(limits, wanted) };
}

/**
 * In by a quarter at most, and never so far that the metric comes near its target again: a load that stays does not
 * make it swing. `values` are those of every policy that scales in, each the highest of its time.
 */
export function trackIn(
  policies: readonly { readonly policy: TargetTracking; readonly value: number }[],
  situation: Situation,
): Decision {
  const { current, limits, recent, now } = situation;
  const cooldownMs = Math.max(...policies.map(({ policy }) => policy.scaleInCooldownMs));
  const lastMs = Math.max(recent.lastIn?.atMs ?? -Infinity, recent.lastOut?.atMs ?? -Infinity);
  if (now < lastMs + cooldownMs) return { kind: 'wait', why: 'The scale-in cooldown runs.' };
  const needed = policies.map(({ policy, value }) =>
    proportional(current, value, policy.targetValue * (policy.scaleInShare ?? SCALE_IN_SHARE)),
  );
  const gradual = current - Math.max(1, Math.floor(current * LARGEST_SCALE_IN));
  return inTo(Math.max(gradual, ...needed), current, limits);
}

function inTo(wanted: number, current: number, limits: Limits): Decision {
  if (wanted >= current) return { kind: 'wait', why: 'All are needed.' };
  if (current <= limits.min) return { kind: 'stay', reason: { code: 'AlreadyAtMinCapacity', capacity: limits.min } };
  return { kind: 'scale', to: clamp(limits, wanted) };
}

/** https://docs.aws.amazon.com/autoscaling/application/userguide/step-scaling-policy-overview.html */
export function stepScale(policy: StepScaling, breach: number, situation: Situation): Decision {
  const { current, limits, recent, now } = situation;
  const step = policy.steps.find(({ lower = -Infinity, upper = Infinity }) =>
    // A breach above the threshold belongs to the step that it begins, one below to the step that it ends.
    breach >= 0 ? breach >= lower && breach < upper : breach > lower && breach <= upper,
  );
  if (!step) return { kind: 'wait', why: 'No step is for this value.' };
  const { lastOut, lastIn } = recent;
  const isCooling = lastOut !== undefined && now < lastOut.atMs + policy.cooldownMs;
  const wanted = adjusted(policy, step.adjustment, isCooling ? Math.min(lastOut.from, current) : current);
  // An exact capacity has no direction of its own.
  const isOutward = policy.adjustmentType !== 'ExactCapacity' && step.adjustment > 0;
  if (wanted > current || isOutward) return outTo(wanted, { current, limits, isCooling });
  const lastMs = Math.max(lastIn?.atMs ?? -Infinity, lastOut?.atMs ?? -Infinity);
  if (now < lastMs + policy.cooldownMs) return { kind: 'wait', why: 'The cooldown runs.' };
  return inTo(adjusted(policy, step.adjustment, current), current, limits);
}

export function adjusted(
  { adjustmentType, minMagnitude = 0 }: Pick<StepScaling, 'adjustmentType' | 'minMagnitude'>,
  adjustment: number,
  base: number,
): number {
  if (adjustmentType === 'ExactCapacity') return adjustment;
  if (adjustmentType === 'ChangeInCapacity') return Math.max(0, base + adjustment);
  const change = wholeChange((base * adjustment) / 100);
  const atLeast = Math.max(Math.abs(change), minMagnitude);
  return Math.max(0, base + Math.sign(adjustment) * atLeast);
}

/** AWS rounds percentages towards zero, but never to it. */
function wholeChange(change: number): number {
  if (change > 0 && change < 1) return 1;
  if (change < 0 && change > -1) return -1;
  return Math.trunc(change);
}

/** What the datapoints of an alarm come to. */
export function aggregated(
  { aggregation = 'Average' }: Pick<StepScaling, 'aggregation'>,
  datapoints: readonly number[],
): number {
  if (aggregation === 'Minimum') return Math.min(...datapoints);
  if (aggregation === 'Maximum') return Math.max(...datapoints);
  return datapoints.reduce((all, value) => all + value, 0) / datapoints.length;
}
