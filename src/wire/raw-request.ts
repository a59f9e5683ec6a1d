import type { Readable } from 'node:stream';

/** An HTTP request as it came: nothing is decoded yet, since the signature is over the raw text. */
export interface RawRequest {
  readonly method: string;
  /** The request target as sent: path and query, percent-encoded. */
  readonly rawUrl: string;
  /** In the order sent, names as sent; a name may stand more than once. */
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body: Buffer;
}

export interface RawResponse {
  readonly status: number;
  readonly headers: Record<string, string>;
  readonly body: Buffer;
  /**
   * Sent instead of `body`; how much it is says the header Content-Length. Whoever answers reads it to its end or
   * destroys it.
   */
  readonly stream?: Readable;
  /** The stream has no end of its own: it is ended when the server stops. */
  readonly live?: true;
}

/** The value of a header, whatever the case of its name; several of the same name are joined with commas. */
export function header(request: Pick<RawRequest, 'headers'>, name: string): string | undefined {
  const wanted = name.toLowerCase();
  const values = request.headers.filter(([key]) => key.toLowerCase() === wanted).map(([, value]) => value);
  return values.length > 0 ? values.join(',') : undefined;
}

/** The raw path and the raw query of the request target; scheme and host of an absolute target are dropped. */
export function splitTarget(rawUrl: string): { path: string; query: string } {
  const target = rawUrl.replace(/^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^/?#]*/, '');
  const mark = target.indexOf('?');
  const path = mark < 0 ? target : target.slice(0, mark);
  return { path: path === '' ? '/' : path, query: mark < 0 ? '' : target.slice(mark + 1) };
}
