import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import type { PutParameterCommandInput } from '@aws-sdk/client-ssm';
import { parameters, pastVersions } from './tables.ts';
import { openParameterStore } from './testing.ts';

const PREFIX = 'arn:aws:ssm:us-east-1:123456789012:parameter';

let store: ReturnType<typeof openParameterStore>;
beforeEach(() => {
  store = openParameterStore();
});
afterEach(() => store.close());

const put = (Name: string, Value: string, more: Partial<PutParameterCommandInput> = {}) =>
  store.call('PutParameter', { Name, Value, Type: 'String', ...more });
const overwrite = (Name: string, Value: string) => store.call('PutParameter', { Name, Value, Overwrite: true });
const get = async (Name: string, WithDecryption?: boolean) =>
  (await store.call('GetParameter', { Name, ...(WithDecryption !== undefined && { WithDecryption }) })).Parameter ?? {};

test('written, read, overwritten, deleted', async () => {
  assert.deepEqual(await put('/team/db', 'one', { Description: 'where' }), { Version: 1, Tier: 'Standard' });
  await assert.rejects(put('/team/db', 'two'), {
    code: 'ParameterAlreadyExists',
    message: 'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
  });
  store.clock.advance(1000);
  assert.deepEqual(await overwrite('/team/db', 'two'), { Version: 2, Tier: 'Standard' });
  assert.deepEqual(await get('/team/db'), {
    Name: '/team/db',
    Type: 'String',
    Value: 'two',
    Version: 2,
    LastModifiedDate: new Date(store.clock.now()),
    ARN: `${PREFIX}/team/db`,
    DataType: 'text',
  });
  for (const Name of ['/team/db:1', `${PREFIX}/team/db`]) {
    await assert.rejects(store.call('DeleteParameter', { Name }), { code: 'ValidationException' }, Name);
  }
  const { InvalidParameters } = await store.call('DeleteParameters', { Names: ['/team/db:1', `${PREFIX}/team/db`] });
  assert.equal(InvalidParameters?.length, 2);
  await store.call('DeleteParameter', { Name: '/team/db' });
  await assert.rejects(get('/team/db'), { code: 'ParameterNotFound', message: '' });
  await assert.rejects(store.call('DeleteParameter', { Name: '/team/db' }), { code: 'ParameterNotFound' });
  assert.deepEqual(await store.store.read((tx) => tx.list(pastVersions)), []);
  assert.deepEqual(await put('/team/db', 'again'), { Version: 1, Tier: 'Standard' });
});

test('a parameter by version, label and ARN; x and /x are the same', async () => {
  await put('x', 'one');
  await overwrite('/x', 'two');
  await store.call('LabelParameterVersion', { Name: 'x', ParameterVersion: 1, Labels: ['live'] });
  const selected = async (name: string) => {
    const { Value, Version, Selector } = await get(name);
    return [Value, Version, Selector];
  };
  assert.deepEqual(await selected('x:1'), ['one', 1, ':1']);
  assert.deepEqual(await selected('x:live'), ['one', 1, ':live']);
  assert.deepEqual(await selected('/x:2'), ['two', 2, ':2']);
  assert.deepEqual(await selected(`${PREFIX}/x`), ['two', 2, undefined]);
  await assert.rejects(get('x:3'), {
    code: 'ParameterVersionNotFound',
    message: 'Systems Manager could not find version 3 of x. Verify the version and try again.',
  });
  await assert.rejects(get('x:constructor'), { code: 'ParameterVersionNotFound' });
  await assert.rejects(get(`${PREFIX.replace('us-east-1', 'eu-west-1')}/x`), { code: 'ParameterNotFound' });
  const { Parameters = [], InvalidParameters } = await store.call('GetParameters', {
    Names: ['x', 'x:live', 'x:9', 'gone', '/aws/service/ecs/optimized-ami/amazon-linux-2/recommended'],
  });
  assert.deepEqual(
    Parameters.map(({ Value }) => Value),
    ['two', 'one'],
  );
  assert.deepEqual(InvalidParameters, ['x:9', 'gone', '/aws/service/ecs/optimized-ami/amazon-linux-2/recommended']);
  const tooMany = Array.from({ length: 11 }, (_, i) => `p${i}`);
  await assert.rejects(store.call('GetParameters', { Names: tooMany }), { code: 'ValidationException' });
});

test('a SecureString is sealed in its row and for who does not decrypt', async () => {
  const secret = 'correct horse battery staple';
  await put('secret', secret, { Type: 'SecureString', KeyId: 'alias/mine' });
  await overwrite('secret', `${secret} two`);
  const rows = await store.store.read(async (tx) => [await tx.list(parameters), await tx.list(pastVersions)]);
  assert.ok(!JSON.stringify(rows).includes(secret));
  const sealed = (await get('secret')).Value ?? '';
  assert.ok(sealed.length > 0 && !Buffer.from(sealed, 'base64url').includes('horse'));
  assert.equal((await get('secret', true)).Value, `${secret} two`);
  const { Parameters = [] } = await store.call('GetParameterHistory', { Name: 'secret', WithDecryption: true });
  assert.deepEqual(
    Parameters.map(({ Value, KeyId }) => [Value, KeyId]),
    [
      [secret, 'alias/mine'],
      [`${secret} two`, 'alias/mine'],
    ],
  );
});

test('a hundred versions are kept, the oldest gives way unless it is labelled', async () => {
  await put('x', '1');
  for (let version = 2; version <= 100; version++) await overwrite('x', String(version));
  await store.call('LabelParameterVersion', { Name: 'x', ParameterVersion: 1, Labels: ['kept'] });
  await assert.rejects(overwrite('x', '101'), { code: 'ParameterMaxVersionLimitExceeded', message: /Version 1, the/ });
  await store.call('LabelParameterVersion', { Name: 'x', Labels: ['kept'] });
  await overwrite('x', '101');
  const history: number[] = [];
  let NextToken: string | undefined;
  do {
    const page = await store.call('GetParameterHistory', { Name: 'x', ...(NextToken !== undefined && { NextToken }) });
    history.push(...(page.Parameters ?? []).map(({ Version = 0 }) => Version));
    ({ NextToken } = page);
  } while (NextToken !== undefined);
  assert.deepEqual(
    history,
    Array.from({ length: 100 }, (_, i) => i + 2),
  );
  await assert.rejects(get('x:1'), { code: 'ParameterVersionNotFound' });
});

test('labels move, are limited, and are taken away', async () => {
  await put('x', '1');
  await overwrite('x', '2');
  const label = (ParameterVersion: number, Labels: string[]) =>
    store.call('LabelParameterVersion', { Name: 'x', ParameterVersion, Labels });
  assert.deepEqual(await label(1, ['live', '1st', 'aws-x', 'a b']), {
    InvalidLabels: ['1st', 'aws-x', 'a b'],
    ParameterVersion: 1,
  });
  await label(2, ['live', 'next']);
  const { Parameters = [] } = await store.call('GetParameterHistory', { Name: 'x' });
  assert.deepEqual(
    Parameters.map(({ Labels }) => Labels),
    [[], ['live', 'next']],
  );
  const ten = Array.from({ length: 10 }, (_, i) => `l${i}`);
  await assert.rejects(label(2, ten), { code: 'ParameterVersionLabelLimitExceeded' });
  await assert.rejects(label(2, ['x'.repeat(101)]), {
    code: 'ValidationException',
    message: /less than or equal to 100/,
  });
  await assert.rejects(label(7, ['live']), { code: 'ParameterVersionNotFound' });
  const unlabel = { Name: 'x', ParameterVersion: 2, Labels: ['live', 'none'] };
  assert.deepEqual(await store.call('UnlabelParameterVersion', unlabel), {
    RemovedLabels: ['live'],
    InvalidLabels: ['none'],
  });
});

test('tags: on creation, later, and not with an overwrite', async () => {
  await put('/x', '1', { Tags: [{ Key: 'team', Value: 'web' }] });
  await assert.rejects(put('/x', '2', { Overwrite: true, Tags: [{ Key: 'a', Value: 'b' }] }), {
    code: 'ValidationException',
    message: /^Invalid request: tags and overwrite can't be used together\./,
  });
  const resource = { ResourceType: 'Parameter', ResourceId: '/x' } as const;
  await store.call('AddTagsToResource', { ...resource, Tags: [{ Key: 'tier', Value: 'front' }] });
  await store.call('RemoveTagsFromResource', { ...resource, TagKeys: ['team', 'none'] });
  const { TagList } = await store.call('ListTagsForResource', resource);
  assert.deepEqual(TagList, [{ Key: 'tier', Value: 'front' }]);
  await overwrite('/x', '2');
  assert.deepEqual((await store.call('ListTagsForResource', resource)).TagList, TagList);
  await assert.rejects(store.call('ListTagsForResource', { ...resource, ResourceId: 'gone' }), {
    code: 'InvalidResourceId',
  });
  await assert.rejects(store.call('ListTagsForResource', { ...resource, ResourceType: 'Document' }), {
    code: 'ValidationException',
    message: /^ResourceType Document is not supported by this server/,
  });
});

test('regions and accounts keep their own', async () => {
  await put('x', 'here');
  const elsewhere = { region: 'eu-west-1' };
  await assert.rejects(store.call('GetParameter', { Name: 'x' }, elsewhere), { code: 'ParameterNotFound' });
  await store.call('PutParameter', { Name: 'x', Value: 'there', Type: 'String' }, elsewhere);
  assert.equal((await get('x')).Value, 'here');
});
