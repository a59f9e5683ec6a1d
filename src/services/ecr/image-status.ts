import type { ImageStatus } from '@aws-sdk/client-ecr';
import type { ManifestRow } from '../../registry/tables.ts';
import { invalidParameter } from './errors.ts';

const FILTERS = ['ACTIVE', 'ARCHIVED', 'ACTIVATING', 'ANY'];

/** Restoring takes no time here, so that nothing is ever seen ACTIVATING. */
export function statusOf(image: ManifestRow): ImageStatus {
  return image.storageClass === 'ARCHIVE' ? 'ARCHIVED' : 'ACTIVE';
}

/**
 * What a status filter lets through; the active ones where none was given.
 * @throws ServiceError InvalidParameterException
 */
export function checkStatus(member: string, filter = 'ACTIVE'): (status: ImageStatus) => boolean {
  if (!FILTERS.includes(filter)) {
    throw invalidParameter(member, `Member must satisfy enum value set: [${FILTERS.join(', ')}]`);
  }
  return (status) => filter === 'ANY' || filter === status;
}
