import type { Ids } from '../../kernel/ids.ts';
import type { ReadTx, Stored, WriteTx } from '../../store/store.ts';
import type { StateValue } from './domain/alarm.ts';
import { stateChange } from './domain/alarm-reason.ts';
import { addHistory } from './history.ts';
import { alarmKey, alarms, compositeAlarms, type AlarmRow, type CompositeAlarmRow } from './tables.ts';

/** The alarms that a composite alarm looks at, by name; those that are there. */
export async function childrenOf(
  tx: ReadTx,
  row: CompositeAlarmRow,
): Promise<ReadonlyMap<string, AlarmRow | CompositeAlarmRow>> {
  const found = await Promise.all(
    row.children.map(async (name) => {
      const key = alarmKey(row, name);
      return (await tx.get(alarms, key)) ?? (await tx.get(compositeAlarms, key));
    }),
  );
  return new Map(found.flatMap((child) => (child ? [[child.name, child]] : [])));
}

/** True where following the children comes back to the alarm. */
export async function isInCycle(tx: ReadTx, row: CompositeAlarmRow): Promise<boolean> {
  const seen = new Set<string>();
  const next = [...row.children];
  for (let name = next.pop(); name !== undefined; name = next.pop()) {
    if (name === row.name) return true;
    if (seen.has(name)) continue;
    seen.add(name);
    next.push(...((await tx.get(compositeAlarms, alarmKey(row, name)))?.children ?? []));
  }
  return false;
}

export interface CompositeState {
  readonly stateValue: StateValue;
  readonly stateReason: string;
  readonly stateReasonData?: string;
}

/** A composite alarm in its next state, with its history. */
export async function enterCompositeState(
  tx: WriteTx,
  before: Stored<CompositeAlarmRow>,
  next: CompositeState,
  { now, ids }: { readonly now: number; readonly ids: Ids },
): Promise<void> {
  const isNew = before.stateValue !== next.stateValue;
  const { stateReasonData: _, ...rest } = before;
  await tx.put(compositeAlarms, {
    ...rest,
    ...next,
    stateUpdatedAtMs: now,
    ...(isNew && { stateTransitionedAtMs: now }),
  });
  if (!isNew) return;
  await addHistory(tx, before, ids, {
    atMs: now,
    alarmType: 'CompositeAlarm',
    type: 'StateUpdate',
    summary: `Alarm updated from ${before.stateValue} to ${next.stateValue}`,
    data: stateChange(before, next),
  });
}
