import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { noSuchGroup, noSuchStream } from './errors.ts';
import { groupKey, logGroups, logStreams, streamKey, type LogGroupRow, type LogStreamRow } from './tables.ts';

/** @throws ResourceNotFoundException */
export async function groupOf(tx: ReadTx, scope: Scope, name: string): Promise<Stored<LogGroupRow>> {
  const row = await tx.get(logGroups, groupKey(scope, name));
  if (!row) throw noSuchGroup();
  return row;
}

/** @throws ResourceNotFoundException for a stream or its group that is not there */
export async function streamOf(
  tx: ReadTx,
  scope: Scope,
  groupName: string,
  name: string,
): Promise<Stored<LogStreamRow>> {
  const row = await tx.get(logStreams, streamKey(scope, groupName, name));
  if (row) return row;
  await groupOf(tx, scope, groupName);
  throw noSuchStream();
}

export function streamsOf(tx: ReadTx, scope: Scope, groupName: string, prefix = ''): Promise<Stored<LogStreamRow>[]> {
  return tx.list(logStreams, { prefix: streamKey(scope, groupName, prefix) });
}
