import type { UnplacedRow } from '../container-instance-tables.ts';
import { placementEvent } from './placement/reasons.ts';
import type { RefusedInstance } from './placement/reasons.ts';

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 15_000;
/** The same reason is said again. */
const SAID_AGAIN_MS = 15 * 60_000;

/** When tasks that found no instance are tried again: a change of the instances brings that forward. */
export function nextPlacementAt({ unplaced }: { readonly unplaced?: UnplacedRow }): number {
  if (!unplaced || unplaced.tries === 0) return 0;
  return unplaced.triedAtMs + Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(unplaced.tries - 1, 10));
}

/** What a service's row has after a try that placed too few. */
export function unplacedAfter(
  before: UnplacedRow | undefined,
  refused: readonly RefusedInstance[],
  now: number,
): UnplacedRow {
  const reason = placementEvent(refused);
  const isSaid = before?.reason === reason && now - before.saidAtMs < SAID_AGAIN_MS;
  return {
    reason,
    instances: refused.map(({ id, refusals }) => ({
      arn: id,
      reasons: refusals.map((one) => `${one.reason}: ${one.detail}`),
    })),
    sinceMs: before?.sinceMs ?? now,
    triedAtMs: now,
    tries: (before?.tries ?? 0) + 1,
    saidAtMs: isSaid ? before.saidAtMs : now,
  };
}
