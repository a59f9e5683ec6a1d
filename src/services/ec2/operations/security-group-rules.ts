import type {
  AuthorizeSecurityGroupEgressRequest,
  AuthorizeSecurityGroupIngressRequest,
  RevokeSecurityGroupEgressRequest,
  RevokeSecurityGroupIngressRequest,
} from '@aws-sdk/client-ec2';
import { addedRuleResources, groupResource } from '../authorization.ts';
import { writeRegion } from '../default-vpc.ts';
import { serviceOf } from '../domain/requester.ts';
import { checkId, KINDS, notFoundOf } from '../domain/resource-kind.ts';
import { checkAdded, newRule, sameRule } from '../domain/security-rule.ts';
import { tagsFor } from '../domain/tags.ts';
import { permissionNotFound } from '../errors.ts';
import { requireVpc } from '../lookup.ts';
import { type Ec2Context, operation } from '../operation.ts';
import { listSizesOf, rulesOf } from '../rule-requests.ts';
import { requestedGroup } from '../security-group-lookup.ts';
import { type RuleSpec, type SecurityGroupRow, type SecurityGroupRule, securityGroups } from '../tables.ts';
import { permissionsView, revokedRuleView, ruleView } from '../views/security-group.ts';

/** Outbound rules are given as IpPermissions only; EC2 says "not supported" of the rest as well. */
const FLAT_MEMBERS = [
  'CidrIp',
  'FromPort',
  'IpProtocol',
  'SourceSecurityGroupName',
  'SourceSecurityGroupOwnerId',
  'ToPort',
] as const;

export const AuthorizeSecurityGroupIngress = operation('AuthorizeSecurityGroupIngress', {
  resources: addedRuleResources,
  creates: KINDS.securityGroupRule,
  handle: (ctx, input) => authorize(ctx, input, false),
});

export const AuthorizeSecurityGroupEgress = operation('AuthorizeSecurityGroupEgress', {
  resources: addedRuleResources,
  creates: KINDS.securityGroupRule,
  unsupported: FLAT_MEMBERS,
  handle: (ctx, input) => authorize(ctx, input, true),
});

export const RevokeSecurityGroupIngress = operation('RevokeSecurityGroupIngress', {
  resources: async (input, scope, tx) => [await groupResource(input, scope, tx)],
  handle: (ctx, input) => revoke(ctx, input, false),
});

export const RevokeSecurityGroupEgress = operation('RevokeSecurityGroupEgress', {
  resources: async (input, scope, tx) => [await groupResource(input, scope, tx)],
  unsupported: FLAT_MEMBERS,
  handle: (ctx, input) => revoke(ctx, input, true),
});

async function authorize(
  ctx: Ec2Context,
  input: AuthorizeSecurityGroupIngressRequest | AuthorizeSecurityGroupEgressRequest,
  egress: boolean,
) {
  const tags = tagsFor(KINDS.securityGroupRule, input.TagSpecifications, serviceOf(ctx.principal) !== undefined);
  return writeRegion(ctx, async (tx) => {
    const group = await requestedGroup(tx, ctx, input);
    const specs = await rulesOf(tx, group, egress, input);
    checkAdded(group.rules, specs, await listSizesOf(tx, group, [...group.rules, ...specs]));
    const added = specs.map((spec) => ({ ...newRule(spec, ctx.ids), tags }));
    await tx.put(securityGroups, { ...group, rules: [...group.rules, ...added] });
    return { Return: true, SecurityGroupRules: added.map((rule) => ruleView(group, rule)) };
  });
}

async function revoke(
  ctx: Ec2Context,
  input: RevokeSecurityGroupIngressRequest | RevokeSecurityGroupEgressRequest,
  egress: boolean,
) {
  return writeRegion(ctx, async (tx) => {
    const group = await requestedGroup(tx, ctx, input);
    const { revoked, unknown } = input.SecurityGroupRuleIds?.length
      ? { revoked: rulesWithIds(group, egress, input.SecurityGroupRuleIds), unknown: [] }
      : rulesLike(group, await rulesOf(tx, group, egress, input));
    // In a default VPC what does not exist is only reported, elsewhere it is an error: so EC2 documents it.
    if (unknown.length > 0 && !(await requireVpc(tx, ctx, group.vpcId)).isDefault) throw permissionNotFound();
    if (revoked.length > 0) {
      await tx.put(securityGroups, { ...group, rules: group.rules.filter((rule) => !revoked.includes(rule)) });
    }
    return {
      Return: true,
      RevokedSecurityGroupRules: revoked.map((rule) => revokedRuleView(group, rule)),
      UnknownIpPermissions: permissionsView(ctx.account, unknown),
    };
  });
}

function rulesWithIds(group: SecurityGroupRow, egress: boolean, ids: readonly string[]): readonly SecurityGroupRule[] {
  return [...new Set(ids)].map((id) => {
    checkId(KINDS.securityGroupRule, id);
    const found = group.rules.find((rule) => rule.ruleId === id && rule.egress === egress);
    if (!found) throw notFoundOf(KINDS.securityGroupRule, id);
    return found;
  });
}

function rulesLike(
  group: SecurityGroupRow,
  specs: readonly RuleSpec[],
): { revoked: readonly SecurityGroupRule[]; unknown: readonly RuleSpec[] } {
  const revoked = group.rules.filter((rule) => specs.some((spec) => sameRule(rule, spec)));
  return { revoked, unknown: specs.filter((spec) => !group.rules.some((rule) => sameRule(rule, spec))) };
}
