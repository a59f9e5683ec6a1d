import type {
  AttachedPolicy,
  GetAccountAuthorizationDetailsRequest,
  GroupDetail,
  ManagedPolicyDetail,
  PolicyDetail,
  RoleDetail,
  UserDetail,
} from '@aws-sdk/client-iam';
import type { ReadTx } from '../../../store/store.ts';
import { encodedDocument } from '../domain/encoded-document.ts';
import { checkEnum, ENTITY_TYPES } from '../domain/enums.ts';
import { instanceProfileListing } from '../instance-profile-views.ts';
import { managedPolicy, policiesOf, policyOrder, type ManagedPolicy } from '../managed-policies.ts';
import { policyDetail } from '../managed-policy-views.ts';
import { operation } from '../operation.ts';
import { pageOf } from '../pages.ts';
import { policyUsages, UNUSED } from '../policy-usage.ts';
import { lastUsed, roleSummary } from '../role-views.ts';
import { groups, iamKey, instanceProfiles, lastUses, roles, users } from '../tables.ts';
import type { GroupRow, Identity, RoleRow, UserRow } from '../tables.ts';
import { tagList } from '../tagging.ts';
import { boundaryMember, groupView, userListing } from '../views.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html */
export const GetAccountAuthorizationDetails = operation('GetAccountAuthorizationDetails', {
  resources: () => ['*'],
  readOnly: true,
  handle: (ctx, input) =>
    ctx.read(async (tx) => {
      const found = await entriesOf(tx, ctx.account, wantedTypes(input));
      const { items, page } = pageOf(found, ({ order }) => order, input);
      const of = <K extends Entry['kind']>(kind: K) => items.filter((item) => item.kind === kind) as Of<K>[];
      return {
        UserDetailList: await inOrder(of('User'), ({ row }) => userDetail(tx, row)),
        GroupDetailList: await inOrder(of('Group'), ({ row }) => groupDetail(tx, row)),
        RoleDetailList: await inOrder(of('Role'), ({ row }) => roleDetail(tx, row)),
        Policies: await policyDetails(tx, ctx.account, of('Policy')),
        ...page,
      };
    }),
});

type EntityType = (typeof ENTITY_TYPES)[number];

/** One thing of a page, with its place among all. */
type Entry =
  | { readonly kind: 'User'; readonly order: string; readonly row: UserRow }
  | { readonly kind: 'Group'; readonly order: string; readonly row: GroupRow }
  | { readonly kind: 'Role'; readonly order: string; readonly row: RoleRow }
  | { readonly kind: 'Policy'; readonly order: string; readonly policy: ManagedPolicy };
type Of<K extends Entry['kind']> = Extract<Entry, { kind: K }>;

function wantedTypes({ Filter = [] }: GetAccountAuthorizationDetailsRequest): ReadonlySet<EntityType> {
  for (const type of Filter) checkEnum(type, 'filter', ENTITY_TYPES);
  return new Set(Filter.length === 0 ? ENTITY_TYPES : Filter);
}

async function entriesOf(tx: ReadTx, account: string, wanted: ReadonlySet<EntityType>): Promise<Entry[]> {
  const where = ['account', account] as const;
  const someUsers = wanted.has('User') ? await tx.list(users, { where }) : [];
  const someGroups = wanted.has('Group') ? await tx.list(groups, { where }) : [];
  const someRoles = wanted.has('Role') ? await tx.list(roles, { where }) : [];
  const somePolicies = await policiesOf(tx, account, {
    customer: wanted.has('LocalManagedPolicy'),
    aws: wanted.has('AWSManagedPolicy'),
  });
  const place = (rank: number, { name }: Identity) => `${rank} ${name.toLowerCase()}`;
  return [
    ...someUsers.map((row) => ({ kind: 'User' as const, order: place(1, row), row })),
    ...someGroups.map((row) => ({ kind: 'Group' as const, order: place(2, row), row })),
    ...someRoles.map((row) => ({ kind: 'Role' as const, order: place(3, row), row })),
    ...somePolicies.map((policy) => ({ kind: 'Policy' as const, order: `4 ${policyOrder(policy)}`, policy })),
  ];
}

async function userDetail(tx: ReadTx, row: UserRow): Promise<UserDetail> {
  return {
    ...userListing(row),
    UserPolicyList: inlineOf(row),
    GroupList: [...row.groups],
    AttachedManagedPolicies: await attachedOf(tx, row),
    ...boundaryMember(row.boundaryArn),
    Tags: tagList(row.tags),
  };
}

async function groupDetail(tx: ReadTx, row: GroupRow): Promise<GroupDetail> {
  return { ...groupView(row), GroupPolicyList: inlineOf(row), AttachedManagedPolicies: await attachedOf(tx, row) };
}

async function roleDetail(tx: ReadTx, row: RoleRow): Promise<RoleDetail> {
  const profiles = await tx.list(instanceProfiles, { where: ['role', iamKey(row.account, row.name)] });
  return {
    ...roleSummary(row),
    InstanceProfileList: await inOrder(profiles, (profile) => instanceProfileListing(tx, profile)),
    RolePolicyList: inlineOf(row),
    AttachedManagedPolicies: await attachedOf(tx, row),
    ...boundaryMember(row.boundaryArn),
    Tags: tagList(row.tags),
    RoleLastUsed: lastUsed(await tx.get(lastUses, row.id)),
  };
}

async function policyDetails(
  tx: ReadTx,
  account: string,
  entries: readonly Of<'Policy'>[],
): Promise<ManagedPolicyDetail[]> {
  if (entries.length === 0) return [];
  const usages = await policyUsages(tx, account);
  return entries.map(({ policy }) => policyDetail(policy, usages.get(policy.arn) ?? UNUSED));
}

function inlineOf({ inline }: Identity): PolicyDetail[] {
  return Object.entries(inline).map(([PolicyName, text]) => ({ PolicyName, PolicyDocument: encodedDocument(text) }));
}

async function attachedOf(tx: ReadTx, { account, attached }: Identity): Promise<AttachedPolicy[]> {
  return inOrder(attached, async (PolicyArn) => {
    const name = (await managedPolicy(tx, account, PolicyArn))?.name;
    return { ...(name !== undefined && { PolicyName: name }), PolicyArn };
  });
}

/** One after another: a transaction is one connection. */
async function inOrder<T, U>(items: readonly T[], map: (item: T) => Promise<U>): Promise<U[]> {
  const mapped: U[] = [];
  for (const item of items) mapped.push(await map(item));
  return mapped;
}
