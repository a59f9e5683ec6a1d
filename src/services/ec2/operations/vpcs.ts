import { type Described, describe, nextTokenOf } from '../describe.ts';
import { readRegion } from '../default-vpc.ts';
import { arnsOf, KINDS } from '../domain/resource-kind.ts';
import { invalidParameterValue, missingParameter } from '../errors.ts';
import { requireVpc } from '../lookup.ts';
import { operation } from '../operation.ts';
import { type VpcRow, vpcs } from '../tables.ts';
import { primaryCidr, vpcView } from '../views/vpc.ts';

const none = () => undefined;

const VPCS: Described<VpcRow> = {
  kind: KINDS.vpc,
  table: vpcs,
  fields: {
    cidr: primaryCidr,
    'cidr-block-association.association-id': (row) => row.cidrBlocks.map((block) => block.associationId),
    'cidr-block-association.cidr-block': (row) => row.cidrBlocks.map((block) => block.cidrBlock),
    'cidr-block-association.state': (row) => row.cidrBlocks.map(() => 'associated'),
    'dhcp-options-id': (row) => row.dhcpOptionsId,
    'ipv6-cidr-block-association.association-id': none,
    'ipv6-cidr-block-association.ipv6-cidr-block': none,
    'ipv6-cidr-block-association.ipv6-pool': none,
    'ipv6-cidr-block-association.state': none,
    'is-default': (row) => row.isDefault,
    isDefault: (row) => row.isDefault,
    'owner-id': (row) => row.account,
    state: () => 'available',
    'vpc-id': (row) => row.id,
  },
};

export const DescribeVpcs = operation('DescribeVpcs', {
  readOnly: true,
  resources: () => ['*'],
  handle: async (ctx, input) => {
    const page = await describe(ctx, VPCS, input.VpcIds, input);
    return { Vpcs: page.items.map(vpcView), ...nextTokenOf(page) };
  },
});

export const DescribeVpcAttribute = operation('DescribeVpcAttribute', {
  readOnly: true,
  resources: (input, scope) => arnsOf(KINDS.vpc, scope, [input.VpcId]),
  handle: async (ctx, input) => {
    const vpcId = input.VpcId;
    if (!vpcId) throw missingParameter('vpcId');
    const vpc = await readRegion(ctx, (tx) => requireVpc(tx, ctx, vpcId));
    switch (input.Attribute) {
      case 'enableDnsSupport':
        return { VpcId: vpc.id, EnableDnsSupport: { Value: vpc.enableDnsSupport } };
      case 'enableDnsHostnames':
        return { VpcId: vpc.id, EnableDnsHostnames: { Value: vpc.enableDnsHostnames } };
      case 'enableNetworkAddressUsageMetrics':
        return { VpcId: vpc.id, EnableNetworkAddressUsageMetrics: { Value: false } };
      default:
        throw invalidParameterValue(
          `Value (${input.Attribute}) for parameter attribute is invalid. Unknown attribute.`,
        );
    }
  },
});
