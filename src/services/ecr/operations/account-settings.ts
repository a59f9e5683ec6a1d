import { accountSettingOf, checkAccountSetting, checkAccountSettingValue } from '../domain/account-settings.ts';
import { operation } from '../operation.ts';
import { changeRegistry, findRegistry } from '../registries.ts';

const nothing = () => ['*'];
const setting = ({ name = '' }: { readonly name?: string | undefined }) => ({ 'ecr:accountsetting': name });

/** Of the account in one region. */
export const GetAccountSetting = operation('GetAccountSetting', {
  readOnly: true,
  resources: nothing,
  conditions: setting,
  handle: async (ctx, input) => {
    const name = checkAccountSetting(input.name);
    const row = await ctx.read((tx) => findRegistry(tx, ctx));
    return { name, value: accountSettingOf(row, name) };
  },
});

export const PutAccountSetting = operation('PutAccountSetting', {
  resources: nothing,
  conditions: setting,
  handle: async (ctx, input) => {
    const name = checkAccountSetting(input.name);
    const value = checkAccountSettingValue(name, input.value);
    await changeRegistry(ctx, (row) => ({ ...row, accountSettings: { ...row.accountSettings, [name]: value } }));
    return { name, value };
  },
});
