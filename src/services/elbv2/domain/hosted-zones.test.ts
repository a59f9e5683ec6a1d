import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalHostedZoneId } from './hosted-zones.ts';

test('a region that the tables do not know has the zones of us-east-1', () => {
  assert.equal(canonicalHostedZoneId('eu-central-1'), 'Z215JYRZR1TBD5');
  assert.equal(canonicalHostedZoneId('eu-central-1', 'network'), 'Z3F0SRJ5LGBH90');
  for (const region of ['nowhere-1', 'constructor']) {
    assert.equal(canonicalHostedZoneId(region), 'Z35SXDOTRQ7X7K');
    assert.equal(canonicalHostedZoneId(region, 'network'), 'Z26RNL4JYFTOTI');
  }
});
