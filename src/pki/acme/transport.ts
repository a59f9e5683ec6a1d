import { request as requestHttp, type IncomingHttpHeaders } from 'node:http';
import { request as requestHttps } from 'node:https';
import { rootCertificates } from 'node:tls';

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST';
  readonly body?: string;
}

export type Transport = (url: string, request: HttpRequest) => Promise<HttpAnswer>;

const TIMEOUT_MS = 30_000;
const MOST_BYTES = 1_048_576;

/** @param caPem trusted beside the roots that come with Node: of a private ACME server */
export function acmeTransport(caPem?: string): Transport {
  return (url, { method, body }) =>
    new Promise((resolve, reject) => {
      const secure = new URL(url).protocol === 'https:';
      const options = {
        method,
        signal: AbortSignal.timeout(TIMEOUT_MS),
        agent: false,
        headers: {
          'user-agent': 'longshore',
          ...(body === undefined
            ? {}
            : { 'content-type': 'application/jose+json', 'content-length': Buffer.byteLength(body) }),
        },
      } as const;
      const trust = caPem === undefined ? {} : { ca: [...rootCertificates, caPem] };
      const request = secure ? requestHttps(url, { ...options, ...trust }) : requestHttp(url, options);
      request.on('error', reject).on('response', (response) => {
        const chunks: Buffer[] = [];
        let size = 0;
        response.on('data', (chunk: Buffer) => {
          size += chunk.length;
          if (size > MOST_BYTES) request.destroy(new Error(`${url} answers more than an ACME server does.`));
          chunks.push(chunk);
        });
        response.on('error', reject).on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString('utf8'),
          }),
        );
      });
      request.end(body);
    });
}
