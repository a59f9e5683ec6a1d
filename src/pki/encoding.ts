import type { Ids } from '../kernel/ids.ts';

const SERIAL_BYTES = 16;

/** 32 hexadecimal digits: positive, and 16 bytes long in every form. */
export function randomSerial(ids: Ids): string {
  const bytes = ids.bytes(SERIAL_BYTES);
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40;
  return bytes.toString('hex');
}

export function pemOf(label: string, der: ArrayBuffer): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`;
}

/** The bytes of the first PEM block, whatever its label. */
export function derOf(pem: string): Buffer {
  const body = /-----BEGIN [^-]+-----([^-]+)-----END/.exec(pem)?.[1];
  if (body === undefined) throw new Error('There is no PEM block.');
  return Buffer.from(body, 'base64');
}
