import { createHash } from 'node:crypto';
import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx, Stored, Table } from '../../store/store.ts';
import { idempotentParameterMismatch } from './errors.ts';
import { type Idempotency, type MadeOnce, type Resource, resourceKey } from './tables.ts';

/** What a resource keeps of the request that makes it, where that has a client token. */
export function idempotencyOf(input: { readonly ClientToken?: string | undefined }): MadeOnce {
  const { ClientToken: token } = input;
  if (!token) return {};
  const compared = { ...input, ClientToken: undefined, DryRun: undefined };
  return { idempotency: { token, requestHash: createHash('sha256').update(JSON.stringify(compared)).digest('hex') } };
}

/**
 * What an earlier request with the same token made, and still is. Throws IdempotentParameterMismatch where that one asked
 * for something else.
 *
 * https://docs.aws.amazon.com/ec2/latest/devguide/ec2-api-idempotency.html
 */
export async function madeBefore<R extends Resource & MadeOnce>(
  tx: ReadTx,
  table: Table<R>,
  scope: Scope,
  idempotency: Idempotency | undefined,
): Promise<readonly Stored<R>[]> {
  if (!idempotency) return [];
  const { token, requestHash } = idempotency;
  const made = await tx.list(table, { where: ['clientToken', resourceKey(scope, token)] });
  if (made.some((row) => row.idempotency?.requestHash !== requestHash)) throw idempotentParameterMismatch(token);
  return made;
}
