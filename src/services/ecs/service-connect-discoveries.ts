import { createHash } from 'node:crypto';
import type { Call } from '../../api/context.ts';
import { ServiceError } from '../../kernel/errors.ts';
import type { Store } from '../../store/store.ts';
import { invalidParameter, namespaceNotFound } from './errors.ts';
import { connectDiscoveries, discoveryKey } from './service-connect-tables.ts';
import type { ConnectDiscoveryRow } from './service-connect-tables.ts';

/** @throws InvalidParameterException where the name is another's */
export async function createDiscovery(
  call: Call,
  row: Pick<ConnectDiscoveryRow, 'serviceArn' | 'namespaceArn' | 'discoveryName'>,
): Promise<string> {
  const { namespaceArn, discoveryName } = row;
  const key = discoveryKey(row.serviceArn, namespaceArn, discoveryName);
  try {
    const { Service } = await call('servicediscovery', 'CreateService', {
      Name: discoveryName,
      NamespaceId: namespaceArn,
      Type: 'HTTP',
      HealthCheckCustomConfig: { FailureThreshold: 1 },
      CreatorRequestId: createHash('sha256').update(key).digest('hex'),
      Tags: [{ Key: 'AmazonECSManaged', Value: 'true' }],
    });
    return Service?.Arn ?? '';
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    if (error.code === 'ServiceAlreadyExists') throw nameTaken(discoveryName);
    if (error.code === 'NamespaceNotFound') throw namespaceNotFound();
    throw error;
  }
}

export function nameTaken(discoveryName: string): ServiceError {
  return invalidParameter(`The discovery name ${discoveryName} is in use in the namespace.`);
}

/**
 * Removes a Cloud Map service that is leaving, and its row unless that was claimed meanwhile.
 * @throws ServiceError ResourceInUse where it has instances still
 */
export async function endDiscovery(by: { readonly call: Call } & Pick<Store, 'write'>, row: ConnectDiscoveryRow) {
  await unlessGone(by.call('servicediscovery', 'DeleteService', { Id: row.discoveryArn }));
  const key = discoveryKey(row.serviceArn, row.namespaceArn, row.discoveryName);
  await by.write(async (tx) => {
    const now = await tx.get(connectDiscoveries, key);
    if (now?.claimedAtMs === row.claimedAtMs) await tx.delete(connectDiscoveries, key);
  });
}

/** What is asked for, or undefined where it is gone, or was never ours. */
export async function unlessGone<T>(asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ServiceError && GONE.has(error.code)) return undefined;
    throw error;
  }
}

const GONE = new Set(['ServiceNotFound', 'NamespaceNotFoundException', 'InvalidParameterException']);
