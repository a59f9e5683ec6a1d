import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failure } from '../testing.ts';
import type { RuleSpec } from '../tables.ts';
import { allowAllTo, checkAdded, checkGroupName, checkRuleDescription, cidrPeer, portsOf } from './security-rule.ts';

test('protocols are known by name and number, and take their own ports', () => {
  assert.deepEqual(portsOf({ IpProtocol: '6', FromPort: 80, ToPort: 90 }), {
    protocol: 'tcp',
    fromPort: 80,
    toPort: 90,
  });
  assert.deepEqual(portsOf({ IpProtocol: 'UDP', FromPort: 0, ToPort: 65_535 }).protocol, 'udp');
  assert.deepEqual(portsOf({ IpProtocol: '-1', FromPort: 5, ToPort: 6 }), { protocol: '-1', fromPort: -1, toPort: -1 });
  assert.deepEqual(portsOf({ IpProtocol: '50', FromPort: 1, ToPort: 2 }), { protocol: '50', fromPort: -1, toPort: -1 });
  assert.deepEqual(portsOf({ IpProtocol: 'icmp' }), { protocol: 'icmp', fromPort: -1, toPort: -1 });
  assert.deepEqual(portsOf({ IpProtocol: 'icmp', FromPort: 8, ToPort: 0 }), {
    protocol: 'icmp',
    fromPort: 8,
    toPort: 0,
  });
});

const refused = (spec: Parameters<typeof portsOf>[0], words: string) =>
  assert.throws(() => portsOf(spec), failure('InvalidParameterValue', words));

test('what is wrong with ports is said', () => {
  refused({ IpProtocol: 'tcp', FromPort: 80 }, 'Must specify both from and to ports with TCP/UDP');
  refused({ IpProtocol: 'tcp', FromPort: 90, ToPort: 80 }, 'Invalid TCP port range');
  refused({ IpProtocol: 'tcp', FromPort: 0, ToPort: 65_536 }, "'to' port (65536)");
  refused({ IpProtocol: 'icmp', FromPort: -1, ToPort: 3 }, 'ICMP code must be -1');
  refused({ IpProtocol: 'banana' }, 'Unknown protocol');
  refused({ IpProtocol: '256' }, 'Unknown protocol');
  refused({ IpProtocol: 'icmpv6' }, 'not supported by this server');
});

test('CIDRs are made canonical', () => {
  assert.deepEqual(cidrPeer('100.68.0.18/18'), { cidr: '100.68.0.0/18' });
  assert.throws(() => cidrPeer('1.2.3.4'), failure('InvalidParameterValue', 'CIDR block 1.2.3.4 is malformed'));
});

test('a rule is added once', () => {
  const rule: RuleSpec = { egress: false, protocol: 'tcp', fromPort: 80, toPort: 80, peer: { cidr: '0.0.0.0/0' } };
  checkAdded([allowAllTo({ cidr: '0.0.0.0/0' })], [rule, { ...rule, toPort: 81 }, { ...rule, egress: true }]);
  assert.throws(
    () => checkAdded([{ ...rule, description: 'web' }], [rule]),
    failure('InvalidPermission.Duplicate', '"peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW" already exists'),
  );
  assert.throws(() => checkAdded([], [rule, rule]), failure('InvalidParameterValue', 'must not appear multiple times'));
  const many = Array.from({ length: 1001 }, (_, port) => ({ ...rule, fromPort: port, toPort: port }));
  assert.throws(() => checkAdded([], many), failure('RulesPerSecurityGroupLimitExceeded'));
});

test('names and descriptions have their alphabet', () => {
  checkGroupName('web (blue)');
  for (const name of ['', 'default', 'sg-web', 'grün', 'x'.repeat(256)]) {
    assert.throws(() => checkGroupName(name), failure('InvalidParameterValue'), name);
  }
  assert.throws(() => checkRuleDescription('a\nb'), failure('InvalidParameterValue', 'Invalid rule description'));
});
