import type { Identified } from './identified.ts';
import { jsonStructure } from './encode-json.ts';
import { element, scalarText, xmlMembers, xmlStructure, xmlText, xmlnsAttribute } from './encode-xml.ts';
import { textTrait } from './member-path.ts';
import type { Protocol } from './protocol.ts';
import type { RawResponse } from './raw-request.ts';
import type { Member, ScalarShape } from './schema.ts';

type Callee = Pick<Identified, 'contract' | 'operation' | 'protocol'>;

const AWS_STYLE = { keepMilliseconds: false };
const EC2_STYLE = { keepMilliseconds: true };
export const XML_DECLARATION = '<?xml version="1.0" encoding="UTF-8"?>\n';

/** A handler's output as the response that the client's protocol wants. Members outside the model are dropped. */
export function encodeOutput(identified: Callee, output: object, requestId: string): RawResponse {
  switch (identified.protocol) {
    case 'awsQuery':
      return encodeQuery(identified, output, requestId);
    case 'ec2Query':
      return encodeEc2(identified, output, requestId);
    case 'restXml':
      return encodeRestXml(identified, output, requestId);
    default:
      return encodeJson(identified, output, requestId);
  }
}

/** The headers of every answer: its content type, and the request id under the name that the service gives it. */
export function baseHeaders(protocol: Protocol, requestId: string): Record<string, string> {
  const requestIdName = protocol === 'ec2Query' ? 'x-amzn-requestid' : 'x-amzn-RequestId';
  return { [requestIdName]: requestId, 'content-type': CONTENT_TYPES[protocol] };
}

const CONTENT_TYPES: Readonly<Record<Protocol, string>> = {
  awsJson1_0: 'application/x-amz-json-1.0',
  awsJson1_1: 'application/x-amz-json-1.1',
  awsQuery: 'text/xml',
  ec2Query: 'text/xml;charset=UTF-8',
  restXml: 'text/xml',
};

function encodeJson(callee: Callee, output: object, requestId: string): RawResponse {
  const shape = callee.operation.output;
  const body = shape ? JSON.stringify(jsonStructure(shape, output)) : '';
  return { status: 200, headers: baseHeaders(callee.protocol, requestId), body: Buffer.from(body) };
}

/** `<XResponse><XResult>members</XResult><ResponseMetadata><RequestId/></ResponseMetadata></XResponse>` */
function encodeQuery(callee: Callee, output: object, requestId: string): RawResponse {
  const { name, output: shape } = callee.operation;
  const result = shape ? element(`${name}Result`, xmlStructure(shape, output, AWS_STYLE)) : '';
  const metadata = element('ResponseMetadata', element('RequestId', xmlText(requestId)));
  const body = element(`${name}Response`, result + metadata, xmlnsAttribute(callee.contract.xmlNamespace));
  return { status: 200, headers: baseHeaders('awsQuery', requestId), body: Buffer.from(body) };
}

/** `<XResponse><requestId/>members</XResponse>`; an operation without output says `<return>true</return>`. */
function encodeEc2(callee: Callee, output: object, requestId: string): RawResponse {
  const { name, output: shape } = callee.operation;
  const content = shape ? xmlStructure(shape, output, EC2_STYLE) : element('return', 'true');
  const body = element(
    `${name}Response`,
    element('requestId', xmlText(requestId)) + content,
    xmlnsAttribute(callee.contract.xmlNamespace),
  );
  return { status: 200, headers: baseHeaders('ec2Query', requestId), body: Buffer.from(XML_DECLARATION + body) };
}

/** The output structure's own name is the root element; members bound to headers are in the headers. */
function encodeRestXml(callee: Callee, output: object, requestId: string): RawResponse {
  const { http, output: shape } = callee.operation;
  const headers = baseHeaders('restXml', requestId);
  const members = shape?.members ?? [];
  for (const member of members) {
    const bound = textTrait(member.traits, 'httpHeader');
    const given = (output as Readonly<Record<string, unknown>>)[member.name];
    if (bound !== undefined && given !== undefined && given !== null) headers[bound] = headerText(member, given);
  }
  const inBody = members.filter((member) => textTrait(member.traits, 'httpHeader') === undefined);
  const root = shape?.name ?? `${callee.operation.name}Response`;
  const xml = element(root, xmlMembers(inBody, output, AWS_STYLE), xmlnsAttribute(callee.contract.xmlNamespace));
  return { status: http?.status ?? 200, headers, body: Buffer.from(XML_DECLARATION + xml) };
}

function headerText(member: Member, value: unknown): string {
  return scalarText(member.shape as ScalarShape, value, AWS_STYLE);
}
