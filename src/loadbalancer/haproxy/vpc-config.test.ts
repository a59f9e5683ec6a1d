import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { forwardTo, groupOf, listenerOf, tableOf } from '../testing.ts';
import { renderVpcConfig } from './vpc-config.ts';
const r = renderVpcConfig(
  tableOf({
    listeners: [
      listenerOf({
        rules: [
          {
            ruleId: 'r1',
            conditions: [
              { field: 'host-header', values: ['*.example.com', 'a?b.com'] },
              { field: 'path-pattern', values: ["/img/*'x"] },
              { field: 'source-ip', values: ['10.0.0.0/8'] },
              { field: 'http-request-method', values: ['GET', 'POST'] },
              { field: 'http-header', name: 'User-Agent', values: ['*Chrome*'] },
              { field: 'query-string', values: [{ key: 'v', value: '1*' }, { value: 'x' }] },
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
            conditions: [{ field: 'path-pattern', values: ['/fixed'] }],
            action: { type: 'fixed-response', status: 404, contentType: 'text/plain', body: 'no such thing' },
          },
          {
            ruleId: 'r3',
            conditions: [{ field: 'path-pattern', values: ['/w'] }],
            action: {
              type: 'forward',
              targets: [
                { targetGroupId: 'web', weight: 9 },
                { targetGroupId: 'empty', weight: 1 },
              ],
            },
          },
          forwardTo('web'),
        ],
      }),
    ],
    targetGroups: [groupOf(), groupOf({ targetGroupId: 'empty', targets: [] })],
  }),
  { folder: '/tmp/lbx/f', owner: 'abcd1234' },
);
test('x', async () => {
  console.log(r.config);
  const fs = await import('node:fs');
  fs.mkdirSync('/tmp/lbx/f', { recursive: true });
  for (const f of r.files) fs.writeFileSync(f.path, f.text);
  fs.writeFileSync('/tmp/lbx/f/c.cfg', r.config);
  await new Promise<void>((res) =>
    execFile('haproxy', ['-c', '-f', '/tmp/lbx/f/c.cfg'], (e, o, se) => {
      console.log(o, se);
      assert.equal(e, null);
      res();
    }),
  );
});
