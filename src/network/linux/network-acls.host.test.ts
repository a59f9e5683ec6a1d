import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { InterfaceState, NetworkAclEntryState, NetworkAclState, VpcState } from '../network.ts';
import { exampleInterface, exampleVpc } from '../suite.ts';
import { TestHost, fetchFrom, openConnection } from './testing.ts';

const NAT_ADDRESS = '198.18.201.74';
const OUTSIDE_ADDRESS = '198.18.201.84';
const FIRST_CIDR = '10.0.0.0/24';
const SECOND_CIDR = '10.0.1.0/24';

/** Two in one subnet, one in another behind the NAT gateway of the first. */
const FIRST = exampleInterface(11, { publicIp: '198.18.201.75' });
const NEIGHBOUR = exampleInterface(12);
const OTHER = exampleInterface(13, {
  privateIp: '10.0.1.13',
  subnetCidr: SECOND_CIDR,
  routes: [{ cidr: '0.0.0.0/0', via: { natAddress: NAT_ADDRESS } }],
});
const BALANCER = exampleInterface(20, { kind: 'local', privateIp: '10.0.1.20', subnetCidr: SECOND_CIDR });
const NAT = exampleInterface(10, { kind: 'nat', publicIp: NAT_ADDRESS, securityGroupIds: [] });
const OUTSIDE = exampleInterface(11, { publicIp: OUTSIDE_ADDRESS });

const ALL: NetworkAclEntryState = { allows: true, protocol: '-1', cidr: '0.0.0.0/0' };
const NONE = { ...ALL, allows: false };
const WEB: NetworkAclEntryState = { ...ALL, protocol: 'tcp', fromPort: 80, toPort: 80 };
const ANSWERS: NetworkAclEntryState = { ...ALL, protocol: 'tcp', fromPort: 1024, toPort: 65_535 };

function red(...networkAcls: readonly NetworkAclState[]): VpcState {
  return { ...exampleVpc('vpc-red', 1, [FIRST, NEIGHBOUR, OTHER, BALANCER, NAT]), networkAcls };
}

const first = (
  ingress: readonly NetworkAclEntryState[],
  egress: readonly NetworkAclEntryState[] = [ALL],
): NetworkAclState => ({ subnetCidrs: [FIRST_CIDR], ingress, egress });

describe('linux: network ACLs', () => {
  const host = new TestHost({
    instanceId: '7e57000e',
    transitCidr: '198.19.201.64/26',
    publicCidr: '198.18.201.64/26',
    dnsPort: 35_753,
    metadataPort: 35_780,
  });
  const task = (vpcId: string, one: InterfaceState) => host.task(vpcId, one);
  const ask = (from: InterfaceState, address: string | undefined) =>
    fetchFrom(task('vpc-red', from), `http://${address}/`);
  const fromHost = () => fetchFrom('/proc/self/ns/net', `http://${FIRST.publicIp}/`);

  before(async () => {
    await host.start(red(), exampleVpc('vpc-blue', 2, [OUTSIDE]));
    await Promise.all([
      host.serve(task('vpc-red', FIRST), 80, 'first'),
      host.serve(task('vpc-red', OTHER), 80, 'other'),
      host.serve(task('vpc-blue', OUTSIDE), 80, 'outside'),
      host.serve(host.network.namespacePath('vpc-red'), 80, 'balancer', BALANCER.privateIp),
    ]);
  });
  after(() => host.close());

  it('limit what comes from other subnets and from outside, and nothing within one', async () => {
    await host.network.apply(red(first([NONE])));
    assert.equal(await ask(OTHER, FIRST.privateIp), 'nothing');
    assert.equal(await fromHost(), 'nothing');
    assert.equal(await ask(NEIGHBOUR, FIRST.privateIp), 'first sees 10.0.0.12');
    await host.network.apply(red(first([{ ...WEB, cidr: SECOND_CIDR }])));
    assert.equal(await ask(OTHER, FIRST.privateIp), 'first sees 10.0.1.13');
    assert.equal(await fromHost(), 'nothing');
    await host.network.apply(red(first([{ ...WEB, allows: false, cidr: `${OTHER.privateIp}/32` }, ALL])));
    assert.equal(await ask(OTHER, FIRST.privateIp), 'nothing');
    assert.match(await fromHost(), /^first sees/);
  });

  it('keep no state: answers need an entry of their own, and flows under way end with theirs', async () => {
    await host.network.apply(red(first([WEB], [])));
    assert.equal(await ask(OTHER, FIRST.privateIp), 'nothing');
    await host.network.apply(red(first([WEB], [ANSWERS])));
    assert.equal(await ask(OTHER, FIRST.privateIp), 'first sees 10.0.1.13');
    assert.equal(await ask(FIRST, OTHER.privateIp), 'nothing');
    await host.network.apply(red(first([WEB, ANSWERS], [WEB, ANSWERS])));
    assert.equal(await ask(FIRST, OTHER.privateIp), 'other sees 10.0.0.11');
    const flow = await openConnection(task('vpc-red', OTHER), FIRST.privateIp);
    assert.match(await flow.ask(), /first sees/);
    await host.network.apply(red(first([ANSWERS], [ANSWERS])));
    assert.equal(await flow.ask(), 'nothing');
    flow.close();
  });

  it('hold for load balancers, which are in the router', async () => {
    await host.network.apply(red(first([ALL], [{ ...WEB, allows: false }, ALL])));
    assert.equal(await ask(FIRST, BALANCER.privateIp), 'nothing');
    const fromBalancer = () =>
      fetchFrom(host.network.namespacePath('vpc-red'), `http://${FIRST.privateIp}/`, BALANCER.privateIp);
    assert.equal(await fromBalancer(), 'first sees 10.0.1.20');
    await host.network.apply(red(first([{ ...ALL, allows: false, cidr: `${BALANCER.privateIp}/32` }, ALL])));
    assert.equal(await fromBalancer(), 'nothing');
    assert.equal(await ask(OTHER, FIRST.privateIp), 'first sees 10.0.1.13');
  });

  it('of a NAT gateway’s subnet hold for what goes through it, both ways', async () => {
    const out = () => ask(OTHER, OUTSIDE_ADDRESS);
    for (const [acl, passes] of [
      [first([ALL], [ALL, NONE]), true],
      [first([{ ...ALL, cidr: '10.0.0.0/16' }, ANSWERS], [WEB, ANSWERS]), true],
      // No answer comes back into the gateway's subnet, or out of it.
      [first([{ ...ALL, cidr: '10.0.0.0/16' }], [ALL]), false],
      [first([ALL], [WEB]), false],
      // It does not reach the gateway, or does not leave its subnet.
      [first([{ ...NONE, cidr: SECOND_CIDR }, ALL], [ALL]), false],
      [first([ALL], [{ ...WEB, allows: false }, ALL]), false],
    ] as const) {
      await host.network.apply(red(acl));
      assert.equal(await out(), passes ? `outside sees ${NAT_ADDRESS}` : 'nothing', JSON.stringify(acl));
    }
    await host.network.apply(red());
    assert.equal(await out(), `outside sees ${NAT_ADDRESS}`);
  });
});
