import type { Setting } from '@aws-sdk/client-ecs';
import type { Context } from '../../../api/context.ts';
import { formatArn, scopeKey } from '../../../kernel/arn.ts';
import type { WriteTx } from '../../../store/store.ts';
import { SETTING_NAMES, checkSettingValue, settingName } from '../domain/account-settings.ts';
import type { SettingName } from '../domain/account-settings.ts';
import { pageOf } from '../domain/pages.ts';
import { clientError, invalidParameter } from '../errors.ts';
import { operation } from '../operation.ts';
import { EVERYBODY, effectiveSetting, rootArn, settingsOwner } from '../settings.ts';
import { accountSettingKey, accountSettings } from '../account-setting-tables.ts';

/** @throws ClientException for another's settings, unless the root user asks */
function principalOf({ principal, account }: Context, wanted: string | undefined): string {
  const own = settingsOwner(principal);
  if (wanted === undefined || wanted === own) return own;
  if (principal.kind !== 'root') throw clientError('Only the root user may ask for the settings of others.');
  if (!wanted.startsWith(formatArn('iam', { account }, ''))) throw invalidParameter('Invalid principalArn.');
  return wanted;
}

/** The root user's settings are those of all who have none of their own. */
function rowOwner({ account }: Context, principalArn: string): string {
  return principalArn === rootArn(account) ? EVERYBODY : principalArn;
}

function settingView(name: SettingName, value: string, principalArn: string): Setting {
  return { name, value, principalArn, type: name === 'guardDutyActivate' ? 'aws_managed' : 'user' };
}

async function put(tx: WriteTx, ctx: Context, owner: string, name: SettingName, value: string): Promise<void> {
  const before = await tx.get(accountSettings, accountSettingKey(ctx, owner, name));
  const row = { account: ctx.account, region: ctx.region, principalArn: owner, name, value };
  await tx.put(accountSettings, before ? { ...row, revision: before.revision } : row);
}

export const PutAccountSetting = operation('PutAccountSetting', {
  resources: () => ['*'],
  conditions: (input) => ({ 'ecs:account-setting': input.name ?? '' }),
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const name = settingName(input.name);
      const value = input.value ?? '';
      checkSettingValue(name, value);
      const principalArn = principalOf(ctx, input.principalArn);
      await put(tx, ctx, rowOwner(ctx, principalArn), name, value);
      return { setting: settingView(name, value, principalArn) };
    }),
});

export const PutAccountSettingDefault = operation('PutAccountSettingDefault', {
  resources: () => ['*'],
  conditions: (input) => ({ 'ecs:account-setting': input.name ?? '' }),
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const name = settingName(input.name);
      const value = input.value ?? '';
      checkSettingValue(name, value);
      await put(tx, ctx, EVERYBODY, name, value);
      return { setting: settingView(name, value, rootArn(ctx.account)) };
    }),
});

/** Answers what holds for the principal from now on. */
export const DeleteAccountSetting = operation('DeleteAccountSetting', {
  resources: () => ['*'],
  conditions: (input) => ({ 'ecs:account-setting': input.name ?? '' }),
  handle: (ctx, input) =>
    ctx.write(async (tx) => {
      const name = settingName(input.name);
      const principalArn = principalOf(ctx, input.principalArn);
      await tx.delete(accountSettings, accountSettingKey(ctx, rowOwner(ctx, principalArn), name));
      return { setting: settingView(name, await effectiveSetting(tx, ctx, name), principalArn) };
    }),
});

export const ListAccountSettings = operation('ListAccountSettings', {
  readOnly: true,
  resources: () => ['*'],
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const { name, value, effectiveSettings = false } = input;
      if (value !== undefined && name === undefined) {
        throw invalidParameter('You must specify an account setting name to filter by value.');
      }
      const principalArn = principalOf(ctx, input.principalArn);
      const owner = rowOwner(ctx, principalArn);
      const own = (await tx.list(accountSettings, { where: ['scope', scopeKey(ctx)] })).filter(
        (row) => row.principalArn === owner,
      );
      const settings: Setting[] = [];
      for (const one of name === undefined ? SETTING_NAMES : [settingName(name)]) {
        const set = own.find((row) => row.name === one)?.value;
        const shown = effectiveSettings ? await effectiveSetting(tx, ctx, one, owner) : set;
        if (shown !== undefined && (value === undefined || value === shown)) {
          settings.push(settingView(one, shown, principalArn));
        }
      }
      const page = pageOf(settings, (setting) => setting.name ?? '', input, {
        size: effectiveSettings ? SETTING_NAMES.length : 10,
        most: SETTING_NAMES.length,
      });
      return { settings: page.items, ...page.next };
    }),
});
