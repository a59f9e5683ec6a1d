import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { digestOf } from '../digest.ts';
import { startRegistryServer } from './testing.ts';
import type { RegistryServer } from './testing.ts';

/** Who asked for what, in order. */
const asked: string[] = [];
let server: RegistryServer;
before(async () => {
  server = await startRegistryServer({
    authorize: (_caller, action, arn) => {
      asked.push(`${action} ${arn.split('repository/')[1]}`);
      return arn.endsWith('/forbidden') && action === 'ecr:CreateRepository' ? `not authorized: ${action}` : undefined;
    },
  });
});
after(() => server.close());

const push = (name: string, body: string) =>
  server.send('POST', `/v2/${name}/blobs/uploads/?digest=${digestOf(body)}`, { body });

test('the first upload makes the repository, and takes the body in', async () => {
  assert.equal((await server.send('HEAD', `/v2/pushed/a/blobs/${digestOf('layer')}`)).status, 404);
  assert.equal(server.repositories.has('pushed/a'), false, 'looking makes nothing');
  asked.length = 0;
  assert.equal((await push('pushed/a', 'layer')).status, 201);
  assert.deepEqual(asked, ['ecr:InitiateLayerUpload pushed/a', 'ecr:CreateRepository pushed/a']);
  assert.equal(await (await server.send('GET', `/v2/pushed/a/blobs/${digestOf('layer')}`)).text(), 'layer');
  asked.length = 0;
  assert.equal((await push('pushed/a', 'other')).status, 201);
  assert.deepEqual(asked, ['ecr:InitiateLayerUpload pushed/a']);
  const mount = `/v2/pushed/b/blobs/uploads/?mount=${digestOf('layer')}&from=pushed/a`;
  assert.equal((await server.send('POST', mount)).status, 201);
});

test('not for those who may not make one, nor where none is to be made', async () => {
  const forbidden = await push('pushed/forbidden', 'layer');
  assert.equal(forbidden.status, 403);
  assert.match(await forbidden.text(), /not authorized: ecr:CreateRepository/);
  const unknown = await push('elsewhere', 'layer');
  assert.equal(unknown.status, 404);
  assert.match(await unknown.text(), /NAME_UNKNOWN/);
});
