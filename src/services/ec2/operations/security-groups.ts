import { groupResource, vpcResource } from '../authorization.ts';
import { requireDefaultVpc, writeRegion } from '../default-vpc.ts';
import { type Described, describe, nextTokenOf } from '../describe.ts';
import { readRegion } from '../default-vpc.ts';
import { serviceOf } from '../domain/requester.ts';
import { arnOf, arnsOf, KINDS, newId } from '../domain/resource-kind.ts';
import { allowAllTo, checkGroupDescription, checkGroupName, newRule } from '../domain/security-rule.ts';
import { tagsFor } from '../domain/tags.ts';
import { cannotDeleteGroup, dependencyViolation, duplicateGroup, missingParameter } from '../errors.ts';
import { requireVpc } from '../lookup.ts';
import { operation } from '../operation.ts';
import { groupNamed, requestedGroup, requireGroupNamed } from '../security-group-lookup.ts';
import type { ReadTx } from '../../../store/store.ts';
import {
  networkInterfaces,
  resourceKey,
  type SecurityGroupRow,
  type SecurityGroupRule,
  securityGroups,
} from '../tables.ts';
import { securityGroupView } from '../views/security-group.ts';
import { tagList } from '../views/tags.ts';

export const CreateSecurityGroup = operation('CreateSecurityGroup', {
  resources: async (input, scope, tx) => [
    ...arnsOf(KINDS.securityGroup, scope, [undefined]),
    await vpcResource(input, scope, tx),
  ],
  creates: KINDS.securityGroup,
  handle: async (ctx, input) => {
    if (input.GroupName === undefined) throw missingParameter('groupName');
    if (input.Description === undefined) throw missingParameter('groupDescription');
    const name = input.GroupName.trimEnd();
    const description = input.Description;
    checkGroupName(name);
    checkGroupDescription(description);
    const tags = tagsFor(KINDS.securityGroup, input.TagSpecifications, serviceOf(ctx.principal) !== undefined);
    const row = await writeRegion(ctx, async (tx) => {
      const vpc = input.VpcId ? await requireVpc(tx, ctx, input.VpcId) : await requireDefaultVpc(tx, ctx);
      if (await groupNamed(tx, ctx, vpc.id, name)) throw duplicateGroup(name, vpc.id);
      return tx.put<SecurityGroupRow>(securityGroups, {
        account: ctx.account,
        region: ctx.region,
        id: newId(KINDS.securityGroup.prefix, ctx.ids),
        tags,
        vpcId: vpc.id,
        name,
        description,
        rules: [newRule(allowAllTo({ cidr: '0.0.0.0/0' }), ctx.ids)],
      });
    });
    return {
      GroupId: row.id,
      SecurityGroupArn: arnOf(KINDS.securityGroup, ctx, row.id),
      Tags: tagList(row.tags),
    };
  },
});

export const DeleteSecurityGroup = operation('DeleteSecurityGroup', {
  resources: async (input, scope, tx) => [await groupResource(input, scope, tx)],
  handle: async (ctx, input) => {
    const groupId = await writeRegion(ctx, async (tx) => {
      const group = await requestedGroup(tx, ctx, input);
      if (group.name === 'default') throw cannotDeleteGroup(group.id, group.name);
      const dependant = await dependantOf(tx, group);
      if (dependant) throw dependencyViolation(group.id, dependant);
      await tx.delete(securityGroups, resourceKey(ctx, group.id));
      return group.id;
    });
    return { Return: true, GroupId: groupId };
  },
});

const SECURITY_GROUPS: Described<SecurityGroupRow> = {
  kind: KINDS.securityGroup,
  table: securityGroups,
  indexed: { 'vpc-id': 'vpc', 'ip-permission.group-id': 'references', 'egress.ip-permission.group-id': 'references' },
  fields: {
    description: (row) => row.description,
    'group-id': (row) => row.id,
    'group-name': (row) => row.name,
    'owner-id': (row) => row.account,
    'vpc-id': (row) => row.vpcId,
    ...ruleFields('ip-permission', false),
    ...ruleFields('egress.ip-permission', true),
  },
};

export const DescribeSecurityGroups = operation('DescribeSecurityGroups', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const names = input.GroupNames ?? [];
    const named = names.length
      ? await readRegion(ctx, (tx) => Promise.all(names.map((name) => requireGroupNamed(tx, ctx, name))))
      : [];
    const ids = [...(input.GroupIds ?? []), ...named.map((group) => group.id)];
    const page = await describe(ctx, SECURITY_GROUPS, ids, input);
    return { SecurityGroups: page.items.map(securityGroupView), ...nextTokenOf(page) };
  },
});

/** What keeps a group from being deleted: an interface in it, or another group's rule. */
async function dependantOf(tx: ReadTx, group: SecurityGroupRow): Promise<string | undefined> {
  const key = resourceKey(group, group.id);
  const [networkInterface] = await tx.list(networkInterfaces, { where: ['group', key], limit: 1 });
  if (networkInterface) return `network interface ${networkInterface.id} uses it`;
  const referring = await tx.list(securityGroups, { where: ['references', key], limit: 2 });
  const other = referring.find((row) => row.id !== group.id);
  return other && `a rule of security group ${other.id} refers to it`;
}

function ruleFields(prefix: string, egress: boolean): Described<SecurityGroupRow>['fields'] {
  const all =
    <T>(valueOf: (rule: SecurityGroupRule) => T) =>
    (row: SecurityGroupRow) =>
      row.rules.filter((rule) => rule.egress === egress).map(valueOf);
  return {
    [`${prefix}.cidr`]: all((rule) => ('cidr' in rule.peer ? rule.peer.cidr : undefined)),
    [`${prefix}.from-port`]: all((rule) => rule.fromPort),
    [`${prefix}.group-id`]: all((rule) => ('groupId' in rule.peer ? rule.peer.groupId : undefined)),
    [`${prefix}.group-name`]: all((rule) => ('groupId' in rule.peer ? rule.peer.groupName : undefined)),
    [`${prefix}.ipv6-cidr`]: all((rule) => ('cidrIpv6' in rule.peer ? rule.peer.cidrIpv6 : undefined)),
    [`${prefix}.prefix-list-id`]: all((rule) => ('prefixListId' in rule.peer ? rule.peer.prefixListId : undefined)),
    [`${prefix}.protocol`]: all((rule) => rule.protocol),
    [`${prefix}.to-port`]: all((rule) => rule.toPort),
    [`${prefix}.user-id`]: (row) =>
      row.rules.some((rule) => rule.egress === egress && 'groupId' in rule.peer) ? row.account : undefined,
  };
}
