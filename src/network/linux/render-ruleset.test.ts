import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, it } from 'node:test';
import type { NetworkAclState, SecurityRule, VpcState } from '../network.ts';
import { exampleInterface, exampleVpc } from '../suite.ts';
import { InstanceNames } from './link-names.ts';
import { renderHostRuleset } from './render-host-ruleset.ts';
import { renderRule } from './render-rule.ts';
import { renderRuleset } from './render-ruleset.ts';

const OPTIONS = {
  transitHost: '198.19.0.5',
  transitCidr: '198.19.0.0/16',
  dnsPort: 5300,
  metadataPort: 5180,
  matchesPayload: true,
};
const METADATA = { metadataPort: 5190, metadataHopLimit: 1 };
const ANY = { cidr: '0.0.0.0/0' };

const VPC: VpcState = {
  ...exampleVpc('vpc-a', 1, [
    exampleInterface(11, { securityGroupIds: ['sg-web'] }),
    exampleInterface(12, { securityGroupIds: ['sg-web'], publicIp: '198.18.0.12', ...METADATA }),
    exampleInterface(13, {
      securityGroupIds: ['sg-web', 'sg-lb'],
      routes: [
        { cidr: '0.0.0.0/0', via: { natAddress: '198.18.0.99' } },
        { cidr: '203.0.113.0/24', via: 'nowhere' },
      ],
    }),
    exampleInterface(99, { kind: 'nat', publicIp: '198.18.0.99', securityGroupIds: [] }),
    exampleInterface(100, { kind: 'local', securityGroupIds: ['sg-lb'], publicIp: '198.18.0.100' }),
  ]),
  securityGroups: [
    {
      groupId: 'sg-lb',
      ingress: [
        { protocol: 'tcp', fromPort: 80, toPort: 80, peer: ANY },
        { protocol: 'tcp', fromPort: 443, toPort: 443, peer: ANY },
      ],
      egress: [{ protocol: 'tcp', fromPort: 80, toPort: 80, peer: { groupId: 'sg-web' } }],
    },
    {
      groupId: 'sg-web',
      ingress: [
        { protocol: 'tcp', fromPort: 80, toPort: 80, peer: { groupId: 'sg-lb' } },
        { protocol: 'icmp', fromPort: 8, toPort: -1, peer: { cidr: '10.0.0.0/16' } },
      ],
      egress: [{ protocol: '-1', peer: ANY }],
    },
  ],
};

const golden = (name: string) => readFile(new URL(`golden/${name}`, import.meta.url), 'utf8');

describe('ruleset', () => {
  it('of a VPC is as in golden/vpc.nft', async () => {
    assert.equal(renderRuleset(VPC, OPTIONS), await golden('vpc.nft'));
  });

  it('of network ACLs is as in golden/network-acls.nft, and the rest as without', async () => {
    const first = { subnetCidrs: ['10.0.0.0/24'], ingress: [{ allows: false, protocol: '-1', cidr: '0.0.0.0/0' }] };
    const acl: NetworkAclState = {
      ...first,
      egress: [
        { allows: false, protocol: 'tcp', fromPort: 25, toPort: 25, cidr: '0.0.0.0/0' },
        { allows: true, protocol: 'icmp', fromPort: 8, toPort: -1, cidr: '10.0.0.0/8' },
        { allows: true, protocol: '-1', cidr: '0.0.0.0/0' },
      ],
    };
    const interfaces = VPC.interfaces.map((one) =>
      one.privateIp === '10.0.0.13' ? { ...one, privateIp: '10.0.1.13', subnetCidr: '10.0.1.0/24' } : one,
    );
    const open = renderRuleset({ ...VPC, interfaces }, OPTIONS).split('\n');
    const limited = renderRuleset({ ...VPC, interfaces, networkAcls: [acl] }, OPTIONS).split('\n');
    const from = limited.findIndex((line) => line.includes('chain acl_1_ingress'));
    const added = limited.splice(from, limited.length - open.length);
    assert.deepEqual(limited, open);
    assert.equal(`${added.join('\n')}\n`, await golden('network-acls.nft'));
  });

  it('of the host is as in golden/host.nft', async () => {
    const names = new InstanceNames('0a1b2c3d');
    assert.equal(renderHostRuleset({ ...OPTIONS, names, publicCidr: '198.18.0.0/16' }), await golden('host.nft'));
  });

  it('is the same in whatever order an interface names its groups', () => {
    const turned = VPC.interfaces.map((one) =>
      Object.assign({}, one, { securityGroupIds: one.securityGroupIds.toReversed() }),
    );
    assert.equal(renderRuleset({ ...VPC, interfaces: turned }, OPTIONS), renderRuleset(VPC, OPTIONS));
  });

  it('has no resolver where the VPC has no DNS support', () => {
    const { resolver: _, ...silent } = VPC;
    assert.doesNotMatch(renderRuleset(silent, OPTIONS), /dport 53/);
  });

  it('leaves the hop limit out where rules cannot look into packets', () => {
    assert.match(renderRuleset(VPC, OPTIONS), /chain hop_limits|@ih/);
    assert.doesNotMatch(renderRuleset(VPC, { ...OPTIONS, matchesPayload: false }), /hop_limits|@ih/);
  });

  it('lets nothing through for a group that is not described', () => {
    const text = renderRuleset(exampleVpc('vpc-a', 1, [exampleInterface(11, { securityGroupIds: ['sg-x'] })]), OPTIONS);
    assert.match(text, /chain ingress_1 \{\n\s+comment "sg-x"\n\s+drop\n/);
    assert.match(text, /chain egress_1 \{\n\s+comment "sg-x"\n\s+drop\n/);
  });

  const rules: readonly (readonly [SecurityRule, string])[] = [
    [{ protocol: '-1', peer: ANY }, 'accept'],
    [{ protocol: '-1', peer: { groupId: 'sg-a' } }, 'ip saddr @members_sg-a accept'],
    [{ protocol: 'tcp', fromPort: 80, toPort: 90, peer: ANY }, 'tcp dport 80-90 accept'],
    [
      { protocol: 'udp', fromPort: 53, toPort: 53, peer: { cidr: '10.0.0.0/8' } },
      'ip saddr 10.0.0.0/8 udp dport 53 accept',
    ],
    [{ protocol: 'tcp', peer: ANY }, 'tcp dport 0-65535 accept'],
    [{ protocol: 'tcp', fromPort: -1, toPort: -1, peer: ANY }, 'tcp dport 0-65535 accept'],
    [{ protocol: '50', peer: { cidr: '10.0.0.0/8' } }, 'ip saddr 10.0.0.0/8 ip protocol 50 accept'],
    [{ protocol: 'icmp', fromPort: -1, toPort: -1, peer: ANY }, 'ip protocol icmp accept'],
    [{ protocol: 'icmp', fromPort: 8, toPort: 0, peer: ANY }, 'ip protocol icmp icmp type 8 icmp code 0 accept'],
  ];
  for (const [rule, text] of rules) {
    it(`has "${text}"`, () => assert.equal(renderRule(rule, 'ingress', 'accept'), text));
  }
});
