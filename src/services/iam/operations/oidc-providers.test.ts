import assert from 'node:assert/strict';
import { after, beforeEach, test } from 'node:test';
import { openTestRoles } from './testing-roles.ts';

const URL = 'https://token.actions.githubusercontent.com';
const ARN = 'arn:aws:iam::123456789012:oidc-provider/token.actions.githubusercontent.com';
const THUMBPRINT = '6938fd4d98bab03faadb97b34396831e3780aea1';
const named = { OpenIDConnectProviderArn: ARN };

let iam = openTestRoles();
beforeEach(async () => {
  await iam.close();
  iam = openTestRoles();
});
after(() => iam.close());

const create = (more: object = {}) => iam.call('CreateOpenIDConnectProvider', { Url: URL, ...more });

test('a provider is made, found and listed; its thumbprints may be left out', async () => {
  assert.deepEqual(await create({ ClientIDList: ['sts.amazonaws.com'] }), named);
  assert.deepEqual(await iam.call('GetOpenIDConnectProvider', named), {
    Url: 'token.actions.githubusercontent.com',
    ClientIDList: ['sts.amazonaws.com'],
    ThumbprintList: [],
    CreateDate: new Date(iam.clock.now()),
    Tags: [],
  });
  await create({ Url: 'https://127.0.0.1:8443/realms/a', Tags: [{ Key: 'a', Value: '1' }] });
  assert.deepEqual(await iam.call('ListOpenIDConnectProviders', {}), {
    OpenIDConnectProviderList: [
      { Arn: 'arn:aws:iam::123456789012:oidc-provider/127.0.0.1:8443/realms/a' },
      { Arn: ARN },
    ],
  });
  await assert.rejects(create(), {
    code: 'EntityAlreadyExistsException',
    httpStatus: 409,
    message: `Provider with url ${URL} already exists.`,
  });
});

test('URLs, client ids and thumbprints are checked', async () => {
  const refusals = ['example.org', 'http://example.org', 'https://', 'https://a.example?b=c', 'https://u@a.example'];
  for (const Url of refusals) {
    await assert.rejects(create({ Url }), {
      code: 'ValidationError',
      message: 'Invalid Open ID Connect Provider URL',
    });
  }
  await assert.rejects(create({ Url: `https://${'b'.repeat(250)}` }), { message: /'url'.*less than or equal to 255$/ });
  const manyIds = Array.from({ length: 101 }, (_, n) => `${n}`);
  await assert.rejects(create({ ClientIDList: manyIds }), {
    code: 'LimitExceededException',
    message: 'Cannot exceed quota for ClientIdsPerOpenIdConnectProvider: 100',
  });
  await assert.rejects(create({ ThumbprintList: Array(6).fill(THUMBPRINT) }), {
    code: 'InvalidInputException',
    message: 'Thumbprint list must contain fewer than 5 entries.',
  });
  await assert.rejects(create({ ThumbprintList: ['b'.repeat(41)] }), { code: 'ValidationError' });
  await assert.rejects(create({ ThumbprintList: ['x'.repeat(40)] }), { code: 'InvalidInputException' });
  assert.deepEqual(await iam.call('ListOpenIDConnectProviders', {}), { OpenIDConnectProviderList: [] });
});

test('client ids and thumbprints change; what is so already is no error', async () => {
  await create({ ClientIDList: ['a'] });
  for (const ClientID of ['b', 'b']) await iam.call('AddClientIDToOpenIDConnectProvider', { ...named, ClientID });
  for (const ClientID of ['a', 'a']) await iam.call('RemoveClientIDFromOpenIDConnectProvider', { ...named, ClientID });
  await iam.call('UpdateOpenIDConnectProviderThumbprint', { ...named, ThumbprintList: [THUMBPRINT] });
  const got = await iam.call('GetOpenIDConnectProvider', named);
  assert.deepEqual([got.ClientIDList, got.ThumbprintList], [['b'], [THUMBPRINT]]);
});

test('providers are tagged', async () => {
  await create();
  await iam.call('TagOpenIDConnectProvider', {
    ...named,
    Tags: [
      { Key: 'a', Value: '1' },
      { Key: 'b', Value: '2' },
    ],
  });
  await iam.call('UntagOpenIDConnectProvider', { ...named, TagKeys: ['a'] });
  const tags = await iam.call('ListOpenIDConnectProviderTags', named);
  assert.deepEqual(tags, { Tags: [{ Key: 'b', Value: '2' }], IsTruncated: false });
});

test('deleting what is not there is no error; another account has its own', async () => {
  await create();
  await iam.call('DeleteOpenIDConnectProvider', named, { account: '210987654321' });
  await iam.call('GetOpenIDConnectProvider', named);
  await iam.call('DeleteOpenIDConnectProvider', named);
  await iam.call('DeleteOpenIDConnectProvider', named);
  await assert.rejects(iam.call('GetOpenIDConnectProvider', named), {
    code: 'NoSuchEntityException',
    httpStatus: 404,
    message: `OpenIDConnect Provider not found for arn ${ARN}`,
  });
});
