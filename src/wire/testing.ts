import { Readable } from 'node:stream';
import { SERVICES, type WireService } from './contracts.ts';
import type { RawRequest, RawResponse } from './raw-request.ts';
import type { Shape, StructureShape } from './schema.ts';

/** The key of AWS's own signature examples. */
export const EXAMPLE_KEY = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};

export type Answer = (request: RawRequest) => Promise<RawResponse> | RawResponse;

/** A client of the SDK whose requests go to `answer` as they would stand on the wire. */
export interface SdkClient {
  /** Sends `XCommand` and gives its output without `$metadata`, or throws the SDK's exception. */
  send(operation: string, input: object): Promise<object>;
}

interface SdkPackage {
  readonly [name: string]: unknown;
}
type Constructor = new (argument: object) => { send(command: object): Promise<Record<string, unknown>> };

export async function openSdkClient(
  service: WireService,
  answer: Answer,
  config: Readonly<Record<string, unknown>> = {},
): Promise<SdkClient> {
  const sdk = (await SERVICES[service].load()) as SdkPackage;
  const name = Object.keys(sdk).find((key) => /^(?!__)\w+Client$/.test(key)) ?? '';
  const client = new (sdk[name] as Constructor)({
    region: 'eu-central-1',
    endpoint: 'http://127.0.0.1:4566',
    credentials: EXAMPLE_KEY,
    maxAttempts: 1,
    requestHandler: requestHandler(answer),
    ...config,
  });
  return {
    async send(operation, input) {
      const command = sdk[`${operation}Command`] as Constructor;
      const { $metadata: _, ...output } = await client.send(new command(input));
      return output;
    },
  };
}

interface SdkRequest {
  readonly method: string;
  readonly path: string;
  readonly query?: Readonly<Record<string, string | readonly string[] | null>>;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

function requestHandler(answer: Answer): object {
  return {
    async handle(request: SdkRequest & { readonly body?: unknown }) {
      const { status, headers, body, stream } = await answer(
        toRawRequest({ ...request, body: await bytesOf(request.body) }),
      );
      const lowerCase = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
      return { response: { statusCode: status, headers: lowerCase, body: stream ?? Readable.from([body]) } };
    },
    updateHttpClientConfig() {},
    httpHandlerConfigs: () => ({}),
  };
}

/** A body may be a stream. */
async function bytesOf(body: unknown): Promise<string | Uint8Array> {
  if (body instanceof Readable) return Buffer.concat(await body.map((chunk) => Buffer.from(chunk)).toArray());
  return (body ?? '') as string | Uint8Array;
}

export function toRawRequest(request: SdkRequest): RawRequest {
  const query = Object.entries(request.query ?? {})
    .flatMap(([name, values]) => [values ?? ''].flat().map((value) => `${escapeUri(name)}=${escapeUri(value)}`))
    .join('&');
  return {
    method: request.method,
    rawUrl: query === '' ? request.path : `${request.path}?${query}`,
    headers: Object.entries(request.headers),
    body: rawBody(request.body ?? ''),
  };
}

function rawBody(body: string | Uint8Array): Buffer {
  return typeof body === 'string' ? Buffer.from(body) : Buffer.from(body.buffer, body.byteOffset, body.byteLength);
}

function escapeUri(text: string): string {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

const MAX_DEPTH = 12;
const SAMPLE_TEXT = 'a <b> & "c" \'é\' 1+1';

/** A value for every member of a structure, two for every list; unions get their first member. */
export function sampleStructure(shape: StructureShape, depth = 0): Record<string, unknown> {
  const members = shape.union ? shape.members.slice(0, 1) : shape.members;
  return Object.fromEntries(
    members
      .filter((member) => member.required || depth < MAX_DEPTH)
      .map((member) => [member.name, sample(member.shape, member.name, depth + 1)]),
  );
}

function sample(shape: Shape, name: string, depth: number): unknown {
  switch (shape.kind) {
    case 'structure':
      return sampleStructure(shape, depth);
    case 'list':
      return [sample(shape.element.shape, `${name} 1`, depth), sample(shape.element.shape, `${name} 2`, depth)];
    case 'map':
      return { [`${name} key`]: sample(shape.value.shape, name, depth) };
    case 'number':
      return name.length + depth;
    case 'boolean':
      return name.length % 2 === 0;
    case 'timestamp':
      return new Date(Date.UTC(2026, 0, 1, 12, 30, 15, name.length % 2 ? 250 : 0));
    case 'blob':
      return Uint8Array.from(Buffer.from(`${SAMPLE_TEXT} ${name}`));
    case 'document':
      return { a: 1, b: ['x', true] };
    default:
      return `${SAMPLE_TEXT} ${name}`;
  }
}

/** The value with every blob as a plain Uint8Array, so that the SDK's and ours compare. */
export function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return Uint8Array.from(value);
  if (value instanceof Date || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(plain);
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, plain(item)]));
}
