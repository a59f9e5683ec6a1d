import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConfigError, readConfig } from './config.ts';

test('an option is given by its flag, else by the environment', () => {
  const env = { LONGSHORE_TRAIL_DELIVERY_SECONDS: '20', LONGSHORE_TRAIL_DIGEST_SECONDS: '30' };
  const config = readConfig(['--trail-delivery-seconds', '10'], env);
  assert.deepEqual([config.trailDeliveryMs, config.trailDigestMs], [10_000, 30_000]);
});

test('what is done again and again has a time in between', () => {
  for (const name of [
    'trail-delivery-seconds',
    'trail-digest-seconds',
    'load-balancer-log-seconds',
    'lifecycle-interval-seconds',
  ]) {
    assert.throws(() => readConfig([`--${name}`, '0'], {}), {
      constructor: ConfigError,
      message: `--${name} takes a number of seconds, from 1, not '0'.`,
    });
  }
});
