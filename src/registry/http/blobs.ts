import type { ServerResponse } from 'node:http';
import { RuntimeError } from '../../kernel/errors.ts';
import { ProtocolError } from './errors.ts';
import { isHeld, isRangeOf } from './conditional.ts';
import { answerEmpty, answerHeld } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { rangeOf } from './range.ts';

const TYPE = 'application/octet-stream';

export async function headBlob(exchange: Exchange, name: string, digest: string): Promise<void> {
  const { sizeBytes } = await requireLink(exchange, name, digest);
  if (isHeld(exchange.req.headers['if-none-match'], digest)) return answerHeld(exchange.res, headersOf(digest));
  exchange.res.writeHead(200, { ...headersOf(digest), 'Content-Type': TYPE, 'Content-Length': sizeBytes }).end();
}

/** Streams a blob, or a range of it, no faster than the client takes it. */
export async function getBlob(exchange: Exchange, name: string, digest: string): Promise<void> {
  const { sizeBytes } = await requireLink(exchange, name, digest);
  const { headers } = exchange.req;
  if (isHeld(headers['if-none-match'], digest)) return answerHeld(exchange.res, headersOf(digest));
  const asked = isRangeOf(exchange.req.headersDistinct['if-range']?.[0], digest) ? headers.range : undefined;
  const range = rangeOf(asked, sizeBytes);
  if (range === 'unsatisfiable') {
    answerEmpty(exchange.res, 416, { 'Content-Range': `bytes */${sizeBytes}` });
    return;
  }
  const { start, end } = range ?? { start: 0, end: sizeBytes - 1 };
  const { res } = exchange;
  const begin = () =>
    res.writeHead(range ? 206 : 200, {
      ...headersOf(digest),
      'Content-Type': TYPE,
      'Content-Length': end - start + 1,
      ...(range && { 'Content-Range': `bytes ${start}-${end}/${sizeBytes}` }),
    });
  const write = (piece: Uint8Array) => {
    if (!res.headersSent) begin();
    return writePiece(res, piece);
  };
  await exchange.registry.blobs.send(digest, { start, end }, write).catch((error: unknown) => {
    if (error instanceof RuntimeError && error.kind === 'gone') throw unknownBlob(digest);
    throw error;
  });
  if (!res.headersSent) begin();
  res.end();
}

/** Resolves when the bytes are the system's. */
function writePiece(res: ServerResponse, piece: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    const cut = () => reject(new Error('The client hung up.'));
    res.once('close', cut);
    res.write(piece, (error) => {
      res.off('close', cut);
      if (error) reject(error);
      else resolve();
    });
  });
}

export async function deleteBlob(exchange: Exchange, name: string, digest: string): Promise<void> {
  const outcome = await exchange.registry.links.remove(exchange.scope, name, digest);
  if (outcome === 'unknown') throw unknownBlob(digest);
  if (outcome === 'needed') {
    throw new ProtocolError(405, 'UNSUPPORTED', `The blob ${digest} is part of an image of the repository '${name}'`);
  }
  answerEmpty(exchange.res, 202);
}

async function requireLink(exchange: Exchange, name: string, digest: string) {
  const link = await exchange.registry.links.use(exchange.scope, name, digest);
  if (!link) throw unknownBlob(digest);
  return link;
}

function headersOf(digest: string) {
  return { 'Docker-Content-Digest': digest, ETag: `"${digest}"`, 'Accept-Ranges': 'bytes' };
}

function unknownBlob(digest: string): ProtocolError {
  return new ProtocolError(404, 'BLOB_UNKNOWN', `The blob ${digest} is not known to the repository`);
}
