import { ServiceError } from '../../../kernel/errors.ts';
import { checkLength } from '../domain/names.ts';
import { validationError } from '../errors.ts';
import { operation } from '../operation.ts';
import { pageOf } from '../pages.ts';
import { accounts } from '../tables.ts';

const ALIAS = /^[a-z0-9](?:[a-z0-9]|-(?!-)){1,61}[a-z0-9]$/;

/** An account has one alias at most: another takes its place. */
export const CreateAccountAlias = operation('CreateAccountAlias', {
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const alias = checkAlias(input.AccountAlias ?? '');
    await ctx.write(async (tx) => {
      if ((await tx.list(accounts)).some((row) => row.alias === alias)) {
        const message = `The account alias ${alias} already exists.`;
        throw new ServiceError('EntityAlreadyExistsException', message, { httpStatus: 409 });
      }
      await tx.put(accounts, { account: ctx.account, ...(await tx.get(accounts, ctx.account)), alias });
    });
    return {};
  },
});

export const ListAccountAliases = operation('ListAccountAliases', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx, input) => {
    const row = await ctx.read((tx) => tx.get(accounts, ctx.account));
    const { items, page } = pageOf(row?.alias === undefined ? [] : [row.alias], (alias) => alias, input);
    return { AccountAliases: items, ...page };
  },
});

export const DeleteAccountAlias = operation('DeleteAccountAlias', {
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const wanted = checkAlias(input.AccountAlias ?? '');
    await ctx.write(async (tx) => {
      const row = await tx.get(accounts, ctx.account);
      if (row?.alias !== wanted) {
        const message = `The account alias with name ${wanted} cannot be found.`;
        throw new ServiceError('NoSuchEntityException', message, { httpStatus: 404 });
      }
      const { alias: _, ...rest } = row;
      await tx.put(accounts, rest);
    });
    return {};
  },
});

function checkAlias(alias: string): string {
  checkLength(alias, 'accountAlias', 63, 3);
  if (!ALIAS.test(alias) || /^\d{12}$/.test(alias)) {
    const pattern = '^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$';
    throw validationError('accountAlias', `Member must satisfy regular expression pattern: ${pattern}`);
  }
  return alias;
}
