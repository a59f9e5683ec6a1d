import type { Ids } from '../../kernel/ids.ts';
import type { Stored, WriteTx } from '../../store/store.ts';
import { actionsFor, type AlarmState } from './domain/alarm.ts';
import { stateChange } from './domain/alarm-reason.ts';
import { addHistory } from './history.ts';
import { alarms, type AlarmRow } from './tables.ts';

type NextState = Pick<AlarmState, 'stateValue' | 'stateReason' | 'stateReasonData'>;

/** An alarm in its next state, with its history, and with the actions of a new state to be run. */
export async function enterState(
  tx: WriteTx,
  before: Stored<AlarmRow>,
  next: NextState,
  { now, ids }: { readonly now: number; readonly ids: Ids },
): Promise<void> {
  const isNew = before.stateValue !== next.stateValue;
  const { stateReasonData: _, ...rest } = before;
  await tx.put(alarms, {
    ...rest,
    ...next,
    stateUpdatedAtMs: now,
    ...(isNew && { stateTransitionedAtMs: now }),
    ...(isNew && actionsFor(before, next.stateValue).length > 0 && { actionsDue: true as const }),
  });
  if (!isNew) return;
  await addHistory(tx, before, ids, {
    atMs: now,
    type: 'StateUpdate',
    summary: `Alarm updated from ${before.stateValue} to ${next.stateValue}`,
    data: stateChange(before, next),
  });
}
