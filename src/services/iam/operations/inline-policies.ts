import { encodedDocument } from '../domain/encoded-document.ts';
import { checkIdentityPolicy, policySize } from '../domain/identity-policy.ts';
import { checkName } from '../domain/names.ts';
import { limitExceeded, noSuchEntity } from '../errors.ts';
import { currentBoundary, GROUP, identityArns, ROLE, USER, type IdentityKind } from '../identities.ts';
import { operation, type IamContext } from '../operation.ts';
import { pageOf, type PageInput } from '../pages.ts';
import type { Identity } from '../tables.ts';

type NamedPolicy = { readonly PolicyName: string | undefined };
type WrittenPolicy = NamedPolicy & { readonly PolicyDocument: string | undefined };

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_PutUserPolicy.html and its neighbours */
export const PutUserPolicy = operation('PutUserPolicy', {
  resources: (input, scope, tx) => identityArns(tx, USER, scope, input.UserName),
  conditions: (input, scope, tx) => currentBoundary(tx, USER, scope, input.UserName),
  handle: (ctx, input) => putInline(ctx, USER, input.UserName, input),
});

export const PutGroupPolicy = operation('PutGroupPolicy', {
  resources: (input, scope, tx) => identityArns(tx, GROUP, scope, input.GroupName),
  handle: (ctx, input) => putInline(ctx, GROUP, input.GroupName, input),
});

export const PutRolePolicy = operation('PutRolePolicy', {
  resources: (input, scope, tx) => identityArns(tx, ROLE, scope, input.RoleName),
  conditions: (input, scope, tx) => currentBoundary(tx, ROLE, scope, input.RoleName),
  handle: (ctx, input) => putInline(ctx, ROLE, input.RoleName, input),
});

export const GetUserPolicy = operation('GetUserPolicy', {
  resources: (input, scope, tx) => identityArns(tx, USER, scope, input.UserName),
  readOnly: true,
  handle: async (ctx, input) => {
    const { name, ...policy } = await getInline(ctx, USER, input.UserName, input);
    return { UserName: name, ...policy };
  },
});

export const GetGroupPolicy = operation('GetGroupPolicy', {
  resources: (input, scope, tx) => identityArns(tx, GROUP, scope, input.GroupName),
  readOnly: true,
  handle: async (ctx, input) => {
    const { name, ...policy } = await getInline(ctx, GROUP, input.GroupName, input);
    return { GroupName: name, ...policy };
  },
});

export const GetRolePolicy = operation('GetRolePolicy', {
  resources: (input, scope, tx) => identityArns(tx, ROLE, scope, input.RoleName),
  readOnly: true,
  handle: async (ctx, input) => {
    const { name, ...policy } = await getInline(ctx, ROLE, input.RoleName, input);
    return { RoleName: name, ...policy };
  },
});

export const DeleteUserPolicy = operation('DeleteUserPolicy', {
  resources: (input, scope, tx) => identityArns(tx, USER, scope, input.UserName),
  conditions: (input, scope, tx) => currentBoundary(tx, USER, scope, input.UserName),
  handle: (ctx, input) => deleteInline(ctx, USER, input.UserName, input),
});

export const DeleteGroupPolicy = operation('DeleteGroupPolicy', {
  resources: (input, scope, tx) => identityArns(tx, GROUP, scope, input.GroupName),
  handle: (ctx, input) => deleteInline(ctx, GROUP, input.GroupName, input),
});

export const DeleteRolePolicy = operation('DeleteRolePolicy', {
  resources: (input, scope, tx) => identityArns(tx, ROLE, scope, input.RoleName),
  conditions: (input, scope, tx) => currentBoundary(tx, ROLE, scope, input.RoleName),
  handle: (ctx, input) => deleteInline(ctx, ROLE, input.RoleName, input),
});

export const ListUserPolicies = operation('ListUserPolicies', {
  resources: (input, scope, tx) => identityArns(tx, USER, scope, input.UserName),
  readOnly: true,
  handle: (ctx, input) => listInline(ctx, USER, input.UserName, input),
});

export const ListGroupPolicies = operation('ListGroupPolicies', {
  resources: (input, scope, tx) => identityArns(tx, GROUP, scope, input.GroupName),
  readOnly: true,
  handle: (ctx, input) => listInline(ctx, GROUP, input.GroupName, input),
});

export const ListRolePolicies = operation('ListRolePolicies', {
  resources: (input, scope, tx) => identityArns(tx, ROLE, scope, input.RoleName),
  readOnly: true,
  handle: (ctx, input) => listInline(ctx, ROLE, input.RoleName, input),
});

/** A policy of the same name is replaced. */
async function putInline<R extends Identity>(
  ctx: IamContext,
  kind: IdentityKind<R>,
  name = '',
  { PolicyName = '', PolicyDocument = '' }: WrittenPolicy,
): Promise<Record<never, never>> {
  checkName('policy', PolicyName);
  checkIdentityPolicy(PolicyDocument);
  await ctx.write(async (tx) => {
    const row = await kind.requireOwn(tx, ctx.account, name);
    const inline = { ...row.inline, [PolicyName]: PolicyDocument };
    const size = Object.values(inline).reduce((sum, text) => sum + policySize(text), 0);
    if (size > kind.inlineSize) {
      throw limitExceeded(`Maximum policy size of ${kind.inlineSize} bytes exceeded for ${kind.noun} ${row.name}`);
    }
    await tx.put(kind.table, { ...row, inline });
  });
  return {};
}

async function getInline<R extends Identity>(
  ctx: IamContext,
  kind: IdentityKind<R>,
  name = '',
  { PolicyName = '' }: NamedPolicy,
): Promise<{ name: string; PolicyName: string; PolicyDocument: string }> {
  const row = await ctx.read((tx) => kind.require(tx, ctx.account, name));
  return { name: row.name, PolicyName, PolicyDocument: encodedDocument(inlineOf(row, kind, PolicyName)) };
}

async function deleteInline<R extends Identity>(
  ctx: IamContext,
  kind: IdentityKind<R>,
  name = '',
  { PolicyName = '' }: NamedPolicy,
): Promise<Record<never, never>> {
  await ctx.write(async (tx) => {
    const row = await kind.requireOwn(tx, ctx.account, name);
    inlineOf(row, kind, PolicyName);
    const kept = Object.entries(row.inline).filter(([policyName]) => policyName !== PolicyName);
    await tx.put(kind.table, { ...row, inline: Object.fromEntries(kept) });
  });
  return {};
}

async function listInline<R extends Identity>(ctx: IamContext, kind: IdentityKind<R>, name = '', input: PageInput) {
  const row = await ctx.read((tx) => kind.require(tx, ctx.account, name));
  const { items, page } = pageOf(Object.keys(row.inline), (policyName) => policyName, input);
  return { PolicyNames: items, ...page };
}

/** The document; throws NoSuchEntity. */
function inlineOf<R extends Identity>(row: R, kind: IdentityKind<R>, policyName: string): string {
  const found = Object.hasOwn(row.inline, policyName) ? row.inline[policyName] : undefined;
  if (found === undefined) throw noSuchEntity(`${kind.noun} policy`, policyName);
  return found;
}
