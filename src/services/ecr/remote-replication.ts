import type { ServiceEnvironment } from '../../api/service.ts';
import { RuntimeError, ServiceError, messageOf } from '../../kernel/errors.ts';
import type { Due, Pushed } from './domain/replication-plan.ts';
import type { EcrPorts } from './operation.ts';
import { placeOf } from './replication.ts';
import { inRegistry } from './repositories.ts';
import { repositories, repositoryKey } from './tables.ts';

/**
 * Pushes an image to a destination that is another registry, outside of any transaction.
 * @param key of the image, as the registry keys it
 * @throws RuntimeError of what may go better later
 */
export async function pushReplica(
  { store, ports, log }: Pick<ServiceEnvironment<EcrPorts>, 'store' | 'ports' | 'log'>,
  key: string,
  { destination, newTags }: Due,
): Promise<Pushed> {
  const place = placeOf(key);
  const row = await store.read((tx) => tx.get(repositories, repositoryKey(place, place.name)));
  if (!row) return { failureCode: 'ImageNotFound' };
  try {
    await ports.replicationTargets.push(destination, { from: inRegistry(row), digest: place.digest, tags: newTags });
    return {};
  } catch (error) {
    const failureCode = failureCodeOf(error);
    if (failureCode === undefined) throw error;
    log.warn('an image was not replicated', { image: key, ...destination, failureCode, reason: messageOf(error) });
    return { failureCode };
  }
}

/** AWS says of its failure codes only that they are there. */
function failureCodeOf(error: unknown): string | undefined {
  if (error instanceof ServiceError) return error.code.replace(/Exception$/, '');
  if (!(error instanceof RuntimeError) || error.kind !== 'rejected') return undefined;
  switch ('status' in error ? error.status : undefined) {
    case 401:
    case 403:
      return 'AccessDenied';
    case 404:
      return 'RepositoryNotFound';
    default:
      return 'ImageRejected';
  }
}
