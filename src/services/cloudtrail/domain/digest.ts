import { createHash, createPublicKey, sign, type KeyObject } from 'node:crypto';
import type { DeliveredFileRow, DigestChainRow } from '../tables.ts';
import { sha256 } from './log-file.ts';
import { isoSeconds } from './times.ts';

/** What one digest says. */
export interface DigestFacts {
  readonly account: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly bucket: string;
  readonly object: string;
  readonly fingerprint: string;
  readonly previous?: NonNullable<DigestChainRow['previous']>;
  readonly files: readonly DeliveredFileRow[];
}

/** https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html */
export function digestContent(facts: DigestFacts): Buffer {
  const { previous, files } = facts;
  const newestMs = Math.max(...files.map((file) => file.newestMs));
  const oldestMs = Math.min(...files.map((file) => file.oldestMs));
  return Buffer.from(
    JSON.stringify({
      awsAccountId: facts.account,
      digestStartTime: isoSeconds(facts.startMs),
      digestEndTime: isoSeconds(facts.endMs),
      digestS3Bucket: facts.bucket,
      digestS3Object: facts.object,
      digestPublicKeyFingerprint: facts.fingerprint,
      digestSignatureAlgorithm: SIGNATURE_ALGORITHM,
      newestEventTime: files.length > 0 ? isoSeconds(newestMs) : null,
      oldestEventTime: files.length > 0 ? isoSeconds(oldestMs) : null,
      previousDigestS3Bucket: previous?.bucket ?? null,
      previousDigestS3Object: previous?.object ?? null,
      previousDigestHashValue: previous?.sha256 ?? null,
      previousDigestHashAlgorithm: previous ? 'SHA-256' : null,
      previousDigestSignature: previous?.signature ?? null,
      logFiles: files.map((file) => ({
        s3Bucket: file.bucket,
        s3Object: file.object,
        hashValue: file.sha256,
        hashAlgorithm: 'SHA-256',
        newestEventTime: isoSeconds(file.newestMs),
        oldestEventTime: isoSeconds(file.oldestMs),
      })),
    }),
  );
}

export const SIGNATURE_ALGORITHM = 'SHA256withRSA';

/**
 * The signature of a digest, in hexadecimal.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html
 */
export function digestSignature(facts: DigestFacts, content: Buffer, privateKey: KeyObject): string {
  const signed = [
    isoSeconds(facts.endMs),
    `${facts.bucket}/${facts.object}`,
    sha256(content),
    facts.previous?.signature ?? 'null',
  ].join('\n');
  return sign('sha256', Buffer.from(signed), privateKey).toString('hex');
}

/** The public half as ListPublicKeys shows it. */
export function publicHalf(privateKey: KeyObject): { readonly publicKey: string; readonly fingerprint: string } {
  const der = createPublicKey(privateKey).export({ type: 'pkcs1', format: 'der' });
  return { publicKey: der.toString('base64'), fingerprint: createHash('md5').update(der).digest('hex') };
}
