import { isRegion } from '../../../kernel/region.ts';
import type { Store } from '../../../store/store.ts';
import { isGlobalSource, GLOBAL_REGION } from '../domain/event.ts';
import { isSelected } from '../domain/selectors.ts';
import { isInside } from '../domain/windows.ts';
import type { ChunkRow, StoredEvent } from '../event-tables.ts';
import { chunksOf } from '../stored-batch.ts';
import type { DeliveryRow, TrailRow } from '../tables.ts';

/** A trail's share of some batches. */
export interface SelectedEvents {
  readonly toBatch: number;
  /** In the order in which they came. */
  readonly byRegion: ReadonlyMap<string, readonly StoredEvent[]>;
}

/** A file of so many has some 10 MB, and one tenth of that when it is packed. */
const MOST_EVENTS = 5_000;
const MOST_BATCHES = 500;

/**
 * What a trail takes of the batches after `from`, until `to` or until it is enough for one file: the same for the same
 * batches.
 */
export async function selectEvents(
  store: Store,
  { from, to }: { readonly from: number; readonly to: number },
  trail: TrailRow,
  windows: DeliveryRow['windows'],
): Promise<SelectedEvents> {
  const byRegion = new Map<string, StoredEvent[]>();
  let count = 0;
  let batch = from;
  while (batch < to && batch - from < MOST_BATCHES && count < MOST_EVENTS) {
    batch += 1;
    for (const chunk of await chunksOf(store, batch)) {
      if (!isCovered(trail, chunk)) continue;
      const taken = chunk.events.filter(
        (one) => isInside(windows, one.timeMs, one.event.requestID) && isTaken(trail, one),
      );
      if (taken.length === 0) continue;
      count += taken.length;
      const region = placeOf(chunk, trail);
      byRegion.set(region, [...(byRegion.get(region) ?? []), ...taken]);
    }
  }
  return { toBatch: batch, byRegion };
}

/**
 * What is to go with the events of which region. Journals of earlier versions hold regions that no bucket takes in a key:
 * those events come to the trail's own.
 */
function placeOf({ region }: ChunkRow, trail: TrailRow): string {
  return isRegion(region) ? region : trail.region;
}

function isCovered(trail: TrailRow, chunk: ChunkRow): boolean {
  return chunk.account === trail.account && (trail.multiRegion || chunk.region === trail.region);
}

function isTaken(trail: TrailRow, { event }: StoredEvent): boolean {
  const global = isGlobalSource(event.eventSource);
  if (global && !(trail.includeGlobal && (trail.multiRegion || trail.region === GLOBAL_REGION))) return false;
  return isSelected(event, trail.selectors);
}
