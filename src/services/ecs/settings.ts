import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import { SETTINGS } from './domain/account-settings.ts';
import type { SettingName } from './domain/account-settings.ts';
import { accountSettingKey, accountSettings } from './account-setting-tables.ts';

/** Under this principal, a row is for the whole account. */
export const EVERYBODY = 'default';

/** What a setting is for a principal: its own, the account's, or AWS's default. */
export async function effectiveSetting(
  tx: ReadTx,
  scope: Scope,
  name: SettingName,
  principalArn: string = EVERYBODY,
): Promise<string> {
  const own = await tx.get(accountSettings, accountSettingKey(scope, principalArn, name));
  const general = own ?? (await tx.get(accountSettings, accountSettingKey(scope, EVERYBODY, name)));
  return general?.value ?? SETTINGS[name].initial;
}
