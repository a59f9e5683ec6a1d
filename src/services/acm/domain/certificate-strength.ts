import { X509Certificate, type KeyObject } from 'node:crypto';

const PEM_CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Why TLS servers do not serve with a certificate and its chain (PEM), in half a sentence; undefined where they do.
 * The rule is that of OpenSSL's security level 2: 112 bits, but for how an authority signed itself.
 */
export function weaknessOf(pem: string): string | undefined {
  const certificates = (pem.match(PEM_CERTIFICATE) ?? []).map((it) => new X509Certificate(it));
  return certificates.map(weaknessOfOne).find((it) => it !== undefined);
}

function weaknessOfOne(certificate: X509Certificate): string | undefined {
  const name = certificate.subject?.split('\n').join(',') ?? '';
  if (!hasStrongKey(certificate.publicKey)) return `the key of '${name}' is too weak`;
  if (isSelfSigned(certificate) || hasStrongSignature(certificate)) return undefined;
  return `'${name}' is signed with ${certificate.signatureAlgorithm}`;
}

function hasStrongKey({ asymmetricKeyType: type, asymmetricKeyDetails: details }: KeyObject): boolean {
  switch (type) {
    case 'rsa':
    case 'rsa-pss':
    case 'dsa':
      return (details?.modulusLength ?? 0) >= 2048;
    case 'ec':
      // The names of curves have their bits in them: prime256v1, secp384r1, brainpoolP512t1.
      return Number(/\d{3}/.exec(details?.namedCurve ?? '')?.[0] ?? 0) >= 224;
    default:
      return type === 'ed25519' || type === 'ed448';
  }
}

function isSelfSigned(certificate: X509Certificate): boolean {
  return certificate.subject === certificate.issuer && certificate.verify(certificate.publicKey);
}

/** In DER: RSASSA-PSS with a hash of SHA-2's, which its name does not say. */
const PSS_WITH_SHA2 = /06092a864886f70d01010a30..a0..30..06096086480165030402/;

function hasStrongSignature({ signatureAlgorithm = '', raw }: X509Certificate): boolean {
  if (/^rsassaPss$/i.test(signatureAlgorithm)) return PSS_WITH_SHA2.test(raw.toString('hex'));
  return /sha(?:3-)?(?:224|256|384|512)|^ed(?:25519|448)$/i.test(signatureAlgorithm);
}
