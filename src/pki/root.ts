import { webcrypto, X509Certificate as NodeCertificate, createPrivateKey } from 'node:crypto';
import type { Ids } from '../kernel/ids.ts';
import { derOf, pemOf, randomSerial } from './encoding.ts';
import * as x509 from './x509.ts';

const KEY_ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256' };
const HOUR_MS = 3_600_000;
const ROOT_YEARS = 10;

export interface RootPem {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

/** The root certificate and its key, ready to sign. */
export interface Root {
  readonly certificatePem: string;
  readonly certificate: x509.X509Certificate;
  readonly signingKey: webcrypto.CryptoKey;
}

/** A new self-signed root: EC P-256, ten years. */
export async function makeRoot(nowMs: number, ids: Ids, instanceId: string): Promise<RootPem> {
  const keys = await webcrypto.subtle.generateKey(KEY_ALGORITHM, true, ['sign', 'verify']);
  const notAfter = new Date(nowMs);
  notAfter.setUTCFullYear(notAfter.getUTCFullYear() + ROOT_YEARS);
  const certificate = await x509.X509CertificateGenerator.createSelfSigned(
    {
      serialNumber: randomSerial(ids),
      name: [{ CN: [`Longshore Root CA ${instanceId}`] }],
      // In the past, for clients whose clocks are a little behind.
      notBefore: new Date(nowMs - HOUR_MS),
      notAfter,
      keys,
      signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
      extensions: [
        new x509.BasicConstraintsExtension(true, undefined, true),
        new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
        await x509.SubjectKeyIdentifierExtension.create(keys.publicKey, false, webcrypto),
      ],
    },
    webcrypto,
  );
  return {
    certificatePem: `${certificate.toString('pem')}\n`,
    privateKeyPem: pemOf('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)),
  };
}

/** Throws when the two do not belong together or are damaged. */
export async function loadRoot(pem: RootPem): Promise<Root> {
  if (!new NodeCertificate(pem.certificatePem).checkPrivateKey(createPrivateKey(pem.privateKeyPem))) {
    throw new Error('The key is not the key of the certificate.');
  }
  return {
    certificatePem: pem.certificatePem,
    certificate: new x509.X509Certificate(pem.certificatePem),
    signingKey: await webcrypto.subtle.importKey('pkcs8', derOf(pem.privateKeyPem), KEY_ALGORITHM, false, ['sign']),
  };
}
