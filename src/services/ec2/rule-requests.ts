import type { IpPermission, UserIdGroupPair } from '@aws-sdk/client-ec2';
import type { ReadTx } from '../../store/store.ts';
import { KINDS, notFoundOf } from './domain/resource-kind.ts';
import { checkRuleDescription, cidr6Peer, cidrPeer, portsOf } from './domain/security-rule.ts';
import {
  invalidParameterCombination,
  invalidParameterValue,
  missingParameter,
  otherNetwork,
  unsupportedParameter,
} from './errors.ts';
import { findPrefixList, requirePrefixList } from './prefix-list-lookup.ts';
import { requireGroup, requireGroupNamed } from './security-group-lookup.ts';
import type { RulePeer, RuleSpec, SecurityGroupRow } from './tables.ts';

/** The two ways to write rules: IpPermissions, and the old flat members, which only inbound calls take. */
interface RulesRequest {
  readonly IpPermissions?: readonly IpPermission[] | undefined;
  readonly IpProtocol?: string | undefined;
  readonly FromPort?: number | undefined;
  readonly ToPort?: number | undefined;
  readonly CidrIp?: string | undefined;
  readonly SourceSecurityGroupName?: string | undefined;
  readonly SourceSecurityGroupOwnerId?: string | undefined;
}

/** Each permission written out as one rule for each of its peers, with the groups that it names looked up. */
export async function rulesOf(
  tx: ReadTx,
  group: SecurityGroupRow,
  egress: boolean,
  request: RulesRequest,
): Promise<readonly RuleSpec[]> {
  const specs: RuleSpec[] = [];
  for (const permission of permissionsOf(request)) {
    const ports = portsOf(permission);
    for (const { peer, description } of await peersOf(tx, group, permission)) {
      checkRuleDescription(description);
      specs.push({ egress, ...ports, peer, ...(description === undefined ? {} : { description }) });
    }
  }
  return specs;
}

/** The group a rule of `group` refers to: of the same VPC, by id, or by name in the default VPC. */
export async function groupPeer(tx: ReadTx, group: SecurityGroupRow, pair: UserIdGroupPair): Promise<RulePeer> {
  if (pair.VpcPeeringConnectionId) throw unsupportedParameter('UserIdGroupPairs.VpcPeeringConnectionId');
  const named = pair.GroupId ?? pair.GroupName;
  if (named === undefined) throw missingParameter('groupId');
  if (pair.UserId && pair.UserId !== group.account) throw notFoundOf(KINDS.securityGroup, named);
  const found = pair.GroupId ? await requireGroup(tx, group, pair.GroupId) : await requireGroupNamed(tx, group, named);
  if (found.vpcId !== group.vpcId) throw otherNetwork();
  return { groupId: found.id, groupName: found.name };
}

export async function prefixListPeer(tx: ReadTx, group: SecurityGroupRow, id: string | undefined): Promise<RulePeer> {
  if (!id) throw missingParameter('prefixListId');
  const list = await requirePrefixList(tx, group, id);
  return { prefixListId: list.id };
}

/** Of the prefix lists that rules of a group refer to: how many entries each can have. */
export async function listSizesOf(
  tx: ReadTx,
  group: SecurityGroupRow,
  rules: readonly RuleSpec[],
): Promise<ReadonlyMap<string, number>> {
  const ids = new Set(rules.flatMap(({ peer }) => ('prefixListId' in peer ? [peer.prefixListId] : [])));
  const lists = await Promise.all([...ids].map((id) => findPrefixList(tx, group, id)));
  return new Map(lists.flatMap((list) => (list ? [[list.id, list.maxEntries] as const] : [])));
}

function permissionsOf(request: RulesRequest): readonly IpPermission[] {
  const flat = flatMember(request);
  if (request.IpPermissions?.length) {
    if (flat) {
      throw invalidParameterCombination(`The parameter 'ipPermissions' may not be used in combination with '${flat}'`);
    }
    return request.IpPermissions;
  }
  if (!flat) throw missingParameter('ipPermissions');
  return request.SourceSecurityGroupName === undefined
    ? [cidrPermission(request)]
    : groupPermissions(request, request.SourceSecurityGroupName);
}

function cidrPermission(request: RulesRequest): IpPermission {
  if (request.CidrIp === undefined) throw missingParameter('cidrIp');
  return {
    IpProtocol: request.IpProtocol,
    FromPort: request.FromPort,
    ToPort: request.ToPort,
    IpRanges: [{ CidrIp: request.CidrIp }],
  };
}

/** A source group by name means all of TCP, UDP and ICMP from it. */
function groupPermissions(request: RulesRequest, name: string): readonly IpPermission[] {
  if (request.CidrIp !== undefined || request.IpProtocol !== undefined) {
    throw invalidParameterCombination(
      "The parameter 'sourceSecurityGroupName' may not be used in combination with 'cidrIp' or 'ipProtocol'",
    );
  }
  const pairs = [{ GroupName: name, UserId: request.SourceSecurityGroupOwnerId }];
  return [
    { IpProtocol: 'tcp', FromPort: 0, ToPort: 65_535, UserIdGroupPairs: pairs },
    { IpProtocol: 'udp', FromPort: 0, ToPort: 65_535, UserIdGroupPairs: pairs },
    { IpProtocol: 'icmp', FromPort: -1, ToPort: -1, UserIdGroupPairs: pairs },
  ];
}

function flatMember(request: RulesRequest): string | undefined {
  if (request.IpProtocol !== undefined) return 'ipProtocol';
  if (request.CidrIp !== undefined) return 'cidrIp';
  if (request.SourceSecurityGroupName !== undefined) return 'sourceSecurityGroupName';
  return request.FromPort === undefined && request.ToPort === undefined ? undefined : 'fromPort';
}

async function peersOf(
  tx: ReadTx,
  group: SecurityGroupRow,
  permission: IpPermission,
): Promise<readonly { peer: RulePeer; description: string | undefined }[]> {
  const peers = [
    ...(permission.IpRanges ?? []).map((range) => ({
      peer: cidrPeer(range.CidrIp ?? ''),
      description: range.Description,
    })),
    ...(permission.Ipv6Ranges ?? []).map((range) => ({
      peer: cidr6Peer(range.CidrIpv6 ?? ''),
      description: range.Description,
    })),
  ];
  for (const pair of permission.UserIdGroupPairs ?? []) {
    peers.push({ peer: await groupPeer(tx, group, pair), description: pair.Description });
  }
  for (const { PrefixListId, Description: description } of permission.PrefixListIds ?? []) {
    peers.push({ peer: await prefixListPeer(tx, group, PrefixListId), description });
  }
  if (peers.length === 0) {
    throw invalidParameterValue('Each permission must name at least one IP range, security group or prefix list.');
  }
  return peers;
}
