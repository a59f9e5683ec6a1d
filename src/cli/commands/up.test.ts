import assert from 'node:assert/strict';
import { test } from 'node:test';
import { homeAt } from '../home.ts';
import { serverArguments } from '../server-launch.ts';
import { serverFlags } from './up.ts';

test('options reach the server under their own names', () => {
  const flags = serverFlags({ home: '/ignored', detach: true, port: '4567', httpPort: '8080', logFormat: 'json' });
  assert.deepEqual(serverArguments(homeAt('/data'), flags), [
    '--home',
    '/data',
    '--port',
    '4567',
    '--http-port',
    '8080',
    '--log-format',
    'json',
  ]);
});

test('what was not asked is left to the server', () => {
  assert.deepEqual(serverArguments(homeAt('/data'), { 'http-port': undefined }), ['--home', '/data']);
});
