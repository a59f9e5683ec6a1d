import { parseArn } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { Tags } from '../../kernel/tags.ts';
import type { ReadTx, Stored } from '../../store/store.ts';
import { scopeKey } from '../../kernel/arn.ts';
import {
  instanceNotFound,
  namespaceNameNotFound,
  namespaceNotFound,
  operationNotFound,
  serviceNameNotFound,
  serviceNotFound,
} from './errors.ts';
import { namespaceArn, serviceArn } from './operation.ts';
import { instanceKey, instances, namespaces, operationIdKey, operations, services } from './tables.ts';
import type { InstanceRow, NamespaceRow, OperationRow, ServiceRow } from './tables.ts';

/** @param id or ARN @throws NamespaceNotFound, for one of another account or region too */
export async function namespaceOf(tx: ReadTx, scope: Scope, id = ''): Promise<Stored<NamespaceRow>> {
  const row = await tx.get(namespaces, namespaceArn(scope, id));
  if (!row || row.status === 'CREATING' || !isIn(row, scope)) throw namespaceNotFound(id);
  return row;
}

/** @param id or ARN @throws ServiceNotFound */
export async function serviceOf(tx: ReadTx, scope: Scope, id = ''): Promise<Stored<ServiceRow>> {
  const row = await tx.get(services, serviceArn(scope, id));
  if (!row || !isIn(row, scope)) throw serviceNotFound(id);
  return row;
}

/** @throws InstanceNotFound */
export async function instanceOf(tx: ReadTx, service: ServiceRow, id = ''): Promise<Stored<InstanceRow>> {
  const row = await tx.get(instances, instanceKey(service.arn, id));
  if (!row) throw instanceNotFound(id);
  return row;
}

/** @throws OperationNotFound */
export async function operationOf(tx: ReadTx, scope: Scope, id = ''): Promise<Stored<OperationRow>> {
  const [row] = await tx.list(operations, { where: ['id', operationIdKey(scope, id)], limit: 1 });
  if (!row) throw operationNotFound(id);
  return row;
}

/** What DiscoverInstances means by two names. @throws NamespaceNotFound, ServiceNotFound */
export async function discovered(
  tx: ReadTx,
  scope: Scope,
  names: {
    readonly NamespaceName?: string | undefined;
    readonly ServiceName?: string | undefined;
    readonly OwnerAccount?: string | undefined;
  },
): Promise<{ namespace: NamespaceRow; service: ServiceRow }> {
  const { NamespaceName = '', ServiceName = '', OwnerAccount = scope.account } = names;
  const rows = OwnerAccount === scope.account ? await tx.list(namespaces, { where: ['scope', scopeKey(scope)] }) : [];
  const namespace = rows.find((row) => row.httpName === NamespaceName && row.status === 'ACTIVE');
  if (!namespace) throw namespaceNameNotFound(NamespaceName);
  const service = (await tx.list(services, { where: ['namespace', namespace.arn] })).find((row) =>
    isNamed(row, ServiceName),
  );
  if (!service) throw serviceNameNotFound(ServiceName);
  return { namespace, service };
}

/** Where names are found by DNS their case does not count. */
export function isNamed(service: Pick<ServiceRow, 'name' | 'type'>, name: string): boolean {
  if (service.type === 'HTTP') return service.name === name;
  return service.name.toLowerCase() === name.toLowerCase();
}

/** The tags of a namespace or service, for `aws:ResourceTag`. */
export async function tagsOfArn(tx: ReadTx, arn: string): Promise<Tags | undefined> {
  return (await taggedOf(tx, arn))?.row.tags;
}

export type Tagged =
  | { readonly kind: 'namespace'; readonly row: Stored<NamespaceRow> }
  | { readonly kind: 'service'; readonly row: Stored<ServiceRow> };

export async function taggedOf(tx: ReadTx, arn: string): Promise<Tagged | undefined> {
  const resource = parseArn(arn)?.resource ?? '';
  if (resource.startsWith('namespace/')) {
    const row = await tx.get(namespaces, arn);
    return row && { kind: 'namespace', row };
  }
  const row = resource.startsWith('service/') ? await tx.get(services, arn) : undefined;
  return row && { kind: 'service', row };
}

function isIn(row: Scope, scope: Scope): boolean {
  return row.account === scope.account && row.region === scope.region;
}
