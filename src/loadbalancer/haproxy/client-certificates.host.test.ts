import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import type { ClientCertificates } from '../load-balancer.ts';
import { listenerOf } from '../testing.ts';
import { testAuthority, type ClientIdentity } from './testing-authority.ts';
import { HostWorld, LB, selfSigned, TARGETS, until } from './testing-world.ts';

const NAMES = {
  certificate: 'X-Amzn-Mtls-Clientcert',
  serialNumber: 'X-Amzn-Mtls-Clientcert-Serial-Number',
  issuer: 'X-Amzn-Mtls-Clientcert-Issuer',
  subject: 'X-Amzn-Mtls-Clientcert-Subject',
  validity: 'X-Amzn-Mtls-Clientcert-Validity',
  leaf: 'X-Amzn-Mtls-Clientcert-Leaf',
};
const PKI = testAuthority();
const SERVER = selfSigned('shop.test');

async function serving(world: HostWorld, clientCertificates: ClientCertificates) {
  const plane = world.plane();
  const listener = listenerOf({
    listenerId: 'l443',
    addresses: [LB],
    port: 443,
    protocol: 'HTTPS',
    certificates: [{ certificateId: 'c', pem: SERVER }],
    clientCertificates,
  });
  await plane.apply({ ...world.table(), listeners: [listener] });
  await until(async () => (await plane.health('vpc-1'))[0]?.state === 'healthy');
  return plane;
}

async function headersOf(world: HostWorld, client?: ClientIdentity): Promise<Record<string, string>> {
  const forged = { [NAMES.subject]: 'CN=forged', [NAMES.certificate]: 'forged' };
  const options = { ca: SERVER, servername: 'shop.test', headers: forged, ...client };
  return JSON.parse((await world.get(`https://${LB}/`, options)).body).headers;
}

const verify = (more: object = {}): ClientCertificates => ({
  mode: 'verify',
  headerNames: NAMES,
  authorities: PKI.authority,
  revocations: [],
  ignoreExpiry: false,
  advertiseAuthorities: false,
  ...more,
});

test('verify lets clients of the authorities in, and tells targets who they are', async () => {
  await using world = new HostWorld();
  await world.serve(TARGETS[0]);
  await serving(world, verify());
  const seen = await headersOf(world, PKI.good);
  const known = new X509Certificate(PKI.good.cert);
  const iso = (text: string) => new Date(text).toISOString().replace('.000', '');
  assert.equal(seen['x-amzn-mtls-clientcert-serial-number'], '03A5B1');
  assert.equal(seen['x-amzn-mtls-clientcert-issuer'], 'CN=root,O=Pki,C=US');
  assert.equal(seen['x-amzn-mtls-clientcert-subject'], 'CN=good,O=Shop,C=US');
  const validity = `NotBefore=${iso(known.validFrom)};NotAfter=${iso(known.validTo)}`;
  assert.equal(seen['x-amzn-mtls-clientcert-validity'], validity);
  assert.equal(decodeURIComponent(seen['x-amzn-mtls-clientcert-leaf'] ?? ''), PKI.good.cert);
  assert.equal(seen['x-amzn-mtls-clientcert'], undefined);
});

test('a client without a certificate, with one of another authority, expired or revoked is refused', async () => {
  await using world = new HostWorld();
  await world.serve(TARGETS[0]);
  const plane = await serving(world, verify({ advertiseAuthorities: true }));
  const refused = /ssl|alert|ECONNRESET|socket hang up|EPIPE/i;
  const stranger = testAuthority().good;
  for (const client of [undefined, stranger, PKI.expired]) await assert.rejects(headersOf(world, client), refused);
  assert.ok(await headersOf(world, PKI.revoked));
  await plane.stop();
  await serving(world, verify({ revocations: [PKI.list], ignoreExpiry: true }));
  assert.ok(await headersOf(world, PKI.good));
  assert.ok(await headersOf(world, PKI.expired));
  await assert.rejects(headersOf(world, PKI.revoked), refused);
});

test('passthrough asks for a certificate, checks none, and hands it on', async () => {
  await using world = new HostWorld();
  await world.serve(TARGETS[0]);
  await serving(world, { mode: 'passthrough', headerNames: NAMES });
  const stranger = testAuthority().good;
  const seen = await headersOf(world, stranger);
  assert.equal(decodeURIComponent(seen['x-amzn-mtls-clientcert'] ?? ''), stranger.cert);
  assert.equal(seen['x-amzn-mtls-clientcert-subject'], undefined);
  const without = await headersOf(world);
  assert.equal(without['x-amzn-mtls-clientcert'], undefined);
});
