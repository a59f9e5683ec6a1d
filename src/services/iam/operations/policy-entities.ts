import { checkEnum, ENTITY_TYPES, USAGE_TYPES } from '../domain/enums.ts';
import { checkPathPrefix } from '../domain/names.ts';
import { requireAttachablePolicy } from '../managed-policies.ts';
import { operation } from '../operation.ts';
import { pageOf } from '../pages.ts';
import { policyUsers, type PolicyUsers } from '../policy-usage.ts';
import type { Identity } from '../tables.ts';

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_ListEntitiesForPolicy.html; groups, then users, then roles. */
export const ListEntitiesForPolicy = operation('ListEntitiesForPolicy', {
  resources: (input) => [input.PolicyArn ?? ''],
  readOnly: true,
  handle: async (ctx, input) => {
    const kind = checkEnum(input.EntityFilter, 'entityFilter', ENTITY_TYPES);
    const usage = checkEnum(input.PolicyUsageFilter, 'policyUsageFilter', USAGE_TYPES);
    const prefix = checkPathPrefix(input.PathPrefix);
    const found = await ctx.read(async (tx) => {
      const policy = await requireAttachablePolicy(tx, ctx.account, input.PolicyArn ?? '');
      return policyUsers(tx, ctx.account, policy.arn);
    });
    const asked = entitiesOf(found, usage).filter(
      (entity) => entity.row.path.startsWith(prefix) && (kind === undefined || kind === entity.kind),
    );
    const { items, page } = pageOf(asked, orderOf, input);
    const of = (one: Entity['kind']) => items.filter((entity) => entity.kind === one).map(({ row }) => row);
    return {
      PolicyGroups: of('Group').map(({ name, id }) => ({ GroupName: name, GroupId: id })),
      PolicyUsers: of('User').map(({ name, id }) => ({ UserName: name, UserId: id })),
      PolicyRoles: of('Role').map(({ name, id }) => ({ RoleName: name, RoleId: id })),
      ...page,
    };
  },
});

interface Entity {
  readonly kind: 'Group' | 'User' | 'Role';
  readonly row: Identity;
}

/** Each once, also where the policy is both attached and the boundary. */
function entitiesOf(
  { attachedTo, boundaryOf }: PolicyUsers,
  usage: (typeof USAGE_TYPES)[number] | undefined,
): Entity[] {
  const uses = [
    ...(usage === 'PermissionsBoundary' ? [] : [attachedTo]),
    ...(usage === 'PermissionsPolicy' ? [] : [boundaryOf]),
  ];
  const entities = uses.flatMap(({ groups, users, roles }): Entity[] => [
    ...groups.map((row) => ({ kind: 'Group' as const, row })),
    ...users.map((row) => ({ kind: 'User' as const, row })),
    ...roles.map((row) => ({ kind: 'Role' as const, row })),
  ]);
  return [...new Map(entities.map((entity) => [orderOf(entity), entity])).values()];
}

function orderOf({ kind, row }: Entity): string {
  return `${['Group', 'User', 'Role'].indexOf(kind)} ${row.name.toLowerCase()}`;
}
