import type { Ids } from '../../kernel/ids.ts';
import { uniqueId } from '../../identity/unique-id.ts';
import type { Stored, WriteTx } from '../../store/store.ts';
import {
  linkedPolicyArn,
  linkedRoleName,
  linkedRolePath,
  linkedService,
  linkedTrustPolicy,
  type LinkedService,
} from './domain/linked-services.ts';
import { DEFAULT_SESSION_SECONDS } from './domain/role-rules.ts';
import { iamKey, roles, type RoleRow } from './tables.ts';

/**
 * A service's own role in an account, made where it is not there yet: AWS makes it when the service is first used.
 * Undefined for a service that has none.
 * @param servicePrincipal e.g. `ecs.amazonaws.com`
 */
export async function ensureServiceLinkedRole(
  tx: WriteTx,
  account: string,
  servicePrincipal: string,
  { now, ids }: { readonly now: number; readonly ids: Ids },
): Promise<Stored<RoleRow> | undefined> {
  const service = linkedService(servicePrincipal);
  if (!service) return undefined;
  const found = await tx.get(roles, iamKey(account, service.roleName));
  if (found) return found;
  const { description } = service;
  return tx.put(roles, linkedRole(service, { account, now, ids, ...(description !== undefined && { description }) }));
}

interface LinkedRoleParts {
  readonly account: string;
  readonly now: number;
  readonly ids: Ids;
  readonly suffix?: string;
  readonly description?: string;
}

/** The row of a service-linked role, as AWS makes it. */
export function linkedRole(service: LinkedService, parts: LinkedRoleParts): RoleRow {
  return {
    account: parts.account,
    name: linkedRoleName(service, parts.suffix),
    path: linkedRolePath(service),
    id: uniqueId('AROA', parts.ids),
    createdAtMs: parts.now,
    inline: {},
    attached: [linkedPolicyArn(service)],
    tags: {},
    trustPolicy: linkedTrustPolicy(service),
    ...(parts.description !== undefined && { description: parts.description }),
    maxSessionDurationSeconds: DEFAULT_SESSION_SECONDS,
    linkedService: service.principal,
  };
}
