import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openTestIam, refusal, userPrincipal } from '../testing.ts';

const iam = openTestIam();
let id = '';
before(async () => {
  id = (await iam.call('CreateUser', { UserName: 'alice' })).User?.UserId ?? '';
});
after(() => iam.close());

const OF_USER = {
  ListMFADevices: 'MFADevices',
  ListSigningCertificates: 'Certificates',
  ListSSHPublicKeys: 'SSHPublicKeys',
  ListServiceSpecificCredentials: 'ServiceSpecificCredentials',
} as const;

for (const [operation, member] of Object.entries(OF_USER) as [keyof typeof OF_USER, string][]) {
  test(`${operation}: none of a user, of the caller and of root, and no such user`, async () => {
    const none = { [member]: [], IsTruncated: false };
    assert.deepEqual(await iam.call(operation, { UserName: 'alice' }), none);
    assert.deepEqual(await iam.call(operation, {}, { principal: userPrincipal('alice', id) }), none);
    assert.deepEqual(await iam.call(operation, {}), none);
    await assert.rejects(
      iam.call(operation, { UserName: 'bob' }),
      refusal('NoSuchEntityException', 'The user with name bob cannot be found.'),
    );
  });
}

test("the account's lists are empty too, and what they are asked is checked", async () => {
  assert.deepEqual(await iam.call('ListVirtualMFADevices', {}), { VirtualMFADevices: [], IsTruncated: false });
  assert.deepEqual(await iam.call('ListServerCertificates', {}), {
    ServerCertificateMetadataList: [],
    IsTruncated: false,
  });
  assert.deepEqual(await iam.call('ListSAMLProviders', {}), { SAMLProviderList: [] });
  await assert.rejects(iam.call('ListServerCertificates', { PathPrefix: 'x' }), { code: 'ValidationError' });
  await assert.rejects(iam.call('ListMFADevices', { MaxItems: 1001 }), { code: 'ValidationError' });
});
