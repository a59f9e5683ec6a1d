import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ec, rsa, testIdentity } from '../testing-certificates.ts';
import { weaknessOf } from './certificate-strength.ts';

test('a certificate is as strong as its key, and as what signed it and its chain', async () => {
  const authority = (algorithm: Parameters<typeof testIdentity>[1]) => testIdentity('root', algorithm);
  const chain = async (root: Promise<Awaited<ReturnType<typeof testIdentity>>>, algorithm = ec('SHA-256')) => {
    const by = await root;
    return weaknessOf((await testIdentity('leaf', algorithm, by)).certificatePem + by.certificatePem);
  };
  assert.equal(await chain(authority(ec('SHA-256'))), undefined);
  assert.equal(await chain(authority(rsa(2048, 'SHA-256'))), undefined);
  assert.equal(await chain(authority(rsa(2048, 'SHA-256', 'RSA-PSS'))), undefined);
  assert.equal(await chain(authority(ec('SHA-1'))), "'CN=leaf' is signed with ecdsa-with-SHA1");
  assert.equal(await chain(authority(rsa(2048, 'SHA-1'))), "'CN=leaf' is signed with sha1WithRSAEncryption");
  assert.equal(await chain(authority(rsa(2048, 'SHA-1', 'RSA-PSS'))), "'CN=leaf' is signed with rsassaPss");
  assert.equal(await chain(authority(rsa(1024, 'SHA-256'))), "the key of 'CN=root' is too weak");
  assert.equal(await chain(authority(ec('SHA-256')), rsa(1024, 'SHA-256')), "the key of 'CN=leaf' is too weak");
});

test('how a certificate signed itself does not count', async () => {
  assert.equal(weaknessOf((await testIdentity('own', rsa(2048, 'SHA-1'))).certificatePem), undefined);
  assert.match(weaknessOf((await testIdentity('own', rsa(1024, 'SHA-256'))).certificatePem) ?? '', /too weak/);
});
