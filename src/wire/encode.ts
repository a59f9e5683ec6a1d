import { baseHeaders } from './base-headers.ts';
import type { Identified } from './identified.ts';
import { jsonStructure } from './encode-json.ts';
import { eventStream, eventStreamMember, EVENT_STREAM_TYPE } from './event-stream.ts';
import { encodeRestXml } from './encode-rest-xml.ts';
import { element, xmlStructure, xmlText, xmlnsAttribute, XML_DECLARATION } from './encode-xml.ts';
import type { RawResponse } from './raw-request.ts';

type Callee = Pick<Identified, 'contract' | 'operation' | 'protocol'>;

const AWS_STYLE = { keepMilliseconds: false };
const EC2_STYLE = { keepMilliseconds: true };

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

function encodeJson(callee: Callee, output: object, requestId: string): RawResponse {
  const shape = callee.operation.output;
  const streaming = eventStreamMember(shape);
  if (shape && streaming) {
    return {
      status: 200,
      headers: { ...baseHeaders(callee.protocol, requestId), 'content-type': EVENT_STREAM_TYPE },
      body: Buffer.alloc(0),
      stream: eventStream(shape, streaming, output, callee.protocol),
      live: true,
    };
  }
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
