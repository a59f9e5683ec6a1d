import type { Piece } from '../tables.ts';

/** Both ends are inside. */
export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/**
 * `bytes=0-9`, `bytes=5-`, `bytes=-5`. `all` for what is no single range, which HTTP says to ignore; `none` for one
 * that the object does not have.
 */
export function parseRange(text: string | undefined, sizeBytes: number): ByteRange | 'all' | 'none' {
  const parts = /^bytes=(\d*)-(\d*)$/.exec(text?.trim() ?? '');
  if (!parts || (parts[1] === '' && parts[2] === '')) return 'all';
  if (parts[1] === '') {
    const length = Math.min(Number(parts[2]), sizeBytes);
    return length === 0 ? 'none' : { start: sizeBytes - length, end: sizeBytes - 1 };
  }
  const start = Number(parts[1]);
  const end = parts[2] === '' ? Infinity : Number(parts[2]);
  if (end < start) return 'all';
  return start >= sizeBytes ? 'none' : { start, end: Math.min(end, sizeBytes - 1) };
}

/** The part of each piece that lies in a range, in order. */
export function cutPieces(
  pieces: readonly Piece[],
  { start, end }: ByteRange,
): readonly { readonly id: string; readonly range: ByteRange }[] {
  let offset = 0;
  return pieces.flatMap(({ id, sizeBytes }) => {
    const range = { start: Math.max(0, start - offset), end: Math.min(sizeBytes - 1, end - offset) };
    offset += sizeBytes;
    return range.start <= range.end ? [{ id, range }] : [];
  });
}
