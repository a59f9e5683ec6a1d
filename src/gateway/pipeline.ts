import type { AuditSink } from '../api/audit.ts';
import type { Clock } from '../kernel/clock.ts';
import { Conflict, ServiceError } from '../kernel/errors.ts';
import type { Ids } from '../kernel/ids.ts';
import type { Log } from '../kernel/log.ts';
import type { Contracts } from '../wire/contracts.ts';
import { decodeInput } from '../wire/decode.ts';
import { encodeOutput } from '../wire/encode.ts';
import { encodeError, wireCode } from '../wire/errors.ts';
import type { Identified } from '../wire/identified.ts';
import { claimedScope } from '../wire/credential-scope.ts';
import { header } from '../wire/raw-request.ts';
import type { RawRequest, RawResponse } from '../wire/raw-request.ts';
import { redact } from '../wire/redact.ts';
import { identify } from '../wire/router.ts';
import { validate } from '../wire/validate.ts';
import type { Authenticate, Caller } from './authentication.ts';
import { auditRecord, isOutputKept } from './audit.ts';
import type { CallFacts } from './call-facts.ts';
import { notSupported } from './dispatcher.ts';
import type { Dispatcher, Invocation } from './dispatcher.ts';
import { needed } from './exchange.ts';
import type { Exchange } from './exchange.ts';

export interface Gateway {
  readonly audit: AuditSink;
  readonly contracts: Contracts;
  readonly dispatcher: Dispatcher;
  readonly authenticate: Authenticate;
  /** Who calls what is not signed: a principal of kind `web-identity`. */
  readonly stranger: Pick<Caller, 'principal' | 'scope'>;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

type Stage = (exchange: Exchange, gateway: Gateway) => void | Promise<void>;

/**
 * The way of every request, in order. A stage that throws ends it: `fail` encodes the error in the client's protocol.
 * The signature is verified before the body is read, and the input's shape before its ARNs are taken from it.
 */
const STAGES: readonly Stage[] = [
  identifyOperation,
  authenticateCaller,
  decodeBody,
  validateInput,
  authorizeCall,
  handleCall,
  encodeAnswer,
];

export async function answer(request: RawRequest, sourceIp: string, gateway: Gateway): Promise<RawResponse> {
  const exchange: Exchange = {
    request,
    requestId: gateway.ids.uuid(),
    facts: factsOf(request, sourceIp),
    receivedAtMs: gateway.clock.now(),
  };
  try {
    for (const stage of STAGES) await stage(exchange, gateway);
  } catch (error) {
    fail(exchange, error, gateway);
  }
  record(exchange, gateway);
  return needed(exchange.response, 'response');
}

function factsOf(request: RawRequest, sourceIp: string): CallFacts {
  const [userAgent, referer, host] = ['user-agent', 'referer', 'host'].map((name) => header(request, name));
  return {
    sourceIp,
    secure: false,
    ...(userAgent !== undefined && { userAgent }),
    ...(referer !== undefined && { referer }),
    ...(host !== undefined && { host }),
  };
}

async function identifyOperation(exchange: Exchange, { contracts }: Gateway): Promise<void> {
  exchange.identified = await identify(exchange.request, contracts);
}

/** What AWS takes without a signature, since the input proves who calls: SDKs do not sign it. */
const UNSIGNED: ReadonlySet<string> = new Set(['sts:AssumeRoleWithSAML', 'sts:AssumeRoleWithWebIdentity']);

async function authenticateCaller(exchange: Exchange, gateway: Gateway): Promise<void> {
  const identified = needed(exchange.identified, 'operation');
  if (UNSIGNED.has(`${identified.service}:${identified.operation.name}`)) {
    requireBuilt(identified, gateway);
    Object.assign(exchange, gateway.stranger);
    return;
  }
  const caller = await gateway.authenticate(exchange.request, identified, gateway.clock.now());
  Object.assign(exchange, caller);
}

function requireBuilt({ service, operation }: Identified, { dispatcher }: Gateway): void {
  if (!dispatcher.find(service, operation.name)) throw notSupported(service, operation.name);
}

function decodeBody(exchange: Exchange, gateway: Gateway): void {
  const identified = needed(exchange.identified, 'operation');
  requireBuilt(identified, gateway);
  exchange.input = decodeInput(identified, exchange.request);
}

function validateInput(exchange: Exchange): void {
  validate(needed(exchange.identified, 'operation'), needed(exchange.input, 'input'));
}

async function authorizeCall(exchange: Exchange, { dispatcher }: Gateway): Promise<void> {
  exchange.resources = await dispatcher.authorize(invocationOf(exchange));
}

async function handleCall(exchange: Exchange, { dispatcher }: Gateway): Promise<void> {
  exchange.output = await dispatcher.handle(invocationOf(exchange));
}

function encodeAnswer(exchange: Exchange): void {
  const output = needed(exchange.output, 'output');
  exchange.response = encodeOutput(needed(exchange.identified, 'operation'), output, exchange.requestId);
}

function invocationOf(exchange: Exchange): Invocation {
  const identified = needed(exchange.identified, 'operation');
  return {
    ...needed(exchange.scope, 'scope'),
    principal: needed(exchange.principal, 'caller'),
    requestId: exchange.requestId,
    service: identified.service,
    operation: identified.operation.name,
    input: needed(exchange.input, 'input'),
    facts: exchange.facts,
  };
}

/** What the caller can act on is answered as it is; anything else is a bug, logged whole and answered with its id. */
function fail(exchange: Exchange, error: unknown, { log }: Gateway): void {
  const known = error instanceof ServiceError ? error : undefined;
  const shown =
    known ??
    (error instanceof Conflict
      ? new ServiceError('ServiceUnavailable', 'The resource was changed at the same time. Try again.', {
          httpStatus: 503,
        })
      : new ServiceError(
          'InternalFailure',
          `The request processing has failed because of an unknown error, exception or failure. (Request ID: ${exchange.requestId})`,
          { httpStatus: 500 },
        ));
  if (!known) log.error('a request failed', { requestId: exchange.requestId, error });
  exchange.error = shown;
  exchange.response = encodeError(exchange.identified, shown, exchange.requestId);
}

/** One line for each request, and its record in the audit trail. Inputs are never logged: they may hold secrets. */
function record(exchange: Exchange, gateway: Gateway): void {
  const { identified, response, error } = exchange;
  gateway.log.debug('request', {
    requestId: exchange.requestId,
    call: identified ? `${identified.service}:${identified.operation.name}` : 'unknown',
    status: response?.status,
    error: error?.code,
    by: exchange.principal?.arn,
    region: exchange.scope?.region,
    from: exchange.facts.sourceIp,
    ms: gateway.clock.now() - exchange.receivedAtMs,
  });
  if (identified) audit(exchange, identified, gateway);
}

/** A call without a known signer is recorded too, in the account and region of this server: what it claims is unproven. */
function audit(exchange: Exchange, identified: Identified, { audit: sink, dispatcher, stranger }: Gateway): void {
  const { service, operation } = identified;
  const built = dispatcher.find(service, operation.name);
  if (built?.dataEvent) return;
  const accessKeyId = exchange.accessKeyId ?? claimedScope(exchange.request)?.accessKeyId;
  const readOnly = built?.readOnly ?? /^(?:Get|List|Describe|Head|Lookup|Batch(?:Get|Check))/.test(operation.name);
  const { input, output } = exchange;
  sink.record(
    auditRecord({
      requestId: exchange.requestId,
      service,
      operation: operation.name,
      readOnly,
      principal: exchange.principal,
      accessKeyId,
      ...(exchange.scope ?? stranger.scope),
      at: exchange.receivedAtMs,
      facts: exchange.facts,
      input: input && redact(operation.input, input),
      output: output && isOutputKept({ readOnly, service }) ? redact(operation.output, output) : undefined,
      error: exchange.error && { code: wireCode(identified, exchange.error), message: exchange.error.message },
      resources: exchange.resources ?? [],
    }),
  );
}
