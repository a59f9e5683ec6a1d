import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, test } from 'node:test';
import {
  AuthorizeSecurityGroupEgressCommand,
  AuthorizeSecurityGroupIngressCommand,
  ModifyNetworkInterfaceAttributeCommand,
  RevokeSecurityGroupEgressCommand,
  RevokeSecurityGroupIngressCommand,
} from '@aws-sdk/client-ec2';
import type { IpPermission } from '@aws-sdk/client-ec2';
import { NetworkTask, newGroup } from '../harness/network-lab.ts';
import { tryConnect } from '../harness/page.ts';
import { detailOf } from '../harness/site.ts';
import { fromAnywhere, given } from '../harness/site-parts.ts';
import { TaskLab } from '../harness/task-lab.ts';
import { until } from '../harness/until.ts';

/*
 * Security groups of running tasks: what rules say of packets, from the moment they change.
 * https://docs.aws.amazon.com/vpc/latest/userguide/vpc-security-groups.html
 */

/** Generous for a busy machine; the test says what it measured. */
const AT_ONCE_MS = 2000;
/** An echo that is to come may take its time; none comes in a shorter one. */
const ANSWER_MS = 5000;
const NO_ANSWER_MS = 800;
const EVERYWHERE = [{ CidrIp: '0.0.0.0/0' }];

let lab: TaskLab;
let webGroupId: string;
let callerGroupId: string;
let web: NetworkTask;
let caller: NetworkTask;

before(async () => {
  lab = await TaskLab.open('groups');
  const { vpcId, subnetIds } = lab.placement;
  webGroupId = await newGroup(lab, vpcId, 'web');
  callerGroupId = await newGroup(lab, vpcId, 'caller');
  const place = (groupId: string) =>
    NetworkTask.start(lab, { subnetId: given(subnetIds[0], 'subnet'), groupIds: [groupId] });
  [web, caller] = await Promise.all([place(webGroupId), place(callerGroupId)]);
});

after(() => lab?.remove());

const allow = (permission: IpPermission, GroupId = webGroupId) =>
  lab.clients.ec2.send(new AuthorizeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission] }));
const revoke = (permission: IpPermission, GroupId = webGroupId) =>
  lab.clients.ec2.send(new RevokeSecurityGroupIngressCommand({ GroupId, IpPermissions: [permission] }));

/** Runs `during` while the rule is in force. */
async function with_(permission: IpPermission, during: () => Promise<void>): Promise<void> {
  await allow(permission);
  try {
    await during();
  } finally {
    await revoke(permission);
  }
}

const becomes = (what: string, wanted: boolean, ask: () => Promise<boolean>) =>
  until(what, async () => (await ask()) === wanted, AT_ONCE_MS * 2);

test('a change of a rule reaches the packets of a running task within a moment', async (t) => {
  const rule = fromAnywhere(80);
  const until_ = async (state: string) => {
    const asked = performance.now();
    while ((await tryConnect(web.publicIp, 80, 15)) !== state) {
      assert.ok(performance.now() - asked < AT_ONCE_MS, `it is not ${state}`);
    }
    return performance.now() - asked;
  };
  const opened: number[] = [];
  const closed: number[] = [];
  for (let round = 0; round < 10; round++) {
    await allow(rule);
    opened.push(await until_('open'));
    await revoke(rule);
    closed.push(await until_('timeout'));
  }
  const median = (times: number[]) => times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? 0;
  t.diagnostic(`open after ${median(opened).toFixed(0)} ms, closed after ${median(closed).toFixed(0)} ms (median)`);
});

test('a rule names ports in ranges, ICMP types, a protocol or all of them', async () => {
  const tcp = { IpProtocol: 'tcp', FromPort: 81, ToPort: 90, IpRanges: EVERYWHERE };
  await with_(tcp, async () => {
    await becomes('81 is open', true, () => caller.reaches(web.privateIp, 81));
    assert.equal(await caller.reaches(web.privateIp, 80), false);
    assert.equal(await caller.pings(web.privateIp), false);
  });
  await with_({ IpProtocol: 'icmp', FromPort: 0, ToPort: -1, IpRanges: EVERYWHERE }, async () => {
    await becomes('81 is closed', false, () => caller.reaches(web.privateIp, 81));
    assert.equal(await caller.pings(web.privateIp), false);
  });
  await with_({ IpProtocol: 'icmp', FromPort: 8, ToPort: -1, IpRanges: EVERYWHERE }, async () => {
    await becomes('it answers pings', true, () => caller.pings(web.privateIp));
    assert.equal(await caller.reachesOverUdp(web.privateIp), false);
  });
  await with_({ IpProtocol: 'udp', FromPort: 33_000, ToPort: 34_000, IpRanges: EVERYWHERE }, async () => {
    await becomes('UDP gets there', true, () => caller.reachesOverUdp(web.privateIp));
    assert.equal(await caller.pings(web.privateIp), false);
  });
  await with_({ IpProtocol: '-1', UserIdGroupPairs: [{ GroupId: callerGroupId }] }, async () => {
    await becomes('80 is open', true, () => caller.reaches(web.privateIp, 80));
    assert.equal(await caller.pings(web.privateIp), true);
    assert.equal(await caller.reachesOverUdp(web.privateIp), true);
    // Its public address is in no group.
    assert.equal(await caller.reaches(web.publicIp, 80), false);
  });
  await becomes('80 is closed', false, () => caller.reaches(web.privateIp, 80));
});

test('a rule for a prefix list follows its entries', async () => {
  const awsOf = (...words: string[]) => lab.server.awsJson(['ec2', ...words]);
  const name = ['--prefix-list-name', 'callers', '--max-entries', '5', '--address-family', 'IPv4'];
  const { PrefixList: list } = await awsOf('create-managed-prefix-list', ...name, '--entries', 'Cidr=203.0.113.0/24');
  const id: string = list.PrefixListId;
  const change = (version: number, ...words: string[]) =>
    awsOf('modify-managed-prefix-list', '--prefix-list-id', id, '--current-version', String(version), ...words);
  const rule = { IpProtocol: 'tcp', FromPort: 80, ToPort: 80, PrefixListIds: [{ PrefixListId: id }] };
  await with_(rule, async () => {
    assert.equal(await caller.reaches(web.privateIp), false);
    await change(1, '--add-entries', `Cidr=${caller.privateIp}/32,Description=caller`);
    await becomes('the entry is in force', true, () => caller.reaches(web.privateIp));
    const { Entries } = await awsOf('get-managed-prefix-list-entries', '--prefix-list-id', id);
    assert.deepEqual(
      Entries.map((entry: { Cidr: string }) => entry.Cidr).toSorted(),
      [`${caller.privateIp}/32`, '203.0.113.0/24'].toSorted(),
    );
    await change(2, '--remove-entries', `Cidr=${caller.privateIp}/32`);
    await becomes('the entry is gone', false, () => caller.reaches(web.privateIp));
    await assert.rejects(change(2, '--add-entries', 'Cidr=10.0.0.0/8'), /PrefixListVersionMismatch/);
  });
  await awsOf('delete-managed-prefix-list', '--prefix-list-id', id);
});

test('what may leave a task is what its groups let out', async () => {
  const all: IpPermission = { IpProtocol: '-1', IpRanges: EVERYWHERE };
  const { ec2 } = lab.clients;
  const group = { GroupId: callerGroupId };
  await with_({ IpProtocol: 'tcp', FromPort: 80, ToPort: 81, IpRanges: EVERYWHERE }, async () => {
    await becomes('80 is open', true, () => caller.reaches(web.privateIp));
    await ec2.send(new RevokeSecurityGroupEgressCommand({ ...group, IpPermissions: [all] }));
    await becomes('nothing leaves', false, () => caller.reaches(web.privateIp));
    const only81 = { IpProtocol: 'tcp', FromPort: 81, ToPort: 81, IpRanges: [{ CidrIp: `${web.privateIp}/32` }] };
    await ec2.send(new AuthorizeSecurityGroupEgressCommand({ ...group, IpPermissions: [only81] }));
    await becomes('81 may be called', true, () => caller.reaches(web.privateIp, 81));
    assert.equal(await caller.reaches(web.privateIp, 80), false);
    // The resolver is no matter of security groups.
    assert.match(await caller.runs(`nslookup ${detailOf(web.task, 'privateDnsName')}`), new RegExp(web.privateIp));
    await ec2.send(new RevokeSecurityGroupEgressCommand({ ...group, IpPermissions: [only81] }));
    await ec2.send(new AuthorizeSecurityGroupEgressCommand({ ...group, IpPermissions: [all] }));
  });
});

test('connections under way: tracked ones go on when their rule goes, those open to everyone end', async () => {
  const source = await addressSeenBy(web);
  for (const [CidrIp, survives] of [
    [`${source}/32`, true],
    ['0.0.0.0/0', false],
  ] as const) {
    const rule = { IpProtocol: 'tcp', FromPort: 9000, ToPort: 9000, IpRanges: [{ CidrIp }] };
    await allow(rule);
    const echo = web.runs('nc -l -p 9000 -e /bin/cat');
    const socket = await connection(web.publicIp, 9000);
    assert.equal(await echoes(socket, 'before'), true);
    // Another rule of the group changes nothing for it.
    await with_({ IpProtocol: 'udp', FromPort: 1, ToPort: 2, IpRanges: EVERYWHERE }, async () => {
      assert.equal(await echoes(socket, 'during'), true);
    });
    await revoke(rule);
    await until('no more is let in', async () => (await tryConnect(web.publicIp, 9000, 500)) === 'timeout', AT_ONCE_MS);
    assert.equal(await echoes(socket, 'after', survives ? ANSWER_MS : NO_ANSWER_MS), survives, CidrIp);
    socket.destroy();
    await web.runs('killall cat; killall nc');
    await echo;
  }
});

test("the interface of a task is its service's to change", async () => {
  const change = { NetworkInterfaceId: detailOf(web.task, 'networkInterfaceId'), Groups: [callerGroupId] };
  await assert.rejects(lab.clients.ec2.send(new ModifyNetworkInterfaceAttributeCommand(change)), {
    name: 'OperationNotPermitted',
  });
});

/** Where this host comes from, as a task sees it. */
async function addressSeenBy(task: NetworkTask): Promise<string> {
  const rule = fromAnywhere(9001);
  await allow(rule);
  const seen = task.runs('nc -l -p 9001 -e /bin/sleep 5 & while ! netstat -nt | grep :9001; do :; done; killall sleep');
  const socket = await connection(task.publicIp, 9001);
  const line = (await seen).split('\n').find((one) => one.includes(':9001')) ?? '';
  socket.destroy();
  await revoke(rule);
  return given(/(\S+):\d+\s+ESTABLISHED/.exec(line)?.[1]?.replace('::ffff:', ''), 'address');
}

/** Tries until somebody listens. */
function connection(address: string, port: number) {
  return until('it is connected', async () => {
    const socket = connect({ host: address, port });
    return once(socket, 'connect', { signal: AbortSignal.timeout(300) }).then(
      () => socket.on('error', () => {}),
      () => {
        socket.destroy();
        return undefined;
      },
    );
  });
}

/** Whether what is written comes back. */
async function echoes(
  socket: Awaited<ReturnType<typeof connection>>,
  text: string,
  withinMs = ANSWER_MS,
): Promise<boolean> {
  socket.write(text);
  return once(socket, 'data', { signal: AbortSignal.timeout(withinMs) }).then(
    () => true,
    () => false,
  );
}
