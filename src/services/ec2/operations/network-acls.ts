import type { ReadTx, Stored } from '../../../store/store.ts';
import type { Scope } from '../../../kernel/arn.ts';
import { writeRegion } from '../default-vpc.ts';
import { type Described, describe, listRegion, nextTokenOf } from '../describe.ts';
import { lastEntries } from '../domain/network-acl.ts';
import { serviceOf } from '../domain/requester.ts';
import { arnsOf, KINDS, newId } from '../domain/resource-kind.ts';
import { tagsFor } from '../domain/tags.ts';
import {
  associationNotFound,
  differentNetworks,
  hasDependencies,
  invalidParameterValue,
  missingParameter,
} from '../errors.ts';
import { idempotencyOf, madeBefore } from '../idempotency.ts';
import { requireNetworkAcl, requireVpc } from '../lookup.ts';
import { operation } from '../operation.ts';
import { type NetworkAclEntry, type NetworkAclRow, networkAcls, resourceKey } from '../tables.ts';
import { networkAclView } from '../views/vpc.ts';

const none = () => undefined;
const ofEntries = (value: (entry: NetworkAclEntry) => string | number | boolean | undefined) => (row: NetworkAclRow) =>
  row.entries.map(value);

const NETWORK_ACLS: Described<NetworkAclRow> = {
  kind: KINDS.networkAcl,
  table: networkAcls,
  indexed: { 'vpc-id': 'vpc' },
  fields: {
    'association.association-id': (row) => row.associations.map((association) => association.associationId),
    'association.network-acl-id': (row) => row.associations.map(() => row.id),
    'association.subnet-id': (row) => row.associations.map((association) => association.subnetId),
    default: (row) => row.isDefault,
    'entry.cidr': ofEntries((entry) => entry.cidrBlock),
    'entry.egress': ofEntries((entry) => entry.egress),
    'entry.icmp.code': ofEntries((entry) => entry.icmp?.code),
    'entry.icmp.type': ofEntries((entry) => entry.icmp?.type),
    'entry.ipv6-cidr': none,
    'entry.port-range.from': ofEntries((entry) => entry.ports?.from),
    'entry.port-range.to': ofEntries((entry) => entry.ports?.to),
    'entry.protocol': ofEntries((entry) => entry.protocol),
    'entry.rule-action': ofEntries((entry) => entry.action),
    'entry.rule-number': ofEntries((entry) => entry.ruleNumber),
    'network-acl-id': (row) => row.id,
    'owner-id': (row) => row.account,
    'vpc-id': (row) => row.vpcId,
  },
};

export const DescribeNetworkAcls = operation('DescribeNetworkAcls', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const page = await describe(ctx, NETWORK_ACLS, input.NetworkAclIds, input);
    return { NetworkAcls: page.items.map(networkAclView), ...nextTokenOf(page) };
  },
});

export const CreateNetworkAcl = operation('CreateNetworkAcl', {
  resources: (input, scope) => [
    ...arnsOf(KINDS.networkAcl, scope, [undefined]),
    ...arnsOf(KINDS.vpc, scope, [input.VpcId]),
  ],
  creates: KINDS.networkAcl,
  handle: async (ctx, input) => {
    const { VpcId: vpcId, ClientToken: token } = input;
    if (!vpcId) throw missingParameter('vpcId');
    const tags = tagsFor(KINDS.networkAcl, input.TagSpecifications, serviceOf(ctx.principal) !== undefined);
    const once = idempotencyOf(input);
    const row = await writeRegion(ctx, async (tx) => {
      const vpc = await requireVpc(tx, ctx, vpcId);
      const [made] = await madeBefore(tx, networkAcls, ctx, once.idempotency);
      if (made) return made;
      return tx.put<NetworkAclRow>(networkAcls, {
        account: ctx.account,
        region: ctx.region,
        id: newId(KINDS.networkAcl.prefix, ctx.ids),
        tags,
        vpcId: vpc.id,
        isDefault: false,
        associations: [],
        entries: lastEntries(),
        ...once,
      });
    });
    return { NetworkAcl: networkAclView(row), ...(token ? { ClientToken: token } : {}) };
  },
});

export const DeleteNetworkAcl = operation('DeleteNetworkAcl', {
  resources: (input, scope) => arnsOf(KINDS.networkAcl, scope, [input.NetworkAclId]),
  handle: async (ctx, input) => {
    await writeRegion(ctx, async (tx) => {
      const acl = await requireNetworkAcl(tx, ctx, input.NetworkAclId);
      if (acl.isDefault) throw invalidParameterValue(`cannot delete default network ACL ${acl.id}`);
      if (acl.associations.length > 0) throw hasDependencies('networkAcl', acl.id);
      await tx.delete(networkAcls, resourceKey(ctx, acl.id));
    });
    return {};
  },
});

export const ReplaceNetworkAclAssociation = operation('ReplaceNetworkAclAssociation', {
  resources: async (input, scope, tx) => {
    const bound = await aclOfAssociation(tx, scope, input.AssociationId);
    return [
      ...arnsOf(KINDS.networkAcl, scope, [input.NetworkAclId]),
      ...arnsOf(KINDS.subnet, scope, [bound?.association.subnetId]),
    ];
  },
  handle: async (ctx, input) => {
    const { AssociationId: before } = input;
    if (!before) throw missingParameter('associationId');
    const associationId = newId('aclassoc', ctx.ids);
    await writeRegion(ctx, async (tx) => {
      const target = await requireNetworkAcl(tx, ctx, input.NetworkAclId);
      const bound = await aclOfAssociation(tx, ctx, before);
      if (!bound) throw associationNotFound(before);
      const { acl, association } = bound;
      if (acl.vpcId !== target.vpcId) {
        throw differentNetworks(`network acl ${target.id}`, `subnet ${association.subnetId}`);
      }
      const rest = acl.associations.filter((one) => one !== association);
      const moved = { associationId, subnetId: association.subnetId };
      if (acl.id !== target.id) await tx.put(networkAcls, { ...acl, associations: rest });
      const others = acl.id === target.id ? rest : target.associations;
      await tx.put(networkAcls, { ...target, associations: [...others, moved] });
    });
    return { NewAssociationId: associationId };
  },
});

async function aclOfAssociation(
  tx: ReadTx,
  scope: Scope,
  associationId: string | undefined,
): Promise<{ acl: Stored<NetworkAclRow>; association: NetworkAclRow['associations'][number] } | undefined> {
  for (const acl of await listRegion(tx, networkAcls, scope)) {
    const association = acl.associations.find((one) => one.associationId === associationId);
    if (association) return { acl, association };
  }
  return undefined;
}
