import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { exampleInterface, exampleVpc } from '../suite.ts';
import { run, runInside } from './command.ts';
import { TRANSIT, taskLink } from './link-names.ts';
import { TestHost, namespaceOf } from './testing.ts';

/* What fails or is killed between two steps is whole again after the next call. */

const INTERFACE = exampleInterface(11);
const VPC = exampleVpc('vpc-half', 1, [INTERFACE]);
const NAMESPACE = 'ls-7e57000f-half';

const host = new TestHost({
  instanceId: '7e57000f',
  transitCidr: '198.19.204.0/26',
  publicCidr: '198.18.204.0/26',
  dnsPort: 35_753,
  metadataPort: 35_780,
});
before(() => host.start(VPC));
after(() => host.close());

test('an interface that is there, but not set up, is not plugged yet', async () => {
  const { network } = host;
  const pid = await host.startProcess();
  const isPlugged = () => network.isPlugged(VPC.vpcId, INTERFACE.interfaceId, pid);
  await network.unplug(VPC.vpcId, INTERFACE.interfaceId);
  assert.equal(await isPlugged(), false);
  const peer = ['peer', 'name', 'eth0', 'address', INTERFACE.macAddress, 'netns', `${pid}`];
  await run('ip', ['-n', NAMESPACE, 'link', 'add', taskLink(INTERFACE.interfaceId), 'type', 'veth', ...peer]);
  assert.equal(await isPlugged(), false);
  await network.plug(VPC.vpcId, INTERFACE.interfaceId, pid);
  assert.equal(await isPlugged(), true);
  // Its own default route is the task's business.
  const inside = (line: string) => runInside(namespaceOf(pid), 'ip', line.split(' '));
  await inside('link add tunnel type veth peer name end');
  await inside('link set tunnel up');
  await inside('route replace default dev tunnel');
  assert.equal(await isPlugged(), true);
  // So are its routes and addresses: a machine may have a bridge that takes them over.
  await inside('route del default');
  assert.equal(await isPlugged(), true);
  await inside('link add br0 type bridge');
  await inside('address flush dev eth0');
  await inside('link set eth0 master br0');
  await inside(`address add ${INTERFACE.privateIp}/24 dev br0`);
  await inside('link set br0 up');
  assert.equal(await isPlugged(), true);
  await network.unplug(VPC.vpcId, INTERFACE.interfaceId);
  assert.equal(await isPlugged(), false);
  await host.endProcess(pid);
  assert.equal(await isPlugged(), true);
});

test('a namespace that is made anew has its rules, however often that fails', async () => {
  const { network } = host;
  const endpoint = { address: '169.254.176.1', port: 80, targets: [{ privateIp: INTERFACE.privateIp, port: 80 }] };
  await network.connect(VPC.vpcId, [endpoint]);
  const inside = (...words: string[]) => runInside(network.namespacePath(VPC.vpcId), words[0] ?? '', words.slice(1));
  const rulesets = () => inside('nft', 'list', 'tables');
  const before = await rulesets();
  assert.match(before, /connect/);
  await run('ip', ['netns', 'del', NAMESPACE]);
  const everything = { protocol: '999', peer: { cidr: '0.0.0.0/0' } };
  const refused = { ...VPC, securityGroups: [{ groupId: 'sg-open', ingress: [everything], egress: [] }] };
  await assert.rejects(network.apply(refused), { kind: 'temporary' });
  await network.apply(VPC);
  assert.equal(await rulesets(), before);
  await run('ip', ['netns', 'del', NAMESPACE]);
  await assert.rejects(network.apply(refused), { kind: 'temporary' });
  // Nothing is plugged into a namespace without rules.
  await network.plug(VPC.vpcId, INTERFACE.interfaceId, await host.startProcess());
  assert.equal(await rulesets(), before);
});

test('a namespace that is made anew has its link to the host before a task is plugged into it', async () => {
  const { network } = host;
  const plug = async () => network.plug(VPC.vpcId, INTERFACE.interfaceId, await host.startProcess());
  await network.apply(VPC);
  await run('ip', ['netns', 'del', NAMESPACE]);
  // Not an address to `ip`.
  await assert.rejects(network.apply({ ...VPC, gateways: ['10.0.0.09'] }), { kind: 'temporary' });
  await assert.rejects(plug(), { kind: 'temporary' });
  await network.apply(VPC);
  await plug();
  await run('ip', ['-n', NAMESPACE, 'link', 'show', 'dev', TRANSIT]);
});

test('endpoints that are refused keep no VPC from its links', async () => {
  const { network } = host;
  // Not an address to `nft`.
  const endpoint = { address: '169.254.176.09', port: 80, targets: [{ privateIp: INTERFACE.privateIp, port: 80 }] };
  await assert.rejects(network.connect(VPC.vpcId, [endpoint]), { kind: 'temporary' });
  await run('ip', ['netns', 'del', NAMESPACE]);
  await assert.rejects(network.apply(VPC), { kind: 'temporary' });
  await run('ip', ['-n', NAMESPACE, 'link', 'show', 'dev', TRANSIT]);
  await network.plug(VPC.vpcId, INTERFACE.interfaceId, await host.startProcess());
});
