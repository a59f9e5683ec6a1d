import assert from 'node:assert/strict';
import { test } from 'node:test';
import { seededIds } from '../../../kernel/ids.ts';
import { checkVpcState } from '../../../network/check-vpc-state.ts';
import type { NetworkInterfaceRow, SecurityGroupRow } from '../tables.ts';
import { defaultNetwork } from './default-network.ts';
import { privateNameZone, vpcState } from './vpc-state.ts';

const SCOPE = { account: '123456789012', region: 'eu-west-1' };
const MADE = defaultNetwork(SCOPE, seededIds(1), 7);
const [FIRST, SECOND] = MADE.subnets;
assert.ok(FIRST && SECOND);

const WEB: SecurityGroupRow = {
  ...SCOPE,
  id: 'sg-0web',
  tags: {},
  vpcId: MADE.vpc.id,
  name: 'web',
  description: 'web',
  rules: [
    {
      ruleId: 'sgr-01',
      tags: {},
      egress: false,
      protocol: 'tcp',
      fromPort: 80,
      toPort: 80,
      peer: { groupId: 'sg-0elb', groupName: 'elb' },
      description: 'from the load balancer',
    },
    { ruleId: 'sgr-02', tags: {}, egress: true, protocol: '-1', fromPort: -1, toPort: -1, peer: { cidr: '0.0.0.0/0' } },
  ],
};
const ELB: SecurityGroupRow = { ...WEB, id: 'sg-0elb', name: 'elb', rules: [] };

const TASK: NetworkInterfaceRow = {
  ...SCOPE,
  id: 'eni-0task',
  tags: {},
  vpcId: MADE.vpc.id,
  subnetId: FIRST.id,
  zoneName: FIRST.zoneName,
  zoneId: FIRST.zoneId,
  description: '',
  privateIp: '172.31.0.4',
  macAddress: '0a:00:00:00:00:01',
  groups: [{ groupId: WEB.id, groupName: WEB.name }],
  requesterId: 'amazon-ecs',
  managedBy: 'ecs.amazonaws.com',
};
const BALANCER: NetworkInterfaceRow = {
  ...TASK,
  id: 'eni-0elb',
  subnetId: SECOND.id,
  privateIp: '172.31.16.4',
  macAddress: '0a:00:00:00:00:02',
  groups: [{ groupId: ELB.id, groupName: ELB.name }],
  managedBy: 'elasticloadbalancing.amazonaws.com',
  association: { publicIp: '198.18.0.1', allocationId: 'a', associationId: 'b', ipOwnerId: 'amazon-elb' },
};

test('a VPC as the data plane gets it', () => {
  const state = vpcState({
    vpc: MADE.vpc,
    subnets: MADE.subnets,
    securityGroups: [MADE.securityGroup, ELB, WEB],
    networkInterfaces: [BALANCER, TASK],
    routeTables: [MADE.routeTable],
    internetGateways: [MADE.internetGateway],
    natGateways: [],
    networkAcls: [MADE.networkAcl],
    prefixLists: [],
  });
  checkVpcState(state);
  assert.deepEqual(state, {
    vpcId: MADE.vpc.id,
    cidrs: ['172.31.0.0/16'],
    transitIndex: 7,
    gateways: ['172.31.0.1', '172.31.16.1', '172.31.32.1'],
    resolver: '172.31.0.2',
    interfaces: [
      {
        interfaceId: 'eni-0elb',
        kind: 'local',
        privateIp: '172.31.16.4',
        subnetCidr: '172.31.16.0/20',
        macAddress: '0a:00:00:00:00:02',
        publicIp: '198.18.0.1',
        securityGroupIds: ['sg-0elb'],
        routes: [{ cidr: '0.0.0.0/0', via: 'internet' }],
      },
      {
        interfaceId: 'eni-0task',
        kind: 'task',
        privateIp: '172.31.0.4',
        subnetCidr: '172.31.0.0/20',
        macAddress: '0a:00:00:00:00:01',
        securityGroupIds: ['sg-0web'],
        routes: [{ cidr: '0.0.0.0/0', via: 'internet' }],
      },
    ],
    securityGroups: [
      { groupId: 'sg-0elb', ingress: [], egress: [] },
      {
        groupId: 'sg-0web',
        ingress: [{ protocol: 'tcp', fromPort: 80, toPort: 80, peer: { groupId: 'sg-0elb' } }],
        egress: [{ protocol: '-1', peer: { cidr: '0.0.0.0/0' } }],
      },
    ],
    networkAcls: [],
  });
});

test('its private names', () => {
  assert.deepEqual(privateNameZone(MADE.vpc, [TASK]), {
    zoneId: `vpc:${MADE.vpc.id}`,
    origin: 'eu-west-1.compute.internal',
    visibility: { vpcIds: [MADE.vpc.id] },
    vpcRegion: 'eu-west-1',
    records: [{ name: 'ip-172-31-0-4.eu-west-1.compute.internal', type: 'A', ttlSeconds: 60, values: ['172.31.0.4'] }],
  });
});
