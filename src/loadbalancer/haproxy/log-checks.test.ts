import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HealthCheckEntry } from '../log-entries.ts';
import type { TargetGroupState } from '../load-balancer.ts';
import { groupOf, listenerOf, tableOf } from '../testing.ts';
import { checkLine, CheckLog, type EndedCheck } from './log-checks.ts';
import { parseLogLine } from './log-lines.ts';
import { renderVpcConfig } from './vpc-config.ts';

const LOGS = {
  requests: false,
  connections: false,
  healthChecks: true,
  targetGroups: { web: 'arn:of:web' },
  nodes: { '10.0.0.10': '198.51.100.7' },
};

interface Row {
  readonly name?: string;
  readonly status?: string;
  readonly check: string;
  readonly code?: string;
  readonly ms?: number;
}

/** An answer to CHECKS_COMMAND: what had begun before the statistics were read, and while they were. */
function answer(began: readonly string[], rows: readonly Row[], { pid = 7, meanwhile = [] as string[] } = {}): string {
  const events = (all: readonly string[]) => all.map((text) => `[debug] check: type=str <${text}>`).join('\n');
  const csv = rows.map(
    ({ name = 'a:1', status = 'UP', check, code = '', ms = 1 }) => `tg_web,${name},${status},${check},${code},${ms},`,
  );
  const header = '# pxname,svname,status,check_status,check_code,check_duration,';
  const stats = [header, ...csv].join('\n');
  return `Name: HAProxy\nPid: ${pid}\n\n${events(began)}\n\n${stats}\n\n${events([...began, ...meanwhile])}\n\n`;
}

const timesOf = (ended: readonly EndedCheck[]) => ended.map(({ beganUs }) => beganUs);

test('a check is told once, when it has ended', () => {
  const checks = new CheckLog(1);
  const began = ['2000 tg_web a:1'];
  assert.deepEqual(timesOf(checks.see(answer(began, [{ check: '* L7OK' }]))), []);
  assert.deepEqual(timesOf(checks.see(answer(began, [{ check: 'L7OK' }]))), [2000]);
  assert.deepEqual(timesOf(checks.see(answer(began, [{ check: 'L7OK' }]))), []);
  // The ring keeps few: what began is remembered.
  const slow = ['3000 tg_web a:1', '3100 tg_web b:1'];
  const rows = (check: string) => [{ check }, { name: 'b:1', check }];
  assert.deepEqual(timesOf(checks.see(answer(slow, rows('* L4CON')))), []);
  assert.deepEqual(timesOf(checks.see(answer([], rows('L4CON')))), [3000, 3100]);
});

test('a result whose check is not certain is not told', () => {
  const checks = new CheckLog(1);
  const began = ['2000 tg_web a:1'];
  const meanwhile = ['2500 tg_web a:1'];
  assert.deepEqual(timesOf(checks.see(answer(began, [{ check: 'L7OK' }], { meanwhile }))), []);
  assert.deepEqual(timesOf(checks.see(answer([], [{ check: 'L7OK' }]))), [2500]);
  const next = ['2600 tg_web a:1'];
  assert.deepEqual(timesOf(checks.see(answer(next, [{ check: 'INI' }]))), []);
  assert.deepEqual(timesOf(checks.see(answer(next, [{ check: 'L7OK', status: 'MAINT' }]))), []);
  assert.deepEqual(timesOf(checks.see(answer(next, []))), [], 'its server is gone');
  assert.deepEqual(timesOf(checks.see('No such event sink')), []);
});

test('what began before, or in another process, is not told', () => {
  const checks = new CheckLog(2);
  assert.deepEqual(timesOf(checks.see(answer(['2000 tg_web a:1'], [{ check: 'L7OK' }]))), []);
  assert.deepEqual(timesOf(checks.see(answer(['3000 tg_web a:1'], [{ check: '* L7OK' }]))), []);
  // The new process knows the old one's results from its state file.
  assert.deepEqual(timesOf(checks.see(answer([], [{ check: 'L7OK' }], { pid: 8 }))), []);
  assert.deepEqual(timesOf(checks.see(answer(['4000 tg_web a:1'], [{ check: 'L7OK' }], { pid: 8 }))), [4000]);
});

function entryOf(row: Row, change: Partial<TargetGroupState> = {}): HealthCheckEntry {
  const [ended] = new CheckLog(0).see(answer(['2000 tg_web a:1'], [row]));
  const inUse = [{ group: groupOf(change), listener: listenerOf({ logs: LOGS }) }];
  const [line = ''] = ended ? checkLine(ended, inUse) : [];
  assert.ok(line.startsWith('lb1 {'), line);
  const [entry] = parseLogLine(line.slice('lb1 '.length));
  assert.equal(entry?.type, 'health-check');
  return entry;
}

test("a line has what HAProxy's result says", () => {
  assert.deepEqual(entryOf({ check: 'L7OK', code: '200', ms: 12 }), {
    type: 'health-check',
    atUs: 2000,
    node: '198.51.100.7',
    protocol: 'http',
    durationMs: 12,
    target: 'a:1',
    targetGroup: 'arn:of:web',
    status: 200,
  });
  const failures = [
    ['L7STS', '404', 'status'],
    ['L7TOUT', '', 'timeout'],
    ['L4TOUT', '', 'timeout'],
    ['L4CON', '', 'connection'],
    ['L6RSP', '', 'connection'],
    ['L7RSP', '', 'connection'],
    ['SOCKERR', '', 'internal'],
  ] as const;
  for (const [check, code, failure] of failures) {
    const entry = entryOf({ status: 'DOWN', check, code });
    assert.deepEqual([entry.failure, entry.status], [failure, code === '' ? undefined : 404], check);
  }
  const grpc = { protocolVersion: 'GRPC' } as const;
  assert.equal(entryOf({ check: 'L7STS', code: '200' }, grpc).failure, 'grpc-status');
  assert.equal(entryOf({ check: 'L7STS', code: '404' }, grpc).failure, 'status');
});

test('the type tells protocol and TLS', () => {
  const healthCheck = { ...groupOf().healthCheck, protocol: 'HTTPS' } as const;
  const typeOf = (change: Partial<TargetGroupState>) => entryOf({ check: 'L7OK' }, change).protocol;
  assert.equal(typeOf({ healthCheck }), 'https');
  assert.equal(typeOf({ healthCheck, protocolVersion: 'HTTP2' }), 'h2');
  assert.equal(typeOf({ protocolVersion: 'HTTP2' }), 'http');
  assert.equal(typeOf({ healthCheck, protocolVersion: 'GRPC' }), 'grpc');
});

test('only checks that are logged tell when they begin, and requests are not logged for their sake', () => {
  const config = (logs: object) =>
    renderVpcConfig(tableOf({ listeners: [listenerOf({ logs: { ...LOGS, ...logs } })] }), {
      folder: '/run/lb/vpc-1',
      owner: '0a1b2c3d',
    }).config;
  assert.match(config({}), /^ring checks$[^]*^ {4}http-check set-var\(check\.told\) var\(check\.began\),debug/m);
  assert.doesNotMatch(config({}), /log fd@3/);
  assert.doesNotMatch(config({ requests: true, healthChecks: false }), /ring checks|check\.told/);
});
