import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';

/*
 * What a VPC has around its subnets, and what EC2 answers without starting anything, to Debian's aws CLI. Calls that do
 * not need each other go at once: each is a Python process.
 */

let server: Longshore;
let aws: Cli;
let vpc: string;
let subnet: string;
let group: string;

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
  vpc = (await ec2('create-vpc --cidr-block 10.0.0.0/16')).Vpc.VpcId;
  const [made, grouped] = await Promise.all([
    ec2(`create-subnet --vpc-id ${vpc} --cidr-block 10.0.1.0/24`),
    ec2(`create-security-group --group-name web --description web --vpc-id ${vpc}`),
  ]);
  subnet = made.Subnet.SubnetId;
  group = grouped.GroupId;
});
after(async () => server?.remove());

const ec2 = (line: string, ...more: readonly string[]) => aws(`ec2 ${line}`, ...more);
const refusedCode = (line: string) => aws.code(`ec2 ${line}`);

test('a network ACL is made, filled, given to a subnet, taken away and deleted', async () => {
  const [acl, byDefault] = await Promise.all([
    ec2(`create-network-acl --vpc-id ${vpc}`).then((made) => made.NetworkAcl.NetworkAclId),
    ec2(`describe-network-acls --filters Name=vpc-id,Values=${vpc} Name=default,Values=true`),
  ]);
  const rule = (number: number, more: string) => `--network-acl-id ${acl} --ingress --rule-number ${number} ${more}`;
  const web = '--protocol tcp --port-range From=80,To=80 --cidr-block 0.0.0.0/0 --rule-action allow';
  const [association] = byDefault.NetworkAcls[0].Associations;
  const give = 'replace-network-acl-association --association-id';
  const [moved] = await Promise.all([
    ec2(`${give} ${association.NetworkAclAssociationId} --network-acl-id ${acl}`),
    ec2(`create-network-acl-entry ${rule(100, web)}`),
    ec2(
      `create-network-acl-entry ${rule(110, '--protocol icmp --icmp-type-code Type=8,Code=-1 --cidr-block 10.0.0.0/8 --rule-action deny')}`,
    ),
  ]);
  const [taken] = await Promise.all([
    refusedCode(`create-network-acl-entry ${rule(100, web)}`),
    ec2(`replace-network-acl-entry ${rule(110, web.replace('allow', 'deny'))}`),
  ]);
  assert.equal(taken, 'NetworkAclEntryAlreadyExists');
  await ec2(`delete-network-acl-entry ${rule(100, '').trim()}`);
  const { NetworkAcls } = await ec2(`describe-network-acls --network-acl-ids ${acl}`);
  assert.deepEqual(
    NetworkAcls[0].Entries.map((entry: any) => [entry.RuleNumber, entry.Egress, entry.RuleAction, entry.PortRange]),
    [
      [32_767, true, 'deny', undefined],
      [110, false, 'deny', { From: 80, To: 80 }],
      [32_767, false, 'deny', undefined],
    ],
  );
  assert.equal(NetworkAcls[0].Associations[0].SubnetId, subnet);
  assert.equal(await refusedCode(`delete-network-acl --network-acl-id ${acl}`), 'DependencyViolation');
  await ec2(`${give} ${moved.NewAssociationId} --network-acl-id ${association.NetworkAclId}`);
  await ec2(`delete-network-acl --network-acl-id ${acl}`);
});

test('DHCP options are made, given to a VPC and deleted', async () => {
  const options = 'Key=domain-name,Values=corp.example Key=domain-name-servers,Values=10.0.0.5,AmazonProvidedDNS';
  const made = await ec2(`create-dhcp-options --dhcp-configurations ${options}`);
  const id = made.DhcpOptions.DhcpOptionsId;
  const associate = (what: string) => ec2(`associate-dhcp-options --dhcp-options-id ${what} --vpc-id ${vpc}`);
  await associate(id);
  const [seen, { DhcpOptions }, refused] = await Promise.all([
    ec2(`describe-vpcs --filters Name=dhcp-options-id,Values=${id}`),
    ec2('describe-dhcp-options --filters Name=key,Values=domain-name Name=value,Values=corp.*'),
    refusedCode(`delete-dhcp-options --dhcp-options-id ${id}`),
  ]);
  assert.equal(seen.Vpcs[0].VpcId, vpc);
  assert.deepEqual(
    DhcpOptions.map((one: any) => one.DhcpOptionsId),
    [id],
  );
  assert.equal(refused, 'DependencyViolation');
  await associate('default');
  await ec2(`delete-dhcp-options --dhcp-options-id ${id}`);
});

test('VPC endpoints are made, changed and deleted', async () => {
  const service = (name: string) => `com.amazonaws.us-east-1.${name}`;
  const create = (more: string) => ec2(`create-vpc-endpoint --vpc-id ${vpc} ${more}`);
  const { RouteTables } = await ec2(`describe-route-tables --filters Name=vpc-id,Values=${vpc}`);
  const table = RouteTables[0].RouteTableId;
  const [gateway, plugged] = await Promise.all([
    create(`--service-name ${service('s3')} --route-table-ids ${table}`),
    create(
      `--vpc-endpoint-type Interface --service-name ${service('ecr.api')} --subnet-ids ${subnet} --no-private-dns-enabled`,
    ),
  ]);
  const ids = [gateway, plugged].map((one) => one.VpcEndpoint.VpcEndpointId);
  const [{ VpcEndpoints }, routed, lists, services] = await Promise.all([
    ec2(`describe-vpc-endpoints --filters Name=vpc-id,Values=${vpc}`),
    ec2(`describe-route-tables --route-table-ids ${table}`),
    ec2(`describe-prefix-lists --filters Name=prefix-list-name,Values=${service('s3')}`),
    ec2(`describe-vpc-endpoint-services --service-names ${service('s3')}`),
    ec2(`modify-vpc-endpoint --vpc-endpoint-id ${ids[1]} --add-security-group-ids ${group}`),
  ]);
  assert.deepEqual(new Set(VpcEndpoints.map((one: any) => one.VpcEndpointId)), new Set(ids));
  assert.equal(services.ServiceDetails.length, 2);
  assert.match(lists.PrefixLists[0].PrefixListId, /^pl-/);
  assert.equal(routed.RouteTables[0].Routes[1].DestinationPrefixListId, lists.PrefixLists[0].PrefixListId);
  const deleted = await ec2(`delete-vpc-endpoints --vpc-endpoint-ids ${ids.join(' ')} vpce-0`);
  assert.deepEqual(
    deleted.Unsuccessful.map((one: any) => [one.ResourceId, one.Error.Code]),
    [['vpce-0', 'InvalidVpcEndpoint.NotFound']],
  );
});
