import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Clock } from '../../kernel/clock.ts';
import { messageOf } from '../../kernel/errors.ts';
import type { Ids } from '../../kernel/ids.ts';
import type { Log } from '../../kernel/log.ts';
import type { LayerTokens } from '../layer-token.ts';
import type { Registry } from '../registry.ts';
import { getBlob, headBlob } from './blobs.ts';
import { wireError } from './errors.ts';
import { answerText } from './exchange.ts';
import type { RegistryHandler } from './handler.ts';

const IDLE_MS = 2 * 60 * 1000;

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly message: string;
}

/**
 * Streams a layer to whoever has its URL: GET and HEAD, whole or a range. AWS hands out presigned URLs of S3, so what
 * is refused is refused in S3's words. Never rejects.
 */
export function createLayerDownloadHandler(options: {
  readonly registry: Registry;
  readonly tokens: LayerTokens;
  readonly clock: Clock;
  readonly ids: Ids;
  readonly log: Log;
}): RegistryHandler {
  const { registry, tokens, clock, ids } = options;
  return async (req, res) => {
    const now = clock.now();
    const requestId = ids.uuid();
    // The path is what lets one in: it does not go into the log.
    const log = options.log.with({ requestId, method: req.method });
    req.setTimeout(IDLE_MS);
    const layer = tokens.open((req.url ?? '').split('?')[0] ?? '', now);
    const refused = refusalOf(req, layer);
    if (layer === undefined || layer === 'expired' || refused) {
      answerXml(res, refused ?? DENIED, requestId);
      return;
    }
    const { account, region, repository, digest } = layer;
    const scope = { account, region };
    const exchange = { req, res, query: new URLSearchParams(), registry, scope, now, ...ALONE };
    try {
      await (req.method === 'HEAD' ? headBlob : getBlob)(exchange, repository, digest);
    } catch (error) {
      answerFailure(req, res, error, { requestId, log });
    }
    log.debug('layer download', { repository, digest, status: res.statusCode, durationMs: clock.now() - now });
  };
}

/** A layer alone: no other repository is asked for, and no image is pulled. */
const ALONE = { may: async () => false, pulled: () => {} };

const DENIED: Refusal = { status: 403, code: 'AccessDenied', message: 'Access Denied' };

function refusalOf(req: IncomingMessage, layer: ReturnType<LayerTokens['open']>): Refusal | undefined {
  if (req.method !== 'GET' && req.method !== 'HEAD') {
    return {
      status: 405,
      code: 'MethodNotAllowed',
      message: 'The specified method is not allowed against this resource.',
    };
  }
  if (layer === 'expired') return { status: 403, code: 'AccessDenied', message: 'Request has expired' };
  return layer === undefined ? DENIED : undefined;
}

function answerFailure(
  req: IncomingMessage,
  res: ServerResponse,
  error: unknown,
  { requestId, log }: { readonly requestId: string; readonly log: Log },
): void {
  if (res.headersSent || req.socket.destroyed) {
    log.info('a layer download ended early', { reason: messageOf(error) });
    res.destroy();
    return;
  }
  const known = wireError(error);
  if (known?.status === 404) {
    answerXml(res, { status: 404, code: 'NoSuchKey', message: 'The specified key does not exist.' }, requestId);
    return;
  }
  log.error('a layer download failed', { error });
  const message = known?.message ?? 'We encountered an internal error. Please try again.';
  answerXml(res, { status: known?.status ?? 500, code: 'InternalError', message }, requestId);
}

function answerXml(res: ServerResponse, { status, code, message }: Refusal, requestId: string): void {
  const text = message.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
  const error = `<Error><Code>${code}</Code><Message>${text}</Message><RequestId>${requestId}</RequestId></Error>`;
  answerText(res, status, 'application/xml', `<?xml version="1.0" encoding="UTF-8"?>\n${error}`);
}
