import { webcrypto } from 'node:crypto';
import { systemIds } from '../../kernel/ids.ts';
import { randomSerial } from '../encoding.ts';
import { loadRoot, makeRoot } from '../root.ts';
import * as x509 from '../x509.ts';
import type { SignRequest } from './testing-acme-server.ts';

const DAY_MS = 86_400_000;

/** Signs requests under a root of its own, for as many days as a public authority does. */
export async function testSigner(
  nowMs: number,
  days = 90,
): Promise<{ readonly rootPem: string; readonly sign: SignRequest }> {
  const root = await loadRoot(await makeRoot(nowMs, systemIds, 'acmetest'));
  const sign: SignRequest = async (names, request) => {
    const certificate = await x509.X509CertificateGenerator.create(
      {
        serialNumber: randomSerial(systemIds),
        subject: [{ CN: [names[0] ?? ''] }],
        issuer: root.certificate.subjectName,
        notBefore: new Date(nowMs),
        notAfter: new Date(nowMs + days * DAY_MS),
        signingAlgorithm: { name: 'ECDSA', hash: 'SHA-256' },
        publicKey: request.publicKey,
        signingKey: root.signingKey,
        extensions: [
          new x509.SubjectAlternativeNameExtension(names.map((name) => ({ type: 'dns' as const, value: name }))),
        ],
      },
      webcrypto,
    );
    return `${certificate.toString('pem')}\n${root.certificatePem}`;
  };
  return { rootPem: root.certificatePem, sign };
}
