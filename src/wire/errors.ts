import type { ServiceError } from '../kernel/errors.ts';
import { SERVICES, type ErrorContract, type ServiceDefinition } from './contracts.ts';
import { baseHeaders } from './base-headers.ts';
import { jsonStructure } from './encode-json.ts';
import { element, xmlMembers, xmlText, xmlnsAttribute, XML_DECLARATION } from './encode-xml.ts';
import type { Identified } from './identified.ts';
import { isJson, type Protocol } from './protocol.ts';
import type { RawResponse } from './raw-request.ts';
import { RequestError } from './request-error.ts';
import { encodeS3Error } from './s3-errors.ts';

type Callee = Pick<Identified, 'service' | 'contract' | 'protocol' | 'labels'>;

/**
 * An error as the response that the client's protocol wants. A code that is one of the service's error shapes gets the
 * wire code and status of its model; codes that every service has are given in the protocol's own words; any other
 * code is sent as it is.
 * @param identified undefined when the request was refused before its operation was known: then the error's own
 *   protocol is used, then `fallbackProtocol`
 */
export function encodeError(
  identified: Callee | undefined,
  error: ServiceError,
  requestId: string,
  fallbackProtocol: Protocol = 'awsJson1_1',
): RawResponse {
  const early = error instanceof RequestError ? error : undefined;
  const protocol = identified?.protocol ?? early?.protocol ?? fallbackProtocol;
  const contract = identified?.contract.errors.get(error.code);
  const { code, status } = wireError(protocol, error, contract);
  if ((identified?.service ?? early?.service) === 's3') {
    return encodeS3Error({ code, status, error, requestId, labels: identified?.labels });
  }
  const headers = { ...baseHeaders(protocol, requestId), ...queryErrorHeader(identified, early, error) };
  const body = isJson(protocol)
    ? jsonBody(code, error, contract)
    : xmlBody(protocol, { code, status, error, contract, requestId, namespace: namespaceOf(identified, early) });
  return { status, headers, body: Buffer.from(body) };
}

/** The code that a client sees: `AccessDeniedException` is EC2's UnauthorizedOperation. */
export function wireCode({ protocol, contract }: Pick<Callee, 'protocol' | 'contract'>, error: ServiceError): string {
  return wireError(protocol, error, contract.errors.get(error.code)).code;
}

/** A JSON service whose older clients speak forms says the code of those too: SDKs show that one. */
function queryErrorHeader(
  identified: Callee | undefined,
  early: RequestError | undefined,
  error: ServiceError,
): Readonly<Record<string, string>> {
  const service = identified?.service ?? early?.service;
  const definition: ServiceDefinition | undefined = service && SERVICES[service];
  const protocol = identified?.protocol ?? early?.protocol;
  if (definition?.alsoSpeaks !== 'awsQuery' || (protocol && !isJson(protocol))) return {};
  const { code, status } = wireError('awsQuery', error, identified?.contract.errors.get(error.code));
  return { 'x-amzn-query-error': `${code};${status >= 500 ? 'Receiver' : 'Sender'}` };
}

function namespaceOf(identified: Callee | undefined, early: RequestError | undefined): string | undefined {
  if (identified) return identified.contract.xmlNamespace;
  const definition: ServiceDefinition | undefined = early?.service && SERVICES[early.service];
  return definition?.xmlNamespace;
}

interface WireError {
  readonly code: string;
  readonly status: number;
}

function wireError(protocol: Protocol, error: ServiceError, contract: ErrorContract | undefined): WireError {
  if (!contract) {
    const common = COMMON[error.code]?.[protocol];
    return common ?? { code: error.code, status: error.httpStatus };
  }
  const code = isJson(protocol) ? error.code : (contract.query?.code ?? error.code);
  // 400 is also what an error has whose thrower named no status: the model knows better.
  return { code, status: error.httpStatus === 400 ? modelStatus(protocol, contract) : error.httpStatus };
}

/** JSON services answer 400 and 500 only, whatever the model's httpError says. */
function modelStatus(protocol: Protocol, contract: ErrorContract): number {
  const fallback = contract.fault === 'server' ? 500 : 400;
  if (isJson(protocol)) return fallback;
  return contract.query?.httpStatus ?? contract.httpStatus ?? fallback;
}

function common(json: WireError, query: WireError, ec2: WireError): Readonly<Record<Protocol, WireError>> {
  return { awsJson1_0: json, awsJson1_1: json, awsQuery: query, restXml: query, ec2Query: ec2 };
}

/** Errors that every service has without modelling them: https://docs.aws.amazon.com/AWSEC2/latest/APIReference/CommonErrors.html */
const COMMON: Readonly<Record<string, Readonly<Record<Protocol, WireError>>>> = {
  AccessDeniedException: common(
    { code: 'AccessDeniedException', status: 400 },
    { code: 'AccessDenied', status: 403 },
    { code: 'UnauthorizedOperation', status: 403 },
  ),
  InternalFailure: common(
    { code: 'InternalFailure', status: 500 },
    { code: 'InternalFailure', status: 500 },
    { code: 'InternalError', status: 500 },
  ),
  ServiceUnavailable: common(
    { code: 'ServiceUnavailableException', status: 503 },
    { code: 'ServiceUnavailable', status: 503 },
    { code: 'Unavailable', status: 503 },
  ),
  ThrottlingException: common(
    { code: 'ThrottlingException', status: 400 },
    { code: 'Throttling', status: 400 },
    { code: 'RequestLimitExceeded', status: 503 },
  ),
};

/** The model says whether the text is `message` or `Message`. */
function jsonBody(code: string, error: ServiceError, contract: ErrorContract | undefined): string {
  const shape = contract?.shape;
  const messageName = shape?.members.find(isMessage)?.name ?? 'message';
  const members = shape ? jsonStructure(shape, error.members) : {};
  return JSON.stringify({ __type: code, ...members, [messageName]: error.message });
}

interface XmlError {
  readonly code: string;
  readonly status: number;
  readonly error: ServiceError;
  readonly contract: ErrorContract | undefined;
  readonly requestId: string;
  readonly namespace: string | undefined;
}

function xmlBody(protocol: Protocol, parts: XmlError): string {
  const code = element('Code', xmlText(parts.code));
  const message = element('Message', xmlText(parts.error.message));
  if (protocol === 'ec2Query') {
    const errors = element('Errors', element('Error', code + message));
    return XML_DECLARATION + element('Response', errors + element('RequestID', xmlText(parts.requestId)));
  }
  const type = element('Type', parts.status >= 500 ? 'Receiver' : 'Sender');
  const others = (parts.contract?.shape.members ?? []).filter((member) => !isMessage(member));
  const members = xmlMembers(others, parts.error.members, { keepMilliseconds: false });
  const content = element('Error', type + code + message + members) + element('RequestId', xmlText(parts.requestId));
  const body = element('ErrorResponse', content, xmlnsAttribute(parts.namespace));
  return protocol === 'restXml' ? XML_DECLARATION + body : body;
}

function isMessage(member: { readonly name: string }): boolean {
  return member.name.toLowerCase() === 'message';
}
