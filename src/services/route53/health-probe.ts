import { lookup } from 'node:dns/promises';
import { request as requestHttp, STATUS_CODES, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { BlockList, connect, isIP } from 'node:net';
import type { NameAnswers } from '../../network/dns/names.ts';
import type { ProbeConfig } from './health-tables.ts';

/** What one probe found; `report` is Route 53's wording. */
export interface ProbeResult {
  readonly ok: boolean;
  readonly report: string;
}

export type HealthProbe = (config: ProbeConfig) => Promise<ProbeResult>;

/** Route 53's own limits: four seconds to connect (ten for TCP), two to answer, and two for the text. */
const HTTP_TIMEOUT_MS = 6000;
const TCP_TIMEOUT_MS = 10_000;
/** Where the text that is looked for must begin and end. */
const SEARCHED_BYTES = 5120;

const SEE =
  'See Configuring Router and Firewall Rules for Amazon Route 53 Health Checks at https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-router-firewall-rules.html';

/** Never an endpoint of anybody's: this host on this link, and the metadata services. */
const FORBIDDEN = new BlockList();
FORBIDDEN.addSubnet('0.0.0.0', 8);
FORBIDDEN.addSubnet('169.254.0.0', 16);
FORBIDDEN.addSubnet('224.0.0.0', 3);
FORBIDDEN.addSubnet('fe80::', 10, 'ipv6');
FORBIDDEN.addSubnet('ff00::', 8, 'ipv6');

export function isForbiddenAddress(address: string): boolean {
  return FORBIDDEN.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4');
}

/** Probes from this host. Names are looked up among the public ones published here first, then where the host asks. */
export function endpointProbe(names: Pick<NameAnswers, 'lookUp'>): HealthProbe {
  return async (config) => {
    try {
      const address = config.ipAddress ?? (await addressOf(names, config.domainName ?? ''));
      if (address === undefined || isForbiddenAddress(address))
        return failure('DNS resolution failed: DNS response has no usable address.');
      return config.type === 'TCP' ? await probeTcp(config, address) : await probeHttp(config, address);
    } catch (error) {
      return failure(wordsOf(error));
    }
  };
}

async function addressOf(names: Pick<NameAnswers, 'lookUp'>, name: string): Promise<string | undefined> {
  const ours = names.lookUp({ name, type: 'A' });
  if (ours) return ours.values.findLast((value) => isIP(value) !== 0);
  return (await lookup(name, { family: 4 })).address;
}

async function probeTcp(config: ProbeConfig, address: string): Promise<ProbeResult> {
  const socket = connect({ host: address, port: config.port, signal: AbortSignal.timeout(TCP_TIMEOUT_MS) });
  try {
    await new Promise((resolve, reject) => socket.once('connect', resolve).once('error', reject));
    return { ok: true, report: 'Success: A TCP connection was established.' };
  } finally {
    socket.destroy();
  }
}

async function probeHttp(config: ProbeConfig, address: string): Promise<ProbeResult> {
  const secure = config.type.startsWith('HTTPS');
  const signal = AbortSignal.timeout(HTTP_TIMEOUT_MS);
  const answer = await new Promise<IncomingMessage>((resolve, reject) => {
    const options = {
      host: address,
      port: config.port,
      path: config.path ?? '/',
      signal,
      agent: false,
      headers: {
        host: hostHeader(config, address, secure),
        'user-agent': 'Amazon-Route53-Health-Check-Service',
        connection: 'close',
      },
    };
    const server = config.sni && config.domainName !== undefined ? { servername: config.domainName } : {};
    const request = secure
      ? // Route 53 does not check certificates either: it asks for health.
        requestHttps({ ...options, ...server, rejectUnauthorized: false }, resolve)
      : requestHttp(options, resolve);
    request.on('error', reject).end();
  });
  const status = answer.statusCode ?? 0;
  const words = `HTTP Status Code ${status}, ${answer.statusMessage ?? STATUS_CODES[status] ?? ''}`;
  if (status < 200 || status >= 400 || config.searchString === undefined) {
    answer.destroy();
    return status >= 200 && status < 400 ? { ok: true, report: `Success: ${words}` } : failure(words);
  }
  return (await hasText(answer, config.searchString))
    ? { ok: true, report: `Success: ${words}` }
    : failure(`${words}. The response body did not match the search string.`);
}

async function hasText(answer: IncomingMessage, wanted: string): Promise<boolean> {
  let body = Buffer.alloc(0);
  for await (const chunk of answer) {
    body = Buffer.concat([body, chunk]);
    if (body.length >= SEARCHED_BYTES) break;
  }
  answer.destroy();
  return body.subarray(0, SEARCHED_BYTES).includes(wanted);
}

function hostHeader(config: ProbeConfig, address: string, secure: boolean): string {
  const host = config.domainName ?? (isIP(address) === 6 ? `[${address}]` : address);
  return config.port === (secure ? 443 : 80) ? host : `${host}:${config.port}`;
}

function failure(words: string): ProbeResult {
  return { ok: false, report: `Failure: ${words}` };
}

function wordsOf(error: unknown): string {
  const { code, name } = error as NodeJS.ErrnoException;
  if (name === 'AbortError' || name === 'TimeoutError' || code === 'ETIMEDOUT') {
    return `Connection timed out. The endpoint or the internet connection is down, or requests are being blocked by your firewall. ${SEE}`;
  }
  if (code === 'ECONNREFUSED') return `Connection refused. ${SEE}`;
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'DNS resolution failed: the name does not resolve.';
  return `The health checker could not establish a connection: ${code ?? name}.`;
}
