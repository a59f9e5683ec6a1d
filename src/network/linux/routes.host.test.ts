import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import type { InterfaceState, RouteState, VpcState } from '../network.ts';
import { exampleInterface, exampleVpc } from '../suite.ts';
import { TestHost, fetchFrom } from './testing.ts';

const NAT_ADDRESS = '198.18.200.74';
const OUTSIDE_ADDRESS = '198.18.200.84';
const HOST_ADDRESS = '198.19.200.69';

const PUBLIC = exampleInterface(11, { publicIp: '198.18.200.75' });
const PRIVATE = exampleInterface(12, { routes: [{ cidr: '0.0.0.0/0', via: { natAddress: NAT_ADDRESS } }] });
const NAT = exampleInterface(10, { kind: 'nat', publicIp: NAT_ADDRESS, securityGroupIds: [] });
const OUTSIDE = exampleInterface(11, { publicIp: OUTSIDE_ADDRESS });

/** An answer that is to come may take its time on a busy machine; none comes in a shorter one. */
const ANSWER_MS = 5000;
const NO_ANSWER_MS = 500;

const url = (address = '', port = 80) => `http://${address}:${port}/`;

/** VPC red with `PUBLIC` changed. */
function red(more: Partial<InterfaceState> = {}, groups = exampleVpc('vpc-red', 1).securityGroups): VpcState {
  return { ...exampleVpc('vpc-red', 1, [{ ...PUBLIC, ...more }, PRIVATE, NAT]), securityGroups: groups };
}

describe('linux: routes', () => {
  const host = new TestHost({
    instanceId: '7e570003',
    transitCidr: '198.19.200.64/26',
    publicCidr: '198.18.200.64/26',
    dnsPort: 35_253,
    metadataPort: 35_280,
  });
  const task = (vpcId: string, one: InterfaceState) => host.task(vpcId, one);

  before(async () => {
    await host.start(red(), exampleVpc('vpc-blue', 2, [OUTSIDE]));
    await Promise.all([
      host.serve(task('vpc-red', PUBLIC), 80, 'public'),
      host.serve(task('vpc-red', PRIVATE), 80, 'private'),
      host.serve(task('vpc-blue', OUTSIDE), 80, 'outside'),
    ]);
  });
  after(() => host.close());

  const fromPublic = (target: string) => fetchFrom(task('vpc-red', PUBLIC), url(target));
  const fromPrivate = (target: string) => fetchFrom(task('vpc-red', PRIVATE), url(target));
  const fromHost = (target = '') => fetchFrom('/proc/self/ns/net', url(target));

  it('leads out through a NAT gateway, with its address, and lets nothing in', async () => {
    assert.equal(await fromPrivate(OUTSIDE_ADDRESS), `outside sees ${NAT_ADDRESS}`);
    assert.equal(await fromPrivate(PUBLIC.publicIp ?? ''), `public sees ${NAT_ADDRESS}`);
    assert.equal(await fromPrivate(PUBLIC.privateIp), 'public sees 10.0.0.12');
    assert.equal(await fromHost(NAT_ADDRESS), 'nothing');
    assert.equal(await fetchFrom(task('vpc-blue', OUTSIDE), url(NAT_ADDRESS)), 'nothing');
  });

  it('leads nowhere without a route, though there is a public address, and brings no answer from there', async () => {
    assert.equal(await fromPublic(OUTSIDE_ADDRESS), 'outside sees 198.18.200.75');
    assert.equal(await fromHost(PUBLIC.publicIp), `public sees ${HOST_ADDRESS}`);
    for (const routes of [[], [{ cidr: '0.0.0.0/0', via: 'nowhere' as const }]]) {
      await host.network.apply(red({ routes }));
      assert.equal(await fromPublic(OUTSIDE_ADDRESS), 'nothing');
      assert.equal(await fromHost(PUBLIC.publicIp), 'nothing');
      assert.equal(await fromPrivate(PUBLIC.privateIp), 'public sees 10.0.0.12');
    }
    await host.network.apply(red());
  });

  it('takes the route of the longest block', async () => {
    const routes: RouteState[] = [
      { cidr: '0.0.0.0/0', via: 'internet' },
      { cidr: `${OUTSIDE_ADDRESS}/32`, via: { natAddress: NAT_ADDRESS } },
    ];
    await host.network.apply(red({ routes }));
    assert.equal(await fromPublic(OUTSIDE_ADDRESS), `outside sees ${NAT_ADDRESS}`);
    assert.equal(await fromHost(PUBLIC.publicIp), `public sees ${HOST_ADDRESS}`);
    await host.network.apply(
      red({
        routes: [
          { cidr: '0.0.0.0/0', via: 'internet' },
          { cidr: '198.18.0.0/16', via: 'nowhere' },
        ],
      }),
    );
    assert.equal(await fromPublic(OUTSIDE_ADDRESS), 'nothing');
    await host.network.apply(red());
  });

  it('takes an interface into other groups at once, also as a peer of their rules', async () => {
    const everywhere = [{ protocol: '-1', peer: { cidr: '0.0.0.0/0' } }];
    const groups = [
      { groupId: 'sg-open', ingress: [{ protocol: '-1', peer: { groupId: 'sg-caller' } }], egress: everywhere },
      { groupId: 'sg-caller', ingress: [], egress: everywhere },
    ];
    await host.network.apply(red({}, groups));
    const fromPublicToPrivate = () => fromPublic(PRIVATE.privateIp);
    assert.equal(await fromPublicToPrivate(), 'nothing');
    await host.network.apply(red({ securityGroupIds: ['sg-caller'] }, groups));
    assert.equal(await fromPublicToPrivate(), 'private sees 10.0.0.11');
    await host.network.apply(red({ securityGroupIds: [] }, groups));
    assert.equal(await fromPublicToPrivate(), 'nothing');
    await host.network.apply(red());
  });

  it('breaks a flow that is not tracked when its rule goes, and one under way when its route goes', async () => {
    const everywhere = { cidr: '0.0.0.0/0' };
    const group = (cidr: string) => [
      {
        groupId: 'sg-open',
        ingress: [{ protocol: 'tcp', fromPort: 80, toPort: 80, peer: { cidr } }],
        egress: [{ protocol: '-1', peer: everywhere }],
      },
    ];
    const closed = [{ groupId: 'sg-open', ingress: [], egress: [{ protocol: '-1', peer: everywhere }] }];
    for (const [cidr, survives] of [
      ['0.0.0.0/0', false],
      ['198.19.0.0/16', true],
    ] as const) {
      await host.network.apply(red({}, group(cidr)));
      const flow = await open(PUBLIC.publicIp);
      assert.equal(await flow.answers(), true);
      await host.network.apply(red({}, group(cidr)));
      assert.equal(await flow.answers(), true);
      await host.network.apply(red({}, closed));
      assert.equal(await flow.answers(survives ? ANSWER_MS : NO_ANSWER_MS), survives, cidr);
      await host.network.apply(red({ routes: [] }, closed));
      assert.equal(await flow.answers(NO_ANSWER_MS), false);
      flow.close();
    }
    await host.network.apply(red());
  });
});

/** A connection that stays open, and is asked again and again. */
async function open(address = '') {
  const socket = connect(80, address);
  socket.on('error', () => {});
  await once(socket, 'connect');
  return {
    async answers(withinMs = ANSWER_MS): Promise<boolean> {
      const answer = once(socket, 'data', { signal: AbortSignal.timeout(withinMs) });
      socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
      return answer.then(
        () => true,
        () => false,
      );
    },
    close: () => socket.destroy(),
  };
}
