import { Readable } from 'node:stream';
import type { Authenticate } from '../gateway/authentication.ts';
import { json, plain } from '../gateway/http-server.ts';
import type { HttpRoutes } from '../gateway/http-server.ts';
import type { Clock } from '../kernel/clock.ts';
import { ServiceError } from '../kernel/errors.ts';
import { ECR_STORAGE_PRICE, ecrDollarsPerMonth } from '../registry/price.ts';
import type { Registry } from '../registry/registry.ts';
import type { ScrubReport } from '../registry/scrub.ts';
import type { Usage } from '../registry/usage.ts';
import type { RawRequest, RawResponse } from '../wire/raw-request.ts';
import { splitTarget } from '../wire/raw-request.ts';
import { isLoopback } from './config.ts';
import { registryMetrics } from './metrics.ts';

const METRICS_KEPT_MS = 15_000;

interface EndpointOptions {
  readonly registry: Pick<Registry, 'usage' | 'collect' | 'scrub'>;
  readonly authenticate: Authenticate;
  readonly clock: Clock;
}

/**
 * What the operator asks of the registry, besides AWS's API:
 *
 *   GET  /_longshore/registry/usage                     JSON
 *   POST /_longshore/registry/gc[?dry-run=true]         JSON
 *   POST /_longshore/registry/scrub[?quarantine=true]   a line of JSON for each ScrubReport, as they come
 *   GET  /_longshore/metrics                            Prometheus' text
 *
 * The first three take requests that are signed for `ecr` with a key of the account's root user. Metrics name
 * repositories, and scrapers do not sign, so they are given to loopback only.
 */
export function registryEndpoints(options: EndpointOptions): HttpRoutes['own'] {
  const { registry, clock } = options;
  let known: { readonly usage: Promise<Usage>; readonly at: number } | undefined;
  const recentUsage = () => {
    const now = clock.now();
    if (!known || now - known.at > METRICS_KEPT_MS) known = { usage: registry.usage(), at: now };
    known.usage.catch(() => (known = undefined));
    return known.usage;
  };
  return async (request, sourceIp) => {
    const { path, query } = splitTarget(request.rawUrl);
    const called = `${request.method} ${path}`;
    if (called === 'GET /_longshore/metrics') {
      if (!isLoopback(sourceIp.replace(/^::ffff:/, ''))) return plain(403, 'Metrics are for loopback only.\n');
      const headers = { 'Content-Type': 'text/plain; version=0.0.4; charset=utf-8' };
      return { status: 200, headers, body: Buffer.from(registryMetrics(await recentUsage())) };
    }
    const run = commandOf(called, new URLSearchParams(query), registry);
    return run && (await asRoot(options, request, run));
  };
}

function commandOf(
  called: string,
  query: URLSearchParams,
  registry: EndpointOptions['registry'],
): (() => Promise<RawResponse>) | undefined {
  const isSet = (name: string) => query.get(name) === 'true';
  switch (called) {
    case 'GET /_longshore/registry/usage':
      return async () => json(200, withPrices(await registry.usage()));
    case 'POST /_longshore/registry/gc':
      return async () => json(200, await registry.collect({ dryRun: isSet('dry-run') }));
    case 'POST /_longshore/registry/scrub':
      return async () => lines(registry.scrub({ quarantine: isSet('quarantine') }));
    default:
      return undefined;
  }
}

async function asRoot(
  { authenticate, clock }: EndpointOptions,
  request: RawRequest,
  run: () => Promise<RawResponse>,
): Promise<RawResponse> {
  try {
    const called = { service: 'ecr', protocol: 'awsJson1_1', contract: { signingName: 'ecr' } } as const;
    const { principal } = await authenticate(request, called, clock.now());
    if (principal.kind !== 'root') {
      throw new ServiceError('AccessDeniedException', 'Only the root user of the account may do this.');
    }
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    return json(403, { code: error.code, message: error.message });
  }
  return run();
}

function withPrices(usage: Usage) {
  return {
    ...usage,
    repositories: usage.repositories.map((one) => ({ ...one, awsDollarsPerMonth: ecrDollarsPerMonth(one.bytes) })),
    awsDollarsPerMonth: ecrDollarsPerMonth(usage.repositoryBytes),
    awsPrice: ECR_STORAGE_PRICE,
  };
}

/** Stops when the client goes away. */
function lines(reports: AsyncGenerator<ScrubReport>): RawResponse {
  async function* text() {
    for await (const report of reports) yield `${JSON.stringify(report)}\n`;
  }
  const headers = { 'Content-Type': 'application/x-ndjson' };
  return { status: 200, headers, body: Buffer.alloc(0), stream: Readable.from(text()) };
}
