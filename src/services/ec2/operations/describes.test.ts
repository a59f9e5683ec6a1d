import assert from 'node:assert/strict';
import { after, describe, test } from 'node:test';
import type { OperationName } from '../../../api/clients.ts';
import { ServiceError } from '../../../kernel/errors.ts';
import { ec2 } from '../index.ts';
import { openTestEc2 } from '../testing.ts';

/*
 * What every Describe says of a filter that it does not have, and of ids that cannot be or that nothing has.
 * https://docs.aws.amazon.com/AWSEC2/latest/APIReference/errors-overview.html
 */

interface Described {
  /** The member that filters are in; absent where the operation takes none. */
  readonly filters?: 'Filters' | 'Filter';
  /** The member that ids are in, one that nothing has, and the codes for it and for one that is no id. */
  readonly ids?: readonly [member: string, unknown: string, notFound: string, malformed?: string];
  /** Members that the call needs besides. */
  readonly more?: Readonly<Record<string, unknown>>;
}

type DescribeName = Extract<OperationName<'ec2'>, `Describe${string}`>;

const FILTERS = { filters: 'Filters' } as const;

const DESCRIBES: Partial<Record<DescribeName, Described>> = {
  DescribeAccountAttributes: {},
  DescribeAddresses: { ...FILTERS, ids: ['AllocationIds', 'eipalloc-0', 'InvalidAllocationID.NotFound'] },
  DescribeAddressesAttribute: { ids: ['AllocationIds', 'eipalloc-0', 'InvalidAllocationID.NotFound'] },
  DescribeAvailabilityZones: { ...FILTERS, ids: ['ZoneNames', 'us-east-1z', 'InvalidParameterValue'] },
  DescribeDhcpOptions: {
    ...FILTERS,
    ids: ['DhcpOptionsIds', 'dopt-0', 'InvalidDhcpOptionID.NotFound', 'InvalidDhcpOptionsId.Malformed'],
  },
  DescribeIamInstanceProfileAssociations: {
    ...FILTERS,
    ids: ['AssociationIds', 'iip-assoc-0', 'NoSuchAssociation'],
  },
  DescribeImages: {
    ...FILTERS,
    ids: ['ImageIds', 'ami-00000000000000000', 'InvalidAMIID.NotFound', 'InvalidAMIID.Malformed'],
  },
  DescribeInstanceAttribute: {
    ids: ['InstanceId', 'i-0', 'InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed'],
    more: { Attribute: 'instanceType' },
  },
  DescribeInstanceCreditSpecifications: {
    ...FILTERS,
    ids: ['InstanceIds', 'i-0', 'InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed'],
  },
  DescribeInstances: {
    ...FILTERS,
    ids: ['InstanceIds', 'i-0', 'InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed'],
  },
  DescribeInstanceStatus: {
    ...FILTERS,
    ids: ['InstanceIds', 'i-0', 'InvalidInstanceID.NotFound', 'InvalidInstanceID.Malformed'],
  },
  DescribeInstanceTypeOfferings: FILTERS,
  DescribeInstanceTypes: { ...FILTERS, ids: ['InstanceTypes', 't0.none', 'InvalidInstanceType'] },
  DescribeInternetGateways: { ...FILTERS, ids: ['InternetGatewayIds', 'igw-0', 'InvalidInternetGatewayID.NotFound'] },
  DescribeKeyPairs: { ...FILTERS, ids: ['KeyPairIds', 'key-0', 'InvalidKeyPair.NotFound'] },
  DescribeLaunchTemplates: {
    ...FILTERS,
    ids: ['LaunchTemplateIds', 'lt-0', 'InvalidLaunchTemplateId.NotFound', 'InvalidLaunchTemplateId.Malformed'],
  },
  DescribeLaunchTemplateVersions: {
    ...FILTERS,
    ids: ['LaunchTemplateId', 'lt-0', 'InvalidLaunchTemplateId.NotFound', 'InvalidLaunchTemplateId.Malformed'],
  },
  DescribeManagedPrefixLists: {
    ...FILTERS,
    ids: ['PrefixListIds', 'pl-0', 'InvalidPrefixListID.NotFound', 'InvalidPrefixListId.Malformed'],
  },
  DescribeNatGateways: {
    filters: 'Filter',
    ids: ['NatGatewayIds', 'nat-0', 'NatGatewayNotFound', 'NatGatewayMalformed'],
  },
  DescribeNetworkAcls: { ...FILTERS, ids: ['NetworkAclIds', 'acl-0', 'InvalidNetworkAclID.NotFound'] },
  DescribeNetworkInterfaces: {
    ...FILTERS,
    ids: ['NetworkInterfaceIds', 'eni-0', 'InvalidNetworkInterfaceID.NotFound', 'InvalidNetworkInterfaceId.Malformed'],
  },
  DescribePrefixLists: {
    ...FILTERS,
    ids: ['PrefixListIds', 'pl-0', 'InvalidPrefixListID.NotFound', 'InvalidPrefixListId.Malformed'],
  },
  DescribeRegions: { ...FILTERS, ids: ['RegionNames', 'xx-nowhere-1', 'InvalidParameterValue'] },
  DescribeRouteTables: {
    ...FILTERS,
    ids: ['RouteTableIds', 'rtb-0', 'InvalidRouteTableID.NotFound', 'InvalidRouteTableId.Malformed'],
  },
  DescribeSecurityGroupReferences: {
    ids: ['GroupId', 'sg-0', 'InvalidGroup.NotFound', 'InvalidGroupId.Malformed'],
  },
  DescribeSecurityGroupRules: {
    ...FILTERS,
    ids: [
      'SecurityGroupRuleIds',
      'sgr-0',
      'InvalidSecurityGroupRuleId.NotFound',
      'InvalidSecurityGroupRuleId.Malformed',
    ],
  },
  DescribeSecurityGroups: {
    ...FILTERS,
    ids: ['GroupIds', 'sg-0', 'InvalidGroup.NotFound', 'InvalidGroupId.Malformed'],
  },
  DescribeSpotInstanceRequests: {
    ...FILTERS,
    ids: ['SpotInstanceRequestIds', 'sir-0', 'InvalidSpotInstanceRequestID.NotFound'],
  },
  DescribeStaleSecurityGroups: { ids: ['VpcId', 'vpc-0', 'InvalidVpcID.NotFound'] },
  DescribeSubnets: { ...FILTERS, ids: ['SubnetIds', 'subnet-0', 'InvalidSubnetID.NotFound'] },
  DescribeTags: FILTERS,
  DescribeVolumes: { ...FILTERS, ids: ['VolumeIds', 'vol-0', 'InvalidVolume.NotFound'] },
  DescribeVpcAttribute: {
    ids: ['VpcId', 'vpc-0', 'InvalidVpcID.NotFound'],
    more: { Attribute: 'enableDnsSupport' },
  },
  DescribeVpcEndpoints: {
    ...FILTERS,
    ids: ['VpcEndpointIds', 'vpce-0', 'InvalidVpcEndpointId.NotFound', 'InvalidVpcEndpointId.Malformed'],
  },
  DescribeVpcEndpointServices: { ...FILTERS, ids: ['ServiceNames', 'com.amazonaws.none', 'InvalidServiceName'] },
  DescribeVpcs: { ...FILTERS, ids: ['VpcIds', 'vpc-0', 'InvalidVpcID.NotFound'] },
};

/** Members that take one id; others take lists. */
const SINGLE = ['InstanceId', 'LaunchTemplateId', 'VpcId'];

describe('every Describe', () => {
  const server = openTestEc2();
  after(() => server.close());

  const refusal = async (name: DescribeName, input: object): Promise<ServiceError> => {
    const told: unknown = await server.call(name, input as never).then(
      () => undefined,
      (error: unknown) => error,
    );
    assert.ok(told instanceof ServiceError, `${name} ${JSON.stringify(input)} is answered`);
    return told;
  };

  test('is in the table', () => {
    const standing = Object.keys(ec2.operations).filter((name) => name.startsWith('Describe'));
    assert.deepEqual(
      standing.filter((name) => !Object.hasOwn(DESCRIBES, name)),
      [],
    );
  });

  for (const [key, { filters, ids, more = {} }] of Object.entries(DESCRIBES)) {
    const name = key as DescribeName;
    test(`${name}: what it does not know`, async () => {
      if (filters) {
        const error = await refusal(name, { ...more, [filters]: [{ Name: 'no-such-filter', Values: ['x'] }] });
        assert.equal(error.code, 'InvalidParameterValue');
        assert.equal(error.message, "The filter 'no-such-filter' is invalid");
      }
      if (!ids) return;
      const [member, unknown, notFound, malformed = notFound] = ids;
      const asked = (id: string) => ({ ...more, [member]: SINGLE.includes(member) ? id : [id] });
      assert.equal((await refusal(name, asked(unknown))).code, notFound);
      assert.equal((await refusal(name, asked('nonsense'))).code, malformed);
    });
  }
});
