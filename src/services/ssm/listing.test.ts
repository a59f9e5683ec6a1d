import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { DescribeParametersCommandInput, GetParametersByPathCommandInput } from '@aws-sdk/client-ssm';
import { openParameterStore } from './testing.ts';

let store: ReturnType<typeof openParameterStore>;

before(async () => {
  store = openParameterStore();
  const put = (Name: string, Type: 'String' | 'SecureString' = 'String', team?: string) =>
    store.call('PutParameter', {
      Name,
      Value: `value of ${Name}`,
      Type,
      ...(team !== undefined && { Tags: [{ Key: 'team', Value: team }] }),
    });
  for (const name of ['/app/a', '/app/b', '/app/deep/c', '/app/deep/er/d', '/application/e']) await put(name);
  await put('/app/secret', 'SecureString', 'web');
  await put('single', 'String', 'website');
  await store.call('LabelParameterVersion', { Name: '/app/b', Labels: ['live'] });
});
after(() => store.close());

async function byPath(input: GetParametersByPathCommandInput): Promise<readonly (string | undefined)[]> {
  const { Parameters = [] } = await store.call('GetParametersByPath', input);
  return Parameters.map(({ Name }) => Name);
}

async function described(
  ...ParameterFilters: NonNullable<DescribeParametersCommandInput['ParameterFilters']>
): Promise<readonly (string | undefined)[]> {
  const { Parameters = [] } = await store.call('DescribeParameters', { ParameterFilters });
  return Parameters.map(({ Name }) => Name);
}

test('by path: one level or all, filtered, a page at a time', async () => {
  assert.deepEqual(await byPath({ Path: '/app' }), ['/app/a', '/app/b', '/app/secret']);
  assert.deepEqual(await byPath({ Path: '/app/' }), ['/app/a', '/app/b', '/app/secret']);
  assert.deepEqual(await byPath({ Path: '/app/deep', Recursive: true }), ['/app/deep/c', '/app/deep/er/d']);
  assert.deepEqual(await byPath({ Path: '/' }), ['single']);
  assert.deepEqual(await byPath({ Path: '/nothing' }), []);
  const filtered = (Key: string, ...Values: string[]) => ({ Path: '/app', ParameterFilters: [{ Key, Values }] });
  assert.deepEqual(await byPath(filtered('Type', 'SecureString')), ['/app/secret']);
  assert.deepEqual(await byPath(filtered('Label', 'live')), ['/app/b']);
  await assert.rejects(byPath(filtered('Name', 'x')), {
    code: 'InvalidFilterKey',
    message: 'The following filter key is not valid: Name. Valid filter keys include: [Type, KeyId, Label].',
  });
  await assert.rejects(byPath({ Path: 'app' }), {
    code: 'ValidationException',
    message: /^The parameter doesn't meet the parameter name requirements\. /,
  });

  const first = await store.call('GetParametersByPath', { Path: '/', Recursive: true, MaxResults: 4 });
  assert.equal(first.Parameters?.length, 4);
  const next = { Path: '/', Recursive: true, NextToken: first.NextToken ?? '' };
  const second = await store.call('GetParametersByPath', next);
  assert.equal(second.NextToken, undefined);
  assert.equal(new Set([...(first.Parameters ?? []), ...(second.Parameters ?? [])].map(({ Name }) => Name)).size, 7);
  await assert.rejects(byPath({ Path: '/', NextToken: 'made up' }), { code: 'InvalidNextToken' });
  await assert.rejects(byPath({ Path: '/', MaxResults: 11 }), { code: 'ValidationException', message: /equal to 10$/ });
  const { Parameters = [] } = await store.call('GetParametersByPath', { Path: '/app', WithDecryption: true });
  assert.equal(Parameters.at(-1)?.Value, 'value of /app/secret');
});

test('DescribeParameters tells all but values', async () => {
  const { Parameters = [] } = await store.call('DescribeParameters', {});
  assert.equal(Parameters.length, 7);
  assert.deepEqual(Parameters[4], {
    ARN: 'arn:aws:ssm:us-east-1:123456789012:parameter/app/secret',
    Name: '/app/secret',
    Type: 'SecureString',
    KeyId: 'alias/aws/ssm',
    LastModifiedDate: new Date(store.clock.now()),
    LastModifiedUser: 'arn:aws:iam::123456789012:root',
    Version: 1,
    Tier: 'Standard',
    Policies: [],
    DataType: 'text',
  });
});

test('its filters', async () => {
  assert.deepEqual(await described({ Key: 'Name', Values: ['/single', '/app/a'] }), ['/app/a', 'single']);
  assert.deepEqual(await described({ Key: 'Name', Option: 'BeginsWith', Values: ['/app/d'] }), [
    '/app/deep/c',
    '/app/deep/er/d',
  ]);
  assert.deepEqual(await described({ Key: 'Name', Option: 'Contains', Values: ['ing'] }), ['single']);
  assert.deepEqual(await described({ Key: 'Path', Option: 'Recursive', Values: ['/app/deep'] }), [
    '/app/deep/c',
    '/app/deep/er/d',
  ]);
  assert.deepEqual(await described({ Key: 'tag:team', Values: ['web'] }), ['/app/secret']);
  assert.deepEqual(await described({ Key: 'tag:team', Option: 'BeginsWith', Values: ['web'] }), [
    '/app/secret',
    'single',
  ]);
  assert.deepEqual(await described({ Key: 'tag:team' }), ['/app/secret', 'single']);
  assert.deepEqual(await described({ Key: 'tag:constructor', Values: ['web'] }), []);
  assert.deepEqual(await described({ Key: 'KeyId', Values: ['alias/aws/ssm'] }), ['/app/secret']);
  assert.deepEqual(await described({ Key: 'Tier', Values: ['Advanced'] }), []);
  assert.deepEqual(await described({ Key: 'DataType', Values: ['text'] }, { Key: 'Type', Values: ['SecureString'] }), [
    '/app/secret',
  ]);
  const older = await store.call('DescribeParameters', { Filters: [{ Key: 'Name', Values: ['/application'] }] });
  assert.deepEqual(
    older.Parameters?.map(({ Name }) => Name),
    ['/application/e'],
  );
});

test('filters that AWS refuses', async () => {
  const refused = [
    [{ Key: 'Label', Values: ['x'] }, 'InvalidFilterKey', /^The following filter key is not valid: Label\./],
    [{ Key: 'Name' }, 'InvalidFilterValue', /^The following filter values are missing : null for filter key Name\.$/],
    [
      { Key: 'Name', Option: 'Like', Values: ['x'] },
      'InvalidFilterOption',
      /^The following filter option is not valid: Like\./,
    ],
    [{ Key: 'Path', Option: 'Equals', Values: ['/x'] }, 'InvalidFilterOption', /\[OneLevel, Recursive\]\.$/],
    [{ Key: 'Type', Values: ['Text'] }, 'InvalidFilterValue', /^The following filter value is not valid: Text\./],
    [{ Key: 'Path', Values: ['/aws/x'] }, 'ValidationException', /^Filters for common parameters can't be prefixed/],
    [{ Key: 'Path', Values: ['x//y'] }, 'ValidationException', /^The parameter doesn't meet/],
  ] as const;
  for (const [filter, code, message] of refused) {
    const { Key, ...rest } = filter as { Key: string; Values?: readonly string[]; Option?: string };
    const given = {
      Key,
      ...(rest.Option && { Option: rest.Option }),
      ...(rest.Values && { Values: [...rest.Values] }),
    };
    await assert.rejects(described(given), { code, message }, JSON.stringify(filter));
  }
  const twice = { Key: 'Name', Values: ['x'] };
  await assert.rejects(described(twice, twice), {
    code: 'InvalidFilterKey',
    message: /is duplicated in the request: Name\./,
  });
  await assert.rejects(
    store.call('DescribeParameters', { Filters: [{ Key: 'Name', Values: ['x'] }], ParameterFilters: [twice] }),
    {
      code: 'ValidationException',
      message: 'You can use either Filters or ParameterFilters in a single request.',
    },
  );
});
