import assert from 'node:assert/strict';
import { test } from 'node:test';
import { internalDomain, privateDnsName } from './dns-name.ts';
import { regionsWith } from './regions.ts';
import { isRegionName, zonesOf } from './zones.ts';

const id = (region: string) => zonesOf(region)[0]?.id;

test('zones and their ids are named as AWS names them', () => {
  assert.deepEqual(zonesOf('us-east-1'), [
    { name: 'us-east-1a', id: 'use1-az1' },
    { name: 'us-east-1b', id: 'use1-az2' },
    { name: 'us-east-1c', id: 'use1-az3' },
  ]);
  assert.equal(id('ap-southeast-2'), 'apse2-az1');
  assert.equal(id('eu-central-1'), 'euc1-az1');
  assert.equal(id('us-gov-west-1'), 'usgw1-az1');
});

test('what looks like a region is one', () => {
  for (const name of ['us-east-1', 'us-gov-west-1', 'mx-central-1', 'us-isob-east-1']) assert.ok(isRegionName(name));
  for (const name of ['', 'local', 'us-east', 'US-EAST-1', 'us-east-1a', '../etc-1']) assert.ok(!isRegionName(name));
});

test('DNS names differ in us-east-1', () => {
  assert.equal(privateDnsName('us-east-1', '172.31.0.11'), 'ip-172-31-0-11.ec2.internal');
  assert.equal(internalDomain('eu-west-1'), 'eu-west-1.compute.internal');
});

test('a region that was used joins the known ones', () => {
  const names = regionsWith(['us-east-1', 'me-south-1']).map((region) => region.name);
  assert.equal(names.length, 18);
  assert.deepEqual(names, names.toSorted());
  assert.equal(regionsWith(['me-south-1']).find((region) => region.name === 'me-south-1')?.optInStatus, 'opted-in');
});
