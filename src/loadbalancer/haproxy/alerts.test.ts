import assert from 'node:assert/strict';
import { test } from 'node:test';
import { alerts, lostSockets } from './alerts.ts';

test('why HAProxy refuses a configuration, without warnings and numbers of processes', () => {
  const text = `[NOTICE]   (77) : haproxy version is 2.6.12
[WARNING]  (77) : config : missing timeouts for backend 'b'.
[ALERT]    (77) : config : parsing [h.cfg:9] : unknown keyword 'bnd'.
[ALERT]    (77) : config : Fatal errors found in configuration.
`;
  assert.equal(
    alerts(text),
    "config : parsing [h.cfg:9] : unknown keyword 'bnd'.; config : Fatal errors found in configuration.",
  );
});

test('a worker that was too busy to hand over its sockets is no reason: the next one serves', () => {
  const text = `[WARNING]  (77) : Failed to get the number of sockets to be transferred !
[ALERT]    (77) : Failed to get the sockets from the old process!
[NOTICE]   (77) : New worker (80) forked
`;
  assert.equal(alerts(text), '');
  assert.deepEqual([lostSockets(text), lostSockets('[NOTICE] New worker (80) forked')], [true, false]);
});
