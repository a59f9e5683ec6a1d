import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Scope } from '../../kernel/arn.ts';
import type { Registry } from '../registry.ts';
import type { ManifestRow } from '../tables.ts';

/** One request of an authenticated client and its answer. */
export interface Exchange {
  readonly req: IncomingMessage;
  readonly res: ServerResponse;
  readonly query: URLSearchParams;
  readonly registry: Registry;
  /** The account and region of the token. */
  readonly scope: Scope;
  /** The time of the request. */
  readonly now: number;
  /** Whether the caller may do `action` on the repository `name`. */
  may(action: string, name: string): Promise<boolean>;
  /** Notes that the caller pulled an image; returns at once. */
  pulled(manifest: ManifestRow): void;
}

type Headers = Readonly<Record<string, string | number>>;

/** Answers without a body. */
export function answerEmpty(res: ServerResponse, status: number, headers: Headers = {}): void {
  res.writeHead(status, status === 204 ? headers : { 'Content-Length': 0, ...headers }).end();
}

/** Answers that the client has what it asks for: `If-None-Match`. */
export function answerHeld(res: ServerResponse, headers: Headers): void {
  res.writeHead(304, headers).end();
}

/** To a HEAD goes all but the body: node:http leaves it out. */
export function answerText(
  res: ServerResponse,
  status: number,
  type: string,
  body: string,
  headers: Headers = {},
): void {
  // As text it goes out in one piece with the head.
  res.writeHead(status, { 'Content-Type': type, 'Content-Length': Buffer.byteLength(body), ...headers }).end(body);
}

export function answerJson(res: ServerResponse, status: number, body: object, headers: Headers = {}): void {
  answerText(res, status, 'application/json', JSON.stringify(body), headers);
}

export function answerError(
  res: ServerResponse,
  error: { status: number; code: string; message: string },
  headers: Headers = {},
): void {
  const { code, message } = error;
  answerJson(res, error.status, { errors: [{ code, message, detail: null }] }, headers);
}

/** The request's body. Its connection outlives a reader that gives up, so that the client can be told why. */
export function bodyOf(req: IncomingMessage): AsyncIterable<Uint8Array> {
  return req.iterator({ destroyOnReturn: false });
}
