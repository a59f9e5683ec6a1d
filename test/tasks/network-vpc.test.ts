import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { AuthorizeSecurityGroupIngressCommand } from '@aws-sdk/client-ec2';
import { StopTaskCommand } from '@aws-sdk/client-ecs';
import { namespacesOf } from '../harness/host.ts';
import { NetworkTask, newGroup } from '../harness/network-lab.ts';
import { tryConnect } from '../harness/page.ts';
import { TaskLab } from '../harness/task-lab.ts';
import { until } from '../harness/until.ts';

/*
 * VPCs of one's own, made with Debian's aws: subnets, internet and NAT gateways, and routes that decide where packets
 * go. Two VPCs have the same addresses.
 * https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
 */

const CIDR = '10.20.0.0/16';
const PUBLIC_CIDR = '10.20.1.0/24';
const AT_ONCE_MS = 4000;

let lab: TaskLab;
let mine: Vpc;
let theirs: Vpc;
let privateSubnetId: string;
/** In the public subnet of `mine`, in its private one, and in the public subnet of `theirs`. */
let open: NetworkTask;
let hidden: NetworkTask;
let outside: NetworkTask;

interface Vpc {
  readonly vpcId: string;
  readonly groupId: string;
  readonly gatewayId: string;
  readonly subnetId: string;
  readonly routeTableId: string;
}

const ec2 = (...words: string[]) => lab.server.awsJson(['ec2', ...words]);

before(async () => {
  lab = await TaskLab.open('vpcs');
  [mine, theirs] = [await createVpc('mine'), await createVpc('theirs')];
  await createRoute(theirs);
  const inside = ['--vpc-id', mine.vpcId, '--cidr-block', '10.20.2.0/24', '--availability-zone', 'us-east-1b'];
  privateSubnetId = (await ec2('create-subnet', ...inside)).Subnet.SubnetId;
  [open, hidden, outside] = await Promise.all([
    NetworkTask.start(lab, { subnetId: mine.subnetId, groupIds: [mine.groupId] }),
    NetworkTask.start(lab, { subnetId: privateSubnetId, groupIds: [mine.groupId], publicIp: false }),
    NetworkTask.start(lab, { subnetId: theirs.subnetId, groupIds: [theirs.groupId] }),
  ]);
});

after(() => lab?.remove());

/** With an internet gateway and a public subnet, whose route table has no route to the gateway yet. */
async function createVpc(name: string): Promise<Vpc> {
  const tagged = (type: string) => ['--tag-specifications', `ResourceType=${type},Tags=[{Key=Name,Value=${name}}]`];
  const vpcId: string = (await ec2('create-vpc', '--cidr-block', CIDR, ...tagged('vpc'))).Vpc.VpcId;
  await lab.server.awsJson(['ec2', 'wait', 'vpc-available', '--vpc-ids', vpcId]);
  const gatewayId: string = (await ec2('create-internet-gateway', ...tagged('internet-gateway'))).InternetGateway
    .InternetGatewayId;
  await ec2('attach-internet-gateway', '--internet-gateway-id', gatewayId, '--vpc-id', vpcId);
  const block = ['--vpc-id', vpcId, '--cidr-block', PUBLIC_CIDR, '--availability-zone', 'us-east-1a'];
  const subnetId: string = (await ec2('create-subnet', ...block, ...tagged('subnet'))).Subnet.SubnetId;
  const routeTableId: string = (await ec2('create-route-table', '--vpc-id', vpcId)).RouteTable.RouteTableId;
  await ec2('associate-route-table', '--route-table-id', routeTableId, '--subnet-id', subnetId);
  const groupId = await newGroup(lab, vpcId, name);
  const everything = [{ IpProtocol: '-1', IpRanges: [{ CidrIp: '0.0.0.0/0' }] }];
  await lab.clients.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId: groupId, IpPermissions: everything }));
  return { vpcId, groupId, gatewayId, subnetId, routeTableId };
}

function createRoute({ routeTableId, gatewayId }: Vpc) {
  const route = ['--route-table-id', routeTableId, '--destination-cidr-block', '0.0.0.0/0'];
  return ec2('create-route', ...route, '--gateway-id', gatewayId);
}

const becomes = (what: string, wanted: boolean, ask: () => Promise<boolean>) =>
  until(what, async () => (await ask()) === wanted, AT_ONCE_MS);
const opensFor = async (address: string) => (await tryConnect(address, 80, 300)) === 'open';

test('a public address is of no use until a route leads to the internet gateway', async () => {
  assert.notEqual(open.publicIp, '');
  assert.equal(await opensFor(outside.publicIp), true);
  assert.equal(await opensFor(open.publicIp), false);
  assert.equal(await open.reaches(outside.publicIp), false);
  await createRoute(mine);
  await becomes('it is reached', true, () => opensFor(open.publicIp));
  await becomes('it reaches out', true, () => open.reaches(outside.publicIp));
  await assert.rejects(createRoute(mine), /RouteAlreadyExists/);
});

test('VPCs with the same addresses do not see each other, but by public addresses', async () => {
  assert.equal(open.privateIp, outside.privateIp);
  await outside.runs('echo theirs > /www/index.html');
  const ask = (task: NetworkTask, address: string) =>
    task.runs(`timeout 1 wget -q -O - http://${address}/ 2>/dev/null || echo nothing`);
  assert.equal(await ask(hidden, open.privateIp), 'ok');
  assert.equal(await ask(outside, hidden.privateIp), 'nothing');
  assert.equal(await ask(open, outside.publicIp), 'theirs');
  // Private addresses of nobody, of the default VPC, and of the links between VPCs and the host.
  for (const address of ['10.20.9.9', '10.99.0.1', '172.31.0.1', '192.168.1.1', '198.19.0.1', '169.254.169.254']) {
    assert.equal(await ask(open, address), 'nothing', address);
  }
});

test('a private subnet gets out through a NAT gateway, and nothing gets in', async () => {
  const theirPage = () =>
    hidden.runs(`timeout 1 wget -q -O - http://${outside.publicIp}/ 2>/dev/null || true`).then(Boolean);
  assert.equal(await theirPage(), false);
  const { AllocationId, PublicIp } = await ec2('allocate-address', '--domain', 'vpc');
  const made = await ec2('create-nat-gateway', '--subnet-id', mine.subnetId, '--allocation-id', AllocationId);
  const id: string = made.NatGateway.NatGatewayId;
  await lab.server.awsJson(['ec2', 'wait', 'nat-gateway-available', '--nat-gateway-ids', id]);
  const main = await mainRouteTable();
  const route = ['--route-table-id', main, '--destination-cidr-block', '0.0.0.0/0'];
  await ec2('create-route', ...route, '--nat-gateway-id', id);
  await becomes('it gets out', true, theirPage);
  assert.equal(await opensFor(PublicIp), false);
  assert.equal(await outside.reaches(PublicIp), false);
  await assert.rejects(ec2('release-address', '--allocation-id', AllocationId), /InvalidIPAddress.InUse/);

  await ec2('delete-nat-gateway', '--nat-gateway-id', id);
  await becomes('it gets out no more', false, theirPage);
  const { RouteTables } = await ec2('describe-route-tables', '--route-table-ids', main);
  assert.deepEqual(
    RouteTables[0].Routes.map((one: { State: string }) => one.State),
    ['active', 'blackhole'],
  );
  const { NatGateways } = await ec2('describe-nat-gateways', '--filter', `Name=vpc-id,Values=${mine.vpcId}`);
  assert.deepEqual(
    NatGateways.map((one: { State: string }) => one.State),
    ['deleted'],
  );
  await ec2('delete-route', ...route);
  await ec2('release-address', '--allocation-id', AllocationId);
});

test('the resolver answers while the VPC has DNS support, and names public addresses if it shall', async () => {
  const attribute = (name: string, on: boolean) =>
    ec2('modify-vpc-attribute', '--vpc-id', mine.vpcId, `--${on ? '' : 'no-'}${name}`);
  const own = `ip-${open.privateIp.replaceAll('.', '-')}.ec2.internal`;
  const public_ = `ec2-${open.publicIp.replaceAll('.', '-')}.compute-1.amazonaws.com`;
  const resolves = async (name: string) =>
    (await hidden.runs(`timeout 1 nslookup ${name} | tail -n +3`)).includes(open.privateIp);
  assert.equal(await resolves(own), true);
  assert.equal(await resolves(public_), false);
  await attribute('enable-dns-hostnames', true);
  await becomes('public addresses have names', true, () => resolves(public_));
  const { NetworkInterfaces } = await ec2(
    'describe-network-interfaces',
    '--filters',
    `Name=vpc-id,Values=${mine.vpcId}`,
  );
  const association = NetworkInterfaces.find((one: any) => one.PrivateIpAddress === open.privateIp).Association;
  assert.equal(association.PublicDnsName, public_);
  await attribute('enable-dns-support', false);
  await becomes('the resolver is silent', false, () => resolves(own));
  const shown = await ec2('describe-vpc-attribute', '--vpc-id', mine.vpcId, '--attribute', 'enableDnsSupport');
  assert.equal(shown.EnableDnsSupport.Value, false);
  await attribute('enable-dns-support', true);
  await becomes('it answers again', true, () => resolves(own));
});

test('a VPC goes when nothing is in it any more', async () => {
  const dependencies = /DependencyViolation/;
  await assert.rejects(ec2('delete-vpc', '--vpc-id', mine.vpcId), dependencies);
  await assert.rejects(ec2('delete-subnet', '--subnet-id', mine.subnetId), dependencies);
  await assert.rejects(ec2('delete-route-table', '--route-table-id', mine.routeTableId), dependencies);
  for (const { task } of [open, hidden]) {
    await lab.clients.ecs.send(new StopTaskCommand({ cluster: lab.name, task: task.taskArn }));
  }
  await Promise.all([open, hidden].map(({ task }) => lab.untilStopped(task)));
  for (const subnetId of [mine.subnetId, privateSubnetId]) {
    await until('the subnet is empty', async () => {
      const filter = `Name=subnet-id,Values=${subnetId}`;
      return (await ec2('describe-network-interfaces', '--filters', filter)).NetworkInterfaces.length === 0;
    });
    await ec2('delete-subnet', '--subnet-id', subnetId);
  }
  await ec2('delete-route-table', '--route-table-id', mine.routeTableId);
  await assert.rejects(ec2('delete-internet-gateway', '--internet-gateway-id', mine.gatewayId), dependencies);
  await ec2('detach-internet-gateway', '--internet-gateway-id', mine.gatewayId, '--vpc-id', mine.vpcId);
  await ec2('delete-internet-gateway', '--internet-gateway-id', mine.gatewayId);
  await ec2('delete-security-group', '--group-id', mine.groupId);
  await ec2('delete-vpc', '--vpc-id', mine.vpcId);
  await assert.rejects(ec2('describe-vpcs', '--vpc-ids', mine.vpcId), /InvalidVpcID.NotFound/);
  const namespace = mine.vpcId.replace('vpc-', '');
  await until('its namespace is gone', async () => {
    const names = await namespacesOf(await lab.server.instanceId());
    return names.every((name) => !name.endsWith(namespace));
  });
  assert.equal(await opensFor(outside.publicIp), true);
});

async function mainRouteTable(): Promise<string> {
  const filters = [`Name=vpc-id,Values=${mine.vpcId}`, 'Name=association.main,Values=true'];
  return (await ec2('describe-route-tables', '--filters', ...filters)).RouteTables[0].RouteTableId;
}
