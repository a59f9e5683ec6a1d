import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { deploymentHooks } from './deployment-hooks.ts';

async function endpoint(t: TestContext, listener: RequestListener): Promise<URL> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`);
}

test('only the hosts that the operator names are called', () => {
  const { allows } = deploymentHooks(['hooks.example', 'ci.example:8443', '[::1]']);
  const answers = [
    'https://hooks.example/a',
    'http://hooks.example:81/',
    'https://ci.example:8443/',
    'http://[::1]:9/',
    'https://ci.example/',
    'https://hooks.example.evil/',
    'https://user@hooks.example/',
    'http://169.254.169.254/',
    'file://hooks.example/etc/passwd',
  ].map((url) => allows(new URL(url)));
  assert.deepEqual(answers, [true, true, true, true, false, false, false, false, false]);
  assert.equal(deploymentHooks([]).allows(new URL('http://127.0.0.1/')), false);
});

test('it posts the event, and answers what the hook says', async (t) => {
  let heard = '';
  const url = await endpoint(t, (request, response) => {
    heard += `${request.method} ${request.headers['content-type']} `;
    request.on('data', (chunk) => (heard += String(chunk)));
    request.once('end', () => response.end('{"hookStatus":"IN_PROGRESS","callBackDelay":60,"hookDetails":{"n":1}}'));
  });
  const answer = await deploymentHooks(['127.0.0.1']).post(url, { lifecycleStage: 'PRE_SCALE_UP' });
  assert.equal(heard, 'POST application/json {"lifecycleStage":"PRE_SCALE_UP"}');
  assert.deepEqual(answer, { hookStatus: 'IN_PROGRESS', callBackDelay: 60, hookDetails: { n: 1 } });
});

for (const [what, listener] of [
  ['a redirect', (_request, response) => response.writeHead(302, { Location: 'http://localhost/' }).end()],
  ['another status', (_request, response) => response.writeHead(500).end('{"hookStatus":"SUCCEEDED"}')],
  ['no hookStatus', (_request, response) => response.end('{}')],
  ['too much', (_request, response) => response.end(`{"hookStatus":"SUCCEEDED","x":"${'x'.repeat(70_000)}"}`)],
] as const satisfies readonly (readonly [string, RequestListener])[]) {
  test(`${what} is no answer`, async (t) => {
    const url = await endpoint(t, listener);
    await assert.rejects(deploymentHooks(['127.0.0.1']).post(url, {}));
  });
}
