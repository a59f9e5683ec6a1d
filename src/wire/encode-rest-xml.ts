import { Readable } from 'node:stream';
import type { Identified } from './identified.ts';
import { baseHeaders } from './base-headers.ts';
import {
  element,
  scalarText,
  xmlMembers,
  xmlStructure,
  xmlText,
  xmlnsAttribute,
  XML_DECLARATION,
} from './encode-xml.ts';
import { bindingOf, textTrait } from './member-path.ts';
import type { RawResponse } from './raw-request.ts';
import type { Member, ScalarShape, Shape } from './schema.ts';

type Callee = Pick<Identified, 'contract' | 'operation'>;
type Values = Readonly<Record<string, unknown>>;

const AWS_STYLE = { keepMilliseconds: false };

/**
 * Members bound to headers are in the headers; the body is the payload member, or else an element of the output's own
 * name with all other members. S3 sends no body where there are none; others send an empty element.
 */
export function encodeRestXml(callee: Callee, output: object, requestId: string): RawResponse {
  const { contract, operation } = callee;
  const isS3 = contract.service === 's3';
  const { body, contentType, stream } = bodyOf(callee, output as Values, isS3);
  const headers = baseHeaders(isS3 ? 's3' : 'restXml', requestId);
  if (contentType !== undefined) headers['content-type'] = contentType;
  else delete headers['content-type'];
  for (const member of operation.output?.members ?? []) addHeaders(headers, member, (output as Values)[member.name]);
  const isPart = isS3 && headers['Content-Range'] !== undefined;
  return { status: isPart ? 206 : (operation.http?.status ?? 200), headers, body, ...(stream && { stream }) };
}

interface Body {
  readonly body: Buffer;
  readonly contentType?: string;
  readonly stream?: Readable;
}

const NO_BODY: Body = { body: Buffer.alloc(0) };
const XML = 'text/xml';
const S3_XML = 'application/xml';

function bodyOf({ contract, operation }: Callee, output: Values, isS3: boolean): Body {
  const { http, output: shape, name } = operation;
  const members = shape?.members ?? [];
  const payload = members.find((member) => bindingOf(member) === 'payload');
  const inBody = members.filter((member) => bindingOf(member) === 'body');
  if (isS3 && (http?.method === 'HEAD' || (!payload && inBody.length === 0))) return NO_BODY;
  if (payload && payload.shape.kind !== 'structure') return plainPayload(payload.shape, output[payload.name]);
  const xmlns = xmlnsAttribute(contract.xmlNamespace);
  const contentType = isS3 ? S3_XML : XML;
  const answer = (root: string, content: string): Body => ({
    body: Buffer.from(XML_DECLARATION + element(root, content, xmlns)),
    contentType,
  });
  if (payload?.shape.kind === 'structure') {
    const root = textTrait(payload.traits, 'xmlName') ?? payload.shape.xmlName ?? payload.shape.name;
    return answer(root, xmlStructure(payload.shape, output[payload.name], AWS_STYLE));
  }
  // The model's trait s3UnwrappedXmlOutput, which the SDK's schemas do not carry.
  if (isS3 && name === 'GetBucketLocation') {
    return answer('LocationConstraint', xmlText(textOf(output['LocationConstraint'])));
  }
  return answer(shape?.xmlName ?? shape?.name ?? `${name}Response`, xmlMembers(inBody, output, AWS_STYLE));
}

/** A text (a policy, which is JSON) or an object's bytes, whose type stands in its own header. */
function plainPayload(shape: Shape, value: unknown): Body {
  if (value instanceof Readable) return { ...NO_BODY, stream: value };
  if (value instanceof Uint8Array) return { body: Buffer.from(value.buffer, value.byteOffset, value.byteLength) };
  if (value === undefined || value === null) return NO_BODY;
  return { body: Buffer.from(textOf(value)), ...(shape.kind === 'string' && { contentType: 'application/json' }) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function addHeaders(headers: Record<string, string>, member: Member, value: unknown): void {
  if (value === undefined || value === null) return;
  const name = textTrait(member.traits, 'httpHeader');
  const prefix = textTrait(member.traits, 'httpPrefixHeaders');
  if (name !== undefined) headers[name] = headerValue(scalarHeader(member.shape, value));
  if (prefix === undefined) return;
  for (const [key, text] of Object.entries(value)) headers[prefix + key] = headerValue(String(text));
}

function scalarHeader(shape: Shape, value: unknown): string {
  if (shape.kind === 'list' && Array.isArray(value)) return value.map(String).join(', ');
  if (shape.kind !== 'timestamp') return scalarText(shape as ScalarShape, value, AWS_STYLE);
  return scalarText({ timestampFormat: 'http-date', ...shape }, value, AWS_STYLE);
}

/** A header holds bytes: what is no byte goes as UTF-8, and what could end the header is left out. */
function headerValue(text: string): string {
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  const clean = text.replace(/[\u0000-\u0008\u000a-\u001f\u007f]/g, '');
  return /[^\u0000-\u00ff]/.test(clean) ? Buffer.from(clean, 'utf8').toString('latin1') : clean; // oxlint-disable-line no-control-regex -- as above
}
