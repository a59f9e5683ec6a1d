import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestEntry } from '../log-entries.ts';
import { parseLogLine } from './log-lines.ts';

const LINE = {
  kind: 'request',
  at: 1_795_333_278_804_069,
  id: 'c851001fa28d4204877c94a73e767828',
  ip: '203.0.113.9',
  clientPort: 33_074,
  node: '198.51.100.7',
  port: 80,
  first: '-',
  https: false,
  total: 4,
  handshake: 0,
  received: 1,
  queued: 0,
  connected: 2,
  answered: 3,
  status: 200,
  said: '200',
  end: '--',
  answer: '200',
  target: '10.9.1.1:8080',
  group: 'the-group',
  in: 57,
  out: 341,
  rule: '3 forward',
  trace: 'Root=1-6b029c9e-0ad6b204d02246889ffc8b70',
  location: '-',
  newHost: '-',
  newUri: '-',
  method: 'GET',
  uri: '/a?b',
  version: '1.1',
  host: 'shop.test',
  agent: '-',
  upgrade: '-',
  content: '-',
};

function requestIn(change: object): RequestEntry | undefined {
  return parseLogLine(JSON.stringify({ ...LINE, ...change })).find((entry) => entry.type === 'request');
}

test('a request of a connection that was told already', () => {
  const [entry, ...more] = parseLogLine(JSON.stringify(LINE));
  assert.deepEqual(more, []);
  assert.deepEqual(entry, {
    type: 'request',
    atUs: LINE.at,
    connectionId: LINE.id,
    clientIp: '203.0.113.9',
    clientPort: 33_074,
    node: '198.51.100.7',
    listenerPort: 80,
    https: false,
    request: { method: 'GET', uri: '/a?b', version: '1.1', host: 'shop.test' },
    totalMs: 4,
    requestMs: 3,
    targetMs: 3,
    status: 200,
    targetStatus: 200,
    target: '10.9.1.1:8080',
    targetGroup: 'the-group',
    receivedBytes: 57,
    sentBytes: 341,
    traceId: 'Root=1-6b029c9e-0ad6b204d02246889ffc8b70',
    rule: { priority: 3, actions: 'forward' },
  });
});

test('the first request tells its connection too, and alone where requests are not logged', () => {
  const types = (change: object) => parseLogLine(JSON.stringify({ ...LINE, ...change })).map((entry) => entry.type);
  assert.deepEqual(types({ first: '1' }), ['connection', 'request']);
  assert.deepEqual(types({ first: '1', kind: 'connection' }), ['connection']);
  assert.deepEqual(types({ kind: 'connection' }), []);
});

test('the status is what the client got', () => {
  // HAProxy's 503 for a target that refuses has the page of a 502.
  assert.equal(requestIn({ status: 503, said: '502', answer: '-' })?.status, 502);
  assert.equal(requestIn({ status: 400, said: '-', answer: '-' })?.status, 400);
  assert.equal(requestIn({ status: -1, said: '-', answer: '-', end: 'CC' })?.status, 460);
  assert.equal(requestIn({ status: 400, said: '400', answer: '-', end: 'CH' })?.status, 460);
  assert.equal(requestIn({ end: 'CD' })?.status, 200);
});

test('times are told as far as it came', () => {
  const times = (change: object) => [requestIn(change)?.requestMs, requestIn(change)?.targetMs];
  assert.deepEqual(times({ connected: -1, answered: -1 }), [undefined, undefined]);
  assert.deepEqual(times({ answered: -1 }), [3, undefined]);
  assert.deepEqual(times({ target: '<NOSRV>' }), [undefined, undefined]);
});

test('a token that is refused is the end of its rule', () => {
  const rule = '3 jwt-validation,forward';
  assert.equal(requestIn({ rule })?.rule?.actions, 'jwt-validation,forward');
  assert.equal(requestIn({ rule, said: '401', answer: '-', group: '-' })?.rule?.actions, 'jwt-validation');
});

test('what HAProxy says of itself is nothing', () => {
  for (const text of ['', 'Proxy l80 stopped', '{"kind"', 'null', '3']) assert.deepEqual(parseLogLine(text), []);
});

test('a line that is cut tells what is before the cut', () => {
  const [entry] = parseLogLine(JSON.stringify({ ...LINE, agent: 'x', content: 'y' }).slice(0, -4));
  assert.equal(entry?.type, 'request');
  assert.equal(entry.clientIp, LINE.ip);
  assert.deepEqual(parseLogLine('{"kind'), []);
});

test("a certificate's times are times, or nothing", () => {
  const line = { ...LINE, kind: 'failure', subject: 'CN=x', from: '260101000000Z', to: '26\nforged line here' };
  const [entry] = parseLogLine(JSON.stringify(line));
  assert.equal(entry?.type, 'connection');
  const { notBefore, notAfter } = (entry.type === 'connection' && entry.clientCertificate) || {};
  assert.deepEqual([notBefore, notAfter], ['2026-01-01T00:00:00Z', '-']);
});
