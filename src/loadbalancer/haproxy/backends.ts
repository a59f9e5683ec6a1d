import type { Target, TargetGroupState } from '../load-balancer.ts';
import { errorFile } from './error-pages.ts';
import { beginningLines } from './log-checks.ts';
import type { ServerEntry, ServerSection, SideFiles } from './rendered.ts';
import { stickyTargetLines } from './sticky-targets.ts';
import { section, serverName, word } from './text.ts';
import { groupSections, isIn, type GroupSections } from './sections.ts';
import { isStream } from './stream-config.ts';
import { waitingRoomLines } from './waiting-room.ts';

export interface BackendSettings {
  readonly files: SideFiles;
  /** The load balancer's address that requests and health checks come from. */
  readonly sourceAddress: string;
  readonly idleTimeoutMs: number;
  /** Each check tells when it begins. */
  readonly tellChecks?: boolean;
}

/**
 * A target group is two sections: one whose servers are checked, and one with the same servers unchecked, for when none is
 * healthy: ALB fails open, and sends requests to all of them. Both are there without any target, too, so that the first
 * one needs no reload.
 */
export function backendSections(group: TargetGroupState, settings: BackendSettings): readonly ServerSection[] {
  const stream = isStream(group.protocol);
  const common = [
    `mode ${stream ? 'tcp' : 'http'}`,
    `balance ${BALANCE[group.algorithm]}`,
    `source ${settings.sourceAddress}`,
    `timeout server ${settings.idleTimeoutMs}ms`,
    `timeout tunnel ${settings.idleTimeoutMs}ms`,
  ];
  // What HAProxy calls 503, a target that refuses the connection, is a 502 of ALB.
  const refused = stream ? [] : [`errorfile 503 ${errorFile(settings.files, 502)}`];
  const plain = ['timeout connect 10s', ...refused];
  const room = waitingRoomLines(group);
  const entries = serverEntries(group);
  const linesOf = (backend: string) =>
    entries
      .filter((entry) => entry.backend === backend)
      .map(({ name, words, kind }) => `    server ${name} ${words}${kind === 'draining' ? ' weight 0' : ''}`);
  const checks = ({ healthy }: GroupSections) =>
    group.healthCheck.enabled ? checkLines(group, settings.tellChecks ? beginningLines(healthy) : []) : [];
  // What all servers have in common stands in the section too, so that a change of it is a change of the configuration.
  const settled = `# servers:${connectionWords(group)}${slowWords(group)}${checkWords(group)}`;
  const sticky = stickyTargetLines(group, settings.files);
  return groupSections(group).flatMap((names) => [
    {
      fixed: section(`backend ${names.healthy}`, [
        ...common,
        ...(room.length > 0 ? room : plain),
        ...sticky,
        ...checks(names),
        settled,
      ]),
      servers: linesOf(names.healthy),
    },
    { fixed: section(`backend ${names.open}`, [...common, ...plain, ...sticky]), servers: linesOf(names.open) },
  ]);
}

const BALANCE = {
  round_robin: 'roundrobin',
  least_outstanding_requests: 'leastconn',
  weighted_random: 'random',
  // Few clients change their targets when one comes or goes.
  source_ip: 'source\n    hash-type consistent',
} as const satisfies Record<TargetGroupState['algorithm'], string>;

/** The servers that `backendSections` writes. */
export function serverEntries(group: TargetGroupState): readonly ServerEntry[] {
  return groupSections(group).flatMap((names) =>
    group.targets.filter((target) => isIn(names, target)).flatMap((target) => entriesOf(group, target, names)),
  );
}

function entriesOf(group: TargetGroupState, target: Target, names: GroupSections): readonly ServerEntry[] {
  const server = { name: serverName(target), ip: target.ip, port: target.port };
  const open = `${server.name}${connectionWords(group)}`;
  const checked = `${open}${slowWords(group)}${checkWords(group, target.port)}`;
  if (target.draining) return [{ ...server, backend: names.healthy, kind: 'draining', words: checked }];
  return [
    { ...server, backend: names.healthy, kind: 'checked', words: checked },
    { ...server, backend: names.open, kind: 'open', words: open },
  ];
}

function checkLines(group: TargetGroupState, beginning: readonly string[]): readonly string[] {
  const check = group.healthCheck;
  if (check.protocol === 'TCP') return [`timeout check ${check.timeoutMs}ms`];
  const version = group.protocolVersion === 'HTTP1' ? 'HTTP/1.1' : 'HTTP/2';
  const grpc = group.protocolVersion === 'GRPC';
  const asks = grpc ? ' hdr Content-Type application/grpc hdr TE trailers' : '';
  return [
    'option httpchk',
    ...beginning,
    `http-check send meth ${grpc ? 'POST' : 'GET'} uri ${word(check.path)} ver ${version} hdr Host %[srv_name] hdr User-Agent ELB-HealthChecker/2.0${asks}`,
    ...(grpc ? grpcExpectations(check.matcher) : [`http-check expect status ${word(check.matcher)}`]),
    `timeout check ${check.timeoutMs}ms`,
  ];
}

/**
 * gRPC answers 200 always. An error without a message has its code among the headers, where HAProxy sees it; code 0 comes
 * in the trailers, which it does not read, so an answer without a code counts as one of code 0.
 */
function grpcExpectations(matcher: string): readonly string[] {
  const codes = matcher.split(',').flatMap((part) => {
    const [from = 0, to = from] = part.split('-').map(Number);
    return Array.from({ length: to - from + 1 }, (_, at) => from + at);
  });
  const status = 'http-check expect status 200';
  return codes.includes(0)
    ? [status, `http-check expect ! hdr name grpc-status value -m reg '^(?!(${codes.join('|')})$)'`]
    : [status, `http-check expect hdr name grpc-status value -m reg '^(${codes.join('|')})$'`];
}

function connectionWords(group: TargetGroupState): string {
  const h2 = group.protocolVersion !== 'HTTP1';
  if (isStream(group.protocol)) return streamWords(group);
  if (group.protocol === 'HTTPS') return ` ssl verify none${h2 ? ' alpn h2' : ''}`;
  return h2 ? ' proto h2' : '';
}

function streamWords({ protocol, proxyProtocol, cutUnhealthy }: TargetGroupState): string {
  const words = [
    ...(protocol === 'TLS' ? [' ssl verify none'] : []),
    ...(proxyProtocol ? [' send-proxy-v2 check-send-proxy'] : []),
    ...(cutUnhealthy ? [' on-marked-down shutdown-sessions'] : []),
  ];
  return words.join('');
}

function slowWords(group: TargetGroupState): string {
  return group.slowStartMs > 0 ? ` slowstart ${group.slowStartMs}ms` : '';
}

/** A check on a port of its own takes no TLS over from the server; `check-ssl` says that it has some. */
function checkWords(group: TargetGroupState, targetPort?: number): string {
  const check = group.healthCheck;
  if (!check.enabled) return '';
  const port = check.port === 'traffic-port' ? targetPort : check.port;
  const h2 = group.protocolVersion !== 'HTTP1';
  const plain = group.protocol === 'TLS' && check.protocol !== 'HTTPS' ? ' no-check-ssl' : '';
  const tls =
    check.protocol === 'HTTPS' ? ` check-ssl verify none${h2 ? ' check-alpn h2' : ''}` : h2 ? ' check-proto h2' : '';
  return ` check inter ${check.intervalMs}ms rise ${check.healthyThreshold} fall ${check.unhealthyThreshold}${port === undefined ? '' : ` port ${port}`}${tls}${plain}`;
}
