import type { RequestEntry } from '../../../loadbalancer/log-entries.ts';
import { connectionText, quoted, secondsText, timeText } from './log-text.ts';

/** Longer ones are cut. */
const LONGEST_USER_AGENT = 8 * 1024;

/**
 * A line of an access log, without its end.
 * https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-access-logs.html#access-log-entry-syntax
 * @param loadBalancer `app/NAME/ID`
 */
export function accessLogEntry(loadBalancer: string, entry: RequestEntry): string {
  const { request, tls, rule, transformed, target, targetStatus } = entry;
  // Rewriting is the only thing that leaves a trace in `transformed`.
  const [host, uri] = [changed(transformed?.host, request?.host), changed(transformed?.uri, request?.uri)];
  return [
    typeOf(entry),
    timeText(entry.atUs),
    loadBalancer,
    `${entry.clientIp}:${entry.clientPort}`,
    target ?? '-',
    ...times(entry),
    entry.status,
    targetStatus ?? '-',
    entry.receivedBytes,
    entry.sentBytes,
    quoted(requestText(entry)),
    quoted(request?.userAgent?.slice(0, LONGEST_USER_AGENT)),
    tls?.cipher ?? '-',
    tls?.protocol ?? '-',
    entry.targetGroup ?? '-',
    quoted(entry.traceId),
    quoted(tls?.serverName),
    quoted(tls?.certificateId),
    rule?.priority ?? '-',
    timeText(entry.atUs - entry.totalMs * 1000),
    quoted(rule?.actions),
    quoted(rule?.actions.endsWith('redirect') ? entry.location : undefined),
    // error_reason: of Lambda functions, of authentication and of AWS WAF, none of which are here.
    quoted(undefined),
    quoted(target),
    quoted(targetStatus === undefined ? undefined : String(targetStatus)),
    // classification and its reason: HAProxy refuses what does not comply without saying how.
    quoted(undefined),
    quoted(undefined),
    connectionText(entry.connectionId),
    quoted(host),
    quoted(uri),
    quoted(transformed && 'TransformSuccess'),
    entry.node,
  ].join(' ');
}

function typeOf({ https, request, status }: RequestEntry): string {
  if (status === 101 && request?.upgrade?.toLowerCase() === 'websocket') return https ? 'wss' : 'ws';
  if (!https) return 'http';
  if (request?.version !== '2.0') return 'https';
  return request.contentType?.startsWith('application/grpc') ? 'grpcs' : 'h2';
}

/** Until the request was sent to a target, until that answered, until its answer was passed on: at once. */
function times({ requestMs, targetMs }: RequestEntry): readonly string[] {
  if (requestMs === undefined) return ['-1', '-1', '-1'];
  if (targetMs === undefined) return [secondsText(requestMs), '-1', '-1'];
  return [secondsText(requestMs), secondsText(targetMs), secondsText(0)];
}

/** Method, absolute URL with its port, and version. */
function requestText({ request, https, node, listenerPort }: RequestEntry): string {
  const origin = `${https ? 'https' : 'http'}://${nameOf(request?.host) ?? node}:${listenerPort}`;
  return request ? `${request.method} ${origin}${request.uri} HTTP/${request.version}` : `- ${origin}- -`;
}

/** A Host header without its port. */
function nameOf(host: string | undefined): string | undefined {
  return host?.replace(/:\d*$/, '') || undefined;
}

function changed(after: string | undefined, before: string | undefined): string | undefined {
  return after === before ? undefined : after;
}
