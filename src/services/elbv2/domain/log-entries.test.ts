import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ConnectionEntry, HealthCheckEntry, RequestEntry } from '../../../loadbalancer/log-entries.ts';
import { accessLogEntry } from './access-log-entry.ts';
import { connectionLogEntry } from './connection-log-entry.ts';
import { healthCheckLogEntry } from './health-check-log-entry.ts';
import { logFileKey, testFileKey } from './log-file.ts';

const BALANCER = 'app/my-loadbalancer/50dc6c495c0c9188';
const GROUP = 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/my-targets/73e2d6bc24d8a067';
const CERTIFICATE = 'arn:aws:acm:us-east-2:123456789012:certificate/12345678-1234-1234-1234-123456789012';
const CONNECTION = '1234abcd5678ef901234abcd5678ef90';
const AT_US = Date.UTC(2018, 6, 2, 22, 23, 0, 186) * 1000 + 641;

function requestOf(change: Partial<RequestEntry> = {}): RequestEntry {
  return {
    type: 'request',
    atUs: AT_US,
    connectionId: CONNECTION,
    clientIp: '192.168.131.39',
    clientPort: 2817,
    node: '198.51.100.7',
    listenerPort: 80,
    https: false,
    request: { method: 'GET', uri: '/', version: '1.1', host: 'www.example.com', userAgent: 'curl/7.46.0' },
    totalMs: 1,
    requestMs: 0,
    targetMs: 1,
    status: 200,
    targetStatus: 200,
    target: '10.0.0.1:80',
    targetGroup: GROUP,
    receivedBytes: 34,
    sentBytes: 366,
    traceId: 'Root=1-58337262-36d228ad5d99923122bbe354',
    rule: { priority: 0, actions: 'forward' },
    ...change,
  };
}

const TLS = {
  protocol: 'TLSv1.2',
  cipher: 'ECDHE-RSA-AES128-GCM-SHA256',
  serverName: 'www.example.com',
  certificateId: CERTIFICATE,
};

test('an HTTP request, as the example of the documentation has it', () => {
  assert.equal(
    accessLogEntry(BALANCER, requestOf()),
    'http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.000 0.001 0.000 200 200 34 366 ' +
      `"GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - ${GROUP} "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" ` +
      '0 2018-07-02T22:23:00.185641Z "forward" "-" "-" "10.0.0.1:80" "200" "-" "-" TID_1234abcd5678ef901234abcd5678ef90 "-" "-" "-" 198.51.100.7',
  );
});

test('an HTTPS request that a rule rewrites', () => {
  const entry = requestOf({
    https: true,
    listenerPort: 443,
    tls: TLS,
    rule: { priority: 5, actions: 'forward' },
    transformed: { host: 'www.example.com', uri: '/v2/?a=b' },
    requestMs: 86,
    targetMs: 48,
  });
  assert.equal(
    accessLogEntry(BALANCER, entry),
    'https 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 10.0.0.1:80 0.086 0.048 0.000 200 200 34 366 ' +
      `"GET https://www.example.com:443/ HTTP/1.1" "curl/7.46.0" ECDHE-RSA-AES128-GCM-SHA256 TLSv1.2 ${GROUP} ` +
      `"Root=1-58337262-36d228ad5d99923122bbe354" "www.example.com" "${CERTIFICATE}" 5 2018-07-02T22:23:00.185641Z "forward" "-" "-" ` +
      '"10.0.0.1:80" "200" "-" "-" TID_1234abcd5678ef901234abcd5678ef90 "-" "/v2/?a=b" "TransformSuccess" 198.51.100.7',
  );
});

test('a redirect has no target, and tells where to', () => {
  const { target: _, targetStatus: __, targetGroup: ___, requestMs: ____, targetMs: _____, ...entry } = requestOf();
  const redirect = {
    status: 301,
    location: 'https://www.example.com:443/',
    rule: { priority: 3, actions: 'redirect' },
  };
  assert.equal(
    accessLogEntry(BALANCER, { ...entry, ...redirect }),
    'http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - -1 -1 -1 301 - 34 366 ' +
      '"GET http://www.example.com:80/ HTTP/1.1" "curl/7.46.0" - - - "Root=1-58337262-36d228ad5d99923122bbe354" "-" "-" ' +
      '3 2018-07-02T22:23:00.185641Z "redirect" "https://www.example.com:443/" "-" "-" "-" "-" "-" TID_1234abcd5678ef901234abcd5678ef90 "-" "-" "-" 198.51.100.7',
  );
});

test('what is no request, and what a client says to break the line', () => {
  const { request: _, target: __, targetStatus: ___, targetGroup: ____, rule: _____, ...nothing } = requestOf();
  const { requestMs: ______, targetMs: _______, traceId: ________, ...malformed } = { ...nothing, status: 400 };
  assert.equal(
    accessLogEntry(BALANCER, malformed),
    'http 2018-07-02T22:23:00.186641Z app/my-loadbalancer/50dc6c495c0c9188 192.168.131.39:2817 - -1 -1 -1 400 - 34 366 ' +
      '"- http://198.51.100.7:80- -" "-" - - - "-" "-" "-" - 2018-07-02T22:23:00.185641Z "-" "-" "-" "-" "-" "-" "-" ' +
      'TID_1234abcd5678ef901234abcd5678ef90 "-" "-" "-" 198.51.100.7',
  );
  const request = { method: 'GET', uri: '/"', version: '1.1', host: 'a.b:8080', userAgent: 'say "hi"\\\n\u00e9' };
  const line = accessLogEntry(BALANCER, requestOf({ request }));
  assert.ok(line.includes(String.raw`"GET http://a.b:80/\x22 HTTP/1.1" "say \x22hi\x22\x5C\x0A\xE9"`), line);
});

test('the type tells protocol and TLS', () => {
  const typeOf = (change: Partial<RequestEntry>, said: object = {}) =>
    accessLogEntry(
      BALANCER,
      requestOf({ ...change, request: { method: 'GET', uri: '/', version: '1.1', ...said } }),
    ).split(' ')[0];
  const https = { https: true, tls: TLS };
  assert.equal(typeOf(https, { version: '2.0' }), 'h2');
  assert.equal(typeOf(https, { version: '2.0', contentType: 'application/grpc+proto' }), 'grpcs');
  assert.equal(typeOf({ status: 101 }, { upgrade: 'websocket' }), 'ws');
  assert.equal(typeOf({ ...https, status: 101 }, { upgrade: 'WebSocket' }), 'wss');
  assert.equal(typeOf({ status: 200 }, { upgrade: 'websocket' }), 'http');
});

const CONNECTED: ConnectionEntry = {
  type: 'connection',
  atUs: Date.UTC(2023, 9, 4, 17, 5, 15, 514) * 1000 + 108,
  connectionId: '3180a73013c8ca4bac2f731159d4b0fe',
  clientIp: '203.0.113.1',
  clientPort: 36_280,
  node: '198.51.100.7',
  listenerPort: 443,
  tls: { protocol: 'TLSv1.2', cipher: 'ECDHE-RSA-AES128-GCM-SHA256' },
  handshakeMs: 4036,
  clientCertificate: {
    subject: 'CN=amazondomains.com,O=endEntity,L=Seattle,ST=Washington,C=US',
    serialNumber: 'FEF257372D5C14D4',
    notBefore: '2023-09-21T22:43:21Z',
    notAfter: '2026-06-17T22:43:21Z',
  },
};

test('connections, as the examples of the documentation have them', () => {
  const certificate =
    '"CN=amazondomains.com,O=endEntity,L=Seattle,ST=Washington,C=US" NotBefore=2023-09-21T22:43:21Z;NotAfter=2026-06-17T22:43:21Z FEF257372D5C14D4';
  const before = '2023-10-04T17:05:15.514108Z 203.0.113.1 36280 443 TLSv1.2 ECDHE-RSA-AES128-GCM-SHA256';
  const after = `TID_3180a73013c8ca4bac2f731159d4b0fe - ${BALANCER} 198.51.100.7`;
  assert.equal(connectionLogEntry(BALANCER, CONNECTED), `${before} 4.036 ${certificate} Success ${after}`);
  const { handshakeMs: _, ...entry } = CONNECTED;
  const failed = (failure: number) => connectionLogEntry(BALANCER, { ...entry, failure });
  assert.equal(failed(20), `${before} - ${certificate} Failed:ClientCertUntrusted ${after}`);
  const reasons = [10, 9, 23, 22, 26, 0].map((number) => /Failed:(\w+)/.exec(failed(number))?.[1]);
  assert.deepEqual(reasons, [
    'ClientCertExpired',
    'ClientCertNotYetValid',
    'ClientCertCrlHit',
    'ClientCertMaxChainDepthExceeded',
    'ClientCertPurposeInvalid',
    'UnmappedConnectionError',
  ]);
  const { tls: __, clientCertificate: ___, ...plain } = { ...entry, listenerPort: 80 };
  assert.equal(
    connectionLogEntry(BALANCER, plain),
    `2023-10-04T17:05:15.514108Z 203.0.113.1 36280 80 - - - "-" - - - ${after}`,
  );
});

test('health checks, as the examples of the documentation have them, and the fields that were added to them', () => {
  const passed: HealthCheckEntry = {
    type: 'health-check',
    atUs: Date.UTC(2025, 9, 31, 12, 44, 59, 875) * 1000 + 678,
    node: '198.51.100.7',
    protocol: 'http',
    durationMs: 20,
    target: '172.31.20.97:80',
    targetGroup: 'arn:aws:elasticloadbalancing:us-east-2:123456789012:targetgroup/HCLogsTestIPs/73e2d6bc24d8a067',
    status: 200,
  };
  const line = (change: Partial<HealthCheckEntry>) => healthCheckLogEntry(BALANCER, { ...passed, ...change });
  const before = 'http 2025-10-31T12:44:59.875678Z 0.020 172.31.20.97:80 HCLogsTestIPs';
  const after = `${BALANCER} 198.51.100.7`;
  assert.equal(line({}), `${before} PASS 200 - ${after}`);
  assert.equal(line({ status: 502, failure: 'status' }), `${before} FAIL 502 TargetError ${after}`);
  assert.equal(line({ status: 404, failure: 'status' }), `${before} FAIL 404 ResponseCodeMismatch ${after}`);
  const { status: _, ...silent } = passed;
  const failed = (failure: HealthCheckEntry['failure'] & string) =>
    healthCheckLogEntry(BALANCER, { ...silent, failure })
      .split(' ')
      .slice(5, 8)
      .join(' ');
  assert.equal(failed('timeout'), 'FAIL - TimedOut');
  assert.equal(failed('connection'), 'FAIL - ConnectionReset');
  assert.equal(failed('internal'), 'FAIL - InternalError');
  assert.match(line({ protocol: 'grpc', failure: 'grpc-status' }), /^grpc .* FAIL 200 GRPCUnexpectedStatus /);
});

test('files are named as those of ELB', () => {
  const row = { account: '123456789012', region: 'us-east-2', prefix: 'logging-prefix', loadBalancer: BALANCER };
  const file = { endMs: Date.UTC(2022, 4, 1, 23, 40), node: '172.160.1.192', unique: '20sg8hgm' };
  assert.equal(
    logFileKey({ ...row, kind: 'access' }, file),
    'logging-prefix/AWSLogs/123456789012/elasticloadbalancing/us-east-2/2022/05/01/' +
      '123456789012_elasticloadbalancing_us-east-2_app.my-loadbalancer.50dc6c495c0c9188_20220501T2340Z_172.160.1.192_20sg8hgm.log.gz',
  );
  assert.match(
    logFileKey({ ...row, prefix: '', kind: 'connection' }, file),
    /^AWSLogs\/123456789012\/elasticloadbalancing\/us-east-2\/2022\/05\/01\/conn_log_123456789012_/,
  );
  assert.match(logFileKey({ ...row, kind: 'health_check' }, file), /\/2022\/05\/01\/health_check_log_123456789012_/);
  assert.equal(testFileKey('access', { ...row, prefix: '' }), 'AWSLogs/123456789012/ELBAccessLogTestFile');
});
