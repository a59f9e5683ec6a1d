import type { Ids } from '../../kernel/ids.ts';
import type { WriteTx } from '../../store/store.ts';
import { history, type AlarmRow, type HistoryRow } from './tables.ts';

export async function addHistory(
  tx: WriteTx,
  { account, region, name }: AlarmRow,
  ids: Ids,
  item: Pick<HistoryRow, 'atMs' | 'type' | 'summary' | 'data'>,
): Promise<void> {
  await tx.put(history, { account, region, alarmName: name, id: ids.hex(12), ...item });
}
