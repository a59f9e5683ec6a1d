import type { Ids } from '../../kernel/ids.ts';
import type { WriteTx } from '../../store/store.ts';
import type { Scope } from '../../kernel/arn.ts';
import { history, type HistoryRow } from './tables.ts';

export async function addHistory(
  tx: WriteTx,
  { account, region, name }: Scope & { readonly name: string },
  ids: Ids,
  item: Pick<HistoryRow, 'atMs' | 'type' | 'summary' | 'data' | 'alarmType'>,
): Promise<void> {
  await tx.put(history, { account, region, alarmName: name, id: ids.hex(12), ...item });
}
