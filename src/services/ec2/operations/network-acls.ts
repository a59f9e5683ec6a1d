import { type Described, describe, nextTokenOf } from '../describe.ts';
import { KINDS } from '../domain/resource-kind.ts';
import { operation } from '../operation.ts';
import { type NetworkAclRow, networkAcls } from '../tables.ts';
import { networkAclView } from '../views/vpc.ts';

const none = () => undefined;

const NETWORK_ACLS: Described<NetworkAclRow> = {
  kind: KINDS.networkAcl,
  table: networkAcls,
  indexed: { 'vpc-id': 'vpc' },
  fields: {
    'association.association-id': (row) => row.associations.map((association) => association.associationId),
    'association.network-acl-id': (row) => row.associations.map(() => row.id),
    'association.subnet-id': (row) => row.associations.map((association) => association.subnetId),
    default: (row) => row.isDefault,
    'entry.cidr': (row) => row.entries.map((entry) => entry.cidrBlock),
    'entry.egress': (row) => row.entries.map((entry) => entry.egress),
    'entry.icmp.code': none,
    'entry.icmp.type': none,
    'entry.ipv6-cidr': none,
    'entry.port-range.from': none,
    'entry.port-range.to': none,
    'entry.protocol': (row) => row.entries.map((entry) => entry.protocol),
    'entry.rule-action': (row) => row.entries.map((entry) => entry.action),
    'entry.rule-number': (row) => row.entries.map((entry) => entry.ruleNumber),
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
