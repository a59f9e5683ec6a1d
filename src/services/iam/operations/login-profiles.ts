import type { LoginProfile } from '@aws-sdk/client-iam';
import { CALLER } from '../../../api/operation.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { loginProfileExists, noSuchLoginProfile, passwordPolicyViolation } from '../credential-errors.ts';
import { hashPassword, isPassword, newSalt } from '../domain/password-hash.ts';
import { brokenRule, expiryOf, type PasswordPolicy } from '../domain/passwords.ts';
import { namedUser, userResources } from '../lookup.ts';
import { operation, type IamContext } from '../operation.ts';
import { accounts, users, type UserRow } from '../tables.ts';
import { wholeSeconds } from '../whole-seconds.ts';

/** Passwords are hashed between a read and a write: a write of a row that has moved on runs the call again. */
type Profile = NonNullable<UserRow['loginProfile']>;

export const CreateLoginProfile = operation('CreateLoginProfile', {
  resources: userResources,
  handle: async (ctx, { UserName, Password, PasswordResetRequired = false }) => {
    const password = checkText(Password, 'password');
    const { user, policy } = await ctx.read((tx) => userAndPolicy(ctx, tx, UserName));
    if (user.loginProfile) throw loginProfileExists(user.name);
    const loginProfile: Profile = {
      createdAtMs: ctx.now,
      passwordResetRequired: PasswordResetRequired,
      ...(await newPassword(ctx, password, policy)),
    };
    await ctx.write((tx) => tx.put(users, { ...user, loginProfile }));
    return { LoginProfile: profileView(user.name, loginProfile) };
  },
});

export const GetLoginProfile = operation('GetLoginProfile', {
  resources: userResources,
  readOnly: true,
  handle: async (ctx, { UserName }) => {
    const user = await ctx.read((tx) => namedUser(ctx, tx, UserName));
    return { LoginProfile: profileView(user.name, requireProfile(user)) };
  },
});

export const UpdateLoginProfile = operation('UpdateLoginProfile', {
  resources: userResources,
  handle: async (ctx, { UserName, Password, PasswordResetRequired }) => {
    const password = Password === undefined ? undefined : checkText(Password, 'password');
    const { user, policy } = await ctx.read((tx) => userAndPolicy(ctx, tx, UserName));
    const loginProfile: Profile = {
      ...requireProfile(user),
      ...(password !== undefined && (await newPassword(ctx, password, policy, user.loginProfile))),
      ...(PasswordResetRequired !== undefined && { passwordResetRequired: PasswordResetRequired }),
    };
    await ctx.write((tx) => tx.put(users, { ...user, loginProfile }));
    return {};
  },
});

export const DeleteLoginProfile = operation('DeleteLoginProfile', {
  resources: userResources,
  handle: async (ctx, { UserName }) => {
    await ctx.write(async (tx) => {
      const { loginProfile, ...user } = await namedUser(ctx, tx, UserName);
      if (!loginProfile) throw noSuchLoginProfile(user.name);
      await tx.put(users, user);
    });
    return {};
  },
});

/** The caller's own password. */
export const ChangePassword = operation('ChangePassword', {
  resources: () => [CALLER],
  handle: async (ctx, { OldPassword, NewPassword }) => {
    const old = checkText(OldPassword, 'oldPassword');
    const password = checkText(NewPassword, 'newPassword');
    if (ctx.principal.kind !== 'user') {
      throw new ServiceError('InvalidUserTypeException', 'Only IAM Users can change their own password');
    }
    const { user, policy } = await ctx.read((tx) => userAndPolicy(ctx, tx, undefined));
    const before = requireProfile(user);
    if (!(await isPassword(old, before.passwordHash))) {
      throw new ServiceError('AccessDenied', 'The old password was incorrect.', { httpStatus: 403 });
    }
    const expiresAtMs = expiryOf(before.passwordChangedAtMs, policy);
    if (policy?.HardExpiry && expiresAtMs !== undefined && ctx.now >= expiresAtMs) {
      throw passwordPolicyViolation('The password has expired; an administrator must set a new one');
    }
    const changed = await newPassword(ctx, password, policy, before);
    const loginProfile: Profile = { ...before, ...changed, passwordResetRequired: false };
    await ctx.write((tx) => tx.put(users, { ...user, loginProfile }));
    return {};
  },
});

async function userAndPolicy(
  ctx: IamContext,
  tx: ReadTx,
  name: string | undefined,
): Promise<{ readonly user: Stored<UserRow>; readonly policy: PasswordPolicy | undefined }> {
  const user = await namedUser(ctx, tx, name);
  return { user, policy: (await tx.get(accounts, ctx.account))?.passwordPolicy };
}

/** The members of a profile that a new password changes; throws where the account's password policy refuses it. */
async function newPassword(
  ctx: IamContext,
  password: string,
  policy: PasswordPolicy | undefined,
  before?: Profile,
): Promise<Pick<Profile, 'passwordHash' | 'passwordChangedAtMs' | 'earlierHashes'>> {
  const rule = brokenRule(password, policy);
  if (rule !== undefined) throw passwordPolicyViolation(rule);
  const earlier = before ? [before.passwordHash, ...(before.earlierHashes ?? [])] : [];
  const unwanted = earlier.slice(0, policy?.PasswordReusePrevention ?? 0);
  const reused = await Promise.all(unwanted.map((hash) => isPassword(password, hash)));
  if (reused.includes(true)) throw passwordPolicyViolation('Password was used before and cannot be used again yet');
  return {
    passwordHash: await hashPassword(password, newSalt(ctx.ids)),
    passwordChangedAtMs: ctx.now,
    earlierHashes: earlier.slice(0, MOST_REMEMBERED),
  };
}

/** The most that PasswordReusePrevention can ask for. */
const MOST_REMEMBERED = 24;

function requireProfile({ name, loginProfile }: UserRow): Profile {
  if (!loginProfile) throw noSuchLoginProfile(name);
  return loginProfile;
}

/** A refusal must not repeat the password. */
function checkText(password: string | undefined, member: string): string {
  if (password === undefined) throw constraint(member, 'Member must not be null');
  if (password.length < 1) throw constraint(member, 'Member must have length greater than or equal to 1');
  if (password.length > 128) throw constraint(member, 'Member must have length less than or equal to 128');
  if (/[^\t\n\r\x20-\xff]/.test(password)) {
    throw constraint(member, 'Member must satisfy regular expression pattern: [\\u0009\\u000A\\u000D\\u0020-\\u00FF]+');
  }
  return password;
}

function constraint(member: string, rule: string): ServiceError {
  const message = `1 validation error detected: Value at '${member}' failed to satisfy constraint: ${rule}`;
  return new ServiceError('ValidationError', message);
}

function profileView(userName: string, { createdAtMs, passwordResetRequired }: Profile): LoginProfile {
  return { UserName: userName, CreateDate: wholeSeconds(createdAtMs), PasswordResetRequired: passwordResetRequired };
}
