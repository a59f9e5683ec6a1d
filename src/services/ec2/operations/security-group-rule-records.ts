import type { SecurityGroupRuleRequest, UpdateSecurityGroupRuleDescriptionsIngressRequest } from '@aws-sdk/client-ec2';
import type { Scope } from '../../../kernel/arn.ts';
import type { Tags } from '../../../kernel/tags.ts';
import type { ReadTx } from '../../../store/store.ts';
import { groupResource } from '../authorization.ts';
import { readRegion, writeRegion } from '../default-vpc.ts';
import { listRegion, nextTokenOf, pageOf } from '../describe.ts';
import { type FilterFields, literalValues, matcher } from '../domain/filters.ts';
import { arnsOf, checkId, KINDS, notFoundOf } from '../domain/resource-kind.ts';
import { checkAdded, checkRuleDescription, cidr6Peer, cidrPeer, portsOf, sameRule } from '../domain/security-rule.ts';
import { invalidParameterCombination, missingParameter, permissionNotFound } from '../errors.ts';
import { type Ec2Context, operation } from '../operation.ts';
import { groupPeer, listSizesOf, prefixListPeer, rulesOf } from '../rule-requests.ts';
import { requestedGroup } from '../security-group-lookup.ts';
import {
  resourceKey,
  type RuleSpec,
  type SecurityGroupRow,
  type SecurityGroupRule,
  securityGroups,
} from '../tables.ts';
import { ruleView } from '../views/security-group.ts';

/** Rules as things of their own, by id: described, replaced, and described anew. */

interface RuleRecord {
  readonly group: SecurityGroupRow;
  readonly rule: SecurityGroupRule;
  readonly tags: Tags;
}

const FIELDS: FilterFields<RuleRecord> = {
  'group-id': ({ group }) => group.id,
  'security-group-rule-id': ({ rule }) => rule.ruleId,
};

export const DescribeSecurityGroupRules = operation('DescribeSecurityGroupRules', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const matches = matcher(FIELDS, input.Filters);
    const ids = input.SecurityGroupRuleIds ?? [];
    const records = await readRegion(ctx, async (tx) =>
      ids.length
        ? Promise.all([...new Set(ids)].map((id) => requireRule(tx, ctx, id)))
        : (await groupsFor(tx, ctx, input.Filters)).flatMap((group) =>
            group.rules.map((rule) => recordOf(group, rule)),
          ),
    );
    const page = pageOf(
      records.filter((record) => matches(record)),
      ({ rule }) => rule.ruleId,
      input,
    );
    return {
      SecurityGroupRules: page.items.map(({ group, rule }) => ruleView(group, rule)),
      ...nextTokenOf(page),
    };
  },
});

export const ModifySecurityGroupRules = operation('ModifySecurityGroupRules', {
  resources: (input, scope) => [
    ...arnsOf(KINDS.securityGroup, scope, [input.GroupId]),
    ...arnsOf(
      KINDS.securityGroupRule,
      scope,
      (input.SecurityGroupRules ?? []).map((update) => update.SecurityGroupRuleId),
    ),
  ],
  handle: async (ctx, input) => {
    const updates = input.SecurityGroupRules ?? [];
    if (updates.length === 0) throw missingParameter('securityGroupRules');
    await writeRegion(ctx, async (tx) => {
      const group = await requestedGroup(tx, ctx, { GroupId: input.GroupId });
      const changed = new Map<string, SecurityGroupRule>();
      for (const { SecurityGroupRuleId: id = '', SecurityGroupRule: request = {} } of updates) {
        checkId(KINDS.securityGroupRule, id);
        const rule = group.rules.find((one) => one.ruleId === id);
        if (!rule) throw notFoundOf(KINDS.securityGroupRule, id);
        const spec = await replacement(tx, group, rule.egress, request);
        changed.set(id, { ...spec, ruleId: id, tags: rule.tags });
      }
      const kept = group.rules.filter((rule) => !changed.has(rule.ruleId));
      const added = [...changed.values()];
      checkAdded(kept, added, await listSizesOf(tx, group, [...kept, ...added]));
      await tx.put(securityGroups, {
        ...group,
        rules: group.rules.map((rule) => changed.get(rule.ruleId) ?? rule),
      });
    });
    return { Return: true };
  },
});

export const UpdateSecurityGroupRuleDescriptionsIngress = operation('UpdateSecurityGroupRuleDescriptionsIngress', {
  resources: async (input, scope, tx) => [await groupResource(input, scope, tx)],
  handle: (ctx, input) => updateDescriptions(ctx, input, false),
});

export const UpdateSecurityGroupRuleDescriptionsEgress = operation('UpdateSecurityGroupRuleDescriptionsEgress', {
  resources: async (input, scope, tx) => [await groupResource(input, scope, tx)],
  handle: (ctx, input) => updateDescriptions(ctx, input, true),
});

async function updateDescriptions(
  ctx: Ec2Context,
  input: UpdateSecurityGroupRuleDescriptionsIngressRequest,
  egress: boolean,
) {
  const byId = input.SecurityGroupRuleDescriptions ?? [];
  if (byId.length > 0 && input.IpPermissions?.length) {
    throw invalidParameterCombination('Specify either ipPermissions or securityGroupRuleDescriptions, not both.');
  }
  await writeRegion(ctx, async (tx) => {
    const group = await requestedGroup(tx, ctx, input);
    const descriptions = new Map<string, string | undefined>();
    for (const { SecurityGroupRuleId: id = '', Description } of byId) {
      checkId(KINDS.securityGroupRule, id);
      if (!group.rules.some((rule) => rule.ruleId === id && rule.egress === egress)) {
        throw notFoundOf(KINDS.securityGroupRule, id);
      }
      checkRuleDescription(Description);
      descriptions.set(id, Description);
    }
    if (byId.length === 0) {
      for (const spec of await rulesOf(tx, group, egress, { IpPermissions: input.IpPermissions })) {
        const rule = group.rules.find((one) => sameRule(one, spec));
        if (!rule) throw permissionNotFound();
        descriptions.set(rule.ruleId, spec.description);
      }
    }
    await tx.put(securityGroups, {
      ...group,
      rules: group.rules.map((rule) =>
        descriptions.has(rule.ruleId) ? withDescription(rule, descriptions.get(rule.ruleId)) : rule,
      ),
    });
  });
  return { Return: true };
}

function withDescription(rule: SecurityGroupRule, description: string | undefined): SecurityGroupRule {
  const { description: _, ...bare } = rule;
  return description ? { ...bare, description } : bare;
}

/** A whole new rule: what the request leaves out is gone, as EC2 has it. */
async function replacement(
  tx: ReadTx,
  group: SecurityGroupRow,
  egress: boolean,
  request: SecurityGroupRuleRequest,
): Promise<RuleSpec> {
  checkRuleDescription(request.Description);
  const { CidrIpv4: cidr, CidrIpv6: cidrIpv6, ReferencedGroupId, PrefixListId } = request;
  if ([cidr, cidrIpv6, ReferencedGroupId, PrefixListId].filter((one) => one !== undefined).length !== 1) {
    throw invalidParameterCombination('Specify exactly one of cidrIpv4, cidrIpv6, prefixListId and referencedGroupId.');
  }
  const peer =
    ReferencedGroupId !== undefined
      ? await groupPeer(tx, group, { GroupId: ReferencedGroupId })
      : PrefixListId !== undefined
        ? await prefixListPeer(tx, group, PrefixListId)
        : cidrIpv6 !== undefined
          ? cidr6Peer(cidrIpv6)
          : cidrPeer(cidr ?? '');
  const description = request.Description ? { description: request.Description } : {};
  return { egress, ...portsOf(request), peer, ...description };
}

async function requireRule(tx: ReadTx, scope: Scope, id: string): Promise<RuleRecord> {
  checkId(KINDS.securityGroupRule, id);
  const [group] = await tx.list(securityGroups, { where: ['rule', resourceKey(scope, id)], limit: 1 });
  const rule = group?.rules.find((one) => one.ruleId === id);
  if (!group || !rule) throw notFoundOf(KINDS.securityGroupRule, id);
  return recordOf(group, rule);
}

/** The groups whose rules can match: those a group-id filter names, or all. */
async function groupsFor(
  tx: ReadTx,
  scope: Scope,
  filters: readonly { Name?: string | undefined; Values?: readonly string[] | undefined }[] = [],
): Promise<readonly SecurityGroupRow[]> {
  const byGroup = filters.find((filter) => filter.Name === 'group-id');
  const ids = byGroup && literalValues(byGroup);
  if (!ids) return listRegion(tx, securityGroups, scope);
  const groups = await Promise.all(ids.map((id) => tx.get(securityGroups, resourceKey(scope, id))));
  return groups.filter((group) => group !== undefined);
}

function recordOf(group: SecurityGroupRow, rule: SecurityGroupRule): RuleRecord {
  return { group, rule, tags: rule.tags };
}
