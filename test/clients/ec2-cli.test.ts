import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { cliOf } from '../harness/cli.ts';
import type { Cli } from '../harness/cli.ts';
import { Longshore } from '../harness/longshore.ts';

/*
 * The operations of EC2 that no other test calls with Debian's aws CLI, each once: that the CLI and the server
 * understand each other. What they do is in the service's own tests. Calls go at once where they can: each is a Python
 * process.
 */

let server: Longshore;
let aws: Cli;
let vpc: string;
let subnet: string;

before(async () => {
  server = await Longshore.start();
  aws = cliOf(server);
  const { Subnets } = await ec2('describe-subnets');
  [{ SubnetId: subnet, VpcId: vpc }] = Subnets;
});
after(async () => server?.remove());

const ec2 = (line: string, ...more: readonly string[]) => aws(`ec2 ${line}`, ...more);

/** What is asked, and the member that the answer is in, or the code of its refusal. */
const ASKED: readonly (readonly [string, string])[] = [
  ['describe-account-attributes', 'AccountAttributes'],
  ['describe-addresses', 'Addresses'],
  ['describe-addresses-attribute --attribute domain-name', 'Addresses'],
  ['describe-iam-instance-profile-associations', 'IamInstanceProfileAssociations'],
  ['describe-instance-credit-specifications', 'InstanceCreditSpecifications'],
  ['describe-instance-status', 'InstanceStatuses'],
  ['describe-instance-type-offerings --filters Name=instance-type,Values=t3.*', 'InstanceTypeOfferings'],
  ['describe-instance-types --instance-types t3.micro', 'InstanceTypes'],
  ['describe-internet-gateways', 'InternetGateways'],
  ['describe-managed-prefix-lists', 'PrefixLists'],
  ['describe-spot-instance-requests', 'SpotInstanceRequests'],
  ['cancel-spot-instance-requests --spot-instance-request-ids sir-0', 'InvalidSpotInstanceRequestID.NotFound'],
  [
    'get-instance-types-from-instance-requirements --architecture-types x86_64 --virtualization-types hvm' +
      ' --instance-requirements VCpuCount={Min=2,Max=4},MemoryMiB={Min=4096}',
    'InstanceTypes',
  ],
  ['describe-volumes', 'Volumes'],
  ['create-default-vpc', 'DefaultVpcAlreadyExists'],
  ['get-managed-prefix-list-associations --prefix-list-id pl-63a5400a', 'PrefixListAssociations'],
  ['describe-instance-attribute --instance-id i-0 --attribute userData', 'InvalidInstanceID.NotFound'],
  ['modify-instance-attribute --instance-id i-0 --disable-api-termination', 'InvalidInstanceID.NotFound'],
  ['modify-instance-metadata-options --instance-id i-0 --http-tokens required', 'InvalidInstanceID.NotFound'],
  ['monitor-instances --instance-ids i-0', 'InvalidInstanceID.NotFound'],
  ['unmonitor-instances --instance-ids i-0', 'InvalidInstanceID.NotFound'],
  ['reboot-instances --instance-ids i-0', 'InvalidInstanceID.NotFound'],
  ['associate-iam-instance-profile --instance-id i-0 --iam-instance-profile Name=x', 'InvalidParameterValue'],
  ['disassociate-iam-instance-profile --association-id iip-assoc-0', 'NoSuchAssociation'],
  [
    'replace-iam-instance-profile-association --association-id iip-assoc-0 --iam-instance-profile Name=x',
    'InvalidParameterValue',
  ],
];

test('what can be asked without anything of one’s own', async () => {
  const answers = await Promise.all(
    ASKED.map(async ([line, wanted]) => {
      const isCode = /\.|Exists|NoSuch|Invalid/.test(wanted);
      if (isCode) return [line, await aws.code(`ec2 ${line}`)];
      return [line, Object.keys(await ec2(line)).includes(wanted) ? wanted : 'something else'];
    }),
  );
  assert.deepEqual(answers, ASKED);
});

test('rules of a security group are changed, and told', async () => {
  const { GroupId: group } = await ec2(`create-security-group --group-name web --description web --vpc-id ${vpc}`);
  const port = `--group-id ${group} --protocol tcp --port 25 --cidr 10.0.0.0/8`;
  const { SecurityGroupRules } = await ec2(`authorize-security-group-egress ${port}`);
  const rule = SecurityGroupRules[0].SecurityGroupRuleId;
  const web = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, CidrIpv4: '10.0.0.0/8' };
  const [references, stale] = await Promise.all([
    ec2(`describe-security-group-references --group-id ${group}`),
    ec2(`describe-stale-security-groups --vpc-id ${vpc}`),
    ec2(
      `modify-security-group-rules --group-id ${group} --security-group-rules`,
      JSON.stringify([{ SecurityGroupRuleId: rule, SecurityGroupRule: web }]),
    ),
  ]);
  assert.deepEqual([references.SecurityGroupReferenceSet, stale.StaleSecurityGroupSet], [[], []]);
  const described = JSON.stringify([{ SecurityGroupRuleId: rule, Description: 'mail' }]);
  await ec2(
    `update-security-group-rule-descriptions-egress --group-id ${group} --security-group-rule-descriptions`,
    described,
  );
  const ingress = JSON.stringify([{ SecurityGroupRuleId: 'sgr-0', Description: 'mail' }]);
  const update = `ec2 update-security-group-rule-descriptions-ingress --group-id ${group}`;
  const [wrong, { SecurityGroupRules: shown }] = await Promise.all([
    aws.code(`${update} --security-group-rule-descriptions`, ingress),
    ec2(`describe-security-group-rules --filters Name=group-id,Values=${group}`),
  ]);
  assert.equal(wrong, 'InvalidSecurityGroupRuleId.NotFound');
  const changed = shown.find((one: any) => one.SecurityGroupRuleId === rule);
  assert.deepEqual([changed.FromPort, changed.Description], [80, 'mail']);
  await ec2(`revoke-security-group-egress --group-id ${group} --security-group-rule-ids ${rule}`);
});

test('a public address and a network interface find each other and part', async () => {
  const [address, made] = await Promise.all([
    ec2('allocate-address --domain vpc'),
    ec2(`create-network-interface --subnet-id ${subnet}`),
  ]);
  const eni = made.NetworkInterface.NetworkInterfaceId;
  const { AssociationId } = await ec2(
    `associate-address --allocation-id ${address.AllocationId} --network-interface-id ${eni}`,
  );
  await Promise.all([
    ec2(`disassociate-address --association-id ${AssociationId}`),
    ec2(`create-tags --resources ${eni} --tags Key=team,Value=web`),
  ]);
  await ec2(`modify-network-interface-attribute --network-interface-id ${eni} --description mine`);
  const { NetworkInterfaces } = await ec2('describe-network-interfaces --filters Name=tag:team,Values=web');
  assert.equal(NetworkInterfaces[0].Description, 'mine');
  await Promise.all([
    ec2(`delete-network-interface --network-interface-id ${eni}`),
    ec2(`release-address --allocation-id ${address.AllocationId}`),
  ]);
});

test('a subnet goes from one route table to another', async () => {
  const [{ RouteTables }, { RouteTable }, { InternetGateways }] = await Promise.all([
    ec2('describe-route-tables --filters Name=association.main,Values=true'),
    ec2(`create-route-table --vpc-id ${vpc}`),
    ec2(`describe-internet-gateways --filters Name=attachment.vpc-id,Values=${vpc}`),
  ]);
  const [main, own] = [RouteTables[0].RouteTableId, RouteTable.RouteTableId];
  const { AssociationId } = await ec2(`associate-route-table --route-table-id ${own} --subnet-id ${subnet}`);
  const gateway = `--destination-cidr-block 0.0.0.0/0 --gateway-id ${InternetGateways[0].InternetGatewayId}`;
  const [moved] = await Promise.all([
    ec2(`replace-route-table-association --association-id ${AssociationId} --route-table-id ${main}`),
    ec2(`replace-route --route-table-id ${main} ${gateway}`),
    ec2(`modify-subnet-attribute --subnet-id ${subnet} --no-map-public-ip-on-launch`),
  ]);
  await ec2(`disassociate-route-table --association-id ${moved.NewAssociationId}`);
  await ec2(`delete-route-table --route-table-id ${own}`);
});

test('key pairs and launch templates come and go', async () => {
  const key = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIK0wmN/Cr3JXqmLW7u+g9pTh+wyqDHpSQEIQczXkVx9q me';
  const data = ['--launch-template-data', JSON.stringify({ InstanceType: 't3.micro' })];
  await Promise.all([
    ec2('import-key-pair --key-name mine --public-key-material', Buffer.from(key).toString('base64')),
    ec2('create-launch-template --launch-template-name web', ...data),
  ]);
  await ec2('create-launch-template-version --launch-template-name web', ...data);
  await ec2('modify-launch-template --launch-template-name web --default-version 2');
  await ec2('delete-launch-template-versions --launch-template-name web --versions 1');
  const [{ KeyPairs }, { LaunchTemplates }, { LaunchTemplateVersions }] = await Promise.all([
    ec2('describe-key-pairs --key-names mine'),
    ec2('describe-launch-templates --launch-template-names web'),
    ec2('describe-launch-template-versions --launch-template-name web'),
  ]);
  assert.equal(KeyPairs[0].KeyType, 'ed25519');
  assert.equal(LaunchTemplates[0].DefaultVersionNumber, 2);
  assert.deepEqual(
    LaunchTemplateVersions.map((one: any) => one.VersionNumber),
    [2],
  );
  await Promise.all([ec2('delete-key-pair --key-name mine'), ec2('delete-launch-template --launch-template-name web')]);
});
