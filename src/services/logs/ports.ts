import type { Clock } from '../../kernel/clock.ts';

/** What the composition root lends this service. */
export interface LogsPorts {
  /** Live tails wait by it. */
  readonly clock: Clock;
}
