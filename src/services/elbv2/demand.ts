import type { Scope } from '../../kernel/arn.ts';

/**
 * What the requests of a target group ask of the service behind it.
 * - waiting: requests wait, and no target is registered
 * - idle: no request came for as long as the group's tag says
 */
export interface DemandSignal extends Scope {
  readonly targetGroupArn: string;
  readonly kind: 'waiting' | 'idle';
  /** Since when, in ms since the epoch. */
  readonly sinceMs: number;
  readonly atMs: number;
}

/** Application Auto Scaling takes the signal; it must be durable once this resolves. Twice is as good as once. */
export type SignalDemand = (signal: DemandSignal) => Promise<void>;
