import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import { awsPrefixLists } from './domain/aws-prefix-lists.ts';
import { KINDS } from './domain/resource-kind.ts';
import { requireRow } from './lookup.ts';
import { prefixLists, type PrefixListRow, resourceKey } from './tables.ts';

/** A prefix list of the account, or of AWS. */
export async function findPrefixList(tx: ReadTx, scope: Scope, id: string): Promise<PrefixListRow | undefined> {
  return awsPrefixLists(scope).find((list) => list.id === id) ?? tx.get(prefixLists, resourceKey(scope, id));
}

/** Throws InvalidPrefixListID's errors. */
export async function requirePrefixList(tx: ReadTx, scope: Scope, id: string): Promise<PrefixListRow> {
  return (
    awsPrefixLists(scope).find((list) => list.id === id) ?? requireRow(tx, prefixLists, KINDS.prefixList, scope, id)
  );
}
