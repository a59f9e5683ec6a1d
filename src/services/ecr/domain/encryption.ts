import type { EncryptionConfiguration } from '@aws-sdk/client-ecr';
import { invalidParameter } from '../errors.ts';
import type { RepositoryRow } from '../tables.ts';

export type Encryption = NonNullable<RepositoryRow['encryption']>;

const TYPES: readonly Encryption['type'][] = ['AES256', 'KMS', 'KMS_DSSE'];
const MOST_KEY_CHARACTERS = 2048;

interface EncryptionInput {
  readonly encryptionType?: string | undefined;
  readonly kmsKey?: string | undefined;
}

/**
 * The encryption that a call asks for, to be kept and shown. Nothing is encrypted with it: blobs are one copy for all
 * repositories, on the operator's disk, whose encryption is the operator's.
 * @throws ServiceError InvalidParameterException
 */
export function encryptionOf(input: EncryptionInput | undefined): Encryption | undefined {
  if (input === undefined) return undefined;
  const { encryptionType, kmsKey } = input;
  const type = TYPES.find((one) => one === encryptionType);
  if (!type) throw invalid('encryptionType', `Member must satisfy enum value set: [${TYPES.join(', ')}]`);
  if (kmsKey === undefined) return { type };
  if (type === 'AES256') throw invalid('kmsKey', 'Member must only be given with an encryptionType of KMS or KMS_DSSE');
  if (kmsKey.length < 1 || kmsKey.length > MOST_KEY_CHARACTERS) {
    throw invalid('kmsKey', `Member must have length between 1 and ${MOST_KEY_CHARACTERS}`);
  }
  return { type, kmsKey };
}

export function encryptionView(encryption: Encryption | undefined): EncryptionConfiguration {
  const { type, kmsKey } = encryption ?? { type: 'AES256' };
  return { encryptionType: type, ...(kmsKey !== undefined && { kmsKey }) };
}

function invalid(member: string, constraint: string) {
  return invalidParameter(`encryptionConfiguration.${member}`, constraint);
}
