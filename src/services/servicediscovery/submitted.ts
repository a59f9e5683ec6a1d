import type { Context } from '../../api/context.ts';
import { scopeKey } from '../../kernel/arn.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { WriteTx } from '../../store/store.ts';
import { operations } from './tables.ts';
import type { OperationRow } from './tables.ts';

const DAY_MS = 86_400_000;
const KEPT_MS = 30 * DAY_MS;
/** Each operation clears away this many old ones, so the table cannot grow for ever. */
const CLEARED_AT_ONCE = 10;
const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Writes down what the reconciler is to do; the answer is its id. */
export async function submit(
  tx: WriteTx,
  ctx: Pick<Context, 'account' | 'region' | 'now' | 'ids'>,
  what: Pick<OperationRow, 'type' | 'namespaceArn' | 'namespaceId' | 'serviceId' | 'instanceId' | 'requestId'>,
): Promise<{ OperationId: string }> {
  const { account, region, now, ids } = ctx;
  const oldest = await tx.list(operations, { prefix: `${scopeKey(ctx)}/`, limit: CLEARED_AT_ONCE });
  for (const row of oldest.filter((each) => each.submittedAtMs < now - KEPT_MS)) {
    await tx.delete(operations, operations.key(row));
  }
  const id = `${alphanumerics(ids, 32)}-${now.toString(36)}`;
  await tx.put(operations, {
    account,
    region,
    id,
    status: 'SUBMITTED',
    ...what,
    submittedAtMs: now,
    updatedAtMs: now,
  });
  return { OperationId: id };
}

/** Lower-case letters and digits. */
export function alphanumerics(ids: Ids, length: number): string {
  return [...ids.bytes(length)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('');
}
