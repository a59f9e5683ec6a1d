import type { ClusterSetting } from '@aws-sdk/client-ecs';
import type { Principal } from '../../identity/principal.ts';
import { formatArn } from '../../kernel/arn.ts';
import type { Scope } from '../../kernel/arn.ts';
import type { ReadTx } from '../../store/store.ts';
import { SETTINGS } from './domain/account-settings.ts';
import type { SettingName } from './domain/account-settings.ts';
import { accountSettingKey, accountSettings } from './account-setting-tables.ts';
import type { TaskSettingsRow } from './account-setting-tables.ts';

/** Under this principal, a row is for the whole account. */
export const EVERYBODY = 'default';

export const rootArn = (account: string) => formatArn('iam', { account }, 'root');

/** The one whose settings a call is about: a session's are its role's, a federated user's those of the root user. */
export function settingsOwner(principal: Principal): string {
  if (principal.kind === 'assumed-role') return principal.session?.issuer.arn ?? principal.arn;
  if (principal.kind === 'federated-user') return rootArn(principal.account);
  return principal.arn;
}

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

/** The settings of a new cluster that is given none: those of whoever creates it. */
export async function clusterSettings(tx: ReadTx, scope: Scope, principal: Principal): Promise<ClusterSetting[]> {
  const value = await effectiveSetting(tx, scope, 'containerInsights', settingsOwner(principal));
  return [{ name: 'containerInsights', value }];
}

/**
 * The settings that a task is launched with: those of whoever runs it, or the account's where ECS itself starts it.
 * https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs-account-settings.html#default-log-driver-mode
 */
export async function taskSettings(tx: ReadTx, scope: Scope, principal?: Principal): Promise<TaskSettingsRow> {
  const owner = principal && settingsOwner(principal);
  const mode = await effectiveSetting(tx, scope, 'defaultLogDriverMode', owner);
  return mode === 'blocking' ? { logDriverMode: mode } : {};
}
