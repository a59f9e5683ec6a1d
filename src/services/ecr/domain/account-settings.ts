import { invalidParameter } from '../errors.ts';
import type { RegistryRow } from '../tables.ts';

/**
 * What can be set, the first value being the one of an account that set nothing.
 * - Basic scans are the operator's scanner's; the old type CLAIR is gone from AWS as well.
 * - Blobs are mounted from the start: in AWS it is the other way round.
 * https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_PutAccountSetting.html
 */
const SETTINGS = {
  BASIC_SCAN_TYPE_VERSION: ['AWS_NATIVE'],
  REGISTRY_POLICY_SCOPE: ['V2'],
  BLOB_MOUNTING: ['ENABLED', 'DISABLED'],
} as const satisfies Record<string, readonly [string, ...string[]]>;

type AccountSetting = keyof typeof SETTINGS;

/** @throws ServiceError InvalidParameterException */
export function checkAccountSetting(name: string | undefined): AccountSetting {
  const known = (Object.keys(SETTINGS) as AccountSetting[]).find((setting) => setting === name);
  if (known) return known;
  throw invalidParameter('name', `Member must satisfy enum value set: [${Object.keys(SETTINGS).join(', ')}]`);
}

/** @throws ServiceError InvalidParameterException */
export function checkAccountSettingValue(name: AccountSetting, value: string | undefined): string {
  const values: readonly string[] = SETTINGS[name];
  if (value !== undefined && values.includes(value)) return value;
  throw invalidParameter('value', `Member must satisfy enum value set: [${values.join(', ')}]`);
}

export function accountSettingOf({ accountSettings }: RegistryRow, name: AccountSetting): string {
  return accountSettings?.[name] ?? SETTINGS[name][0];
}
