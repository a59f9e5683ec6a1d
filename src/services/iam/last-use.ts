import type { WriteTx } from '../../store/store.ts';
import { lastUses } from './tables.ts';

/** Removes what is known of the uses of a principal that is no more. */
export async function forgetUses(tx: WriteTx, principalId: string): Promise<void> {
  for (const { id } of await tx.list(lastUses, { prefix: principalId })) await tx.delete(lastUses, id);
}
