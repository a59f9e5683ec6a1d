import type { NoteTimeline } from '../../executor/executor.ts';
import type { Clock } from '../../kernel/clock.ts';
import type { Log } from '../../kernel/log.ts';
import type { Store } from '../../store/store.ts';
import { taskTimelines, tasks } from './tables.ts';
import type { TimelineEntry } from './tables.ts';

const WRITE_EVERY_MS = 500;
const ENTRIES_KEPT = 200;
/** Of one entry: what an engine says can be long. */
const CHARACTERS_KEPT = 500;

/** A note is written down soon; `flush` writes at once what has been noted. */
export type TaskTimeline = NoteTimeline & { readonly flush: () => Promise<void> };

/**
 * Keeps what the executor notes of tasks, the last 200 lines of each. Notes are written behind, in one transaction every
 * half second, so that no task waits for them; what a crash cuts off is lost.
 */
export function taskTimeline(store: Store, clock: Clock, log: Log): TaskTimeline {
  let noted = new Map<string, TimelineEntry[]>();
  let isDue = false;
  const flush = async () => {
    const batch = noted;
    noted = new Map();
    if (batch.size === 0) return;
    try {
      await write(store, batch);
    } catch (error) {
      log.warn('lines of task timelines were lost', { error: String(error) });
    }
  };
  const note: NoteTimeline = (taskArn, { atMs, text }) => {
    const entries = noted.get(taskArn) ?? [];
    entries.push({ atMs, text: text.slice(0, CHARACTERS_KEPT) });
    noted.set(taskArn, entries.slice(-ENTRIES_KEPT));
    if (isDue) return;
    isDue = true;
    clock.after(WRITE_EVERY_MS, () => {
      isDue = false;
      void flush();
    });
  };
  return Object.assign(note, { flush });
}

async function write(store: Store, batch: ReadonlyMap<string, readonly TimelineEntry[]>): Promise<void> {
  await store.write(async (tx) => {
    for (const [taskArn, added] of batch) {
      // A task that is forgotten has no timeline either.
      if (!(await tx.get(tasks, taskArn))) continue;
      const before = await tx.get(taskTimelines, taskArn);
      const entries = [...(before?.entries ?? []), ...added].slice(-ENTRIES_KEPT);
      await tx.put(taskTimelines, before ? { ...before, entries } : { taskArn, entries });
    }
  });
}
