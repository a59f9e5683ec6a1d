import { VALIDATION } from './log-format.ts';
import type { ConnectionEntry, EntryTls, HealthCheckEntry, LogEntry, RequestEntry } from '../log-entries.ts';

/** A line as log-format.ts has HAProxy write it, or of log-checks.ts; `-` is HAProxy's word for nothing. */
type Line = Readonly<Record<string, string | number | boolean | undefined>>;

const PROTOCOLS = ['http', 'https', 'h2', 'grpc'] as const;
const FAILURES = ['timeout', 'connection', 'status', 'grpc-status', 'internal'] as const;
/** HAProxy's own words for a client that went away. */
const CLIENT_GONE = 460;

/** What a line tells: of a first request, its connection too. Nothing of what HAProxy says of itself. */
export function parseLogLine(json: string): readonly LogEntry[] {
  const line = parse(json);
  if (!line) return [];
  if (line['kind'] === 'failure') return [failed(line)];
  if (line['kind'] === 'check') return [checked(line)];
  const connection = line['first'] === '1' ? [established(line)] : [];
  return line['kind'] === 'request' ? [...connection, requested(line)] : connection;
}

/** HAProxy cuts a line that is too long: the members before the cut still tell that there was a request. */
function parse(json: string): Line | undefined {
  const whole = parseWhole(json);
  const end = whole ? -1 : json.lastIndexOf('","');
  return end < 0 ? whole : parseWhole(`${json.slice(0, end)}"}`);
}

function parseWhole(json: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null ? (value as Line) : undefined;
  } catch {
    return undefined;
  }
}

function textOf(line: Line, name: string): string | undefined {
  const value = line[name];
  return value === undefined || value === '-' || value === '' ? undefined : String(value);
}

function countOf(line: Line, name: string): number {
  return Math.max(0, Number(line[name]) || 0);
}

function common(line: Line) {
  const tls = tlsOf(line);
  return {
    atUs: countOf(line, 'at'),
    connectionId: textOf(line, 'id') ?? '0'.repeat(32),
    clientIp: textOf(line, 'ip') ?? '-',
    clientPort: countOf(line, 'clientPort'),
    node: textOf(line, 'node') ?? '-',
    listenerPort: countOf(line, 'port'),
    ...(tls && { tls }),
  };
}

function tlsOf(line: Line): EntryTls | undefined {
  if (line['protocol'] === undefined) return undefined;
  const [protocol, cipher] = [textOf(line, 'protocol'), textOf(line, 'cipher')];
  const [serverName, certificateId] = [textOf(line, 'name'), textOf(line, 'certificate')];
  return {
    ...(protocol !== undefined && { protocol }),
    ...(cipher !== undefined && cipher !== '(NONE)' && { cipher }),
    ...(serverName !== undefined && { serverName }),
    ...(certificateId !== undefined && { certificateId }),
  };
}

function established(line: Line): ConnectionEntry {
  const entry = common(line);
  return {
    type: 'connection',
    ...entry,
    // It stood when its first request began.
    atUs: entry.atUs - countOf(line, 'total') * 1000,
    ...(entry.tls && { handshakeMs: countOf(line, 'handshake') }),
    ...certificateOf(line),
  };
}

function failed(line: Line): ConnectionEntry {
  const [own, chain] = [countOf(line, 'error'), countOf(line, 'chainError')];
  return { type: 'connection', ...common(line), ...certificateOf(line), failure: own || chain };
}

function certificateOf(line: Line): Pick<ConnectionEntry, 'clientCertificate'> {
  const subject = textOf(line, 'subject');
  if (subject === undefined) return {};
  return {
    clientCertificate: {
      subject,
      serialNumber: textOf(line, 'serial') ?? '-',
      notBefore: isoTime(textOf(line, 'from') ?? ''),
      notAfter: isoTime(textOf(line, 'to') ?? ''),
    },
  };
}

/** `YYMMDDhhmmssZ` as an ISO time. A certificate that nobody has signed may say anything. */
function isoTime(text: string): string {
  const isTime = /^\d{12}Z?$/.test(text);
  return isTime ? text.replace(/^(..)(..)(..)(..)(..)(..).*$/, '20$1-$2-$3T$4:$5:$6Z') : '-';
}

function checked(line: Line): HealthCheckEntry {
  const status = textOf(line, 'status');
  const failure = FAILURES.find((it) => it === line['failure']);
  return {
    type: 'health-check',
    atUs: countOf(line, 'atUs'),
    node: textOf(line, 'node') ?? '-',
    protocol: PROTOCOLS.find((it) => it === line['protocol']) ?? 'http',
    durationMs: countOf(line, 'durationMs'),
    target: textOf(line, 'target') ?? '-',
    targetGroup: textOf(line, 'targetGroup') ?? '-',
    ...(status !== undefined && { status: Number(status) }),
    ...(failure !== undefined && { failure }),
  };
}

function requested(line: Line): RequestEntry {
  const request = requestOf(line);
  const target = targetOf(line);
  const [answer, traceId] = [textOf(line, 'answer'), textOf(line, 'trace')];
  const [targetGroup, location] = [textOf(line, 'group'), textOf(line, 'location')];
  return {
    type: 'request',
    ...common(line),
    https: line['https'] === true,
    ...(request && { request }),
    totalMs: countOf(line, 'total'),
    ...timesOf(line, target),
    status: statusOf(line),
    ...(answer !== undefined && { targetStatus: Number(answer) }),
    ...(target !== undefined && { target }),
    ...(targetGroup !== undefined && { targetGroup }),
    receivedBytes: countOf(line, 'in'),
    sentBytes: countOf(line, 'out'),
    ...(traceId !== undefined && { traceId }),
    ...ruleOf(line),
    ...(location !== undefined && { location }),
    ...transformedOf(line),
  };
}

function requestOf(line: Line): RequestEntry['request'] {
  const [method, uri, version] = [textOf(line, 'method'), textOf(line, 'uri'), textOf(line, 'version')];
  if (method === undefined || uri === undefined) return undefined;
  const [host, userAgent] = [textOf(line, 'host'), textOf(line, 'agent')];
  const [upgrade, contentType] = [textOf(line, 'upgrade'), textOf(line, 'content')];
  return {
    method,
    uri,
    version: version ?? '1.0',
    ...(host !== undefined && { host }),
    ...(userAgent !== undefined && { userAgent }),
    ...(upgrade !== undefined && { upgrade }),
    ...(contentType !== undefined && { contentType }),
  };
}

function targetOf(line: Line): string | undefined {
  const target = textOf(line, 'target');
  return target?.startsWith('<') ? undefined : target;
}

/** HAProxy's timers are -1 where it did not come so far. */
function timesOf(line: Line, target: string | undefined): Pick<RequestEntry, 'requestMs' | 'targetMs'> {
  const until = ['received', 'queued', 'connected'].map((name) => Number(line[name]));
  if (target === undefined || until.some((ms) => !(ms >= 0))) return {};
  const requestMs = until.reduce((sum, ms) => sum + ms, 0);
  const targetMs = Number(line['answered']);
  return { requestMs, ...(targetMs >= 0 && { targetMs }) };
}

/** HAProxy's own number is -1 where no answer was given. */
function statusOf(line: Line): number {
  // `C`: the client ended it, while its request waited for a target, or the target's answer.
  if (/^C[QCH]/.test(String(line['end'])) && textOf(line, 'answer') === undefined) return CLIENT_GONE;
  const status = Number(textOf(line, 'said') ?? line['status']);
  return status > 0 ? status : CLIENT_GONE;
}

function ruleOf(line: Line): Pick<RequestEntry, 'rule'> {
  const [priority, actions] = (textOf(line, 'rule') ?? '').split(' ');
  if (!actions) return {};
  const isRefused = actions.startsWith(VALIDATION) && statusOf(line) === 401 && textOf(line, 'group') === undefined;
  return { rule: { priority: Number(priority), actions: isRefused ? VALIDATION : actions } };
}

function transformedOf(line: Line): Pick<RequestEntry, 'transformed'> {
  const [host, uri] = [textOf(line, 'newHost'), textOf(line, 'newUri')];
  if (host === undefined && uri === undefined) return {};
  return { transformed: { ...(host !== undefined && { host }), ...(uri !== undefined && { uri }) } };
}
