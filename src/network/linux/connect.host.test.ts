import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { InterfaceState, SecurityGroupState } from '../network.ts';
import { exampleInterface, exampleVpc } from '../suite.ts';
import { run } from './command.ts';
import { TestHost, fetchFrom, namespaceOf } from './testing.ts';

/* Service Connect's endpoints: from a task to one of several, past the security groups of both. */

const ENDPOINT = '169.254.176.1';
const EVERYWHERE = [{ protocol: '-1', peer: { cidr: '0.0.0.0/0' } }] as const;
const GROUPS: readonly SecurityGroupState[] = [
  {
    groupId: 'sg-web',
    ingress: [{ protocol: 'tcp', fromPort: 8080, toPort: 8080, peer: { groupId: 'sg-caller' } }],
    egress: EVERYWHERE,
  },
  { groupId: 'sg-caller', ingress: [], egress: EVERYWHERE },
  { groupId: 'sg-stranger', ingress: [], egress: EVERYWHERE },
];
const RED = exampleInterface(11, { securityGroupIds: ['sg-web'] });
const BLUE = exampleInterface(12, { securityGroupIds: ['sg-web'] });
const CALLER = exampleInterface(13, { securityGroupIds: ['sg-caller'] });
const STRANGER = exampleInterface(14, { securityGroupIds: ['sg-stranger'] });
const VPC = { ...exampleVpc('vpc-red', 1, [RED, BLUE, CALLER, STRANGER]), securityGroups: GROUPS };
/** Not a timeout. */
const REFUSED = /Failed to connect|refused|Couldn't connect/i;
const URL = `http://${ENDPOINT}:80/`;

describe('linux: endpoints', () => {
  const host = new TestHost({
    instanceId: '7e570009',
    transitCidr: '198.19.203.0/26',
    publicCidr: '198.18.203.0/26',
    dnsPort: 35_353,
    metadataPort: 35_380,
  });
  const paths = new Map<string, string>();
  const task = (one: InterfaceState) => paths.get(one.interfaceId) ?? '';
  const target = ({ privateIp }: InterfaceState) => ({ privateIp, port: 8080 });
  const lead = (...targets: readonly InterfaceState[]) =>
    host.network.connect(VPC.vpcId, [
      { address: ENDPOINT, port: 80, targets: targets.map(target) },
      { address: ENDPOINT, port: 81, targets: [] },
    ]);

  before(async () => {
    await host.network.removeAll();
    await lead(RED, BLUE);
    await host.network.apply(VPC);
    for (const one of VPC.interfaces) {
      const pid = await host.startProcess();
      await host.network.plug(VPC.vpcId, one.interfaceId, pid);
      paths.set(one.interfaceId, namespaceOf(pid));
    }
    await Promise.all([host.serve(task(RED), 8080, 'red'), host.serve(task(BLUE), 8080, 'blue')]);
  });
  after(() => host.close());

  it('leads connections to all targets in turn, and each sees who calls', async () => {
    const answers = [];
    for (let index = 0; index < 4; index++) answers.push(await fetchFrom(task(CALLER), URL));
    assert.deepEqual(answers.toSorted(), [
      'blue sees 10.0.0.13',
      'blue sees 10.0.0.13',
      'red sees 10.0.0.13',
      'red sees 10.0.0.13',
    ]);
  });

  it('holds the security groups of both sides', async () => {
    assert.equal(await fetchFrom(task(STRANGER), URL), 'nothing');
  });

  it('refuses at once where nothing answers', async () => {
    for (const port of [81, 82]) {
      const args = [`--net=${task(CALLER)}`, 'curl', '--max-time', '5', `http://${ENDPOINT}:${port}/`];
      await assert.rejects(run('nsenter', args), REFUSED);
    }
  });

  it('lets a target reach itself', async () => {
    await lead(RED);
    assert.equal(await fetchFrom(task(RED), URL), 'red sees 169.254.191.254');
  });

  it('follows its targets, by another object after a restart too', async () => {
    await lead(BLUE);
    assert.equal(await fetchFrom(task(CALLER), URL), 'blue sees 10.0.0.13');
    const next = host.restart();
    await next.apply(VPC);
    assert.equal(await fetchFrom(task(CALLER), URL), 'blue sees 10.0.0.13');
    await next.connect(VPC.vpcId, [{ address: ENDPOINT, port: 80, targets: [target(RED)] }]);
    assert.equal(await fetchFrom(task(CALLER), URL), 'red sees 10.0.0.13');
    await next.connect(VPC.vpcId, []);
    await assert.rejects(run('nsenter', [`--net=${task(CALLER)}`, 'curl', '--max-time', '5', URL]), REFUSED);
  });
});
