import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { awsEnvironment, formatEnvironment } from './environment.ts';

const SERVER = { endpoint: 'http://127.0.0.1:4566', region: 'eu-west-1' };
const KEYS = { accessKeyId: 'LKIAEXAMPLE', secretAccessKey: 'wJalr/XUtnFEMI+K7MDENG' };

test('clients need five variables', () => {
  assert.deepEqual(awsEnvironment(SERVER, KEYS), {
    AWS_ACCESS_KEY_ID: 'LKIAEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'wJalr/XUtnFEMI+K7MDENG',
    AWS_REGION: 'eu-west-1',
    AWS_DEFAULT_REGION: 'eu-west-1',
    AWS_ENDPOINT_URL: 'http://127.0.0.1:4566',
  });
});

test('a shell reads back exactly what was written', () => {
  const nasty = `it's "$HOME" \`id\` \\ end`;
  const script = `${formatEnvironment({ NASTY: nasty }, 'sh')}\nprintf %s "$NASTY"`;
  assert.equal(execFileSync('sh', ['-c', script], { encoding: 'utf8' }), nasty);
});

test('fish and JSON have forms of their own', () => {
  assert.equal(formatEnvironment({ A: `it's \\` }, 'fish'), String.raw`set -gx A 'it\'s \\'`);
  assert.deepEqual(JSON.parse(formatEnvironment({ A: 'b' }, 'json')), { A: 'b' });
});
