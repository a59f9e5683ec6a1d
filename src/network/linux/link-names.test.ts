import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { InstanceNames, taskLink } from './link-names.ts';
import { TransitRange } from './transit.ts';

describe('names of links and namespaces', () => {
  const names = new InstanceNames('0a1b2c3d');

  it('carry the instance and fit the kernel', () => {
    assert.equal(names.namespacePath('vpc-0f1e2d3c4b5a69788'), '/run/netns/ls-0a1b2c3d-0f1e2d3c4b5a69788');
    assert.equal(names.vpcOf('ls-0a1b2c3d-0f1e2d3c4b5a69788'), 'vpc-0f1e2d3c4b5a69788');
    assert.equal(names.vpcOf('ls-ffffffff-0f1e2d3c4b5a69788'), undefined);
    assert.equal(names.transitLink(16_383), 'ls0a1b2c3d-0cn3');
    assert.equal(taskLink('eni-0123456789abcdef0'), 'e3456789abcdef0');
  });

  it('are refused for what is no id', () => {
    assert.throws(() => new InstanceNames('../etc'), /not 8 hexadecimal digits/);
    assert.throws(() => names.namespace('vpc-a/../b'), /not the id of a VPC/);
  });
});

describe('transit range', () => {
  const range = new TransitRange('198.19.200.0/24');

  it('gives each index a /30, and finds the index of a router', () => {
    assert.deepEqual(range.addresses(0), { host: '198.19.200.1', router: '198.19.200.2' });
    assert.deepEqual(range.addresses(63), { host: '198.19.200.253', router: '198.19.200.254' });
    assert.equal(range.indexOfRouter('198.19.200.254'), 63);
    assert.equal(range.indexOfRouter('198.19.200.253'), undefined);
    assert.equal(range.indexOfRouter('198.19.201.2'), undefined);
    assert.equal(range.indexOfRouter('::1'), undefined);
  });

  it('has an end', () => {
    assert.throws(() => range.addresses(64), /transit index 64 is outside 198\.19\.200\.0\/24/);
    assert.throws(() => new TransitRange('198.19.200.1/24'), /not a CIDR/);
  });
});
