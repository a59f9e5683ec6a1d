import { percentDecode } from './percent.ts';
import { header, splitTarget, type RawRequest } from './raw-request.ts';

/** `keyid/20260101/eu-central-1/ecs/aws4_request` */
export interface CredentialScope {
  readonly accessKeyId: string;
  /** YYYYMMDD */
  readonly date: string;
  /** As it was written: it need not be one. */
  readonly region: string;
  readonly signingName: string;
}

/** Answers undefined unless there are five parts; the key id may have slashes in it. */
export function parseCredential(credential: string): CredentialScope | undefined {
  const parts = credential.split('/');
  const [date, region, signingName, terminator] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join('/');
  if (!accessKeyId || !date || !region || !signingName || terminator !== 'aws4_request') return undefined;
  return { accessKeyId, date, region, signingName };
}

/** The scope a request claims to be signed for: enough to route it, nothing is verified. */
export function claimedScope(request: RawRequest): CredentialScope | undefined {
  const inHeader = /Credential=([^,\s]+)/.exec(header(request, 'authorization') ?? '')?.[1];
  if (inHeader !== undefined) return parseCredential(inHeader);
  const inQuery = /(?:^|&)X-Amz-Credential=([^&]*)/i.exec(splitTarget(request.rawUrl).query)?.[1];
  const credential = inQuery === undefined ? undefined : percentDecode(inQuery);
  return credential === undefined ? undefined : parseCredential(credential);
}
