import { readRegion } from '../default-vpc.ts';
import { nextTokenOf, pageOf } from '../describe.ts';
import { type FilterFields, matcher } from '../domain/filters.ts';
import { arnsOf, KINDS } from '../domain/resource-kind.ts';
import { missingParameter } from '../errors.ts';
import { requireVpc } from '../lookup.ts';
import { operation } from '../operation.ts';
import { requireGroup } from '../security-group-lookup.ts';
import { resourceKey, type SecurityGroupRow, securityGroups } from '../tables.ts';
import { tagList } from '../views/tags.ts';

/** How groups relate to VPCs and to groups of peered VPCs, of which there are none. */

const FIELDS: FilterFields<SecurityGroupRow> = {
  description: (row) => row.description,
  'group-id': (row) => row.id,
  'group-name': (row) => row.name,
  'owner-id': (row) => row.account,
  'primary-vpc-id': (row) => row.vpcId,
};

export const GetSecurityGroupsForVpc = operation('GetSecurityGroupsForVpc', {
  readOnly: true,
  resources: (input, scope) => arnsOf(KINDS.vpc, scope, [input.VpcId]),
  handle: async (ctx, input) => {
    const vpcId = input.VpcId;
    if (!vpcId) throw missingParameter('vpcId');
    const matches = matcher(FIELDS, input.Filters);
    const groups = await readRegion(ctx, async (tx) => {
      const vpc = await requireVpc(tx, ctx, vpcId);
      return tx.list(securityGroups, { where: ['vpc', resourceKey(ctx, vpc.id)] });
    });
    const page = pageOf(
      groups.filter((group) => matches(group)),
      (group) => group.id,
      input,
    );
    return {
      SecurityGroupForVpcs: page.items.map((group) => ({
        GroupId: group.id,
        GroupName: group.name,
        Description: group.description,
        OwnerId: group.account,
        PrimaryVpcId: group.vpcId,
        Tags: tagList(group.tags),
      })),
      ...nextTokenOf(page),
    };
  },
});

export const DescribeSecurityGroupReferences = operation('DescribeSecurityGroupReferences', {
  readOnly: true,
  resources: (input, scope) => arnsOf(KINDS.securityGroup, scope, input.GroupId?.length ? input.GroupId : [undefined]),
  handle: async (ctx, input) => {
    const ids = input.GroupId ?? [];
    if (ids.length === 0) throw missingParameter('groupId');
    await readRegion(ctx, (tx) => Promise.all(ids.map((id) => requireGroup(tx, ctx, id))));
    return { SecurityGroupReferenceSet: [] };
  },
});

export const DescribeStaleSecurityGroups = operation('DescribeStaleSecurityGroups', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const vpcId = input.VpcId;
    if (!vpcId) throw missingParameter('vpcId');
    await readRegion(ctx, (tx) => requireVpc(tx, ctx, vpcId));
    return { StaleSecurityGroupSet: [] };
  },
});
