import { messageOf } from '../../kernel/errors.ts';
import type { Allowance } from './allowance.ts';
import { readMultipart } from './multipart.ts';

const MAX_DEPTH = 8;

/** One piece of user data, by what cloud-init does with it; `refused` says why nothing is done with it. */
export type UserDataPart =
  | { readonly kind: 'script'; readonly bytes: Buffer }
  | { readonly kind: 'script-per-boot'; readonly bytes: Buffer }
  | { readonly kind: 'boothook'; readonly bytes: Buffer }
  | { readonly kind: 'cloud-config'; readonly text: string }
  | { readonly kind: 'refused'; readonly why: string };

const BY_TYPE: Readonly<Record<string, Exclude<UserDataPart['kind'], 'refused'>>> = {
  'text/x-shellscript': 'script',
  'text/x-shellscript-per-instance': 'script',
  'text/x-shellscript-per-once': 'script',
  'text/x-shellscript-per-boot': 'script-per-boot',
  'text/cloud-boothook': 'boothook',
  'text/cloud-config': 'cloud-config',
};

/** Types that say nothing: the first line decides. */
const UNTOLD = [
  'text/plain',
  'text/x-not-multipart',
  'application/octet-stream',
  'application/gzip',
  'application/x-gzip',
];

/**
 * Takes user data apart as cloud-init does: gzip, MIME multipart, then by type or first line.
 * https://cloudinit.readthedocs.io/en/latest/explanation/format.html
 * @param allowance what it may unpack to
 */
export function partsOfUserData(bytes: Buffer, allowance: Allowance): readonly UserDataPart[] {
  return partsOf(bytes, undefined, { allowance, depth: 0 });
}

interface Within {
  readonly allowance: Allowance;
  readonly depth: number;
}

function partsOf(packed: Buffer, type: string | undefined, within: Within): readonly UserDataPart[] {
  const { allowance, depth } = within;
  if (depth > MAX_DEPTH) return [refused('it is packed too deep')];
  let bytes = packed;
  try {
    if (packed[0] === 0x1f && packed[1] === 0x8b) bytes = allowance.unpack(packed);
  } catch (error) {
    return [refused(`it cannot be unpacked: ${messageOf(error)}`)];
  }
  if (bytes.toString('utf8').trim() === '') return [];
  const told = type === undefined || UNTOLD.includes(type) ? undefined : type;
  if (told?.startsWith('multipart/') || (told === undefined && isMultipart(bytes))) {
    const inner = readMultipart(bytes);
    if (typeof inner === 'string') return [refused(inner)];
    return inner.flatMap((part) => partsOf(part.bytes, part.type, { allowance, depth: depth + 1 }));
  }
  return [told === undefined ? byFirstLine(bytes) : byType(bytes, told)];
}

function isMultipart(bytes: Buffer): boolean {
  return /^(content-type|mime-version):/i.test(bytes.toString('latin1', 0, 100).trimStart());
}

function byType(bytes: Buffer, type: string): UserDataPart {
  const kind = Object.hasOwn(BY_TYPE, type) ? BY_TYPE[type] : undefined;
  if (kind === undefined) return refused(`parts of type ${type} are not supported`);
  return kind === 'cloud-config' ? { kind, text: bytes.toString('utf8') } : { kind, bytes: stripped(bytes) };
}

function byFirstLine(bytes: Buffer): UserDataPart {
  const line = (bytes.toString('utf8', 0, 200).split('\n')[0] ?? '').trim();
  if (line.startsWith('#!')) return { kind: 'script', bytes: stripped(bytes) };
  if (line.startsWith('#cloud-boothook')) return { kind: 'boothook', bytes: stripped(bytes) };
  if (/^#cloud-config\s*$/.test(line)) return { kind: 'cloud-config', text: bytes.toString('utf8') };
  if (line.startsWith('#') || line.startsWith('<'))
    return refused(`what begins with '${line.slice(0, 40)}' is not supported`);
  return refused("it begins with none of '#!', '#cloud-config', '#cloud-boothook' and a MIME header");
}

/** A boothook's first line is for cloud-init, which also takes the carriage returns of Windows away. */
function stripped(bytes: Buffer): Buffer {
  const text = bytes.toString('latin1');
  const isDos = /^[^\n]*\r\n/.test(text);
  const isBoothook = text.startsWith('#cloud-boothook');
  if (!isDos && !isBoothook) return bytes;
  const lines = isDos ? text.replaceAll('\r\n', '\n') : text;
  return Buffer.from(isBoothook ? lines.replace(/^[^\n]*\n?/, '') : lines, 'latin1');
}

function refused(why: string): UserDataPart {
  return { kind: 'refused', why };
}
