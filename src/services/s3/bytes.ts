import type { ReadTx, WriteTx } from '../../store/store.ts';
import {
  bytes,
  manifests,
  objectKey,
  objects,
  partKey,
  parts,
  uploadKey,
  uploads,
  type ObjectRow,
  type PartRow,
  type UploadRow,
} from './tables.ts';

/**
 * Rows say which bytes are in use. Bytes are written before the row that names them, and removed some time after the
 * last that did: so a row never names what is not there, and what no row knows is a crash's.
 */
export async function keepBytes(tx: WriteTx, id: string): Promise<void> {
  await tx.put(bytes, { id });
}

export async function dropBytes(tx: WriteTx, id: string, now: number): Promise<void> {
  const row = await tx.get(bytes, id);
  if (row) await tx.put(bytes, { ...row, unusedSinceMs: now });
}

/** Puts an object in the place of the one that its key had. */
export async function replaceObject(tx: WriteTx, row: ObjectRow, now: number): Promise<void> {
  const before = await tx.get(objects, objectKey(row.bucket, row.key));
  if (before) await dropObjectBytes(tx, before, now);
  await tx.put(objects, before ? { ...row, revision: before.revision } : row);
}

export async function deleteObject(tx: WriteTx, row: ObjectRow, now: number): Promise<void> {
  await dropObjectBytes(tx, row, now);
  await tx.delete(objects, objectKey(row.bucket, row.key));
}

async function dropObjectBytes(tx: WriteTx, row: ObjectRow, now: number): Promise<void> {
  if (row.partCount === undefined) return dropBytes(tx, row.bytes, now);
  const manifest = await tx.get(manifests, row.bytes);
  for (const piece of manifest?.pieces ?? []) await dropBytes(tx, piece.id, now);
  await tx.delete(manifests, row.bytes);
}

export async function partsOf(tx: ReadTx, uploadId: string): Promise<readonly PartRow[]> {
  return tx.list(parts, { prefix: `${uploadId}/` });
}

/** Ends an upload: its row, its parts' rows, and the bytes of the parts that are not `kept`. */
export async function endUpload(
  tx: WriteTx,
  upload: UploadRow,
  now: number,
  kept: ReadonlySet<string> = new Set(),
): Promise<void> {
  for (const part of await partsOf(tx, upload.uploadId)) {
    if (!kept.has(part.bytes)) await dropBytes(tx, part.bytes, now);
    await tx.delete(parts, partKey(part.uploadId, part.partNumber));
  }
  await tx.delete(uploads, uploadKey(upload.bucket, upload.key, upload.uploadId));
}
