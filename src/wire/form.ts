import { header, splitTarget, type RawRequest } from './raw-request.ts';
import { percentDecode } from './percent.ts';
import { plainBody } from './plain-body.ts';

/** Name and value pairs of a query string or of a form, decoded, in the order sent. */
export type Pairs = readonly (readonly [name: string, value: string])[];

/** Answers undefined when an escape is broken. Here, unlike in a signature, a plus is a space. */
export function parsePairs(text: string): Pairs | undefined {
  const pairs: [string, string][] = [];
  for (const part of text.split('&')) {
    if (part === '') continue;
    const equals = part.indexOf('=');
    const name = formDecode(equals < 0 ? part : part.slice(0, equals));
    const value = formDecode(equals < 0 ? '' : part.slice(equals + 1));
    if (name === undefined || value === undefined) return undefined;
    pairs.push([name, value]);
  }
  return pairs;
}

function formDecode(text: string): string | undefined {
  return percentDecode(text.replaceAll('+', ' '));
}

/** The parameters of a call in a query protocol: those of the URL and those of the body. */
export type Form = ReadonlyMap<string, string>;

export type FormRead = { readonly kind: 'form'; readonly form: Form } | { readonly kind: 'none' | 'malformed' };

/** A request is a form call when its URL or its form body names an `Action`, or when its body is a form at all. */
export function readForm(request: RawRequest): FormRead {
  const isFormBody = header(request, 'content-type')?.toLowerCase().includes('x-www-form-urlencoded') ?? false;
  const query = splitTarget(request.rawUrl).query;
  if (!isFormBody && !/(^|&)Action=/.test(query)) return { kind: 'none' };
  const inUrl = parsePairs(query);
  const inBody = isFormBody ? parsePairs(plainBody(request).toString('utf8')) : [];
  if (!inUrl || !inBody) return { kind: 'malformed' };
  return { kind: 'form', form: new Map([...inUrl, ...inBody]) };
}

/** Parameters of the request itself, not of the operation. */
export function isRequestParameter(name: string): boolean {
  return REQUEST_PARAMETERS.has(name) || name.toLowerCase().startsWith('x-amz-');
}

const REQUEST_PARAMETERS: ReadonlySet<string> = new Set([
  'Action',
  'Version',
  'AWSAccessKeyId',
  'Expires',
  'SecurityToken',
  'Signature',
  'SignatureMethod',
  'SignatureVersion',
  'Timestamp',
]);
