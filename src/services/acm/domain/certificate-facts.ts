import type { KeyObject, X509Certificate } from 'node:crypto';
import type { CertificateFacts, KeyAlgorithm } from '../tables.ts';

const CURVES: Readonly<Record<string, KeyAlgorithm>> = {
  prime256v1: 'EC_prime256v1',
  secp384r1: 'EC_secp384r1',
  secp521r1: 'EC_secp521r1',
};

const MODULI: Readonly<Record<number, KeyAlgorithm>> = {
  1024: 'RSA_1024',
  2048: 'RSA_2048',
  3072: 'RSA_3072',
  4096: 'RSA_4096',
};

export function factsOf(certificate: X509Certificate): CertificateFacts {
  const issuer = attributesOf(certificate.issuer);
  return {
    serial: (certificate.serialNumber.toLowerCase().match(/../g) ?? []).join(':'),
    subject: certificate.subject?.split('\n').join(',') ?? '',
    issuer: issuer.get('O') ?? issuer.get('CN') ?? certificate.issuer.split('\n').join(','),
    signatureAlgorithm: signatureName(certificate.signatureAlgorithm ?? ''),
    notBeforeMs: certificate.validFromDate.getTime(),
    notAfterMs: certificate.validToDate.getTime(),
    extendedKeyUsages: certificate.keyUsage ?? [],
  };
}

/** The certificate's own names: the SAN's DNS names, the common name first. */
export function namesOf(certificate: X509Certificate): readonly string[] {
  const commonName = attributesOf(certificate.subject ?? '').get('CN');
  const alternatives = (certificate.subjectAltName ?? '')
    .split(', ')
    .filter((name) => name.startsWith('DNS:'))
    .map((name) => name.slice('DNS:'.length));
  return [...new Set([...(commonName === undefined ? [] : [commonName]), ...alternatives])];
}

/** ACM's name for a key's kind and size; undefined for a kind that ACM does not take. */
export function keyAlgorithmOf(key: KeyObject): KeyAlgorithm | undefined {
  const details = key.asymmetricKeyDetails;
  if (key.asymmetricKeyType === 'rsa') return MODULI[details?.modulusLength ?? 0];
  if (key.asymmetricKeyType === 'ec') return CURVES[details?.namedCurve ?? ''];
  return undefined;
}

/** OpenSSL's `sha256WithRSAEncryption` and `ecdsa-with-SHA256` as ACM writes them. */
function signatureName(openssl: string): string {
  const rsa = /^(sha\d+)WithRSAEncryption$/i.exec(openssl);
  if (rsa?.[1]) return `${rsa[1].toUpperCase()}WITHRSA`;
  const ecdsa = /^ecdsa-with-(sha\d+)$/i.exec(openssl);
  return ecdsa?.[1] ? `${ecdsa[1].toUpperCase()}WITHECDSA` : openssl;
}

function attributesOf(name: string): ReadonlyMap<string, string> {
  return new Map(
    name.split('\n').flatMap((line): [string, string][] => {
      const at = line.indexOf('=');
      return at < 0 ? [] : [[line.slice(0, at), line.slice(at + 1)]];
    }),
  );
}
