import { open } from 'node:fs/promises';
import { RuntimeError } from '../../kernel/errors.ts';

const BLOCK_BYTES = 512;

export type TarEntry =
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly mode: number;
      /** The bytes, or the file that has them: read straight into the tar, since programs are large. */
      readonly content: Buffer | { readonly source: string; readonly sizeBytes: number };
    }
  | { readonly kind: 'folder'; readonly path: string; readonly mode: number; readonly owner?: number }
  | { readonly kind: 'link'; readonly path: string; readonly target: string };

/** A tar (ustar) in the order given; root's, unless a folder says another owner. Paths are relative, up to 100 characters. */
export async function writeTar(entries: readonly TarEntry[]): Promise<Buffer> {
  const total = entries.reduce((sum, entry) => sum + BLOCK_BYTES + padded(sizeOf(entry)), 2 * BLOCK_BYTES);
  const tar = Buffer.alloc(total);
  let offset = 0;
  for (const entry of entries) {
    writeHeader(tar.subarray(offset, offset + BLOCK_BYTES), entry);
    offset += BLOCK_BYTES;
    if (entry.kind !== 'file') continue;
    const place = tar.subarray(offset, offset + sizeOf(entry));
    if (Buffer.isBuffer(entry.content)) entry.content.copy(place);
    else await readInto(place, entry.content.source);
    offset += padded(place.length);
  }
  return tar;
}

async function readInto(place: Buffer, source: string): Promise<void> {
  const file = await open(source);
  try {
    let done = 0;
    while (done < place.length) {
      const { bytesRead } = await file.read(place, done, place.length - done, done);
      if (bytesRead === 0) throw new RuntimeError('temporary', `${source} changed while it was read`);
      done += bytesRead;
    }
  } finally {
    await file.close();
  }
}

function sizeOf(entry: TarEntry): number {
  if (entry.kind !== 'file') return 0;
  return Buffer.isBuffer(entry.content) ? entry.content.length : entry.content.sizeBytes;
}

/** The first entry of a tar, where it is a plain file; undefined where it is something else. */
export function readTarFile(tar: Buffer): Buffer | undefined {
  let offset = 0;
  for (;;) {
    const header = tar.subarray(offset, offset + BLOCK_BYTES);
    if (header.length < BLOCK_BYTES || header[0] === 0) return undefined;
    const type = String.fromCharCode(header[156] ?? 0);
    const size = Number.parseInt(header.toString('latin1', 124, 136).replace(/\0.*$/s, '').trim(), 8);
    offset += BLOCK_BYTES;
    // Extended headers say more about the entry that follows.
    if (type === 'x' || type === 'g' || type === 'L') {
      offset += padded(size);
      continue;
    }
    return type === '0' || type === '\0' ? tar.subarray(offset, offset + size) : undefined;
  }
}

function writeHeader(header: Buffer, entry: TarEntry): void {
  if (Buffer.byteLength(entry.path) > 100) throw new RuntimeError('rejected', `the path is too long: ${entry.path}`);
  const mode = entry.kind === 'link' ? 0o777 : entry.mode;
  const owner = entry.kind === 'folder' ? (entry.owner ?? 0) : 0;
  header.write(entry.path, 0);
  header.write(octal(mode, 8), 100);
  header.write(octal(owner, 8), 108);
  header.write(octal(owner, 8), 116);
  header.write(octal(sizeOf(entry), 12), 124);
  header.write(octal(0, 12), 136); // changed in 1970: the same image everywhere
  header.write(' '.repeat(8), 148);
  header.write({ file: '0', folder: '5', link: '2' }[entry.kind], 156);
  if (entry.kind === 'link') header.write(entry.target, 157, 100);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK_BYTES) * BLOCK_BYTES;
}

function octal(value: number, length: number): string {
  return `${value.toString(8).padStart(length - 1, '0')}\0`;
}
