import assert from 'node:assert/strict';
import { test } from 'node:test';
import { interfaceCounters } from './task-metadata.ts';

test('the counters of each interface but loopback are read', () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo:    1000      10    0    0    0     0          0         0     1000      10    0    0    0     0       0          0
  eth0: 5001      51    2    3    0     0          0         0     7001      71    4    5    0     0       0          0
`;
  assert.deepEqual(interfaceCounters(text), {
    eth0: {
      rx_bytes: 5001,
      rx_packets: 51,
      rx_errors: 2,
      rx_dropped: 3,
      tx_bytes: 7001,
      tx_packets: 71,
      tx_errors: 4,
      tx_dropped: 5,
    },
  });
});

test('a process that is gone has no interfaces', () => {
  assert.deepEqual(interfaceCounters(''), {});
});
