import type { ConditionValues } from '../../../api/operation.ts';
import type { Scope } from '../../../kernel/arn.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import type { ReadTx } from '../../../store/store.ts';
import { checkPathPrefix } from '../domain/names.ts';
import { checkQuota } from '../domain/quotas.ts';
import { currentBoundary, GROUP, identityArns, ROLE, USER, type IdentityKind } from '../identities.ts';
import { checkPolicyArn, managedPolicy, requireAttachablePolicy } from '../managed-policies.ts';
import type { ManagedPolicy } from '../managed-policies.ts';
import { operation, type IamContext } from '../operation.ts';
import { pageOf, type PageInput } from '../pages.ts';
import { policyNotFound } from '../policy-errors.ts';
import type { Identity } from '../tables.ts';

type PolicyInput = { readonly PolicyArn: string | undefined };

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_AttachUserPolicy.html and its neighbours */
export const AttachUserPolicy = operation('AttachUserPolicy', {
  resources: (input, scope, tx) => identityArns(tx, USER, scope, input.UserName),
  conditions: (input, scope, tx) => attachmentConditions(tx, USER, scope, { ...input, name: input.UserName }),
  handle: (ctx, input) => attach(ctx, USER, input.UserName, input),
});

export const AttachGroupPolicy = operation('AttachGroupPolicy', {
  resources: (input, scope, tx) => identityArns(tx, GROUP, scope, input.GroupName),
  conditions: (input) => policyArnCondition(input),
  handle: (ctx, input) => attach(ctx, GROUP, input.GroupName, input),
});

export const AttachRolePolicy = operation('AttachRolePolicy', {
  resources: (input, scope, tx) => identityArns(tx, ROLE, scope, input.RoleName),
  conditions: (input, scope, tx) => attachmentConditions(tx, ROLE, scope, { ...input, name: input.RoleName }),
  handle: (ctx, input) => attach(ctx, ROLE, input.RoleName, input),
});

export const DetachUserPolicy = operation('DetachUserPolicy', {
  resources: (input, scope, tx) => identityArns(tx, USER, scope, input.UserName),
  conditions: (input, scope, tx) => attachmentConditions(tx, USER, scope, { ...input, name: input.UserName }),
  handle: (ctx, input) => detach(ctx, USER, input.UserName, input),
});

export const DetachGroupPolicy = operation('DetachGroupPolicy', {
  resources: (input, scope, tx) => identityArns(tx, GROUP, scope, input.GroupName),
  conditions: (input) => policyArnCondition(input),
  handle: (ctx, input) => detach(ctx, GROUP, input.GroupName, input),
});

export const DetachRolePolicy = operation('DetachRolePolicy', {
  resources: (input, scope, tx) => identityArns(tx, ROLE, scope, input.RoleName),
  conditions: (input, scope, tx) => attachmentConditions(tx, ROLE, scope, { ...input, name: input.RoleName }),
  handle: (ctx, input) => detach(ctx, ROLE, input.RoleName, input),
});

export const ListAttachedUserPolicies = operation('ListAttachedUserPolicies', {
  resources: (input, scope, tx) => identityArns(tx, USER, scope, input.UserName),
  readOnly: true,
  handle: (ctx, input) => listAttached(ctx, USER, input.UserName, input),
});

export const ListAttachedGroupPolicies = operation('ListAttachedGroupPolicies', {
  resources: (input, scope, tx) => identityArns(tx, GROUP, scope, input.GroupName),
  readOnly: true,
  handle: (ctx, input) => listAttached(ctx, GROUP, input.GroupName, input),
});

export const ListAttachedRolePolicies = operation('ListAttachedRolePolicies', {
  resources: (input, scope, tx) => identityArns(tx, ROLE, scope, input.RoleName),
  readOnly: true,
  handle: (ctx, input) => listAttached(ctx, ROLE, input.RoleName, input),
});

/** Attaching twice is no error. */
async function attach<R extends Identity>(
  ctx: IamContext,
  kind: IdentityKind<R>,
  name = '',
  { PolicyArn = '' }: PolicyInput,
): Promise<Record<never, never>> {
  await ctx.write(async (tx) => {
    const row = await kind.requireOwn(tx, ctx.account, name);
    refuseServiceRolePolicy(await requireAttachablePolicy(tx, ctx.account, PolicyArn), kind);
    if (row.attached.includes(PolicyArn)) return;
    checkQuota(kind.attachmentQuota, row.attached.length);
    await tx.put(kind.table, { ...row, attached: [...row.attached, PolicyArn] });
  });
  return {};
}

async function detach<R extends Identity>(
  ctx: IamContext,
  kind: IdentityKind<R>,
  name = '',
  { PolicyArn = '' }: PolicyInput,
): Promise<Record<never, never>> {
  checkPolicyArn(PolicyArn);
  await ctx.write(async (tx) => {
    const row = await kind.requireOwn(tx, ctx.account, name);
    if (!row.attached.includes(PolicyArn)) throw policyNotFound(PolicyArn);
    await tx.put(kind.table, { ...row, attached: row.attached.filter((arn) => arn !== PolicyArn) });
  });
  return {};
}

async function listAttached<R extends Identity>(
  ctx: IamContext,
  kind: IdentityKind<R>,
  name = '',
  input: PageInput & { readonly PathPrefix?: string | undefined },
) {
  const prefix = checkPathPrefix(input.PathPrefix);
  const found = await ctx.read(async (tx) => {
    const row = await kind.require(tx, ctx.account, name);
    const attached: ManagedPolicy[] = [];
    for (const arn of row.attached) {
      const policy = await managedPolicy(tx, ctx.account, arn);
      if (policy?.path.startsWith(prefix)) attached.push(policy);
    }
    return attached;
  });
  const { items, page } = pageOf(found, ({ name: policyName, arn }) => `${policyName.toLowerCase()} ${arn}`, input);
  return { AttachedPolicies: items.map(({ name: PolicyName, arn }) => ({ PolicyName, PolicyArn: arn })), ...page };
}

/** Policies for service-linked roles alone. */
function refuseServiceRolePolicy<R extends Identity>({ owner, path }: ManagedPolicy, { noun }: IdentityKind<R>): void {
  if (owner !== 'aws' || !path.startsWith('/aws-service-role/')) return;
  const to = noun === 'role' ? 'a Customer Role' : `an IAM ${noun}`;
  throw new ServiceError('PolicyNotAttachableException', `Cannot attach a Service Role Policy to ${to}.`);
}

async function attachmentConditions<R extends Identity>(
  tx: ReadTx,
  kind: IdentityKind<R>,
  scope: Scope,
  input: PolicyInput & { readonly name: string | undefined },
): Promise<ConditionValues> {
  return { ...policyArnCondition(input), ...(await currentBoundary(tx, kind, scope, input.name)) };
}

function policyArnCondition({ PolicyArn = '' }: PolicyInput): ConditionValues {
  return { 'iam:policyarn': PolicyArn };
}
