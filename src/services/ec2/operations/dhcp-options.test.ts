import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resolverOptions } from '../domain/dhcp-options.ts';
import type { DhcpOptionsRow, VpcRow } from '../tables.ts';
import { failure, must, openTestEc2 } from '../testing.ts';

const SCOPE = { account: '123456789012', region: 'eu-west-1' };
const VPC: VpcRow = {
  ...SCOPE,
  id: 'vpc-1',
  tags: {},
  cidrBlocks: [{ associationId: 'a', cidrBlock: '10.20.0.0/16' }],
  isDefault: false,
  dhcpOptionsId: 'dopt-1',
  enableDnsSupport: true,
  enableDnsHostnames: false,
  transitIndex: 0,
};

test('options make a resolver: own servers, Amazon’s among them, and the domains to try', () => {
  const of = (options: DhcpOptionsRow['options'], vpc = VPC) =>
    resolverOptions(vpc, { ...SCOPE, id: 'dopt-1', tags: {}, options });
  assert.deepEqual(of({ 'domain-name': ['a.example b.example'], 'domain-name-servers': ['AmazonProvidedDNS'] }), {
    dnsServers: ['10.20.0.2'],
    dnsSearch: ['a.example', 'b.example'],
  });
  assert.deepEqual(of({ 'domain-name-servers': ['10.20.1.5', 'AmazonProvidedDNS'] }), {
    dnsServers: ['10.20.1.5', '10.20.0.2'],
    dnsSearch: [],
  });
  assert.deepEqual(of({ 'ntp-servers': ['10.0.0.1'] }, { ...VPC, enableDnsSupport: false }).dnsServers, []);
  assert.deepEqual(resolverOptions(VPC, undefined), {
    dnsServers: ['10.20.0.2'],
    dnsSearch: ['eu-west-1.compute.internal'],
  });
});

test('a set is made, given to a VPC, taken away and deleted; new VPCs get the region’s own', async () => {
  const ec2 = openTestEc2();
  const { vpcId: VpcId } = await ec2.defaults();
  const dhcpOf = async (id: string) =>
    must((await ec2.call('DescribeVpcs', { VpcIds: [id] })).Vpcs?.[0]?.DhcpOptionsId);
  const first = await dhcpOf(VpcId);
  const { DhcpOptions } = await ec2.call('CreateDhcpOptions', {
    DhcpConfigurations: [
      { Key: 'domain-name', Values: ['corp.example'] },
      { Key: 'domain-name-servers', Values: ['10.0.0.5,AmazonProvidedDNS'] },
      { Key: 'ntp-servers', Values: ['10.0.0.6'] },
      { Key: 'netbios-node-type', Values: ['2'] },
    ],
    TagSpecifications: [{ ResourceType: 'dhcp-options', Tags: [{ Key: 'team', Value: 'web' }] }],
  });
  const DhcpOptionsId = must(DhcpOptions?.DhcpOptionsId);
  assert.deepEqual(
    DhcpOptions?.DhcpConfigurations?.map(({ Key, Values }) => [Key, Values?.map((one) => one.Value)]),
    [
      ['domain-name', ['corp.example']],
      ['domain-name-servers', ['10.0.0.5', 'AmazonProvidedDNS']],
      ['ntp-servers', ['10.0.0.6']],
      ['netbios-node-type', ['2']],
    ],
  );
  await ec2.call('AssociateDhcpOptions', { DhcpOptionsId, VpcId });
  assert.equal(await dhcpOf(VpcId), DhcpOptionsId);
  await assert.rejects(ec2.call('DeleteDhcpOptions', { DhcpOptionsId }), failure('DependencyViolation'));
  await ec2.call('AssociateDhcpOptions', { DhcpOptionsId: 'default', VpcId });
  assert.equal(await dhcpOf(VpcId), 'default');
  const other = must((await ec2.call('CreateVpc', { CidrBlock: '10.0.0.0/16' })).Vpc?.VpcId);
  assert.equal(await dhcpOf(other), first);
  await ec2.call('DeleteDhcpOptions', { DhcpOptionsId });
  await assert.rejects(
    ec2.call('AssociateDhcpOptions', { DhcpOptionsId, VpcId }),
    failure('InvalidDhcpOptionID.NotFound'),
  );
  await ec2.close();
});

test('an option that cannot be is refused', async () => {
  const ec2 = openTestEc2();
  const refused = (Key: string, Values: string[], words: string) =>
    assert.rejects(
      ec2.call('CreateDhcpOptions', { DhcpConfigurations: [{ Key, Values }] }),
      failure('InvalidParameterValue', words),
    );
  await refused('domain', ['a'], 'Unknown DHCP option');
  await refused('domain-name', ['a;b'], 'Invalid DHCP option domain-name');
  await refused('domain-name', ['a\nnameserver 1.2.3.4'], 'Invalid DHCP option domain-name');
  await refused('domain-name-servers', ['dns.example'], 'Invalid DHCP option domain-name-servers');
  await refused('ntp-servers', ['1.1.1.1', '1.1.1.2', '1.1.1.3', '1.1.1.4', '1.1.1.5'], 'Invalid DHCP option');
  await refused('netbios-node-type', ['3'], 'Invalid DHCP option netbios-node-type');
  await refused('ipv6-address-preferred-lease-time', ['140'], 'no IPv6');
  await assert.rejects(ec2.call('CreateDhcpOptions', { DhcpConfigurations: [] }), failure('MissingParameter'));
  await ec2.close();
});
