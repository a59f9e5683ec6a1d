import { scopeKey } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import { table } from '../../store/store.ts';

/** One setting of one principal, or of the whole account. */
export interface AccountSettingRow extends Scope {
  /** An ARN, or `default` for all who have none of their own. */
  readonly principalArn: string;
  readonly name: string;
  readonly value: string;
}

/** What a task's row keeps of the account settings that held when it was launched. */
export interface TaskSettingsRow {
  /** Of containers whose log configuration names no mode; left out: non-blocking. */
  readonly logDriverMode?: 'blocking';
}

export const accountSettingKey = (scope: Scope, principalArn: string, name: string) =>
  `${scopeKey(scope)}/${principalArn}/${name}`;
export const accountSettings = table<AccountSettingRow>(
  'ecs.account-settings',
  (row) => accountSettingKey(row, row.principalArn, row.name),
  { scope: scopeKey },
);
