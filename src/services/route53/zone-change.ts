import type { Ids } from '../../kernel/ids.ts';
import type { WriteTx } from '../../store/store.ts';
import { zoneChanges, type ChangeRow } from './tables.ts';

const DAY_MS = 86_400_000;
const KEPT_MS = 30 * DAY_MS;
/** Each change clears away this many old ones, so the table cannot grow for ever. */
const CLEARED_AT_ONCE = 10;
const TIME_DIGITS = 9;
const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** Notes a change for GetChange. */
export async function noteChange(
  tx: WriteTx,
  caller: { readonly account: string; readonly now: number; readonly ids: Ids },
  comment?: string,
): Promise<ChangeRow> {
  const { account, now } = caller;
  const oldest = await tx.list(zoneChanges, { prefix: `${account}/`, limit: CLEARED_AT_ONCE });
  for (const row of oldest.filter((each) => each.submittedAtMs < now - KEPT_MS)) {
    await tx.delete(zoneChanges, `${account}/${row.changeId}`);
  }
  return tx.put(zoneChanges, {
    account,
    changeId: `C${now.toString(36).toUpperCase().padStart(TIME_DIGITS, '0')}${upperAlphanumerics(caller.ids, 11)}`,
    submittedAtMs: now,
    ...(comment === undefined ? {} : { comment }),
  });
}

export function upperAlphanumerics(ids: Ids, length: number): string {
  return [...ids.bytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
