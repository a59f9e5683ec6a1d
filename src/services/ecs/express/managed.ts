import { scopeKey } from '../../../kernel/arn.ts';
import type { Scope } from '../../../kernel/arn.ts';
import type { ReadTx } from '../../../store/store.ts';
import { expressServices } from './tables.ts';

/** The ECS services that Express Mode looks after: their `resourceManagementType` is ECS. */
export async function managedServices(tx: ReadTx, scope: Scope): Promise<ReadonlySet<string>> {
  const rows = await tx.list(expressServices, { where: ['scope', scopeKey(scope)] });
  return new Set(rows.filter((row) => row.status !== 'INACTIVE').map((row) => row.arn));
}
