import { request as httpRequest } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { CliError } from './cli-error.ts';
import type { ServerSession } from './server-session.ts';

interface SignableRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port: number;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly headers: Record<string, string>;
}

interface Call {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query?: Record<string, string>;
}

/**
 * Calls one of the server's own endpoints, which take requests that its root user has signed for ECR.
 * @throws CliError with the server's words
 */
export async function operatorCall<T>(session: ServerSession, call: Call): Promise<T> {
  return JSON.parse(await text(await open(session, call))) as T;
}

/** The same, for an answer of JSON lines that come one by one. There is no limit to how long it may take. */
export async function* operatorLines<T>(session: ServerSession, call: Call): AsyncGenerator<T> {
  const answer = await open(session, call);
  for await (const line of createInterface({ input: answer })) yield JSON.parse(line) as T;
  if (!answer.complete) throw new CliError('the server ended before its answer was whole');
}

async function open(session: ServerSession, call: Call): Promise<IncomingMessage> {
  const { hostname, port, path, query, headers, method } = await signed(session, call);
  const search = new URLSearchParams(query).toString();
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const connection = { hostname: dialled(hostname), port, agent: false };
    httpRequest({ ...connection, method, headers, path: path + (search && `?${search}`) })
      .once('error', reject)
      .once('response', resolve)
      .end();
  });
  if (answer.statusCode === 200) return answer;
  const said = await text(answer);
  throw new CliError(`the server refused ${method} ${path}: ${said.trim() || `status ${answer.statusCode}`}`);
}

/** A URL has an IPv6 address in brackets, which is no name that can be connected to. */
export function dialled(hostname: string): string {
  return hostname.replace(/^\[(.*)\]$/, '$1');
}

/** By the signer of the SDK's own client: it can sign any request, though its types show that to its middleware only. */
async function signed({ clients, server }: ServerSession, call: Call): Promise<SignableRequest> {
  const { host, hostname, port, protocol } = new URL(server.endpoint);
  const { ecr } = clients;
  const scheme = { name: 'sigv4', signingName: 'ecr', signingRegion: server.region, properties: {} };
  const signer = (await ecr.config.signer(scheme)) as unknown as {
    sign(request: SignableRequest): Promise<SignableRequest>;
  };
  const { method, path, query = {} } = call;
  return signer.sign({ method, path, query, protocol, hostname, port: Number(port), headers: { host } });
}
