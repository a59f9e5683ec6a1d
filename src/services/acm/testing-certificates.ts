import { webcrypto } from 'node:crypto';
import { pemOf } from '../../pki/encoding.ts';
import * as x509 from '../../pki/x509.ts';

/** How a key is made, and the hash that it signs with. */
interface Algorithm {
  readonly name: 'ECDSA' | 'RSASSA-PKCS1-v1_5' | 'RSA-PSS';
  readonly hash: 'SHA-1' | 'SHA-256';
  readonly namedCurve?: string;
  readonly modulusLength?: number;
  readonly publicExponent?: Uint8Array<ArrayBuffer>;
  readonly saltLength?: number;
}

export const ec = (hash: Algorithm['hash']): Algorithm => ({ name: 'ECDSA', namedCurve: 'P-256', hash });

export const rsa = (modulusLength: number, hash: Algorithm['hash'], name: Algorithm['name'] = 'RSASSA-PKCS1-v1_5') => ({
  name,
  modulusLength,
  publicExponent: new Uint8Array([1, 0, 1]),
  hash,
  saltLength: 20,
});

export interface TestIdentity {
  readonly certificatePem: string;
  readonly privateKeyPem: string;
  readonly name: string;
  readonly algorithm: Algorithm;
  readonly keys: webcrypto.CryptoKeyPair;
}

/** A certificate of 2025 to 2035, as weak as it is asked for; signed by itself when nobody else is named. */
export async function testIdentity(name: string, algorithm: Algorithm, by?: TestIdentity): Promise<TestIdentity> {
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
  if (!('privateKey' in keys)) throw new Error('There is one key only.');
  const signer = by ?? { name, algorithm, keys };
  const certificate = await x509.X509CertificateGenerator.create(
    {
      subject: `CN=${name}`,
      issuer: `CN=${signer.name}`,
      notBefore: new Date(Date.UTC(2025, 0, 1)),
      notAfter: new Date(Date.UTC(2035, 0, 1)),
      publicKey: keys.publicKey,
      signingKey: signer.keys.privateKey,
      signingAlgorithm: signer.algorithm,
    },
    webcrypto,
  );
  return {
    certificatePem: `${certificate.toString('pem')}\n`,
    privateKeyPem: pemOf('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)),
    name,
    algorithm,
    keys,
  };
}
