import { request as httpRequest } from 'node:http';
import type { Agent } from 'node:http';
import { STSClient } from '@aws-sdk/client-sts';

/** Exactly what goes over the wire; the client that signed it has no say any more. */
export interface WireRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface WireAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** A call before it is signed. `query` values are not escaped yet. */
export interface UnsignedCall {
  readonly signingName: string;
  readonly method?: string;
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface SignedBy {
  readonly endpoint: string;
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string };
  readonly region?: string;
  /** When it is signed, or seems to be. */
  readonly at?: Date;
}

export const FORM_HEADERS = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' };

/** awsJson: `target` is e.g. `AmazonEC2ContainerServiceV20141113.CreateCluster`. */
export function jsonCall(signingName: string, target: string, body: string): UnsignedCall {
  return { signingName, body, headers: { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target } };
}

export function formCall(signingName: string, parameters: Readonly<Record<string, string>>): UnsignedCall {
  return { signingName, body: new URLSearchParams(parameters).toString(), headers: FORM_HEADERS };
}

export function unsigned(call: UnsignedCall): WireRequest {
  const query = new URLSearchParams(call.query).toString();
  return {
    method: call.method ?? 'POST',
    path: (call.path ?? '/') + (query === '' ? '' : `?${query}`),
    headers: call.headers ?? {},
    body: call.body ?? '',
  };
}

/** What the SDK's own signer makes of a call. */
export async function signed(call: UnsignedCall, by: SignedBy): Promise<WireRequest> {
  const signer = await signerOf(call, by);
  const made = await signer.sign(toSdkRequest(call, by), by.at ? { signingDate: by.at } : {});
  return { ...unsigned(call), headers: made.headers };
}

/** The URL that does the call for whoever has it, for so many seconds. */
export async function presigned(call: UnsignedCall, by: SignedBy, expiresSeconds: number): Promise<string> {
  const signer = await signerOf(call, by);
  const options = { expiresIn: expiresSeconds, ...(by.at ? { signingDate: by.at } : {}) };
  const made = await signer.presign(toSdkRequest({ method: 'GET', ...call }, by), options);
  return `${by.endpoint}${made.path}?${new URLSearchParams(made.query).toString()}`;
}

interface SdkRequest {
  readonly method: string;
  readonly protocol: string;
  readonly hostname: string;
  readonly port: number;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly headers: Record<string, string>;
  readonly body: string | undefined;
}

interface SdkSigner {
  sign(request: SdkRequest, options: { signingDate?: Date }): Promise<SdkRequest>;
  presign(request: SdkRequest, options: { signingDate?: Date; expiresIn: number }): Promise<SdkRequest>;
}

const clients = new Map<string, STSClient>();

async function signerOf(call: UnsignedCall, by: SignedBy): Promise<SdkSigner> {
  const { endpoint, credentials, region = 'us-east-1' } = by;
  // A client's signer keeps the first name it signs for.
  const key = JSON.stringify([endpoint, credentials, region, call.signingName]);
  const client = clients.get(key) ?? new STSClient({ endpoint, credentials, region });
  clients.set(key, client);
  const scheme = { name: 'sigv4', signingName: call.signingName, signingRegion: region, properties: {} };
  // The SDK's types hide `presign`.
  return (await client.config.signer(scheme)) as unknown as SdkSigner;
}

function toSdkRequest(call: UnsignedCall, by: SignedBy): SdkRequest {
  const url = new URL(by.endpoint);
  return {
    method: call.method ?? 'POST',
    protocol: url.protocol,
    hostname: url.hostname,
    port: Number(url.port),
    path: call.path ?? '/',
    query: { ...call.query },
    headers: { host: url.host, ...call.headers },
    body: call.body,
  };
}

/** Sends it as it is. `agent` keeps the connection; left out, each request has its own. */
export function send(endpoint: string, request: WireRequest, agent?: Agent): Promise<WireAnswer> {
  const { hostname, port } = new URL(endpoint);
  const { method, path, headers, body } = request;
  return new Promise((resolve, reject) => {
    const options = { hostname, port, method, path, agent: agent ?? false };
    const sending = httpRequest({ ...options, headers: { ...headers, 'content-length': Buffer.byteLength(body) } });
    sending.once('error', reject).once('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.once('error', reject).once('end', () => {
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
      });
    });
    sending.end(body);
  });
}
