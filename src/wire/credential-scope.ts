import { percentDecode } from './percent.ts';
import { header, splitTarget, type RawRequest } from './raw-request.ts';

/** `keyid/20260101/eu-central-1/ecs/aws4_request` */
export interface CredentialScope {
  readonly accessKeyId: string;
  /** YYYYMMDD */
  readonly date: string;
  readonly region: string;
  readonly signingName: string;
}

/** It becomes a part of keys and names: made-up ones are taken, but only in the form that AWS's have. */
const REGION = /^[a-z0-9-]{1,32}$/;

/** Answers undefined unless there are five parts and the region may be one; the key id may have slashes in it. */
export function parseCredential(credential: string): CredentialScope | undefined {
  const parts = credential.split('/');
  const [date, region, signingName, terminator] = parts.slice(-4);
  const accessKeyId = parts.slice(0, -4).join('/');
  if (!accessKeyId || !date || !region || !signingName || terminator !== 'aws4_request') return undefined;
  if (!REGION.test(region)) return undefined;
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
