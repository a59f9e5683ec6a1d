import type { HealthCheckEntry } from '../log-entries.ts';
import type { ListenerRoutes, TargetGroupState } from '../load-balancer.ts';
import { parseCheckResults, type CheckResult } from './health.ts';
import { groupOfSection } from './sections.ts';
import { identifier, section, word } from './text.ts';

/** The ring buffer that HAProxy tells the beginning of each health check to. */
const RING = 'checks';
/** Some 1400 beginnings: after a start all of them come within half a second. Each is seen within that, and remembered. */
const RING_BYTES = 131_072;

/**
 * HAProxy logs a check only when its result is another than before. The result of each stands in the statistics until the
 * next one ends, though, and the ring tells which check that is: the ring is asked for on both sides, so that no check
 * begins between unseen.
 */
export const CHECKS_COMMAND = `show info;show events ${RING};show stat -1 4 -1;show events ${RING}`;

/** The section of the ring, where some listener's logs tell of health checks. */
export function checkRing(listeners: readonly ListenerRoutes[]): readonly string[] {
  if (!listeners.some(({ logs }) => logs?.healthChecks)) return [];
  const lines = ['description "health checks that began"', 'format raw', 'maxlen 400', `size ${RING_BYTES}`];
  return [section(`ring ${RING}`, lines)];
}

/** What tells the ring of a check, before it connects: without the line for it HAProxy would connect first. */
export function beginningLines(sectionName: string): readonly string[] {
  return [
    `http-check set-var-fmt(check.began) ${word(`%[date(0,us)] ${identifier(sectionName)} %[srv_name]`)}`,
    `http-check set-var(check.told) var(check.began),debug(check,${RING})`,
    'http-check connect default',
  ];
}

/** A check that has ended. */
export interface EndedCheck {
  /** µs since the epoch. */
  readonly beganUs: number;
  readonly result: CheckResult;
}

/** Tells the checks of one HAProxy apart, and tells each once. */
export class CheckLog {
  readonly #sinceUs: number;
  /** The last check of each server that began, of this process, and the last one that was told. */
  #pid = '';
  #began = new Map<string, number>();
  readonly #told = new Map<string, number>();

  /** @param since in ms since the epoch: earlier checks were another's to tell */
  constructor(since: number) {
    this.#sinceUs = since * 1000;
  }

  /** The checks that have ended since the last answer to CHECKS_COMMAND. */
  see(answer: string): readonly EndedCheck[] {
    const start = answer.indexOf('# pxname');
    const end = answer.indexOf('\n\n', start);
    if (start < 0 || end < 0) return [];
    const [before, after] = [answer.slice(0, start), answer.slice(end)];
    const pid = /^Pid: (\d+)$/m.exec(before)?.[1] ?? '';
    // What an older process was about to check it has not told the new one.
    if (pid !== this.#pid) this.#began = new Map();
    this.#pid = pid;
    for (const [server, at] of beginnings(before)) this.#began.set(server, at);
    const sure = new Map(this.#began);
    for (const [server, at] of beginnings(after)) this.#began.set(server, at);
    const results = parseCheckResults(answer.slice(start, end));
    this.#forget(new Set(results.map(serverOf)));
    return results.flatMap((result) => {
      const server = serverOf(result);
      const beganUs = sure.get(server);
      if (beganUs === undefined || beganUs !== this.#began.get(server)) return [];
      if (beganUs <= Math.max(this.#told.get(server) ?? 0, this.#sinceUs) || !hasEnded(result)) return [];
      this.#told.set(server, beganUs);
      return [{ beganUs, result }];
    });
  }

  /** Servers that are gone. */
  #forget(left: ReadonlySet<string>): void {
    for (const map of [this.#began, this.#told]) {
      for (const server of map.keys()) if (!left.has(server)) map.delete(server);
    }
  }
}

function serverOf({ backend, name }: CheckResult): string {
  return `${backend} ${name}`;
}

/** Of each server the last one. */
function beginnings(events: string): ReadonlyMap<string, number> {
  const found = events.matchAll(/^\[debug\] check: type=str <(\d+) (\S+ \S+)>$/gm);
  return new Map([...found].map(([, at, server = '']) => [server, Number(at)]));
}

function hasEnded({ running, maintenance, status }: CheckResult): boolean {
  return !running && !maintenance && /^(SOCKERR|L[467](OK|TOUT|RSP|CON|STS))$/.test(status);
}

/** What a spool keeps of a check: the load balancer's id, and JSON, as in the lines of HAProxy. */
export function checkLine(
  { beganUs, result }: EndedCheck,
  inUse: readonly { readonly group: TargetGroupState; readonly listener: ListenerRoutes }[],
): readonly string[] {
  const id = groupOfSection(result.backend);
  const found = inUse.find(({ group }) => group.targetGroupId === id);
  const logs = found?.listener.logs;
  if (!found || !logs?.healthChecks) return [];
  const { group, listener } = found;
  // Whichever address a request comes to: checks come from the first one.
  const [source = ''] = listener.addresses;
  const entry: HealthCheckEntry = {
    type: 'health-check',
    atUs: beganUs,
    node: logs.nodes[source] ?? source,
    protocol: protocolOf(group),
    durationMs: result.durationMs,
    target: result.name,
    targetGroup: logs.targetGroups[group.targetGroupId] ?? group.targetGroupId,
    ...(result.code !== '' && { status: Number(result.code) }),
    ...failureOf(group, result),
  };
  return [`${identifier(listener.loadBalancerId)} ${JSON.stringify({ kind: 'check', ...entry })}`];
}

function protocolOf({ protocolVersion, healthCheck }: TargetGroupState): HealthCheckEntry['protocol'] {
  if (protocolVersion === 'GRPC') return 'grpc';
  if (healthCheck.protocol !== 'HTTPS') return 'http';
  return protocolVersion === 'HTTP2' ? 'h2' : 'https';
}

function failureOf(
  { protocolVersion }: TargetGroupState,
  { status, code }: CheckResult,
): Pick<HealthCheckEntry, 'failure'> {
  if (/^L[467]OK$/.test(status)) return {};
  if (status.endsWith('TOUT')) return { failure: 'timeout' };
  if (status === 'SOCKERR') return { failure: 'internal' };
  if (status !== 'L7STS') return { failure: 'connection' };
  return { failure: protocolVersion === 'GRPC' && code === '200' ? 'grpc-status' : 'status' };
}
