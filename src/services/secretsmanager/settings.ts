import type { ConditionValues } from '../../api/operation.ts';
import { constraint, notSupported } from './errors.ts';

const MOST_CHARACTERS = 2048;

/** What CreateSecret and UpdateSecret set alike. */
interface Settings {
  readonly Description?: string | undefined;
  readonly KmsKeyId?: string | undefined;
  readonly Type?: string | undefined;
}

/** @throws ServiceError ValidationException, InvalidParameterException */
export function checkSettings({ Description = '', KmsKeyId = '', Type: type }: Settings): void {
  if (Description.length > MOST_CHARACTERS) {
    throw constraint('description', `have length less than or equal to ${MOST_CHARACTERS}`);
  }
  if (KmsKeyId.length > MOST_CHARACTERS) {
    throw constraint('kmsKeyId', `have length less than or equal to ${MOST_CHARACTERS}`);
  }
  if (type !== undefined) throw notSupported('Type');
}

export function settingConditions({ Description, KmsKeyId, Type: type }: Settings): ConditionValues {
  return {
    ...(Description !== undefined && { 'secretsmanager:description': Description }),
    ...(KmsKeyId !== undefined && { 'secretsmanager:kmskeyid': KmsKeyId }),
    ...(KmsKeyId?.startsWith('arn:') && { 'secretsmanager:kmskeyarn': KmsKeyId }),
    ...(type !== undefined && { 'secretsmanager:type': type }),
  };
}
