import type { TargetGroupState } from '../load-balancer.ts';
import { errorFile } from './error-pages.ts';
import type { GroupSections } from './actions.ts';
import type { ServerEntry, SideFiles } from './rendered.ts';
import { identifier, section, word } from './text.ts';

export interface BackendSettings {
  readonly files: SideFiles;
  /** The load balancer's address that requests and health checks come from. */
  readonly sourceAddress: string;
  readonly idleTimeoutMs: number;
}

export function groupSections(targetGroupId: string): GroupSections {
  return { healthy: `tg_${identifier(targetGroupId)}`, open: `open_${identifier(targetGroupId)}` };
}

/** The target group whose section this is, as the runtime socket names it. */
export function groupOfSection(name: string): string | undefined {
  return name.startsWith('tg_') ? name.slice(3) : undefined;
}

/**
 * A target group is two sections: one whose servers are checked, and one with the same servers unchecked, for when none is
 * healthy: ALB fails open, and sends requests to all of them.
 */
export function backendSections(group: TargetGroupState, settings: BackendSettings): readonly string[] {
  const names = groupSections(group.targetGroupId);
  const common = [
    'mode http',
    `balance ${group.algorithm === 'least_outstanding_requests' ? 'leastconn' : 'roundrobin'}`,
    `source ${settings.sourceAddress}`,
    'timeout connect 10s',
    `timeout server ${settings.idleTimeoutMs}ms`,
    `timeout tunnel ${settings.idleTimeoutMs}ms`,
    // What HAProxy calls 503, a target that refuses the connection, is a 502 of ALB.
    `errorfile 503 ${errorFile(settings.files, 502)}`,
  ];
  const active = group.targets.filter((target) => !target.draining);
  const draining = group.targets.filter((target) => target.draining);
  const tls = group.protocol === 'HTTPS' ? ' ssl verify none' : '';
  return [
    section(`backend ${names.healthy}`, [
      ...common,
      ...(group.healthCheck.enabled ? checkLines(group) : []),
      ...active.map((target) => `server ${serverName(target)} ${serverName(target)}${tls}${checkWords(group)}`),
      ...draining.map((target) => `server ${serverName(target)} ${serverName(target)}${tls} weight 0`),
    ]),
    ...(active.length > 0
      ? [
          section(`backend ${names.open}`, [
            ...common,
            ...active.map((target) => `server ${serverName(target)} ${serverName(target)}${tls}`),
          ]),
        ]
      : []),
  ];
}

/** The servers that `backendSections` writes. */
export function serverEntries(group: TargetGroupState): readonly ServerEntry[] {
  const names = groupSections(group.targetGroupId);
  return group.targets.flatMap((target): ServerEntry[] => {
    const server = { name: serverName(target), ip: target.ip, port: target.port };
    if (target.draining) return [{ ...server, backend: names.healthy, kind: 'draining' }];
    return [
      { ...server, backend: names.healthy, kind: 'checked' },
      { ...server, backend: names.open, kind: 'open' },
    ];
  });
}

/** `IP:port`: the name of a server, and its address. */
export function serverName(target: { readonly ip: string; readonly port: number }): string {
  return identifier(`${target.ip}:${target.port}`);
}

function checkLines(group: TargetGroupState): readonly string[] {
  const check = group.healthCheck;
  return [
    'option httpchk',
    `http-check send meth GET uri ${word(check.path)} ver HTTP/1.1 hdr Host %[srv_name] hdr User-Agent ELB-HealthChecker/2.0`,
    `http-check expect status ${word(check.matcher)}`,
    `timeout check ${check.timeoutMs}ms`,
  ];
}

function checkWords(group: TargetGroupState): string {
  const check = group.healthCheck;
  if (!check.enabled) return '';
  const port = check.port === 'traffic-port' ? '' : ` port ${check.port}`;
  const tls = check.protocol === 'HTTPS' ? ' check-ssl verify none' : ' no-check-ssl';
  return ` check inter ${check.intervalMs}ms rise ${check.healthyThreshold} fall ${check.unhealthyThreshold}${port}${tls}`;
}
