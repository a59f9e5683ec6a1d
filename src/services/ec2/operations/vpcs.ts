import { type Described, describe, nextTokenOf } from '../describe.ts';
import { findDefaultVpc, makeDefaultNetwork, readRegion, writeRegion } from '../default-vpc.ts';
import { serviceOf } from '../domain/requester.ts';
import { arnsOf, KINDS } from '../domain/resource-kind.ts';
import {
  defaultVpcExists,
  invalidParameterCombination,
  invalidParameterValue,
  missingParameter,
  unsupportedParameter,
  unsupportedValue,
} from '../errors.ts';
import { makeVpc, removeVpc, vpcCidr } from '../vpc-lifecycle.ts';
import { tagsFor } from '../domain/tags.ts';
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

export const CreateVpc = operation('CreateVpc', {
  resources: (_, scope) => arnsOf(KINDS.vpc, scope, [undefined]),
  creates: KINDS.vpc,
  unsupported: [
    'AmazonProvidedIpv6CidrBlock',
    'Ipv4IpamPoolId',
    'Ipv4NetmaskLength',
    'Ipv6CidrBlock',
    'Ipv6IpamPoolId',
    'Ipv6NetmaskLength',
    'Ipv6Pool',
    'VpcEncryptionControl',
  ],
  handle: async (ctx, input) => {
    if (!input.CidrBlock) throw missingParameter('cidrBlock');
    if (input.InstanceTenancy === 'dedicated') {
      throw unsupportedValue('dedicated', 'InstanceTenancy', 'Leave it out.');
    }
    const cidrBlock = vpcCidr(input.CidrBlock);
    const tags = tagsFor(KINDS.vpc, input.TagSpecifications, serviceOf(ctx.principal) !== undefined);
    const vpc = await writeRegion(ctx, (tx) => makeVpc(tx, ctx, cidrBlock, tags));
    return { Vpc: { ...vpcView(vpc), State: 'pending' as const } };
  },
});

export const CreateDefaultVpc = operation('CreateDefaultVpc', {
  resources: () => ['*'],
  handle: async (ctx) => {
    const vpc = await writeRegion(ctx, async (tx) => {
      if (await findDefaultVpc(tx, ctx)) throw defaultVpcExists();
      return makeDefaultNetwork(tx, ctx);
    });
    return { Vpc: { ...vpcView(vpc), State: 'pending' as const } };
  },
});

export const DeleteVpc = operation('DeleteVpc', {
  resources: (input, scope) => arnsOf(KINDS.vpc, scope, [input.VpcId]),
  handle: async (ctx, input) => {
    const vpcId = input.VpcId;
    if (!vpcId) throw missingParameter('vpcId');
    await writeRegion(ctx, async (tx) => removeVpc(tx, await requireVpc(tx, ctx, vpcId)));
    return {};
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

/** https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns-support.html */
export const ModifyVpcAttribute = operation('ModifyVpcAttribute', {
  resources: (input, scope) => arnsOf(KINDS.vpc, scope, [input.VpcId]),
  handle: async (ctx, input) => {
    const { VpcId: vpcId, EnableDnsHostnames: hostnames, EnableDnsSupport: support } = input;
    if (!vpcId) throw missingParameter('vpcId');
    if (input.EnableNetworkAddressUsageMetrics?.Value) throw unsupportedParameter('EnableNetworkAddressUsageMetrics');
    const given = [hostnames, support, input.EnableNetworkAddressUsageMetrics].filter((one) => one !== undefined);
    if (given.length === 0) throw missingParameter('enableDnsSupport or enableDnsHostnames');
    if (given.length > 1) throw invalidParameterCombination('Only one attribute can be modified at a time.');
    await writeRegion(ctx, async (tx) => {
      const vpc = await requireVpc(tx, ctx, vpcId);
      await tx.put(vpcs, {
        ...vpc,
        enableDnsHostnames: hostnames?.Value ?? vpc.enableDnsHostnames,
        enableDnsSupport: support?.Value ?? vpc.enableDnsSupport,
      });
    });
    return {};
  },
});
