import type { AccessKeyMetadata } from '@aws-sdk/client-iam';
import { accessKeyId } from '../../../identity/access-key-id.ts';
import type { Scope } from '../../../kernel/arn.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { ReadTx, Stored } from '../../../store/store.ts';
import { noSuchAccessKey, rootKeyIsKept } from '../credential-errors.ts';
import { checkLength, invalidValue } from '../domain/names.ts';
import { checkQuota } from '../domain/quotas.ts';
import { validationError } from '../errors.ts';
import { keysOf, namedUser, userResources } from '../lookup.ts';
import { operation, type IamContext } from '../operation.ts';
import { pageOf } from '../pages.ts';
import { accessKeys, lastUses, type AccessKeyRow } from '../tables.ts';
import { wholeSeconds } from '../whole-seconds.ts';

const SECRET_BYTES = 30;

/** The secret is answered here and nowhere else. */
export const CreateAccessKey = operation('CreateAccessKey', {
  resources: userResources,
  handle: async (ctx, { UserName }) => {
    if (UserName === undefined && ctx.principal.kind === 'root') throw rootKeyIsKept();
    const secret = ctx.ids.bytes(SECRET_BYTES).toString('base64');
    const id = accessKeyId('AKIA', ctx.account, ctx.ids);
    const { account, now } = ctx;
    const sealedSecret = ctx.ports.box.seal(secret);
    const row = await ctx.write(async (tx) => {
      const user = await namedUser(ctx, tx, UserName);
      checkQuota('AccessKeysPerUser', (await keysOf(tx, user)).length);
      const key = { id, account, userName: user.name, status: 'Active' as const, createdAtMs: now, sealedSecret };
      return tx.put(accessKeys, key);
    });
    const { Status, CreateDate } = keyView(row);
    return { AccessKey: { UserName: row.userName, AccessKeyId: row.id, Status, SecretAccessKey: secret, CreateDate } };
  },
});

export const ListAccessKeys = operation('ListAccessKeys', {
  resources: userResources,
  readOnly: true,
  handle: async (ctx, input) => {
    const root = input.UserName === undefined && ctx.principal.kind === 'root';
    const keys = root ? [rootKey(ctx)] : await ctx.read((tx) => keysOfNamed(ctx, tx, input.UserName));
    const { items, page } = pageOf(keys, ({ AccessKeyId = '' }) => AccessKeyId, input);
    return { AccessKeyMetadata: items, ...page };
  },
});

export const UpdateAccessKey = operation('UpdateAccessKey', {
  resources: userResources,
  handle: async (ctx, { UserName, AccessKeyId = '', Status }) => {
    if (Status !== 'Active' && Status !== 'Inactive') {
      throw validationError('status', 'Member must satisfy enum value set: [Active, Inactive]');
    }
    await ctx.write(async (tx) => {
      const key = await requireKey(ctx, tx, AccessKeyId, UserName);
      await tx.put(accessKeys, { ...key, status: Status });
    });
    return {};
  },
});

export const DeleteAccessKey = operation('DeleteAccessKey', {
  resources: userResources,
  handle: async (ctx, { UserName, AccessKeyId = '' }) => {
    await ctx.write(async (tx) => {
      const key = await requireKey(ctx, tx, AccessKeyId, UserName);
      await tx.delete(accessKeys, key.id);
      await tx.delete(lastUses, key.id);
    });
    return {};
  },
});

/** AWS refuses a key that does not exist, or is another account's, as one that the caller may not ask about. */
export const GetAccessKeyLastUsed = operation('GetAccessKeyLastUsed', {
  resources: ownerResources,
  readOnly: true,
  handle: async (ctx, { AccessKeyId = '' }) => {
    checkKeyId(AccessKeyId);
    const [key, use] = await ctx.read(async (tx) => {
      return [await tx.get(accessKeys, AccessKeyId), await tx.get(lastUses, AccessKeyId)] as const;
    });
    const isRoots = AccessKeyId === ctx.ports.rootAccessKeyId;
    if (!isRoots && key?.account !== ctx.account) {
      const what = `iam:GetAccessKeyLastUsed on resource: access key ${AccessKeyId}`;
      const message = `User: ${ctx.principal.arn} is not authorized to perform ${what}`;
      throw new ServiceError('AccessDenied', message, { httpStatus: 403 });
    }
    return {
      ...(key && { UserName: key.userName }),
      AccessKeyLastUsed: use
        ? { LastUsedDate: wholeSeconds(use.atMs), ServiceName: use.service, Region: use.region }
        : { ServiceName: 'N/A', Region: 'N/A' },
    };
  },
});

/** The user that has the key. Of root's, and of one that nobody has, every user: it tells nothing. */
async function ownerResources(
  { AccessKeyId = '' }: { readonly AccessKeyId?: string | undefined },
  scope: Scope,
  tx: ReadTx,
): Promise<string[]> {
  const key = await tx.get(accessKeys, AccessKeyId);
  return userResources({ UserName: key?.account === scope.account ? key.userName : '*' }, scope, tx);
}

async function keysOfNamed(ctx: IamContext, tx: ReadTx, name: string | undefined): Promise<AccessKeyMetadata[]> {
  return (await keysOf(tx, await namedUser(ctx, tx, name))).map(keyView);
}

async function requireKey(
  ctx: IamContext,
  tx: ReadTx,
  id: string,
  userName: string | undefined,
): Promise<Stored<AccessKeyRow>> {
  checkKeyId(id);
  if (id === ctx.ports.rootAccessKeyId) throw rootKeyIsKept();
  const user = await namedUser(ctx, tx, userName);
  const key = await tx.get(accessKeys, id);
  if (key?.account !== ctx.account || key.userName !== user.name) throw noSuchAccessKey(id);
  return key;
}

function checkKeyId(id: string): void {
  checkLength(id, 'accessKeyId', 128, 16);
  if (!/^\w+$/.test(id)) throw invalidValue('accessKeyId', 'It must contain only alphanumeric characters.');
}

function keyView({ userName, id, status, createdAtMs }: AccessKeyRow): AccessKeyMetadata {
  return { UserName: userName, AccessKeyId: id, Status: status, CreateDate: wholeSeconds(createdAtMs) };
}

function rootKey({ ports }: IamContext): AccessKeyMetadata {
  const { rootAccessKeyId, rootCreatedAtMs: made } = ports;
  return {
    AccessKeyId: rootAccessKeyId,
    Status: 'Active',
    ...(made !== undefined && { CreateDate: wholeSeconds(made) }),
  };
}
