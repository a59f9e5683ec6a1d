import type { UpdateAccountPasswordPolicyRequest } from '@aws-sdk/client-iam';
import { ServiceError } from '../../../kernel/errors.ts';
import { noPasswordPolicy } from '../credential-errors.ts';
import { SHORTEST_OF_A_POLICY, type PasswordPolicy } from '../domain/passwords.ts';
import { operation } from '../operation.ts';
import { accounts } from '../tables.ts';

/** Takes the place of the whole policy: what is left out goes back to its default. */
export const UpdateAccountPasswordPolicy = operation('UpdateAccountPasswordPolicy', {
  resources: () => ['*'],
  handle: async (ctx, input) => {
    checkRanges(input);
    const given = Object.entries(input).filter(([, value]) => value !== undefined);
    const passwordPolicy: Record<string, number | boolean> = Object.fromEntries(given);
    await ctx.write(async (tx) => {
      const row = await tx.get(accounts, ctx.account);
      await tx.put(accounts, { account: ctx.account, ...row, passwordPolicy });
    });
    return {};
  },
});

export const GetAccountPasswordPolicy = operation('GetAccountPasswordPolicy', {
  resources: () => ['*'],
  readOnly: true,
  handle: async (ctx) => {
    const row = await ctx.read((tx) => tx.get(accounts, ctx.account));
    const policy: PasswordPolicy | undefined = row?.passwordPolicy;
    if (!policy) throw noPasswordPolicy(ctx.account);
    const defaults = {
      MinimumPasswordLength: SHORTEST_OF_A_POLICY,
      RequireSymbols: false,
      RequireNumbers: false,
      RequireUppercaseCharacters: false,
      RequireLowercaseCharacters: false,
      AllowUsersToChangePassword: false,
    };
    return { PasswordPolicy: { ...defaults, ...policy, ExpirePasswords: policy.MaxPasswordAge !== undefined } };
  },
});

export const DeleteAccountPasswordPolicy = operation('DeleteAccountPasswordPolicy', {
  resources: () => ['*'],
  handle: async (ctx) => {
    await ctx.write(async (tx) => {
      const row = await tx.get(accounts, ctx.account);
      if (!row?.passwordPolicy) {
        const message = 'The account policy with name PasswordPolicy cannot be found.';
        throw new ServiceError('NoSuchEntityException', message, { httpStatus: 404 });
      }
      const { passwordPolicy: _, ...rest } = row;
      await tx.put(accounts, rest);
    });
    return {};
  },
});

const RANGES = {
  MinimumPasswordLength: ['minimumPasswordLength', 6, 128],
  PasswordReusePrevention: ['passwordReusePrevention', 1, 24],
  MaxPasswordAge: ['maxPasswordAge', 1, 1095],
} as const;

/** Throws one ValidationError for all that is out of range. */
function checkRanges(input: UpdateAccountPasswordPolicyRequest): void {
  const broken = (['MinimumPasswordLength', 'PasswordReusePrevention', 'MaxPasswordAge'] as const).flatMap((name) => {
    const [member, least, most] = RANGES[name];
    const value = input[name] ?? least;
    if (value >= least && value <= most) return [];
    const bound = value < least ? `greater than or equal to ${least}` : `less than or equal to ${most}`;
    return [`Value at '${member}' failed to satisfy constraint: Member must have value ${bound}`];
  });
  if (broken.length === 0) return;
  const count = `${broken.length} validation error${broken.length === 1 ? '' : 's'} detected`;
  throw new ServiceError('ValidationError', `${count}: ${broken.join('; ')}`);
}
