import { webcrypto } from 'node:crypto';
import type { Ids } from '../kernel/ids.ts';
import type { CertificateRequest, IssuedCertificate } from './authority.ts';
import { pemOf, randomSerial } from './encoding.ts';
import type { Root } from './root.ts';
import * as x509 from './x509.ts';

/** X.520's upper bound: a longer name stands in the SAN only. */
const MAX_COMMON_NAME = 64;

/** Parameters of WebCrypto for each kind of key. */
export const KEY_ALGORITHMS = {
  RSA_2048: {
    name: 'RSASSA-PKCS1-v1_5',
    hash: 'SHA-256',
    modulusLength: 2048,
    publicExponent: new Uint8Array([1, 0, 1]),
  },
  EC_prime256v1: { name: 'ECDSA', namedCurve: 'P-256' },
  EC_secp384r1: { name: 'ECDSA', namedCurve: 'P-384' },
} as const;

/**
 * A server certificate for `request.names`, signed by the root. It never outlives the root: an end after the root's is
 * brought forward to it.
 */
export async function issueLeaf(root: Root, ids: Ids, request: CertificateRequest): Promise<IssuedCertificate> {
  const [commonName] = request.names;
  if (commonName === undefined) throw new Error('A certificate needs at least one name.');
  const algorithm = KEY_ALGORITHMS[request.keyAlgorithm];
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  const serial = randomSerial(ids);
  const certificate = await x509.X509CertificateGenerator.create(
    {
      serialNumber: serial,
      subject: commonName.length > MAX_COMMON_NAME ? [] : [{ CN: [commonName] }],
      issuer: root.certificate.subjectName,
      notBefore: new Date(request.notBeforeMs),
      notAfter: new Date(Math.min(request.notAfterMs, root.certificate.notAfter.getTime())),
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      publicKey: keys.publicKey,
      signingKey: root.signingKey,
      extensions: await leafExtensions(root, keys.publicKey, request),
    },
    webcrypto,
  );
  return {
    certificatePem: `${certificate.toString('pem')}\n`,
    chainPem: root.certificatePem,
    privateKeyPem: pemOf('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)),
    serial: (serial.match(/../g) ?? []).join(':'),
  };
}

async function leafExtensions(root: Root, publicKey: webcrypto.CryptoKey, request: CertificateRequest) {
  const { digitalSignature, keyEncipherment } = x509.KeyUsageFlags;
  const keyUsages =
    request.keyAlgorithm === 'RSA_2048'
      ? new x509.KeyUsagesExtension(digitalSignature | keyEncipherment, true)
      : new x509.KeyUsagesExtension(digitalSignature, true);
  const tooLong = (request.names[0] ?? '').length > MAX_COMMON_NAME;
  return [
    new x509.BasicConstraintsExtension(false, undefined, true),
    keyUsages,
    new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]),
    // RFC 5280: the SAN is critical where the subject is empty.
    new x509.SubjectAlternativeNameExtension(
      request.names.map((name) => ({ type: 'dns' as const, value: name })),
      tooLong,
    ),
    await x509.SubjectKeyIdentifierExtension.create(publicKey, false, webcrypto),
    await x509.AuthorityKeyIdentifierExtension.create(root.certificate.publicKey, false, webcrypto),
  ];
}
