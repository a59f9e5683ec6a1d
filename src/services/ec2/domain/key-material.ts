import { createHash, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { invalidKeyFormat } from '../errors.ts';

/** Keys for OpenSSH. Fingerprints: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/verify-keys.html */

export type KeyType = 'rsa' | 'ed25519';

interface PublicKey {
  readonly type: KeyType;
  /** E.g. `ssh-rsa AAAA... name`. */
  readonly openSsh: string;
  readonly fingerprint: string;
}

export interface NewKey extends PublicKey {
  /** In PEM; of ed25519 in OpenSSH's own format. Kept nowhere. */
  readonly material: string;
}

export function newKey(type: KeyType, name: string): NewKey {
  if (type === 'ed25519') return newEd25519(name);
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pkcs8 = privateKey.export({ type: 'pkcs8', format: 'der' });
  return {
    type,
    openSsh: `ssh-rsa ${rsaBlob(publicKey).toString('base64')} ${name}`,
    fingerprint: inPairs(createHash('sha1').update(pkcs8).digest('hex')),
    material: privateKey.export({ type: 'pkcs1', format: 'pem' }).toString(),
  };
}

function newEd25519(name: string): NewKey {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const point = base64Url(publicKey.export({ format: 'jwk' }).x);
  const seed = base64Url(privateKey.export({ format: 'jwk' }).d);
  const blob = Buffer.concat([field('ssh-ed25519'), field(point)]);
  return {
    type: 'ed25519',
    openSsh: `ssh-ed25519 ${blob.toString('base64')} ${name}`,
    fingerprint: sha256(blob),
    material: openSshPrivateKey(
      blob,
      Buffer.concat([field('ssh-ed25519'), field(point), field(Buffer.concat([seed, point]))]),
    ),
  };
}

/** A key of the user's, in OpenSSH's format or in PEM. Throws InvalidKey.Format. */
export function importedKey(material: Buffer, name: string): PublicKey {
  const text = material.toString('utf8').trim();
  const [algorithm = '', encoded = ''] = text.split(/\s+/);
  if (algorithm === 'ssh-ed25519') {
    const blob = Buffer.from(encoded, 'base64');
    const [type, point] = fieldsOf(blob);
    if (type?.toString() !== algorithm || point?.length !== 32) throw invalidKeyFormat();
    return { type: 'ed25519', openSsh: `${algorithm} ${blob.toString('base64')} ${name}`, fingerprint: sha256(blob) };
  }
  const key = algorithm === 'ssh-rsa' ? rsaKey(Buffer.from(encoded, 'base64')) : pemKey(text);
  const spki = key.export({ type: 'spki', format: 'der' });
  return {
    type: 'rsa',
    openSsh: `ssh-rsa ${rsaBlob(key).toString('base64')} ${name}`,
    fingerprint: inPairs(createHash('md5').update(spki).digest('hex')),
  };
}

function rsaKey(blob: Buffer): KeyObject {
  const [type, e, n] = fieldsOf(blob);
  if (type?.toString() !== 'ssh-rsa' || !e || !n || n.length < 128) throw invalidKeyFormat();
  const url = (bytes: Buffer) => bytes.subarray(bytes[0] === 0 ? 1 : 0).toString('base64url');
  return createPublicKey({ key: { kty: 'RSA', n: url(n), e: url(e) }, format: 'jwk' });
}

function pemKey(text: string): KeyObject {
  try {
    const pem = text.includes('-----BEGIN') ? text : `-----BEGIN PUBLIC KEY-----\n${text}\n-----END PUBLIC KEY-----`;
    const key = createPublicKey(pem);
    if (key.asymmetricKeyType === 'rsa') return key;
  } catch {
    // Said below.
  }
  throw invalidKeyFormat();
}

function rsaBlob(key: KeyObject): Buffer {
  const { n, e } = key.export({ format: 'jwk' });
  return Buffer.concat([field('ssh-rsa'), field(positive(base64Url(e))), field(positive(base64Url(n)))]);
}

/** https://cvsweb.openbsd.org/src/usr.bin/ssh/PROTOCOL.key without a passphrase. */
function openSshPrivateKey(publicBlob: Buffer, privateFields: Buffer): string {
  const check = createHash('sha256').update(publicBlob).digest().subarray(0, 4);
  const bare = Buffer.concat([check, check, privateFields, field('')]);
  const padding = Buffer.from(Array.from({ length: (8 - (bare.length % 8)) % 8 }, (_, index) => index + 1));
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    field('none'),
    field('none'),
    field(''),
    Buffer.from([0, 0, 0, 1]),
    field(publicBlob),
    field(Buffer.concat([bare, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines.join('\n')}\n-----END OPENSSH PRIVATE KEY-----\n`;
}

function field(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function fieldsOf(blob: Buffer): readonly Buffer[] {
  const fields: Buffer[] = [];
  for (let at = 0; at + 4 <= blob.length;) {
    const length = blob.readUInt32BE(at);
    fields.push(blob.subarray(at + 4, at + 4 + length));
    at += 4 + length;
  }
  return fields;
}

function positive(bytes: Buffer): Buffer {
  return (bytes[0] ?? 0) & 0x80 ? Buffer.concat([Buffer.from([0]), bytes]) : bytes;
}

function base64Url(text: string | undefined): Buffer {
  return Buffer.from(text ?? '', 'base64url');
}

function sha256(blob: Buffer): string {
  return createHash('sha256').update(blob).digest('base64').replace(/=+$/, '');
}

function inPairs(hex: string): string {
  return (hex.match(/../g) ?? []).join(':');
}
