import { createPrivateKey, webcrypto } from 'node:crypto';
import { derOf, pemOf } from '../encoding.ts';
import { KEY_ALGORITHMS } from '../leaf.ts';
import * as x509 from '../x509.ts';

type Algorithm = keyof typeof KEY_ALGORITHMS;

const MAX_COMMON_NAME = 64;

/** A new key for a certificate: PKCS #8, PEM. */
export async function newKeyPem(algorithm: Algorithm): Promise<string> {
  const { privateKey } = await webcrypto.subtle.generateKey(KEY_ALGORITHMS[algorithm], true, ['sign', 'verify']);
  return pemOf('PRIVATE KEY', await webcrypto.subtle.exportKey('pkcs8', privateKey));
}

/** A PKCS #10 request for the names, as ACME sends it: base64url of its DER. */
export async function certificateRequest(
  names: readonly string[],
  algorithm: Algorithm,
  privateKeyPem: string,
): Promise<string> {
  const parameters = KEY_ALGORITHMS[algorithm];
  const { subtle } = webcrypto;
  const privateKey = await subtle.importKey('pkcs8', derOf(privateKeyPem), parameters, true, ['sign']);
  const jwk = createPrivateKey(privateKeyPem).export({ format: 'jwk' });
  const { d: _d, dp: _dp, dq: _dq, p: _p, q: _q, qi: _qi, ...publicJwk } = jwk;
  const publicKey = await subtle.importKey('jwk', publicJwk as webcrypto.JsonWebKey, parameters, true, ['verify']);
  const [commonName = ''] = names;
  const request = await x509.Pkcs10CertificateRequestGenerator.create(
    {
      name: commonName.length > MAX_COMMON_NAME ? [] : [{ CN: [commonName] }],
      keys: { privateKey, publicKey },
      signingAlgorithm: { name: parameters.name, hash: 'SHA-256' },
      extensions: [
        new x509.SubjectAlternativeNameExtension(names.map((name) => ({ type: 'dns' as const, value: name }))),
      ],
    },
    webcrypto,
  );
  return Buffer.from(request.rawData).toString('base64url');
}
