import { X509Certificate } from 'node:crypto';

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[\s\S]+?-----END CERTIFICATE-----/g;
const LIST = /-----BEGIN X509 CRL-----([\s\S]+?)-----END X509 CRL-----/g;

/** How many certificates a bundle in PEM has; undefined when it has none, or something that is none. */
export function countCertificates(pem: string): number | undefined {
  const found = pem.match(CERTIFICATE) ?? [];
  try {
    return found.map((text) => new X509Certificate(text)).length || undefined;
  } catch {
    return undefined;
  }
}

/** How many certificates lists in PEM revoke; undefined when there is none, or something that is none. */
export function countRevoked(pem: string): number | undefined {
  const lists = [...pem.matchAll(LIST)].map(([, body = '']) => revokedOf(Buffer.from(body, 'base64')));
  return lists.length === 0 ? undefined : lists.reduce<number | undefined>(plus, 0);
}

function plus(sum: number | undefined, count: number | undefined): number | undefined {
  return sum === undefined || count === undefined ? undefined : sum + count;
}

const SEQUENCE = 0x30;
const TIMES = [0x17, 0x18];

/** RFC 5280, 5.1: (version) signature issuer thisUpdate (nextUpdate) (revokedCertificates) (extensions). */
function revokedOf(der: Buffer): number | undefined {
  const [list] = elements(der) ?? [];
  const [toBeSigned] = (list?.tag === SEQUENCE && elements(list.content)) || [];
  const fields = toBeSigned?.tag === SEQUENCE ? elements(toBeSigned.content) : undefined;
  const time = fields?.findLastIndex((field) => TIMES.includes(field.tag)) ?? -1;
  if (!fields || time < 0) return undefined;
  const revoked = fields[time + 1];
  return revoked?.tag === SEQUENCE ? elements(revoked.content)?.length : 0;
}

interface Element {
  readonly tag: number;
  readonly content: Buffer;
}

/** DER's elements one after another; undefined when it is cut off. */
function elements(der: Buffer): readonly Element[] | undefined {
  const found: Element[] = [];
  let at = 0;
  while (at < der.length) {
    const [tag, first] = [der[at], der[at + 1]];
    if (tag === undefined || first === undefined) return undefined;
    const digits = first < 0x80 ? 0 : first & 0x7f;
    if (digits > 4 || at + 2 + digits > der.length) return undefined;
    const length = digits === 0 ? first : der.readUIntBE(at + 2, digits);
    const start = at + 2 + digits;
    if (start + length > der.length) return undefined;
    found.push({ tag, content: der.subarray(start, start + length) });
    at = start + length;
  }
  return found;
}
