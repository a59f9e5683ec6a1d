import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RuntimeError } from '../../kernel/errors.ts';
import type { Rule } from '../load-balancer.ts';
import { forwardTo, groupOf, listenerOf, tableOf } from '../testing.ts';
import { renderVpcConfig } from './vpc-config.ts';

const OPTIONS = { folder: '/lb/vpc-1', owner: '0a1b2c3d' };
/** Snapshots hold the text as it is. */
const plain = { serializers: [(text: string) => text] };

const RULES: readonly Rule[] = [
  {
    ruleId: 'r1',
    conditions: [
      { field: 'host-header', values: ['*.example.com', 'a?b.com'] },
      { field: 'path-pattern', values: ["/it's/*"] },
      { field: 'source-ip', values: ['10.0.0.0/8'] },
      { field: 'http-request-method', values: ['GET', 'HEAD'] },
      { field: 'http-header', name: 'User-Agent', values: ['*Chrome*'] },
      { field: 'query-string', values: [{ key: 'v', value: '1*' }, { value: String.raw`\*` }] },
    ],
    action: {
      type: 'redirect',
      protocol: 'HTTPS',
      host: '#{host}',
      port: '443',
      path: '/#{path}',
      query: '#{query}',
      status: 301,
    },
  },
  {
    ruleId: 'r2',
    conditions: [{ field: 'path-pattern', values: ['/gone'] }],
    action: { type: 'fixed-response', status: 410, contentType: 'text/html', body: '<p>gone</p>' },
  },
  {
    ruleId: 'r3',
    conditions: [{ field: 'path-pattern', values: ['/weighted'] }],
    action: {
      type: 'forward',
      targets: [
        { targetGroupId: 'web', weight: 9 },
        { targetGroupId: 'empty', weight: 1 },
      ],
    },
  },
  forwardTo('web'),
];

test('the whole configuration of a VPC', (t) => {
  const table = tableOf({
    listeners: [
      listenerOf({ rules: RULES }),
      listenerOf({
        listenerId: 'l443',
        addresses: ['10.0.0.10', '10.0.1.10'],
        port: 443,
        protocol: 'HTTPS',
        certificates: [
          { certificateId: 'one', pem: 'PEM one' },
          { certificateId: 'two', pem: 'PEM two' },
        ],
        options: { ...listenerOf().options, dropInvalidHeaders: true, tlsHeaders: true, xForwardedFor: 'remove' },
      }),
    ],
    targetGroups: [
      groupOf({
        targets: [
          { ip: '10.0.1.5', port: 8080, draining: false },
          { ip: '10.0.1.6', port: 8080, draining: true },
        ],
      }),
      groupOf({ targetGroupId: 'empty', targets: [] }),
      groupOf({ targetGroupId: 'unused' }),
    ],
  });
  const rendered = renderVpcConfig(table, OPTIONS);
  t.assert.snapshot(rendered.config, plain);
  const secrets = rendered.files.filter((file) => file.secret);
  assert.deepEqual(
    secrets.map((file) => file.text),
    ['PEM one', 'PEM two'],
  );
  assert.ok(rendered.files.every((file) => rendered.config.includes(file.path) || file.secret));
  assert.deepEqual(
    rendered.servers.map((server) => [server.backend, server.name, server.kind]),
    [
      ['tg_web', '10.0.1.5:8080', 'checked'],
      ['open_web', '10.0.1.5:8080', 'open'],
      ['tg_web', '10.0.1.6:8080', 'draining'],
    ],
  );
});

test('the description changes with the text and with a certificate, and with nothing else', () => {
  const https = (pem: string) =>
    tableOf({ listeners: [listenerOf({ protocol: 'HTTPS', certificates: [{ certificateId: 'c', pem }] })] });
  const description = (pem: string) => renderVpcConfig(https(pem), OPTIONS).description;
  assert.equal(description('one'), description('one'));
  assert.notEqual(description('one'), description('two'));
});

test('an HTTPS listener without a certificate is left out', () => {
  const { config } = renderVpcConfig(tableOf({ listeners: [listenerOf({ protocol: 'HTTPS' })] }), OPTIONS);
  assert.ok(!config.includes('frontend'));
});

test('text that could break out of its line is refused', () => {
  const evil = forwardTo('web', { conditions: [{ field: 'http-request-method', values: ['GET\nglobal'] }] });
  assert.throws(() => renderVpcConfig(tableOf({ listeners: [listenerOf({ rules: [evil] })] }), OPTIONS), RuntimeError);
});

test('a redirect to no query has no empty format, which HAProxy does not survive', () => {
  const redirect = { type: 'redirect', protocol: 'HTTPS', host: '#{host}', port: '443', path: '/', query: '' } as const;
  const rule: Rule = { ruleId: 'r', conditions: [], action: { ...redirect, status: 302 } };
  const { config } = renderVpcConfig(tableOf({ listeners: [listenerOf({ rules: [rule] })] }), OPTIONS);
  assert.ok(!config.includes('to_query'));
});

test('requests cost nothing more where nobody wants logs, and who does has a line for each listener', () => {
  const logs = { requests: true, connections: true, targetGroups: {}, nodes: {} };
  const rendered = (more: object) => renderVpcConfig(tableOf({ listeners: [listenerOf(more)] }), OPTIONS).config;
  assert.ok(!rendered({}).includes('log'));
  assert.equal(rendered({ logs }).match(/^ {4}log fd@3 /gm)?.length, 1);
});

test('no line has more words than HAProxy takes, however many groups, rules and load balancers in front there are', () => {
  const many = <T>(length: number, make: (n: number) => T) => Array.from({ length }, (_, n) => make(n));
  const rules = many(100, (n) =>
    forwardTo(`g${n}`, { ruleId: `r${n}`, transforms: [{ type: 'url-rewrite', regex: '^/a', replace: '/b' }] }),
  );
  const listener = {
    loadBalancerId: 'many',
    protocol: 'HTTPS',
    certificates: [{ certificateId: 'one', pem: 'PEM one' }],
    proxyFrom: many(100, (n) => `10.0.9.${n}`),
    logs: { requests: true, connections: true, healthChecks: false, targetGroups: {}, nodes: {} },
    rules,
  } as const;
  const zonal = (n: number) =>
    groupOf({ targetGroupId: `z${n}`, protocol: 'TCP', zones: ['a', 'b'], zoneMinimum: { count: 1, percent: 10 } });
  const table = tableOf({
    listeners: [
      listenerOf(listener),
      ...many(20, (n) =>
        listenerOf({ listenerId: `s${n}`, protocol: 'TCP', zones: ['a', 'b'], rules: [forwardTo(`z${n}`)] }),
      ),
    ],
    targetGroups: [
      ...many(100, (n) => groupOf({ targetGroupId: `g${n}`, protocolVersion: n % 2 === 0 ? 'GRPC' : 'HTTP1' })),
      ...many(20, zonal),
    ],
  });
  const { config } = renderVpcConfig(table, OPTIONS);
  const longest = config.split('\n').toSorted((a, b) => wordsOf(b) - wordsOf(a))[0] ?? '';
  assert.ok(wordsOf(longest) <= 64, `${wordsOf(longest)} words: ${longest}`);
  for (const id of ['g0', 'g98', 'g99', 'r99', '10.0.9.99', 'z19:b']) {
    assert.ok(new RegExp(`[ (]${id}[ )]|_${id}[ )]`).test(config), id);
  }
});

function wordsOf(line: string): number {
  return line.trim().split(/\s+/).length;
}
