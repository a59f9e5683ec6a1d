import assert from 'node:assert/strict';
import { test } from 'node:test';
import { forwardTo, listenerOf } from '../testing.ts';
import { HostWorld, LB, TARGETS, until } from './testing-world.ts';

const RULES = [
  forwardTo('web', {
    ruleId: 'r1',
    conditions: [{ field: 'host-header', values: [], regexes: [String.raw`^mywebsite-[a-z]{1,9}\.com$`] }],
    transforms: [
      {
        type: 'host-header-rewrite',
        regex: String.raw`^mywebsite-(.+)\.com$`,
        replace: 'internal.dev.$1.myweb.com',
      },
      { type: 'url-rewrite', regex: '^/dp/([A-Za-z0-9]+)/?$', replace: String.raw`/product.php?id=$1&q="\,)` },
    ],
  }),
  forwardTo('web', {
    ruleId: 'r2',
    conditions: [
      { field: 'path-pattern', values: [], regexes: ['^/a(b|c)$', '^/it\'s[ ,)"]'] },
      { field: 'http-header', name: 'X-Kind', values: [], regexes: ['^[A-Z]{2,3}$'] },
    ],
  }),
  { ruleId: 'default', conditions: [], action: { type: 'fixed-response', status: 404 } as const },
];

test('values by regular expression, and requests rewritten before they go to a target', async () => {
  await using world = new HostWorld();
  await world.serve(TARGETS[0]);
  const plane = world.plane();
  await plane.apply(world.table([TARGETS[0]], { listeners: [listenerOf({ addresses: [LB], rules: RULES })] }));
  await until(async () => (await plane.health('vpc-1'))[0]?.state === 'healthy');
  const get = async (path: string, headers: Record<string, string>) => {
    const { status, body } = await world.get(`http://${LB}${path}`, { headers });
    return status === 200 ? (JSON.parse(body) as { url: string; headers: Record<string, string> }) : status;
  };
  const seen = await get('/dp/B09/', { host: 'MyWebsite-example.com:8080' });
  assert.ok(typeof seen === 'object');
  assert.equal(seen.headers['host'], 'internal.dev.example.myweb.com');
  assert.equal(seen.url, String.raw`/product.php?id=B09&q="\,)`);
  const kept = await get('/other?x=1', { host: 'mywebsite-a.com' });
  assert.ok(typeof kept === 'object');
  assert.equal(kept.url, '/other?x=1', 'what the expression does not fit goes on as it came');
  assert.equal(await get('/dp/B09', { host: 'mywebsite-1.com' }), 404);
  assert.ok(typeof (await get('/ab', { 'x-kind': 'ABC' })) === 'object');
  assert.equal(await get('/ab', { 'x-kind': 'abc' }), 404);
  assert.equal(await get('/abb', { 'x-kind': 'ABC' }), 404);
});
