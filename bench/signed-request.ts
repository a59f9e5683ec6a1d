import type { HttpRequest } from '@smithy/types';

/** The last step of an SDK client: gets the request as it would go out. */
interface RequestHandler {
  handle(request: HttpRequest): Promise<never>;
}

class Captured extends Error {}

/**
 * A request as the AWS SDK signs it, as the bytes of HTTP/1.1: a signature holds for minutes, so it can be sent again and
 * again without paying for the client.
 * @param send makes a client with the handler and sends one command with it
 */
export async function signedRequest(send: (requestHandler: RequestHandler) => Promise<unknown>): Promise<Buffer> {
  let captured: HttpRequest | undefined;
  const handler: RequestHandler = {
    async handle(request) {
      captured = request;
      throw new Captured();
    },
  };
  try {
    await send(handler);
  } catch (error) {
    if (!(error instanceof Captured)) throw error;
  }
  if (!captured) throw new Error('The client sent nothing.');
  return bytesOf(captured);
}

function bytesOf(request: HttpRequest): Buffer {
  const given = (request.body as string | Uint8Array | undefined) ?? '';
  // Not by Buffer.from: it looks for string methods, against which the SDK's body warns.
  const body = given instanceof Uint8Array ? Buffer.concat([given]) : Buffer.from(given);
  const headers = Object.entries({ ...request.headers, 'content-length': String(body.length) });
  const head = [
    `${request.method} ${request.path} HTTP/1.1`,
    ...headers.map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n');
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}
