import assert from 'node:assert/strict';
import { afterEach, beforeEach, test } from 'node:test';
import { countsAsPull } from '../pull-times.ts';
import { pushBlob } from '../../../registry/testing.ts';
import { rootPrincipal } from '../../../api/invoke.ts';
import { openTestEcr } from '../testing.ts';
import type { TestEcr } from '../testing.ts';

let ecr: TestEcr;
beforeEach(() => {
  ecr = openTestEcr();
});
afterEach(() => ecr.close());

const REGISTRY = { account: '123456789012', region: 'us-east-1' };

test('account settings have a value from the start', async () => {
  const value = async (name: string, region = 'us-east-1') =>
    (await ecr.call('GetAccountSetting', { name }, { region })).value;
  assert.equal(await value('BASIC_SCAN_TYPE_VERSION'), 'AWS_NATIVE');
  assert.equal(await value('REGISTRY_POLICY_SCOPE'), 'V2');
  assert.equal(await value('BLOB_MOUNTING'), 'ENABLED');
  const off = { name: 'BLOB_MOUNTING', value: 'DISABLED' };
  assert.deepEqual(await ecr.call('PutAccountSetting', off), off);
  assert.equal(await value('BLOB_MOUNTING'), 'DISABLED');
  assert.equal(await value('BLOB_MOUNTING', 'eu-west-1'), 'ENABLED');
  await assert.rejects(value('COLOUR'), { code: 'InvalidParameterException' });
  for (const wrong of [
    { name: 'REGISTRY_POLICY_SCOPE', value: 'V1' },
    { name: 'COLOUR', value: 'RED' },
  ]) {
    await assert.rejects(ecr.call('PutAccountSetting', wrong), { code: 'InvalidParameterException' });
  }
});

test('without BLOB_MOUNTING no blob is mounted', async () => {
  for (const repositoryName of ['aa', 'bb']) await ecr.call('CreateRepository', { repositoryName });
  const { registry } = ecr;
  const digest = await pushBlob(registry, 'aa', 'layer');
  await ecr.call('PutAccountSetting', { name: 'BLOB_MOUNTING', value: 'DISABLED' });
  assert.equal(await registry.links.mount(REGISTRY, 'bb', 'aa', digest), false);
  await ecr.call('PutAccountSetting', { name: 'BLOB_MOUNTING', value: 'ENABLED' });
  assert.equal(await registry.links.mount(REGISTRY, 'bb', 'aa', digest), true);
});

test('scanning configurations of the registry and of its repositories', async () => {
  assert.deepEqual(await ecr.call('GetRegistryScanningConfiguration', {}), {
    registryId: '123456789012',
    scanningConfiguration: { scanType: 'BASIC', rules: [] },
  });
  const filter = { filter: 'prod*', filterType: 'WILDCARD' as const };
  const rules = [{ scanFrequency: 'SCAN_ON_PUSH' as const, repositoryFilters: [filter] }];
  const put = await ecr.call('PutRegistryScanningConfiguration', { scanType: 'BASIC', rules });
  assert.deepEqual(put, { registryScanningConfiguration: { scanType: 'BASIC', rules } });
  const { scanningConfiguration } = await ecr.call('GetRegistryScanningConfiguration', {});
  assert.deepEqual(scanningConfiguration, put.registryScanningConfiguration);
  for (const repositoryName of ['prod', 'dev']) await ecr.call('CreateRepository', { repositoryName });
  const repositoryNames = ['prod', 'dev', 'gone'];
  const of = async () => ecr.call('BatchGetRepositoryScanningConfiguration', { repositoryNames });
  const dev = {
    repositoryArn: 'arn:aws:ecr:us-east-1:123456789012:repository/dev',
    repositoryName: 'dev',
    scanOnPush: false,
    scanFrequency: 'MANUAL' as const,
    appliedScanFilters: [],
  };
  const first = await of();
  assert.deepEqual(first.scanningConfigurations?.[0]?.appliedScanFilters, [filter]);
  assert.equal(first.scanningConfigurations[0]?.scanFrequency, 'SCAN_ON_PUSH');
  assert.deepEqual(first.scanningConfigurations[1], dev);
  const failureCode = 'REPOSITORY_NOT_FOUND';
  assert.deepEqual(first.failures, [{ repositoryName: 'gone', failureCode, failureReason: failureCode }]);
  const imageScanningConfiguration = { scanOnPush: true };
  const changed = { repositoryName: 'dev', imageScanningConfiguration };
  const answer = await ecr.call('PutImageScanningConfiguration', changed);
  assert.deepEqual(answer, { registryId: '123456789012', ...changed });
  assert.equal((await of()).scanningConfigurations?.[1]?.scanFrequency, 'SCAN_ON_PUSH');
  await assert.rejects(ecr.call('BatchGetRepositoryScanningConfiguration', { repositoryNames: [] }), {
    code: 'InvalidParameterException',
  });
});

test('pulls of excluded users and roles do not count', async () => {
  const user = 'arn:aws:iam::123456789012:user/scanner';
  const role = 'arn:aws:iam::123456789012:role/ci/builder';
  const createdAt = new Date(ecr.clock.now());
  for (const principalArn of [user, role]) {
    const registered = await ecr.call('RegisterPullTimeUpdateExclusion', { principalArn });
    assert.deepEqual(registered, { principalArn, createdAt });
  }
  await assert.rejects(ecr.call('RegisterPullTimeUpdateExclusion', { principalArn: user }), {
    code: 'ExclusionAlreadyExistsException',
  });
  const page = await ecr.call('ListPullTimeUpdateExclusions', { maxResults: 1 });
  assert.deepEqual(page.pullTimeUpdateExclusions, [role]);
  const rest = await ecr.call('ListPullTimeUpdateExclusions', { nextToken: page.nextToken });
  assert.deepEqual(rest, { pullTimeUpdateExclusions: [user] });

  const counts = countsAsPull(ecr.store);
  const root = rootPrincipal('123456789012');
  const issuer = { type: 'Role' as const, arn: role, id: 'AROA', name: 'builder' };
  const session = { ...root, session: { issuedAtMs: 0, expiresAtMs: 0, issuer } };
  assert.equal(await counts({ ...REGISTRY, principal: root }), true);
  assert.equal(await counts({ ...REGISTRY, principal: { ...root, arn: user } }), false);
  assert.equal(await counts({ ...REGISTRY, principal: session }), false);
  assert.deepEqual(await ecr.call('DeregisterPullTimeUpdateExclusion', { principalArn: role }), { principalArn: role });
  assert.equal(await counts({ ...REGISTRY, principal: session }), true);
  await assert.rejects(ecr.call('DeregisterPullTimeUpdateExclusion', { principalArn: role }), {
    code: 'ExclusionNotFoundException',
  });
  await assert.rejects(ecr.call('RegisterPullTimeUpdateExclusion', { principalArn: 'scanner' }), {
    code: 'InvalidParameterException',
  });
});
