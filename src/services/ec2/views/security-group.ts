import type { IpPermission, RevokedSecurityGroupRule, SecurityGroup, SecurityGroupRule } from '@aws-sdk/client-ec2';
import { arnOf, KINDS } from '../domain/resource-kind.ts';
import type { RulePeer, RuleSpec, SecurityGroupRow, SecurityGroupRule as Rule } from '../tables.ts';
import { tagList } from './tags.ts';

/** Security groups and their rules as EC2 shows them: grouped by protocol and ports, and one by one. */

export function securityGroupView(row: SecurityGroupRow): SecurityGroup {
  return {
    GroupId: row.id,
    GroupName: row.name,
    Description: row.description,
    OwnerId: row.account,
    VpcId: row.vpcId,
    SecurityGroupArn: arnOf(KINDS.securityGroup, row, row.id),
    IpPermissions: permissionsView(
      row.account,
      row.rules.filter((rule) => !rule.egress),
    ),
    IpPermissionsEgress: permissionsView(
      row.account,
      row.rules.filter((rule) => rule.egress),
    ),
    Tags: tagList(row.tags),
  };
}

/** Rules with the same protocol and ports are one permission with many peers. */
export function permissionsView(account: string, rules: readonly RuleSpec[]): IpPermission[] {
  const byPorts = Map.groupBy(rules, (rule) => `${rule.protocol} ${rule.fromPort} ${rule.toPort}`);
  return [...byPorts.values()].map((same) => ({
    IpProtocol: same[0]?.protocol,
    ...(!hasPorts(same[0]?.protocol) ? {} : { FromPort: same[0]?.fromPort, ToPort: same[0]?.toPort }),
    IpRanges: same.flatMap((rule) => ('cidr' in rule.peer ? [{ CidrIp: rule.peer.cidr, ...descriptionOf(rule) }] : [])),
    UserIdGroupPairs: same.flatMap((rule) =>
      'groupId' in rule.peer ? [{ GroupId: rule.peer.groupId, UserId: account, ...descriptionOf(rule) }] : [],
    ),
    Ipv6Ranges: same.flatMap((rule) =>
      'cidrIpv6' in rule.peer ? [{ CidrIpv6: rule.peer.cidrIpv6, ...descriptionOf(rule) }] : [],
    ),
    PrefixListIds: same.flatMap((rule) =>
      'prefixListId' in rule.peer ? [{ PrefixListId: rule.peer.prefixListId, ...descriptionOf(rule) }] : [],
    ),
  }));
}

export function ruleView(group: SecurityGroupRow, rule: Rule): SecurityGroupRule {
  return {
    SecurityGroupRuleId: rule.ruleId,
    SecurityGroupRuleArn: arnOf(KINDS.securityGroupRule, group, rule.ruleId),
    GroupId: group.id,
    GroupOwnerId: group.account,
    IsEgress: rule.egress,
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    ...('groupId' in rule.peer
      ? { ReferencedGroupInfo: { GroupId: rule.peer.groupId, UserId: group.account } }
      : addressesView(rule.peer)),
    ...descriptionOf(rule),
    Tags: tagList(rule.tags),
  };
}

export function revokedRuleView(group: SecurityGroupRow, rule: Rule): RevokedSecurityGroupRule {
  return {
    SecurityGroupRuleId: rule.ruleId,
    GroupId: group.id,
    IsEgress: rule.egress,
    IpProtocol: rule.protocol,
    FromPort: rule.fromPort,
    ToPort: rule.toPort,
    ...('groupId' in rule.peer ? { ReferencedGroupId: rule.peer.groupId } : addressesView(rule.peer)),
    ...descriptionOf(rule),
  };
}

function addressesView(peer: Exclude<RulePeer, { readonly groupId: string }>) {
  if ('cidrIpv6' in peer) return { CidrIpv6: peer.cidrIpv6 };
  return 'cidr' in peer ? { CidrIpv4: peer.cidr } : { PrefixListId: peer.prefixListId };
}

/** Or, for ICMP, a type and a code. */
function hasPorts(protocol = ''): boolean {
  return ['tcp', 'udp', 'icmp'].includes(protocol);
}

function descriptionOf(rule: RuleSpec): { Description?: string } {
  return rule.description === undefined ? {} : { Description: rule.description };
}
