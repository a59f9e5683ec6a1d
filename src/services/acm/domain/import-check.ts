import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto';
import { factsOf, keyAlgorithmOf, namesOf } from './certificate-facts.ts';
import type { CertificateFacts, KeyAlgorithm } from '../tables.ts';

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

export interface ImportedCertificate {
  readonly certificatePem: string;
  readonly chainPem?: string;
  /** PKCS #8. */
  readonly privateKeyPem: string;
  readonly keyAlgorithm: KeyAlgorithm;
  readonly names: readonly string[];
  readonly facts: CertificateFacts;
}

export interface ImportRequest {
  readonly certificate: string;
  readonly privateKey: string;
  readonly chain?: string;
}

/** The rules that ACM documents for imports (Prerequisites for importing ACM certificates). Pure. */
export function checkImport(request: ImportRequest, now: number): ImportedCertificate | { readonly problem: string } {
  const certificates = request.certificate.match(PEM_CERTIFICATE) ?? [];
  if (certificates.length > 1) {
    return {
      problem:
        'The certificate field contains more than one certificate. You can specify only one certificate in this field.',
    };
  }
  const leaf = parseCertificate(certificates[0] ?? '');
  if (!leaf) return { problem: 'The certificate is not a valid PEM-encoded X.509 certificate.' };
  const key = parseKey(request.privateKey);
  if (!key) return { problem: 'The private key is not a valid, unencrypted, PEM-encoded private key.' };
  const keyAlgorithm = keyAlgorithmOf(key);
  if (!keyAlgorithm) return { problem: 'The private key is not supported.' };
  if (!leaf.checkPrivateKey(key)) return { problem: 'The private key does not match the certificate.' };
  const facts = factsOf(leaf);
  if (now < facts.notBeforeMs) return { problem: 'The certificate is not valid yet.' };
  if (now >= facts.notAfterMs) return { problem: 'The certificate has expired.' };
  const chain = checkChain(leaf, request.chain);
  if ('problem' in chain) return chain;
  return {
    certificatePem: `${certificates[0] ?? ''}\n`,
    ...(chain.pem === undefined ? {} : { chainPem: chain.pem }),
    privateKeyPem: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    keyAlgorithm,
    names: namesOf(leaf),
    facts,
  };
}

function checkChain(leaf: X509Certificate, chain: string | undefined): { pem?: string } | { problem: string } {
  if (!chain?.trim()) {
    return leaf.checkIssued(leaf) && leaf.verify(leaf.publicKey)
      ? {}
      : {
          problem:
            'Provided certificate is not a valid self signed. Please provide either a valid self-signed certificate or certificate chain.',
        };
  }
  const blocks = chain.match(PEM_CERTIFICATE) ?? [];
  const issuers = blocks.map(parseCertificate);
  if (blocks.length === 0 || issuers.includes(undefined)) {
    return { problem: 'The certificate chain is not a series of valid PEM-encoded X.509 certificates.' };
  }
  let subject = leaf;
  for (const issuer of issuers) {
    if (!issuer || !subject.checkIssued(issuer) || !subject.verify(issuer.publicKey)) {
      return { problem: 'Could not validate the certificate with the certificate chain.' };
    }
    subject = issuer;
  }
  return { pem: `${blocks.join('\n')}\n` };
}

function parseCertificate(pem: string): X509Certificate | undefined {
  try {
    return new X509Certificate(pem);
  } catch {
    return undefined;
  }
}

function parseKey(pem: string): KeyObject | undefined {
  try {
    return createPrivateKey(pem);
  } catch {
    return undefined;
  }
}
