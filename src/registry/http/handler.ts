import type { IncomingMessage, ServerResponse } from 'node:http';
import { formatArn } from '../../kernel/arn.ts';
import type { Clock } from '../../kernel/clock.ts';
import { ServiceError, messageOf } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import type { Registry } from '../registry.ts';
import type { ManifestRow } from '../tables.ts';
import type { RegistryCaller } from '../token.ts';
import { ProtocolError, wireError } from './errors.ts';
import { answerEmpty, answerError } from './exchange.ts';
import type { Exchange } from './exchange.ts';
import { endpointOf } from './endpoints.ts';
import { madeByPush } from './first-push.ts';
import { routeOf } from './route.ts';
import { servedFromUpstream } from './upstream.ts';
import type { UpstreamPort } from './upstream.ts';
import { progressHeaders } from './uploads.ts';

/** A client that neither sends nor takes a byte for so long is gone. */
const IDLE_MS = 2 * 60 * 1000;

export interface RegistryHandlerOptions {
  readonly registry: Registry;
  /** Who sends this `Authorization` header, if it is one of ours: RegistryTokens.authenticate. */
  readonly authenticate: (
    header: string | undefined,
    now: number,
  ) => RegistryCaller | 'expired' | undefined | Promise<RegistryCaller | 'expired' | undefined>;
  /** Answers why not, for the caller to read; undefined allows. Left out, every authenticated caller may do all. */
  readonly authorize?: (
    caller: RegistryCaller,
    action: string,
    repositoryArn: string,
    sourceIp: string,
  ) => string | undefined | Promise<string | undefined>;
  /** Whether it is a pull when this caller gets a manifest; asked after the answer. Left out, it always is. */
  readonly countsAsPull?: (caller: RegistryCaller) => boolean | Promise<boolean>;
  /** The pull-through cache. Left out, what is not here is nowhere. */
  readonly upstream?: UpstreamPort;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}

export type RegistryHandler = (req: IncomingMessage, res: ServerResponse) => Promise<void>;

/**
 * The OCI distribution specification 1.1 (and Docker's clients) over node:http, for every path that begins `/v2`.
 *
 *   authenticate -> route -> authorize -> the endpoint -> an answer, or an error body of the specification
 *
 * Never rejects. Blobs stream both ways with constant memory. The server's own `requestTimeout` must not cut long
 * uploads: a connection is closed here when nothing moves on it for two minutes.
 */
export function createRegistryHandler(options: RegistryHandlerOptions): RegistryHandler {
  return async (req, res) => {
    const startMs = options.clock.now();
    const requestId = options.ids.uuid();
    const log = options.log.with({ requestId, method: req.method, path: (req.url ?? '').split('?')[0] });
    req.setTimeout(IDLE_MS);
    res.setHeader('Docker-Distribution-Api-Version', 'registry/2.0');
    res.setHeader('X-Amzn-RequestId', requestId);
    try {
      await serve(options, req, res, startMs);
    } catch (error) {
      answerFailure(req, res, error, log);
    }
    log.debug('registry request', { status: res.statusCode, durationMs: options.clock.now() - startMs });
  };
}

async function serve(
  options: RegistryHandlerOptions,
  req: IncomingMessage,
  res: ServerResponse,
  now: number,
): Promise<void> {
  const caller = await options.authenticate(req.headers.authorization, now);
  if (caller === undefined) {
    challenge(req, res);
    return;
  }
  if (caller === 'expired') {
    throw new ProtocolError(403, 'DENIED', 'Your authorization token has expired. Reauthenticate and try again.');
  }
  const [path = '', search = ''] = (req.url ?? '').split('?', 2);
  const route = routeOf(path);
  if (!route) throw new ProtocolError(404, 'UNSUPPORTED', 'There is nothing at this path');
  if (route.kind === 'base') {
    answerEmpty(res, 200);
    return;
  }
  if (route.kind === 'catalog') {
    throw new ProtocolError(405, 'UNSUPPORTED', 'The catalog is not listed here: call DescribeRepositories');
  }
  const { action, run } = endpointOf(route, req.method ?? '');
  const scope = { account: caller.account, region: caller.region };
  const refusal = async (wanted: string, name: string) =>
    options.authorize?.(caller, wanted, formatArn('ecr', scope, `repository/${name}`), addressOf(req));
  const refused = await refusal(action, route.name);
  if (refused !== undefined) throw new ProtocolError(403, 'DENIED', refused);
  const exchange: Exchange = {
    req,
    res,
    query: new URLSearchParams(search),
    registry: options.registry,
    scope,
    now,
    may: async (wanted, name) => (await refusal(wanted, name)) === undefined,
    pulled: (manifest) => void notePull(options, caller, manifest, now),
  };
  if (options.upstream && (await servedFromUpstream(exchange, route, options.upstream, refusal))) return;
  await run(exchange).catch(async (error: unknown) => {
    if (!(await madeByPush(error, exchange, route, refusal))) throw error;
    await run(exchange);
  });
}

async function notePull(
  { registry, countsAsPull, log }: RegistryHandlerOptions,
  caller: RegistryCaller,
  manifest: ManifestRow,
  now: number,
): Promise<void> {
  try {
    if (registry.pulls.isFresh(manifest, now)) return;
    if ((await countsAsPull?.(caller)) ?? true) registry.pulls.note(manifest, now);
  } catch (error) {
    log.warn('the time of a pull was not noted', { reason: messageOf(error) });
  }
}

function addressOf(req: IncomingMessage): string {
  return (req.socket.remoteAddress ?? '').replace(/^::ffff:/, '');
}

function challenge(req: IncomingMessage, res: ServerResponse): void {
  const { host = '' } = req.headers;
  const realm = /^[\w.:[\]-]+$/.test(host) ? host : 'localhost';
  answerError(
    res,
    { status: 401, code: 'UNAUTHORIZED', message: 'Not Authorized' },
    { 'WWW-Authenticate': `Basic realm="https://${realm}/",service="ecr.amazonaws.com"` },
  );
}

function answerFailure(req: IncomingMessage, res: ServerResponse, error: unknown, log: Log): void {
  if (res.headersSent || req.socket.destroyed) {
    // Too late for words. A cut connection tells the client that the body it has is not whole.
    log.info('registry connection ended early', { reason: messageOf(error) });
    res.destroy();
    return;
  }
  const known = wireError(error);
  if (!known || known.status >= 500) log.error('registry request failed', { error });
  const answer = known ?? { status: 500, code: 'UNKNOWN', message: 'The registry failed. Its log says why.' };
  // Docker's clients show a 5xx answer's status line alone, and do not try again what says these words.
  if (answer.status === 507) res.statusMessage = 'Insufficient Storage: no space left on device';
  answerError(res, answer, standing(error));
  // A client that still sends does not read: it is heard out, so that it gets its answer and not a reset.
  if (!req.complete) req.resume();
}

/** A client whose part did not fit learns where the upload stands. */
function standing(error: unknown): Record<string, string> {
  if (!(error instanceof ServiceError) || error.code !== 'InvalidLayerPartException') return {};
  const { repositoryName, uploadId, lastValidByteReceived } = error.members;
  return progressHeaders(String(repositoryName), String(uploadId), Number(lastValidByteReceived) + 1);
}
