import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TaskInterfaceRow } from '../tables.ts';
import { dnsOf, dnsOfOptions } from './vpc-resolver.ts';

const OWN: TaskInterfaceRow = {
  interfaceId: 'eni-1',
  vpcId: 'vpc-1',
  vpcCidr: '10.20.0.0/16',
  subnetId: 'subnet-1',
  availabilityZone: 'us-east-1a',
  privateIp: '10.20.0.4',
  privateDnsName: 'ip-10-20-0-4.ec2.internal',
  macAddress: '0a:00:00:00:00:01',
};

const option = (Key: string, ...values: readonly string[]) => ({ Key, Values: values.map((Value) => ({ Value })) });

test('a task’s name servers and domains are its VPC’s DHCP options, or else Amazon’s', () => {
  assert.deepEqual(dnsOf(OWN), { servers: ['10.20.0.2'], search: ['ec2.internal'] });
  const dns = dnsOfOptions(OWN.vpcCidr, {
    DhcpConfigurations: [
      option('domain-name', 'a.example b.example'),
      option('domain-name-servers', '10.20.0.9', 'AmazonProvidedDNS'),
    ],
  });
  assert.deepEqual(dns, { servers: ['10.20.0.9', '10.20.0.2'], search: ['a.example', 'b.example'] });
  assert.deepEqual(dnsOf({ ...OWN, dns }), dns);
  assert.deepEqual(dnsOfOptions(OWN.vpcCidr, { DhcpConfigurations: [option('ntp-servers', '10.20.0.9')] }), {
    servers: ['10.20.0.2'],
    search: [],
  });
});
