import { definitions, formProtocolOf, type Contracts, type ServiceDefinition, type WireService } from './contracts.ts';
import { claimedScope, type CredentialScope } from './credential-scope.ts';
import { readForm, type Form } from './form.ts';
import type { Identified } from './identified.ts';
import { isForm, isJson, type Protocol } from './protocol.ts';
import { header, splitTarget, type RawRequest } from './raw-request.ts';
import { unknownOperation, unreadableForm, unsupportedService } from './refusals.ts';
import { RequestError } from './request-error.ts';
import { matchRoute } from './rest-routes.ts';
import { identifyS3, looksLikeS3 } from './s3-routes.ts';
import { isS3Host } from './s3-target.ts';

type Definition = readonly [WireService, ServiceDefinition];

/**
 * Finds out what is called: by `X-Amz-Target`; by `Action` with the service of the signature's scope, the `Version`, or
 * the host; or by a REST path. What names S3 is S3's, whatever its query or body looks like: a key or an object may look
 * like anything. Works for requests without a signature too.
 * @throws RequestError with the protocol as far as it can be told
 */
export async function identify(request: RawRequest, contracts: Contracts): Promise<Identified> {
  const scope = claimedScope(request);
  const isS3 = scope ? scope.signingName === 's3' : isS3Host(header(request, 'host') ?? '');
  if (isS3) return identifyS3(request, contracts);
  const target = header(request, 'x-amz-target');
  if (target !== undefined) return identifyTarget(request, target, contracts);
  const candidates = candidatesFor(request, scope);
  if (scope && candidates.length === 0) {
    throw unsupportedService(scope.signingName, protocolOfStranger(request, scope.signingName));
  }
  const read = readForm(request);
  const spoken = candidates[0]?.[1].protocol;
  if (read.kind === 'malformed') throw unreadableForm(spoken === 'ec2Query' ? 'ec2Query' : 'awsQuery');
  if (read.kind === 'form' && (read.form.has('Action') || spoken === undefined || isForm(spoken))) {
    return identifyAction(read.form, candidates, scope, contracts);
  }
  return identifyPath(request, candidates, contracts);
}

/**
 * `AmazonEC2ContainerServiceV20141113.CreateCluster`; some clients write the prefix with its namespace before it, as
 * botocore does for CloudTrail (`com.amazonaws.cloudtrail.v20131101.CloudTrail_20131101.LookupEvents`).
 */
async function identifyTarget(request: RawRequest, target: string, contracts: Contracts): Promise<Identified> {
  const protocol = jsonVariant(request);
  const dot = target.lastIndexOf('.');
  const [prefix, name] = [target.slice(0, dot), target.slice(dot + 1)];
  const service = definitions().find(([, definition]) => isPrefix(definition.targetPrefix, prefix))?.[0];
  if (!service) {
    const scope = claimedScope(request);
    const isStranger = scope !== undefined && candidatesFor(request, scope).length === 0;
    throw isStranger ? unsupportedService(scope.signingName, protocol) : unknownOperation(protocol, target);
  }
  const contract = await contracts.get(service);
  const operation = contract.operations.get(name);
  if (!operation) throw unknownOperation(protocol, target, { service });
  return { service, contract, operation, protocol };
}

function isPrefix(targetPrefix: string | undefined, found: string): boolean {
  return targetPrefix !== undefined && (found === targetPrefix || found.endsWith(`.${targetPrefix}`));
}

function jsonVariant(request: RawRequest): Protocol {
  return header(request, 'content-type')?.includes('x-amz-json-1.0') ? 'awsJson1_0' : 'awsJson1_1';
}

/** The services a request may be for, told by its scope or else by its host. */
function candidatesFor(request: RawRequest, scope: CredentialScope | undefined): readonly Definition[] {
  if (scope) return definitions().filter(([, definition]) => definition.signingName === scope.signingName);
  const host = header(request, 'host') ?? '';
  return definitions().filter(([, definition]) => host.startsWith(`${definition.endpointPrefix}.`));
}

/** REST services whose errors are XML; the others read the code from `__type` in a JSON body. */
const REST_XML_SERVICES: ReadonlySet<string> = new Set(['s3express', 's3-outposts', 'cloudfront']);

/** How a service that is not served here would speak, as far as its request tells. */
function protocolOfStranger(request: RawRequest, signingName: string): Protocol {
  if (readForm(request).kind !== 'none') return 'awsQuery';
  return REST_XML_SERVICES.has(signingName) ? 'restXml' : jsonVariant(request);
}

async function identifyAction(
  form: Form,
  candidates: readonly Definition[],
  scope: CredentialScope | undefined,
  contracts: Contracts,
): Promise<Identified> {
  const action = form.get('Action');
  const version = form.get('Version');
  const spoken = candidates.map(([, definition]) => formProtocolOf(definition)).find(Boolean) ?? 'awsQuery';
  if (!action) {
    throw new RequestError('MissingAction', 'The request must contain the parameter Action', { protocol: spoken });
  }
  // A scope that names a service of another kind must not be answered by whichever service has that version.
  const among = scope || candidates.length > 0 ? candidates : definitions();
  const fits = among.filter(
    ([, definition]) =>
      formProtocolOf(definition) !== undefined &&
      (definition.apiVersion === version || (version === undefined && candidates.length > 0)),
  );
  for (const [service, definition] of fits) {
    const contract = await contracts.get(service);
    const operation = contract.operations.get(action);
    if (operation) return { service, contract, operation, protocol: formProtocolOf(definition) ?? spoken, form };
  }
  if (fits.length === 0 && spoken === 'ec2Query') {
    const message = `The requested version (${version}) of service AmazonEC2 does not exist`;
    throw new RequestError('NoSuchVersion', message, { protocol: spoken, service: 'ec2' });
  }
  const service = fits[0]?.[0];
  throw unknownOperation((fits[0] && formProtocolOf(fits[0][1])) ?? spoken, action, { service, version });
}

async function identifyPath(
  request: RawRequest,
  candidates: readonly Definition[],
  contracts: Contracts,
): Promise<Identified> {
  const { path } = splitTarget(request.rawUrl);
  const byPath = definitions().filter(([, definition]) => path.startsWith(`/${definition.apiVersion}/`));
  const rest = [...candidates, ...byPath].filter(
    ([service, definition]) => definition.protocol === 'restXml' && service !== 's3',
  );
  for (const [service, definition] of rest) {
    const contract = await contracts.get(service);
    const match = matchRoute(contract, request);
    if (match === 'malformed') {
      throw new RequestError('InvalidInput', 'The path has an escape that is not valid.', {
        protocol: definition.protocol,
        service,
      });
    }
    if (match) return { service, contract, protocol: definition.protocol, ...match };
  }
  if (candidates.length === 0 && rest.length === 0 && looksLikeS3(request)) return identifyS3(request, contracts);
  const [service, definition] = candidates[0] ?? rest[0] ?? [];
  const protocol = definition?.protocol ?? impliedProtocol(request);
  if (protocol && isForm(protocol)) {
    throw new RequestError('MissingAction', 'The request must contain the parameter Action', { protocol, service });
  }
  throw unknownOperation(protocol, `${request.method} ${path}`, { service, httpStatus: 404 });
}

function impliedProtocol(request: RawRequest): Protocol | undefined {
  const variant = jsonVariant(request);
  return isJson(variant) && header(request, 'content-type')?.includes('x-amz-json') ? variant : undefined;
}
