import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CERTIFICATE, failing, openWorld, VPC, withLoadBalancer, type TestWorld } from './testing.ts';

const AUTHORITY = `-----BEGIN CERTIFICATE-----
MIIBuDCCAV+gAwIBAgIUa2yy6PLm9i1XlXb1bc/4HSHBMIowCgYIKoZIzj0EAwIw
KjELMAkGA1UEBhMCVVMxDDAKBgNVBAoMA1BraTENMAsGA1UEAwwEcm9vdDAeFw0y
NjExMjIwNTA0MTZaFw0yNjEyMDEwNTA0MTZaMCoxCzAJBgNVBAYTAlVTMQwwCgYD
VQQKDANQa2kxDTALBgNVBAMMBHJvb3QwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC
AATYuzOEZQs46NeQ70Hc2mL55oWfj7cxEEng2hkoVWATgNMCHgb4zP82mcCbCdIa
KvuO8YbGNGNwHq/U0tlApv2ro2MwYTAdBgNVHQ4EFgQUEZgVY20a0TeDFLruDPTL
gDq/VIgwHwYDVR0jBBgwFoAUEZgVY20a0TeDFLruDPTLgDq/VIgwDwYDVR0TAQH/
BAUwAwEB/zAOBgNVHQ8BAf8EBAMCAQYwCgYIKoZIzj0EAwIDRwAwRAIgR2agZLV5
XK8w9GNEH68NvTi7TLozl0fmv1174LXg5nACIB09vH2GTbI93Jo4DvvUknNE47l3
nqacamoOXqLqN3NN
-----END CERTIFICATE-----
`;

/** It revokes one certificate. */
const LIST = `-----BEGIN X509 CRL-----
MIHaMIGBAgEBMAoGCCqGSM49BAMCMCoxCzAJBgNVBAYTAlVTMQwwCgYDVQQKDANQ
a2kxDTALBgNVBAMMBHJvb3QXDTI2MTEyMjA1MDQxNloXDTI2MTEyNDA1MDQxNlow
FjAUAgMDpbIXDTI2MTEyMjA1MDQxNlqgDjAMMAoGA1UdFAQDAgEBMAoGCCqGSM49
BAMCA0gAMEUCIQCEAaMzgr8PttasH6Yd9MvQ5mdaG+gaa8NV2cXObU86aQIgYoTA
10CPLdISTPWVvkFuh9sM/lubWVrAQT+uvCWV7wU=
-----END X509 CRL-----
`;

const CaCertificatesBundleS3Bucket = 'pki';

function withFiles(world: TestWorld): TestWorld {
  world.neighbours.files.set('pki/ca.pem', AUTHORITY);
  world.neighbours.files.set('pki/two.pem', AUTHORITY + AUTHORITY);
  world.neighbours.files.set('pki/list.pem', LIST);
  world.neighbours.files.set('pki/broken.pem', 'something else');
  return world;
}

async function trustStore({ service }: TestWorld, key = 'ca.pem', Name = 'clients') {
  const { TrustStores: [made] = [] } = await service.call('CreateTrustStore', {
    Name,
    CaCertificatesBundleS3Bucket,
    CaCertificatesBundleS3Key: key,
  });
  assert.ok(made);
  return { ...made, arn: made.TrustStoreArn ?? '' };
}

test('a trust store reads its bundle from S3, and another in its place', async () => {
  await using world = withFiles(openWorld());
  const made = await trustStore(world);
  assert.match(made.arn, /:truststore\/clients\/[0-9a-f]{16}$/);
  assert.deepEqual([made.Status, made.NumberOfCaCertificates, made.TotalRevokedEntries], ['ACTIVE', 1, 0]);
  await assert.rejects(trustStore(world), failing('DuplicateTrustStoreNameException'));
  await assert.rejects(trustStore(world, 'none.pem', 'b'), failing('CaCertificatesBundleNotFoundException'));
  await assert.rejects(trustStore(world, 'broken.pem', 'b'), failing('InvalidCaCertificatesBundleException'));
  const { TrustStores: [changed] = [] } = await world.service.call('ModifyTrustStore', {
    TrustStoreArn: made.arn,
    CaCertificatesBundleS3Bucket,
    CaCertificatesBundleS3Key: 'two.pem',
  });
  assert.equal(changed?.NumberOfCaCertificates, 2);
  const { TrustStores = [] } = await world.service.call('DescribeTrustStores', { Names: ['clients'] });
  assert.deepEqual(TrustStores, [changed]);
  await assert.rejects(
    world.service.call('DescribeTrustStores', { Names: ['none'] }),
    failing('TrustStoreNotFoundException'),
  );
  await world.service.call('AddTags', { ResourceArns: [made.arn], Tags: [{ Key: 'team', Value: 'web' }] });
  const { TagDescriptions } = await world.service.call('DescribeTags', { ResourceArns: [made.arn] });
  assert.deepEqual(TagDescriptions?.[0]?.Tags, [{ Key: 'team', Value: 'web' }]);
});

test('lists of revoked certificates have numbers, and count', async () => {
  await using world = withFiles(openWorld());
  const { arn: TrustStoreArn } = await trustStore(world);
  const add = (S3Key: string) =>
    world.service.call('AddTrustStoreRevocations', { TrustStoreArn, RevocationContents: [{ S3Bucket: 'pki', S3Key }] });
  await add('list.pem');
  const { TrustStoreRevocations: [second] = [] } = await add('list.pem');
  assert.deepEqual(second, { TrustStoreArn, RevocationId: 2, RevocationType: 'CRL', NumberOfRevokedEntries: 1 });
  await assert.rejects(add('broken.pem'), failing('InvalidRevocationContentException'));
  await assert.rejects(add('none.pem'), failing('RevocationContentNotFoundException'));
  await world.service.call('RemoveTrustStoreRevocations', { TrustStoreArn, RevocationIds: [1] });
  const { TrustStoreRevocations } = await world.service.call('DescribeTrustStoreRevocations', { TrustStoreArn });
  assert.deepEqual(TrustStoreRevocations, [second]);
  await assert.rejects(
    world.service.call('RemoveTrustStoreRevocations', { TrustStoreArn, RevocationIds: [1] }),
    failing('RevocationIdNotFoundException'),
  );
  const { TrustStores } = await world.service.call('DescribeTrustStores', {});
  assert.equal(TrustStores?.[0]?.TotalRevokedEntries, 1);
});

test('a listener verifies with a trust store, which is then in use; the plane follows each change', async () => {
  await using world = withFiles(openWorld());
  const { arn: TrustStoreArn } = await trustStore(world);
  const { loadBalancerArn: LoadBalancerArn, groupArn } = await withLoadBalancer(world);
  const create = (MutualAuthentication: object, more: object = {}) =>
    world.service.call('CreateListener', {
      LoadBalancerArn,
      Port: 443,
      Protocol: 'HTTPS',
      Certificates: [{ CertificateArn: CERTIFICATE }],
      DefaultActions: [{ Type: 'forward' as const, TargetGroupArn: groupArn }],
      MutualAuthentication,
      ...more,
    });
  await assert.rejects(create({ Mode: 'verify' }), failing('ValidationError', /trust store ARN must/));
  await assert.rejects(
    create({ Mode: 'verify', TrustStoreArn: `${TrustStoreArn}0` }),
    failing('TrustStoreNotFoundException'),
  );
  await assert.rejects(
    create({ Mode: 'passthrough' }, { Protocol: 'HTTP', Certificates: undefined }),
    failing('InvalidConfigurationRequestException', /HTTPS listeners only/),
  );
  const { Listeners: [listener] = [] } = await create({ Mode: 'verify', TrustStoreArn });
  const ListenerArn = listener?.ListenerArn ?? '';
  assert.deepEqual(listener?.MutualAuthentication, {
    Mode: 'verify',
    TrustStoreArn,
    TrustStoreAssociationStatus: 'active',
    IgnoreClientCertificateExpiry: false,
    AdvertiseTrustStoreCaNames: 'off',
  });
  const { TrustStoreAssociations } = await world.service.call('DescribeTrustStoreAssociations', { TrustStoreArn });
  assert.deepEqual(TrustStoreAssociations, [{ ResourceArn: ListenerArn }]);
  await assert.rejects(world.service.call('DeleteTrustStore', { TrustStoreArn }), failing('TrustStoreInUseException'));
  const asked = () => world.plane.tables.get(VPC)?.listeners[0]?.clientCertificates;
  await world.service.reconcile();
  assert.ok(asked()?.mode === 'verify');
  await world.service.call('AddTrustStoreRevocations', {
    TrustStoreArn,
    RevocationContents: [{ S3Bucket: 'pki', S3Key: 'list.pem' }],
  });
  await world.service.call('ModifyListenerAttributes', {
    ListenerArn,
    Attributes: [{ Key: 'routing.http.request.x_amzn_mtls_clientcert_subject.header_name', Value: 'X-Who' }],
  });
  await world.service.reconcile();
  const now = asked();
  assert.deepEqual(now?.mode === 'verify' && now.revocations, [LIST]);
  assert.equal(now?.headerNames.subject, 'X-Who');
  await world.service.call('ModifyListener', { ListenerArn, Port: 444 });
  await world.service.reconcile();
  assert.equal(asked()?.mode, 'verify');
  await world.service.call('ModifyListener', { ListenerArn, MutualAuthentication: { Mode: 'off' } });
  await world.service.call('DeleteTrustStore', { TrustStoreArn });
  await world.service.reconcile();
  assert.equal(asked(), undefined);
});

test('its files are read back by URLs that end after ten minutes', async () => {
  await using world = withFiles(openWorld());
  const { arn: TrustStoreArn } = await trustStore(world);
  const { clock, store } = world.service;
  await world.service.call('AddTrustStoreRevocations', {
    TrustStoreArn,
    RevocationContents: [{ S3Bucket: 'pki', S3Key: 'list.pem' }],
  });
  const endpoint = (location = '') => world.files.read(store, new URL(location).pathname, clock.now());
  const bundle = await world.service.call('GetTrustStoreCaCertificatesBundle', { TrustStoreArn });
  const list = await world.service.call('GetTrustStoreRevocationContent', { TrustStoreArn, RevocationId: 1 });
  assert.deepEqual(await endpoint(bundle.Location), { pem: AUTHORITY });
  assert.deepEqual(await endpoint(list.Location), { pem: LIST });
  assert.equal(await endpoint(`${list.Location}x`.replace(/.x$/, 'x')), undefined);
  await assert.rejects(
    world.service.call('GetTrustStoreRevocationContent', { TrustStoreArn, RevocationId: 2 }),
    failing('RevocationIdNotFoundException'),
  );
  clock.advance(599_000);
  assert.deepEqual(await endpoint(bundle.Location), { pem: AUTHORITY });
  clock.advance(1000);
  assert.equal(await endpoint(bundle.Location), 'expired');
});
